//! Ehlers' measurement of the cycle that dominates a series: a Hilbert transform turns the price
//! into two waves a quarter of a cycle apart, and their rotation gives the cycle's length.

use super::ema::approach;
use super::recent::Recent;
use crate::simd::{Lanes, functions};

/// Coefficients of the transform's filter.
const NEAR: f64 = 0.5769;
const FAR: f64 = 0.0962;

/// The longest cycle that is measured.
pub(crate) const LONGEST: usize = 50;

/// The dominant cycle. It is measured from the timestep `start` on; what stands before counts as
/// zero in its filters.
#[derive(Clone)]
pub(crate) struct Cycle<L> {
    start: usize,
    seen: usize,
    prices: [L; 3],
    /// What went through the filter, by timestep modulo the length.
    smoothed: [L; 8],
    detrended: [L; 16],
    quadrature: [L; 8],
    /// The smoothed waves of the timestep before.
    waves: (L, L),
    /// Their product with the ones before, as a complex number.
    rotation: (L, L),
    period: L,
    smooth: L,
}

/// What stood some steps before a timestep.
#[inline(always)]
fn ago<L: Lanes, const N: usize>(past: &[L; N], now: usize, steps: usize) -> L {
    past[now.wrapping_sub(steps) % N]
}

/// The Hilbert transform's filter at a timestep, of a value and those before it.
#[inline(always)]
fn filter<L: Lanes, const N: usize>(gain: L, x: L, past: &[L; N], now: usize) -> L {
    let far = L::splat(FAR) * (x - ago(past, now, 6));
    (far + L::splat(NEAR) * (ago(past, now, 2) - ago(past, now, 4))) * gain
}

/// What [`Cycle`] gives.
pub(crate) struct Wave<L> {
    /// The price, weighted over four timesteps.
    pub smoothed: L,
    /// The wave that is in phase with the price.
    pub in_phase: L,
    /// The wave a quarter of a cycle from it.
    pub quadrature: L,
    /// The length of the cycle, smoothed.
    pub period: L,
}

impl<L: Lanes> Cycle<L> {
    /// Measures from a timestep on, 3 or more.
    pub fn new(start: usize) -> Self {
        let zero = L::splat(0.0);
        Cycle {
            start,
            seen: 0,
            prices: [zero; 3],
            smoothed: [zero; 8],
            detrended: [zero; 16],
            quadrature: [zero; 8],
            waves: (zero, zero),
            rotation: (zero, zero),
            period: zero,
            smooth: zero,
        }
    }

    /// Takes a price; gives the waves from `start` on.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Wave<L>> {
        let [one, two, three] = self.prices;
        self.prices = [x, one, two];
        let now = self.seen;
        self.seen += 1;
        if now < self.start {
            return None;
        }
        let (two_times, three_times) = (L::splat(2.0), L::splat(3.0));
        let older = three_times * (one - x) + two_times * (two - x) + (three - x);
        let smoothed = x + older / L::splat(10.0);

        let gain = L::splat(0.075) * self.period + L::splat(0.54);
        let detrended = filter(gain, smoothed, &self.smoothed, now);
        self.smoothed[now % 8] = smoothed;
        let quadrature = filter(gain, detrended, &self.detrended, now);
        // The wave in phase is the detrended price three timesteps ago.
        let in_phase = ago(&self.detrended, now, 3);
        let ahead = filter(gain, in_phase, &self.detrended, now.wrapping_sub(3));
        self.detrended[now % 16] = detrended;
        let turned = filter(gain, quadrature, &self.quadrature, now);
        self.quadrature[now % 8] = quadrature;

        let (fifth, (last_i, last_q)) = (L::splat(0.2), self.waves);
        let i = approach(last_i, in_phase - turned, fifth);
        let q = approach(last_q, quadrature + ahead, fifth);
        self.waves = (i, q);
        let (real, imaginary) = self.rotation;
        let real = approach(real, i * last_i + q * last_q, fifth);
        let imaginary = approach(imaginary, i * last_q - q * last_i, fifth);
        self.rotation = (real, imaginary);

        let (zero, last) = (L::splat(0.0), self.period);
        let degrees = functions::atan(imaginary / real) * L::splat(180.0 / std::f64::consts::PI);
        let still = imaginary.eq(zero) | real.eq(zero);
        let period = L::select(still, last, L::splat(360.0) / degrees);
        let period = (L::splat(1.5) * last).min(period);
        let period = (L::splat(0.67) * last).max(period);
        let period = L::splat(LONGEST as f64).min(L::splat(6.0).max(period));
        self.period = L::splat(0.2) * period + L::splat(0.8) * last;
        self.smooth = L::splat(0.33) * self.period + L::splat(0.67) * self.smooth;
        Some(Wave { smoothed, in_phase, quadrature, period: self.smooth })
    }
}

/// The length of a cycle in whole timesteps.
#[inline(always)]
fn whole<L: Lanes>(period: L) -> L {
    functions::floor(period + L::splat(0.5))
}

/// Where in the dominant cycle the smoothed price is.
pub(crate) struct Phase<L> {
    prices: Recent<L>,
    /// Cosine and sine of a whole turn over each number of timesteps.
    turns: Vec<(f64, f64)>,
    degrees: L,
}

clone_in_place!(Phase<L> { prices, turns, degrees });

