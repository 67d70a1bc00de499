//! Textbook definitions that several rows of this group use.

use super::super::reference::{
    average, changes, highest, is_flat, lowest, place, share, true_ranges, wilder,
};

/// Wilder averages of the rises and the falls of a series.
pub(super) fn strengths(period: usize, x: &[f64]) -> Vec<(f64, f64)> {
    let rises: Vec<f64> = changes(x).iter().map(|change| change.max(0.0)).collect();
    let falls: Vec<f64> = changes(x).iter().map(|change| (-change).max(0.0)).collect();
    wilder(period, &rises).into_iter().zip(wilder(period, &falls)).collect()
}

/// The relative strength index.
pub(super) fn strength_index(period: usize, x: &[f64]) -> Vec<f64> {
    let index = |(gain, loss): (f64, f64)| 100.0 * share(gain, gain + loss, 0.5);
    strengths(period, x).into_iter().map(index).collect()
}

/// The place of each close between the extremes of the last bars; `flat` if those are equal.
pub(super) fn positions(period: usize, flat: f64, [high, low, close]: [&[f64]; 3]) -> Vec<f64> {
    let place = |t: usize| {
        let (h, l) = (highest(&high[t + 1 - period..=t]), lowest(&low[t + 1 - period..=t]));
        if is_flat(h, l) && !close[t].is_nan() { flat } else { (close[t] - l) / (h - l) * 100.0 }
    };
    (period - 1..close.len()).map(place).collect()
}

/// An average of the positions and an average of that, from the second one's lookback on.
pub(super) fn stochastic(
    period: usize,
    k: (u8, usize),
    d: (u8, usize),
    bars: [&[f64]; 3],
) -> [Vec<f64>; 2] {
    let k = average(k.0, k.1, &positions(period, 0.0, bars));
    let d = average(d.0, d.1, &k);
    [k[k.len() - d.len()..].to_vec(), d]
}

/// The upward and the downward movement of each bar from the second on.
pub(super) fn movements(high: &[f64], low: &[f64]) -> [Vec<f64>; 2] {
    let (mut plus, mut minus) = (Vec::new(), Vec::new());
    for t in 1..high.len() {
        let (up, down) = (high[t] - high[t - 1], low[t - 1] - low[t]);
        plus.push(if up > down && up > 0.0 { up } else { 0.0 });
        minus.push(if down > up && down > 0.0 { down } else { 0.0 });
    }
    [plus, minus]
}

/// Wilder's running total, from the sum of `period - 1` values on.
pub(super) fn total(period: usize, values: &[f64]) -> Vec<f64> {
    if period == 1 {
        return values.to_vec();
    }
    if values.len() < period - 1 {
        return Vec::new();
    }
    let mut total = vec![values[..period - 1].iter().sum::<f64>()];
    for value in &values[period - 1..] {
        total.push(total[total.len() - 1] * (1.0 - 1.0 / period as f64) + value);
    }
    total
}

/// The running totals of both movements and of the true range, from bar index `period` on.
pub(super) fn directions(period: usize, [high, low, close]: [&[f64]; 3]) -> [Vec<f64>; 3] {
    let [plus, minus] = movements(high, low);
    [plus, minus, true_ranges(high, low, close)].map(|values| {
        let total = total(period, &values);
        // The first is one value short.
        total[(period > 1 && !total.is_empty()).into()..].to_vec()
    })
}

/// Wilder's directional index, from bar index `period` on; `None` where nothing moves.
pub(super) fn directional_indices(period: usize, bars: [&[f64]; 3]) -> Vec<Option<f64>> {
    let [plus, minus, range] = directions(period, bars);
    let index = |i: usize| {
        let (p, m) = (100.0 * plus[i] / range[i], 100.0 * minus[i] / range[i]);
        let moves = range[i] > 0.0 && p + m >= 1e-14;
        moves.then(|| 100.0 * (p - m).abs() / (p + m))
    };
    (0..range.len()).map(index).collect()
}

/// The average directional index.
pub(super) fn direction_index(period: usize, bars: [&[f64]; 3]) -> Vec<f64> {
    let indices = directional_indices(period, bars);
    if indices.len() < period {
        return Vec::new();
    }
    let first: f64 = indices[..period].iter().flatten().sum();
    let mut values = vec![first / period as f64];
    for index in &indices[period..] {
        let last = values[values.len() - 1];
        values.push(index.map_or(last, |dx| last + (dx - last) / period as f64));
    }
    values
}

/// A fast less a slow average, of which the one with the shorter lookback begins late, so that both
/// give their first value together.
pub(super) fn late_gap(
    x: &[f64],
    [fast_lookback, slow_lookback]: [usize; 2],
    fast: impl Fn(&[f64]) -> Vec<f64>,
    slow: impl Fn(&[f64]) -> Vec<f64>,
) -> Vec<f64> {
    let longest = fast_lookback.max(slow_lookback);
    let from = |lookback: usize| &x[(longest - lookback).min(x.len())..];
    let (fast, slow) = (fast(from(fast_lookback)), slow(from(slow_lookback)));
    fast.iter().zip(&slow).map(|(fast, slow)| fast - slow).collect()
}

/// Writes a line, its signal and what is between them, from the signal's lookback on.
pub(super) fn signalled(line: &[f64], signal: &[f64], outputs: [&mut [f64]; 3]) {
    let [first, second, hist] = outputs;
    place(&line[line.len() - signal.len()..], first);
    place(signal, second);
    for t in 0..hist.len() {
        hist[t] = first[t] - second[t];
    }
}
