//! Textbook definitions that several references use. Nothing of `Lanes` or `kernel::state`.
//!
//! An average gives its values from its lookback on, so that averages of averages are plain calls.

/// The larger; NaN if either is. `f64::max` would pass over NaN.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

/// The smaller; NaN if either is.
pub(super) fn smaller(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

/// The largest of a window.
pub(super) fn highest(window: &[f64]) -> f64 {
    window.iter().copied().fold(f64::NEG_INFINITY, larger)
}

/// The smallest of a window.
pub(super) fn lowest(window: &[f64]) -> f64 {
    window.iter().copied().fold(f64::INFINITY, smaller)
}

/// Half way between the highest of one window and the lowest of another.
pub(super) fn middle(high: &[f64], low: &[f64]) -> f64 {
    (highest(high) + lowest(low)) / 2.0
}

/// The timestep of an extreme of a window that ends at `t`, the newest of equal ones.
pub(super) fn newest(extreme: fn(&[f64]) -> f64, window: &[f64], t: usize) -> f64 {
    let value = extreme(window);
    let place = window.iter().rev().position(|x| *x == value);
    place.map_or(f64::NAN, |ago| (t - ago) as f64)
}

/// The part of a window that is smaller than its last value, from 0 to 100.
pub(super) fn rank(window: &[f64]) -> f64 {
    let (last, before) = (window[window.len() - 1], &window[..window.len() - 1]);
    let smaller = before.iter().filter(|value| **value < last).count();
    let known = window.iter().all(|x| !x.is_nan());
    if known { smaller as f64 / before.len() as f64 * 100.0 } else { f64::NAN }
}

/// A window in order of size; nothing if a NaN is in it.
pub(super) fn sorted(window: &[f64]) -> Option<Vec<f64>> {
    let mut order = window.to_vec();
    order.sort_by(f64::total_cmp);
    order.iter().all(|x| !x.is_nan()).then_some(order)
}

/// `part / whole`; `nothing` where the whole is not above 0, unless that hides a NaN.
pub(super) fn share(part: f64, whole: f64, nothing: f64) -> f64 {
    if whole <= 0.0 && !part.is_nan() { nothing } else { part / whole }
}

/// `part / whole`; 0 where the whole is 0, unless that hides a NaN.
pub(super) fn over(part: f64, whole: f64) -> f64 {
    if whole == 0.0 && !part.is_nan() { 0.0 } else { part / whole }
}

/// `100·(x / before − 1)`; 0 where the value before is 0, unless that hides a NaN.
pub(super) fn rate(x: f64, before: f64) -> f64 {
    if before == 0.0 && !x.is_nan() { 0.0 } else { (x / before - 1.0) * 100.0 }
}

/// From each value to the next.
pub(super) fn changes(x: &[f64]) -> Vec<f64> {
    x.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// The typical prices of bars.
pub(super) fn typical(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    (0..high.len()).map(|t| (high[t] + low[t] + close[t]) / 3.0).collect()
}

/// The volume of each bar, counted upward as far as it closes near its high.
pub(super) fn accumulations(high: &[f64], low: &[f64], close: &[f64], volume: &[f64]) -> Vec<f64> {
    let place = |t: usize| {
        share((close[t] - low[t]) - (high[t] - close[t]), high[t] - low[t], 0.0) * volume[t]
    };
    (0..high.len()).map(place).collect()
}

/// Whether a window's highest and lowest differ by no more than rounding.
pub(super) fn is_flat(highest: f64, lowest: f64) -> bool {
    (highest - lowest).abs() <= 1e-14 * (highest.abs() + lowest.abs())
}

/// The mean of a window.
pub(super) fn mean(window: &[f64]) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

/// The population variance of a window.
pub(super) fn variance(window: &[f64]) -> f64 {
    centred(window).iter().map(|d| d * d).sum::<f64>() / window.len() as f64
}

/// The variance of a window, `ddof` taken off the number of its values; NaN where that leaves none.
pub(super) fn sample_variance(window: &[f64], ddof: usize) -> f64 {
    let sum: f64 = centred(window).iter().map(|d| d * d).sum();
    if window.len() > ddof { sum / (window.len() - ddof) as f64 } else { f64::NAN }
}

/// The population standard deviation of a window.
pub(super) fn deviation(window: &[f64]) -> f64 {
    variance(window).sqrt()
}

/// The differences of a window to its mean, which is taken of differences to the oldest value:
/// rounding of the level must not hide a small spread.
pub(super) fn centred(window: &[f64]) -> Vec<f64> {
    let from_oldest: Vec<f64> = window.iter().map(|x| x - window[0]).collect();
    let mean = mean(&from_oldest);
    from_oldest.iter().map(|d| d - mean).collect()
}

/// The least-squares line through a window: its value at the oldest, and its rise a timestep.
pub(super) fn line(window: &[f64]) -> (f64, f64) {
    let middle = (window.len() as f64 - 1.0) / 2.0;
    let (mut products, mut squares) = (0.0, 0.0);
    for (i, d) in centred(window).iter().enumerate() {
        products += (i as f64 - middle) * d;
        squares += (i as f64 - middle) * (i as f64 - middle);
    }
    let slope = products / squares;
    (mean(window) - slope * middle, slope)
}

/// Sums over two windows of squares and products about their means: xx, yy, xy.
pub(super) fn joint(x: &[f64], y: &[f64]) -> [f64; 3] {
    let (x, y) = (centred(x), centred(y));
    let products = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
    [products(&x, &x), products(&y, &y), products(&x, &y)]
}

/// Pearson's correlation of two windows; 0 where either does not move.
pub(super) fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let [xx, yy, xy] = joint(x, y);
    if xx * yy == 0.0 { 0.0 } else { (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0) }
}

/// The true ranges of the bars from the second on.
pub(super) fn true_ranges(high: &[f64], low: &[f64], close: &[f64]) -> Vec<f64> {
    let range = |t: usize| {
        let beyond = larger((high[t] - close[t - 1]).abs(), (low[t] - close[t - 1]).abs());
        larger(high[t] - low[t], beyond)
    };
    (1..high.len()).map(range).collect()
}

/// `y += k·(x − y)` from the mean of the first `period` values on.
pub(super) fn smoothed(period: usize, k: f64, x: &[f64]) -> Vec<f64> {
    if x.len() < period {
        return Vec::new();
    }
    let mut y = vec![mean(&x[..period])];
    for x in &x[period..] {
        y.push(y[y.len() - 1] + k * (x - y[y.len() - 1]));
    }
    y
}

/// The exponential average.
pub(super) fn exponential(period: usize, x: &[f64]) -> Vec<f64> {
    // With a period of 1, k is 1: the input itself, which rounding would disturb.
    if period == 1 {
        return x.to_vec();
    }
    smoothed(period, 2.0 / (period as f64 + 1.0), x)
}

/// Wilder's average.
pub(super) fn wilder(period: usize, x: &[f64]) -> Vec<f64> {
    smoothed(period, 1.0 / period as f64, x)
}

/// The mean with the given weights, oldest first, of every full window.
fn weighted(weights: &[f64], x: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let dot = |window: &[f64]| window.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>();
    x.windows(weights.len()).map(|window| dot(window) / sum).collect()
}

/// The mean with weights 1, 2, … `period`.
pub(super) fn linear(period: usize, x: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = (1..=period).map(|w| w as f64).collect();
    weighted(&weights, x)
}

/// `EMA(EMA(x))`, `rounds` deep, each from its own lookback on.
fn repeated(period: usize, rounds: usize, x: &[f64]) -> Vec<Vec<f64>> {
    let mut all = vec![exponential(period, x)];
    for _ in 1..rounds {
        all.push(exponential(period, &all[all.len() - 1]));
    }
    all
}

/// A sum of repeated averages, with the coefficient of each, where the last of them has a value.
fn combined(period: usize, coefficients: &[f64], x: &[f64]) -> Vec<f64> {
    let e = repeated(period, coefficients.len(), x);
    let length = e[e.len() - 1].len();
    let at = |i: usize| {
        let parts = e.iter().zip(coefficients);
        parts.map(|(e, c)| c * e[e.len() - length + i]).sum()
    };
    (0..length).map(at).collect()
}

/// `2·EMA − EMA(EMA)`.
pub(super) fn double(period: usize, x: &[f64]) -> Vec<f64> {
    combined(period, &[2.0, -1.0], x)
}

/// Tillson's T3 of a volume factor.
pub(super) fn tillson(period: usize, v: f64, x: &[f64]) -> Vec<f64> {
    let (v2, v3) = (v * v, v * v * v);
    let (c3, c4) = (1.0 + 3.0 * v + 3.0 * v2 + v3, -6.0 * v2 - 3.0 * v - 3.0 * v3);
    combined(period, &[0.0, 0.0, c3, c4, 3.0 * v2 + 3.0 * v3, -v3], x)
}

fn triangular(period: usize, x: &[f64]) -> Vec<f64> {
    let weights: Vec<f64> = (0..period).map(|i| (i + 1).min(period - i) as f64).collect();
    weighted(&weights, x)
}

fn hull(period: usize, x: &[f64]) -> Vec<f64> {
    let (half, whole) = (linear(period / 2, x), linear(period, x));
    let skipped = half.len() - whole.len();
    let ahead = whole.iter().zip(&half[skipped..]).map(|(whole, half)| 2.0 * half - whole);
    linear((period as f64).sqrt() as usize, &ahead.collect::<Vec<f64>>())
}

fn zero_lag(period: usize, x: &[f64]) -> Vec<f64> {
    let lag = (period - 1) / 2;
    let ahead: Vec<f64> = (lag..x.len()).map(|t| 2.0 * x[t] - x[t - lag]).collect();
    exponential(period, &ahead)
}

/// The mean weighted by a bell, `sigma` to the window, its top at the part `offset`.
pub(super) fn bell(period: usize, sigma: f64, offset: f64, x: &[f64]) -> Vec<f64> {
    let top = (offset * (period as f64 - 1.0)).floor();
    let sigma = period as f64 / sigma;
    let weight = |i| (-f64::powi(i as f64 - top, 2) / (2.0 * sigma.powi(2))).exp();
    weighted(&(0..period).map(weight).collect::<Vec<f64>>(), x)
}

/// The distance between the ends of a window over the way between them; `flat` if nothing moved.
pub(super) fn efficiency(window: &[f64], flat: f64) -> f64 {
    let way: f64 = changes(window).iter().map(|change| change.abs()).sum();
    let distance = (window[window.len() - 1] - window[0]).abs();
    smaller(share(distance, way, flat), 1.0)
}

fn kaufman(period: usize, x: &[f64]) -> Vec<f64> {
    let (slow, fast) = (2.0 / 31.0, 2.0 / 3.0);
    let mut y = Vec::new();
    for t in period..x.len() {
        let last = y.last().copied().unwrap_or(x[t - 1]);
        let k = slow + efficiency(&x[t - period..=t], 1.0) * (fast - slow);
        y.push(last + k * k * (x[t] - last));
    }
    y
}

/// Chande's variable average over so many changes.
pub(super) fn vidya(period: usize, changes: usize, x: &[f64]) -> Vec<f64> {
    let k = 2.0 / (period as f64 + 1.0);
    let mut y: Vec<f64> = x.iter().copied().take(1).collect();
    for t in 1..x.len() {
        let window = &x[t.saturating_sub(changes)..=t];
        y.push(y[t - 1] + k * efficiency(window, 0.0) * (x[t] - y[t - 1]));
    }
    y.drain(..changes.min(x.len()));
    y
}

/// A moving average by TA-Lib's number, from its lookback on.
pub(super) fn average(kind: u8, period: usize, x: &[f64]) -> Vec<f64> {
    if period == 1 || kind == 10 {
        return x.to_vec();
    }
    match kind {
        0 => x.windows(period).map(mean).collect(),
        1 => exponential(period, x),
        2 => linear(period, x),
        3 => double(period, x),
        4 => combined(period, &[3.0, -3.0, 1.0], x),
        5 => triangular(period, x),
        6 => kaufman(period, x),
        7 => {
            let [mama, _] = super::cycles::mesa(0.5, 0.05, x);
            mama
        }
        8 => tillson(period, 0.7, x),
        9 => hull(period, x),
        12 => zero_lag(period, x),
        13 => wilder(period, x),
        14 => vidya(period, (0.75 * period as f64).round() as usize, x),
        15 => bell(period, 6.0, 0.85, x),
        _ => unreachable!("not an option"),
    }
}

/// Bollinger's upper, middle and lower band, from their lookback on.
pub(super) fn bands(period: usize, [up, down]: [f64; 2], kind: u8, x: &[f64]) -> [Vec<f64>; 3] {
    let middle = average(kind, period, x);
    let begin = (x.len() - middle.len()).max((period - 1).min(x.len()));
    let middle = middle[begin + middle.len() - x.len()..].to_vec();
    let spread = |i: usize| deviation(&x[begin + i + 1 - period..=begin + i]);
    let upper = (0..middle.len()).map(|i| middle[i] + up * spread(i)).collect();
    let lower = (0..middle.len()).map(|i| middle[i] - down * spread(i)).collect();
    [upper, middle, lower]
}

/// Writes values that begin at their lookback to the end of an output.
pub(super) fn place(values: &[f64], y: &mut [f64]) {
    let start = y.len() - values.len();
    y[start..].copy_from_slice(values);
}
