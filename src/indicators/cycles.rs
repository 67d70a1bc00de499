//! Ehlers' measurement of the dominant cycle by its definition, which several references use.
//! Nothing of `Lanes` or `kernel::state`.
//!
//! Source of all of it: J. Ehlers, Rocket Science for Traders, 2001.

/// The waves of a timestep.
pub(super) struct Wave {
    /// The price, weighted over four timesteps.
    pub smoothed: f64,
    /// The wave in phase with the price.
    pub in_phase: f64,
    /// The wave a quarter of a cycle from it.
    pub quadrature: f64,
    /// The length of the cycle, smoothed.
    pub period: f64,
}

/// The value some steps before the last, zero before the first.
fn ago(values: &[f64], steps: usize) -> f64 {
    values.len().checked_sub(steps + 1).map_or(0.0, |i| values[i])
}

/// The waves of each timestep from `start` on.
pub(super) fn waves(start: usize, x: &[f64]) -> Vec<Wave> {
    let [mut smoothed, mut detrended, mut quadrature, mut in_phase] = [(); 4].map(|()| Vec::new());
    let (mut last_i, mut last_q, mut real, mut imaginary) = (0.0, 0.0, 0.0, 0.0);
    let (mut period, mut smooth): (f64, f64) = (0.0, 0.0);
    let mut waves = Vec::new();
    for t in start..x.len() {
        let filter = |v: &[f64]| {
            let far = 0.0962 * (ago(v, 0) - ago(v, 6));
            (far + 0.5769 * (ago(v, 2) - ago(v, 4))) * (0.075 * period + 0.54)
        };
        smoothed.push((4.0 * x[t] + 3.0 * x[t - 1] + 2.0 * x[t - 2] + x[t - 3]) / 10.0);
        detrended.push(filter(&smoothed));
        quadrature.push(filter(&detrended));
        in_phase.push(ago(&detrended, 3));
        let (ahead, turned) = (filter(&in_phase), filter(&quadrature));
        let i = 0.2 * (ago(&in_phase, 0) - turned) + 0.8 * last_i;
        let q = 0.2 * (ago(&quadrature, 0) + ahead) + 0.8 * last_q;
        real = 0.2 * (i * last_i + q * last_q) + 0.8 * real;
        imaginary = 0.2 * (i * last_q - q * last_i) + 0.8 * imaginary;
        (last_i, last_q) = (i, q);
        let last = period;
        if imaginary != 0.0 && real != 0.0 {
            period = 360.0 / f64::atan(imaginary / real).to_degrees();
        }
        period = period.min(1.5 * last).max(0.67 * last).clamp(6.0, 50.0);
        period = 0.2 * period + 0.8 * last;
        smooth = 0.33 * period + 0.67 * smooth;
        waves.push(Wave {
            smoothed: ago(&smoothed, 0),
            in_phase: ago(&in_phase, 0),
            quadrature: ago(&quadrature, 0),
            period: smooth,
        });
    }
    waves
}

fn whole(period: f64) -> usize {
    (period + 0.5).floor() as usize
}

/// The phase in degrees of each wave.
pub(super) fn phases(waves: &[Wave]) -> Vec<f64> {
    let mut phases: Vec<f64> = Vec::new();
    for t in 0..waves.len() {
        let length = whole(waves[t].period);
        let price = |i: usize| t.checked_sub(i).map_or(0.0, |t| waves[t].smoothed);
        // The level, whose part in the sums over a whole turn is nothing but rounding.
        let level = if length > 1 { price(0) } else { 0.0 };
        let (mut real, mut imaginary) = (0.0, 0.0);
        for i in 0..length {
            let angle = (i as f64 * 360.0 / length as f64).to_radians();
            real += angle.sin() * (price(i) - level);
            imaginary += angle.cos() * (price(i) - level);
        }
        let last = phases.last().copied().unwrap_or(0.0);
        let mut phase = match imaginary == 0.0 {
            true if real < 0.0 => last - 90.0,
            true if real > 0.0 => last + 90.0,
            true => last,
            false => f64::atan(real / imaginary).to_degrees(),
        };
        phase += 90.0 + 360.0 / waves[t].period;
        if imaginary < 0.0 {
            phase += 180.0;
        }
        phases.push(if phase > 315.0 { phase - 360.0 } else { phase });
    }
    phases
}

/// The price without its cycle, at each wave; the waves begin at `start`.
pub(super) fn trendline(start: usize, waves: &[Wave], x: &[f64]) -> Vec<f64> {
    let mean = |(i, wave): (usize, &Wave)| {
        let (t, length) = (start + i, whole(wave.period).max(1));
        x[t + 1 - length..=t].iter().sum::<f64>() / length as f64
    };
    let mut means = Vec::new();
    let mut line = Vec::new();
    for wave in waves.iter().enumerate() {
        means.push(mean(wave));
        let weighted = 4.0 * ago(&means, 0) + 3.0 * ago(&means, 1) + 2.0 * ago(&means, 2);
        line.push((weighted + ago(&means, 3)) / 10.0);
    }
    line
}

/// Mesa adaptive averages, the following one second, of each timestep from 32 on.
pub(super) fn mesa(fast: f64, slow: f64, x: &[f64]) -> [Vec<f64>; 2] {
    let (mut mama, mut fama, mut last) = (0.0, 0.0, 0.0);
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (i, wave) in waves(12, x).iter().enumerate() {
        let phase = match wave.in_phase == 0.0 {
            true => 0.0,
            false => f64::atan(wave.quadrature / wave.in_phase).to_degrees(),
        };
        let turned: f64 = last - phase;
        last = phase;
        let factor = if turned > 1.0 { (fast / turned).max(slow) } else { fast };
        mama += factor * (x[12 + i] - mama);
        fama += 0.5 * factor * (mama - fama);
        if 12 + i >= 32 {
            first.push(mama);
            second.push(fama);
        }
    }
    [first, second]
}