impl<L: Lanes> Phase<L> {
    /// Before the first wave.
    pub fn new() -> Self {
        let turn = |n: usize| std::f64::consts::TAU / n.max(1) as f64;
        let turns = (0..=LONGEST).map(|n| (libm::cos(turn(n)), libm::sin(turn(n)))).collect();
        Phase { prices: Recent::new(LONGEST), turns, degrees: L::splat(0.0) }
    }

    /// Takes a wave; gives the phase in degrees, from -45 to 315.
    ///
    /// The sums over the cycle are taken of differences to the newest price: a whole turn's sines
    /// and cosines sum to nothing, so the level only adds rounding. The angles come from turning
    /// further by one step each time, which costs no function.
    #[inline(always)]
    pub fn step(&mut self, wave: &Wave<L>) -> L {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let prices = self.prices.push(wave.smoothed);
        let length = whole(wave.period);
        let (cosine, sine) = functions::pick(length, &self.turns);
        let anchor = L::select(length.gt(one), wave.smoothed, zero);
        let (mut x, mut y) = (one, zero);
        let (mut real, mut imaginary) = (zero, zero);
        for (ago, price) in prices.iter().rev().enumerate() {
            let live = length.gt(L::splat(ago as f64));
            if !L::any(live) {
                break;
            }
            let price = (*price - anchor).keep(live);
            (real, imaginary) = (real + y * price, imaginary + x * price);
            (x, y) = (x * cosine - y * sine, x * sine + y * cosine);
        }
        let quarter = L::splat(90.0);
        let last = self.degrees;
        let sideways = L::select(real.gt(zero), last + quarter, last);
        let sideways = L::select(real.lt(zero), last - quarter, sideways);
        let angle = functions::atan(real / imaginary) * L::splat(180.0 / std::f64::consts::PI);
        let degrees = L::select(imaginary.eq(zero), sideways, angle);
        let degrees = degrees + quarter + L::splat(360.0) / wave.period;
        let behind = imaginary.lt(zero);
        let degrees = L::select(behind, degrees + L::splat(180.0), degrees);
        let beyond = degrees.gt(L::splat(315.0));
        self.degrees = L::select(beyond, degrees - L::splat(360.0), degrees);
        self.degrees
    }
}

/// The sine of a phase in degrees, and that of an eighth of a turn later.
#[inline(always)]
pub(crate) fn sines<L: Lanes>(degrees: L) -> (L, L) {
    let radians = L::splat(std::f64::consts::PI / 180.0);
    let later = degrees + L::splat(45.0);
    (functions::sin(degrees * radians), functions::sin(later * radians))
}

/// The price without its dominant cycle: the mean over one, weighted over four timesteps.
pub(crate) struct Trendline<L> {
    prices: Recent<L>,
    means: [L; 3],
}

clone_in_place!(Trendline<L> { prices, means });

impl<L: Lanes> Trendline<L> {
    /// Before the first price.
    pub fn new() -> Self {
        Trendline { prices: Recent::new(LONGEST), means: [L::splat(0.0); 3] }
    }

    /// Takes a price, and the wave once there is one; gives the line.
    #[inline(always)]
    pub fn step(&mut self, x: L, wave: Option<&Wave<L>>) -> Option<L> {
        let prices = self.prices.push(x);
        let length = whole(wave?.period);
        let mut sum = L::splat(0.0);
        for (ago, price) in prices.iter().rev().enumerate() {
            let live = length.gt(L::splat(ago as f64));
            if !L::any(live) {
                break;
            }
            sum = sum + (*price - x).keep(live);
        }
        let mean = x + sum / L::splat(1.0).max(length);
        let [one, two, three] = self.means;
        self.means = [mean, one, two];
        let (two_times, three_times) = (L::splat(2.0), L::splat(3.0));
        let older = three_times * (one - mean) + two_times * (two - mean) + (three - mean);
        Some(mean + older / L::splat(10.0))
    }
}

/// Ehlers' mesa adaptive averages: an exponential one whose factor follows how fast the phase of the
/// waves turns, and one that follows it half as fast.
pub(crate) struct Mesa<L> {
    cycle: Cycle<L>,
    fast: f64,
    slow: f64,
    phase: L,
    mama: L,
    fama: L,
}

clone_in_place!(Mesa<L> { cycle, fast, slow, phase, mama, fama });

impl<L: Lanes> Mesa<L> {
    /// How many timesteps the averages run before they give a value.
    pub const LOOKBACK: usize = 32;

    /// With a factor between two limits.
    pub fn new(fast: f64, slow: f64) -> Self {
        let zero = L::splat(0.0);
        Mesa { cycle: Cycle::new(12), fast, slow, phase: zero, mama: zero, fama: zero }
    }

    /// Takes a price; gives both averages.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<(L, L)> {
        let wave = self.cycle.step(x)?;
        let (zero, one, fast) = (L::splat(0.0), L::splat(1.0), L::splat(self.fast));
        let degrees = functions::atan(wave.quadrature / wave.in_phase);
        let degrees = degrees * L::splat(180.0 / std::f64::consts::PI);
        let phase = L::select(wave.in_phase.eq(zero), zero, degrees);
        let turned = self.phase - phase;
        self.phase = phase;
        let factor = L::select(turned.gt(one), L::splat(self.slow).max(fast / turned), fast);
        self.mama = approach(self.mama, x, factor);
        self.fama = approach(self.fama, self.mama, L::splat(0.5) * factor);
        (self.cycle.seen > Self::LOOKBACK).then_some((self.mama, self.fama))
    }
}
