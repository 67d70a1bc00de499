//! Series that are hard to sum.

use super::Random;

/// About normal, from -6 to 6.
pub fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| random.unit()).sum::<f64>() - 6.0
}

/// Series that are hard to sum: 16 decades, offsets of up to 1e15, flats, steps, prints.
pub fn hard(random: &mut Random, n: usize) -> Vec<f64> {
    let size = 10f64.powf(random.between(-8.0, 8.0));
    let offset = 10f64.powf(random.between(-3.0, 15.0));
    let offset = random.pick(&[0.0, 1e8, 1e12, 1e15, offset, -offset]);
    let kind = random.below(6);
    let mut x: Vec<f64> = (0..n)
        .map(|t| match kind {
            // Every value of its own size.
            0 => offset + normal(random) * 10f64.powf(random.between(-8.0, 8.0)),
            1 => offset + normal(random) * size,
            // Flats and steps between them.
            2 => offset + ((t / 7) as f64 * 0.7).sin().round() * size,
            3 => offset * (1.0 + (t / 20) as f64) + random.unit() * size,
            4 => random.unit() * size * 0.5f64.powi((t / 3) as i32),
            _ => offset + random.below(3) as f64 * size,
        })
        .collect();
    if random.below(3) == 0 {
        let at = random.below(n);
        x[at] = random.pick(&[1e12, -1e15, 1e100, 1e150, 0.0]);
    }
    x
}

/// A hard series; often with values missing, infinite, or beyond what its squares and sums can hold.
pub fn harder(random: &mut Random, n: usize) -> Vec<f64> {
    let mut x = hard(random, n);
    let (missing, infinite, huge) = (random.below(20), random.below(4), random.below(6));
    for x in &mut x {
        if random.below(100) < missing {
            *x = f64::NAN;
        }
        if random.below(100) < infinite {
            *x = random.pick(&[f64::INFINITY, f64::NEG_INFINITY]);
        }
        if random.below(100) < huge {
            *x = random.pick(&[1e308, -1e308, 1.7e308, 1e200]);
        }
    }
    x
}

/// Window and `min_periods`, which is 0 or not more.
pub fn sizes(random: &mut Random) -> (usize, usize) {
    let window = 1 + random.below(39);
    let least = 1 + random.below(window);
    (window, random.pick(&[0, least]))
}

/// How many values such a window needs.
pub fn least(window: usize, min_periods: usize) -> usize {
    if min_periods == 0 { window } else { min_periods }
}

/// What stands in a window.
pub fn held(x: &[f64], t: usize, window: usize) -> &[f64] {
    &x[(t + 1).saturating_sub(window)..=t]
}

/// Whether powers of that order, of what stands there, are beyond f64 or next to it.
pub fn overflows(held: &[f64], order: i32) -> bool {
    let most = 1e300f64.powf(1.0 / f64::from(order));
    held.iter().any(|x| x.is_finite() && x.abs() > most)
}

pub fn infinite(held: &[f64]) -> bool {
    held.iter().any(|x| x.is_infinite())
}
