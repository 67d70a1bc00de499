//! Candlestick patterns against TA-Lib, on charts that are drawn to hold them all.

mod oracle;
mod series;

use std::collections::BTreeMap;

use oracle::{decided_by_rounding, function, oracle};
use series::{Bars, Random, alone, context};
use windrow::Row;
use windrow::indicators::{Nan, Value, catalogue};

const BARS: usize = 60_000;

fn patterns() -> &'static [Row] {
    let group = catalogue().iter().find(|group| group.name == "Pattern Recognition").unwrap();
    assert_eq!(group.rows.len(), 61);
    group.rows
}

/// A chart of candles that meet, touch and engulf each other far more often than a market's do: all
/// prices are whole numbers of ticks.
fn chart(random: &mut Random, tick: f64) -> Bars {
    let mut bars =
        Bars { open: vec![], high: vec![], low: vec![], close: vec![], volume: vec![1.0; BARS] };
    let (mut open, mut high, mut low, mut close) = (4000, 4000, 4000, 4000);
    let (mut sign, mut left) = (1, 0);
    for _ in 0..BARS {
        let middle = (open + close) / 2;
        let base = random.pick(&[close, close, open, high, low, middle, (3 * close + open) / 4]);
        let gap = random.pick(&[0, 0, 1, 2, 8, 30]) * random.pick(&[-1, 1]);
        let mut begin = base + gap + (4000 - close) / 200;
        if left == 0 && random.below(5) < 2 {
            sign = -sign;
        }
        let mut end = begin + sign * random.pick(&[0, 1, 4, 12, 30, 30, 60]);
        if random.below(10) == 0 {
            end = random.pick(&[close, open, high, low, middle]);
        }
        // Now and then a long candle, three that come back from a gap, and another long one.
        left = if left == 0 && random.below(40) == 0 { 5 } else { i32::max(left - 1, 0) };
        let (gap, body) = match left {
            5 => (0, 60),
            4 => (random.pick(&[-1, 1, 2, 8]), -random.pick(&[1, 4])),
            2 | 3 => (-random.pick(&[0, 2, 8]), -random.pick(&[1, 4])),
            _ => (random.pick(&[1, 2, 8]), 90),
        };
        if left > 0 {
            begin = close + sign * gap;
            end = begin + sign * body;
        }
        (open, close) = (begin, end);
        high = open.max(close) + random.pick(&[0, 0, 0, 1, 6, 40]);
        low = open.min(close) - random.pick(&[0, 0, 0, 1, 6, 40]);
        for (series, price) in [
            (&mut bars.open, open),
            (&mut bars.high, high),
            (&mut bars.low, low),
            (&mut bars.close, close),
        ] {
            series.push(f64::from(price) * tick);
        }
    }
    bars
}

/// Defaults first, then any penetration that leaves something to find.
fn params(random: &mut Random, row: &Row, round: usize) -> Vec<Value> {
    let penetration = if round == 0 { 0.3 } else { random.between(0.0, 1.2) };
    match row.params {
        [] => Vec::new(),
        _ => row.values(&[("penetration", penetration)]).unwrap(),
    }
}

/// The values that a row has for some bars, 0 left out.
fn expected(row: &Row) -> Vec<i32> {
    let (low, high) = row.outputs[0].range.unwrap();
    let graded = ["cdlengulfing", "cdlharami", "cdlharamicross"].contains(&row.name);
    let values = [-200, -100, -80, 80, 100, 200];
    let within =
        |value: &&i32| (low..=high).contains(&f64::from(**value)) && (graded || value.abs() != 80);
    values.iter().filter(within).copied().collect()
}

/// In quarters, sums have no rounding: nothing is left but what a pattern is.
#[test]
fn patterns_are_those_of_talib() {
    for row in patterns() {
        let info = function(row).unwrap();
        let mut found = BTreeMap::new();
        for round in 0..8 {
            let seed = round as u64;
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round);
            let inputs = chart(&mut random, 0.25).inputs(row);
            let (lookback, talib) = oracle(row, info, &params, &inputs);
            let ours = alone(row, &params, Nan::Propagate, 0, &inputs);
            let what = context(row, &params, seed);
            for t in lookback..BARS {
                assert_eq!(ours[0][t], talib[0][t], "{what}, at {t}");
                *found.entry(ours[0][t] as i32).or_insert(0) += 1;
            }
        }
        let none = found.remove(&0);
        assert!(none.is_some(), "{}", row.name);
        let values: Vec<i32> = found.keys().copied().collect();
        assert_eq!(values, expected(row), "{}", row.name);
    }
}

/// In hundredths sums have rounding, and now and then it decides.
#[test]
fn rounding_decides_rarely() {
    for row in patterns() {
        let info = function(row).unwrap();
        let mut random = Random::new(9);
        let params = row.defaults();
        let inputs = chart(&mut random, 0.01).inputs(row);
        let (lookback, talib) = oracle(row, info, &params, &inputs);
        let ours = alone(row, &params, Nan::Propagate, 0, &inputs);
        let mut differ = 0;
        for t in (lookback..BARS).filter(|&t| ours[0][t] != talib[0][t]) {
            let what = format!("{}, at {t}: {} not {}", row.name, ours[0][t], talib[0][t]);
            assert!(decided_by_rounding(row, info, &params, &inputs, t, ours[0][t]), "{what}");
            differ += 1;
        }
        assert!(differ * 1000 < BARS, "{}: {differ} of {BARS}", row.name);
    }
}
