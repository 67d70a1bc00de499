//! Indicators on given inputs, with the figures expected.
//!
//! Measured on TA-Lib 0.8.3, or reported against it and other libraries; the numbers in the names
//! are those of the list of cases.

mod series;

use series::{Bars, Random, same};
use windrow::indicators::{Value, find, rows};

/// A row by name over given series; parameters by name.
fn ta(name: &str, named: &[(&str, f64)], inputs: &[&[f64]]) -> Vec<Vec<f64>> {
    let row = find(name).unwrap();
    row.compute(&row.values(named).unwrap(), inputs).unwrap()
}

/// The only output of a row over one series, with a period.
fn one(name: &str, period: usize, x: &[f64]) -> Vec<f64> {
    ta(name, &[("period", period as f64)], &[x]).remove(0)
}

/// Without the warm-up.
fn warm(y: &[f64]) -> Vec<f64> {
    y.iter().copied().filter(|y| !y.is_nan()).collect()
}

#[track_caller]
fn assert_close(got: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(got.len(), expected.len(), "{got:?}");
    for (got, expected) in got.iter().zip(expected) {
        let near = (got - expected).abs() <= relative * expected.abs();
        assert!(near || (got.is_nan() && expected.is_nan()), "{got:?} is not {expected:?}");
    }
}

const CLOSES: [f64; 20] = [
    44.34, 44.09, 44.15, 43.61, 44.33, 44.83, 45.10, 45.42, 45.84, 46.08, 45.89, 46.03, 45.61,
    46.28, 46.28, 46.00, 46.03, 46.41, 46.22, 45.64,
];

#[test]
fn ta_01_ema_of_a_ramp() {
    let ramp: Vec<f64> = (0..10).map(f64::from).collect();
    let y = one("ema", 3, &ramp);
    assert!(y[..2].iter().all(|y| y.is_nan()));
    assert_eq!(y[2..], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]);
}

#[test]
fn ta_02_constants_stay_what_they_are() {
    for c in [36_743.6, 0.1, 1e12 + 0.3, -7.7, 1e-6] {
        for period in 2..=200 {
            let x = vec![c; 6 * period + 20];
            for name in ["sma", "ema", "wma", "dema"] {
                let y = warm(&one(name, period, &x));
                assert!(!y.is_empty() && y.iter().all(|y| *y == c), "{name} {period} of {c}");
            }
            // Every type of average, as the middle of the bands; the bands have no width.
            let bands = find("bbands").unwrap();
            let matype = bands.params.last().unwrap();
            let windrow::indicators::Kind::Choice { options, .. } = matype.kind else { panic!() };
            // Mama begins at 0, as in TA-Lib, and is still on its way.
            let begun = options.iter().filter(|(name, _)| *name != "mama");
            for (name, number) in begun.filter(|_| period < 40) {
                let named = [("period", period as f64), ("matype", f64::from(*number))];
                for y in ta("bbands", &named, &[&x]) {
                    let y = warm(&y);
                    assert!(!y.is_empty() && y.iter().all(|y| *y == c), "{name} {period} of {c}");
                }
            }
        }
    }
}

#[test]
fn ta_03_rsi() {
    let expected = [
        70.46413502109704,
        66.24961855355505,
        66.48094183471265,
        69.34685316290864,
        66.29471265892623,
        57.91502067008556,
    ];
    assert_close(&warm(&one("rsi", 14, &CLOSES)), &expected, 1e-13);
}

#[test]
fn ta_04_bands() {
    let y = ta("bbands", &[("period", 5.0)], &[&CLOSES]);
    let last: Vec<f64> = y.iter().map(|y| y[19]).collect();
    assert_close(&last, &[46.573030213535205, 46.06, 45.54696978646476], 1e-14);
}

#[test]
fn ta_06_macd() {
    let y = ta("macd", &[("fast", 3.0), ("slow", 6.0), ("signal", 4.0)], &[&CLOSES]);
    let last: Vec<f64> = y.iter().map(|y| y[19]).collect();
    let expected = [-0.06356172009698469, 0.04116678133954097, -0.10472850143652565];
    assert_close(&last, &expected, 1e-12);
    for y in &y {
        assert_eq!(y.iter().filter(|y| y.is_nan()).count(), 8);
    }
}

#[test]
fn ta_07_atr_and_adx() {
    let high = CLOSES.map(|x| x + 0.5);
    let low = CLOSES.map(|x| x - 0.25);
    let bars: [&[f64]; 3] = [&high, &low, &CLOSES];
    let last = |name, period| ta(name, &[("period", period)], &bars)[0][19];
    assert_close(&[last("atr", 5.0)], &[0.8154476794580164], 1e-14);
    assert_close(&[last("adx", 4.0)], &[30.14721477095788], 1e-12);
}

#[test]
fn ta_08_warm_up() {
    for row in rows().filter(|row| row.params.iter().any(|p| p.name == "period")) {
        for period in [1.0, 2.0, 3.0, 14.0, 100.0] {
            let Ok(params) = row.values(&[("period", period)]) else { continue };
            let lookback = row.lookback(&params);
            for n in [0, 1, lookback, lookback + 1, 500] {
                let inputs = Bars::walk(&mut Random::new(3), n, 100.0, 0.02).inputs(row);
                let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
                for y in row.compute(&params, &inputs).unwrap() {
                    let first = y.iter().position(|y| y.is_finite());
                    assert_eq!(first, (n > lookback).then_some(lookback), "{row:?} {period} {n}");
                }
            }
        }
    }
}

#[test]
fn ta_09_parameters_out_of_range() {
    // TA-Lib's; a rolling statistic may take 0 for none, and windows of any length.
    let rolling = |name: &str| name.starts_with("rolling_") || name.starts_with("expanding_");
    for row in rows().filter(|row| !rolling(row.name) && !row.name.starts_with("ewm_")) {
        for param in row.params {
            for value in [0.0, -1.0, 100_001.0, f64::from(i32::MIN), 1.5, f64::NAN] {
                let real = matches!(param.kind, windrow::indicators::Kind::Real { .. });
                let option = param.kind_has(value);
                if (real && !value.is_nan() && value > -1e30) || option {
                    continue;
                }
                let error = row.values(&[(param.name, value)]).unwrap_err().to_string();
                assert!(error.contains(param.name) && error.contains(row.name), "{error}");
            }
        }
        assert!(row.values(&[("perriod", 3.0)]).is_err());
    }
}

/// Whether a value is an option of a choice.
trait Has {
    fn kind_has(&self, value: f64) -> bool;
}

impl Has for windrow::indicators::Param {
    fn kind_has(&self, value: f64) -> bool {
        match self.kind {
            windrow::indicators::Kind::Choice { options, .. } => {
                options.iter().any(|option| f64::from(option.1) == value)
            }
            _ => false,
        }
    }
}

#[test]
fn parameters_of_another_row_are_refused() {
    let sma = find("sma").unwrap();
    let refused = |params: &[Value], expected: &str| {
        let error = sma.compute(params, &[&[1.0, 2.0]]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let of_macd = find("macd").unwrap().defaults();
    refused(&of_macd, "the number of parameters of `sma` is 3; it takes 1");
    let of_mama = find("mama").unwrap().values(&[("fastlimit", 0.5)]).unwrap();
    refused(&of_mama[..1], "`period` of `sma` is 0.5; allowed: a whole number from 1 to 100000");
}

#[test]
fn ta_11_macd_lines_start_together() {
    let x = Bars::walk(&mut Random::new(11), 400, 100.0, 0.02).close;
    let macd = &ta("macd", &[], &[&x])[0];
    let (fast, slow, late) = (one("ema", 12, &x), one("ema", 26, &x), one("ema", 12, &x[14..]));
    for t in 33..x.len() {
        assert_eq!(macd[t], late[t - 14] - slow[t]);
    }
    assert!((macd[33] - (fast[33] - slow[33])).abs() > 1e-4, "one state of EMA 12 serves both");
}

#[test]
fn ta_12_signal_of_one() {
    let x = Bars::walk(&mut Random::new(12), 300, 100.0, 0.02).close;
    let y = ta("macd", &[("signal", 1.0)], &[&x]);
    assert!(same(&y[0], &y[1]));
    assert!(warm(&y[2]).iter().all(|hist| *hist == 0.0));
}

#[test]
fn ta_13_flat() {
    let x = [10.0; 40];
    let bars: [&[f64]; 3] = [&x, &x, &x];
    let all = |y: Vec<f64>, value: f64| {
        let y = warm(&y);
        assert!(!y.is_empty() && y.iter().all(|y| *y == value), "{y:?}");
    };
    all(one("rsi", 14, &x), 50.0);
    all(one("roc", 10, &x), 0.0);
    for name in ["adx", "atr", "trange", "stoch"] {
        for y in ta(name, &[], &bars) {
            all(y, 0.0);
        }
    }
}

#[test]
fn ta_14_rsi_one_way() {
    let up: Vec<f64> = (1..60).map(|t| f64::from(t).powf(1.3)).collect();
    let down: Vec<f64> = up.iter().rev().copied().collect();
    assert!(warm(&one("rsi", 14, &up)).iter().all(|y| *y == 100.0));
    assert!(warm(&one("rsi", 14, &down)).iter().all(|y| *y == 0.0));
}

#[test]
fn ta_16_rsi_of_a_small_quote() {
    let ticks = [24, 24, 24, 24, 24, 23, 24, 24, 24, 24, 23, 24, 23, 24, 23, 24, 24, 23, 23, 23];
    let x = ticks.map(|tick| f64::from(tick) * 1e-8);
    let expected = [
        33.33333333,
        51.35135135,
        39.49191686,
        51.84807025,
        42.25953803,
        52.10182441,
        52.10182441,
        43.04366487,
        43.04366487,
        43.04366487,
    ];
    assert_close(&warm(&one("rsi", 10, &x)), &expected, 1e-9);
}

#[test]
fn ta_17_change_from_zero() {
    let y = one("roc", 2, &[0.0, 1.0, 5.0, 2.0]);
    assert_eq!(y[2..], [0.0, 100.0]);
}

#[test]
fn ta_18_19_stoch_of_extreme_bars() {
    let mut bars = Bars::walk(&mut Random::new(18), 64, 100.0, 0.02);
    for x in [&mut bars.high, &mut bars.low, &mut bars.close] {
        x.extend([1e-310; 40]);
    }
    let inputs: [&[f64]; 3] = [&bars.high, &bars.low, &bars.close];
    for y in ta("stoch", &[], &inputs) {
        assert!(warm(&y).len() == 104 - 8 && warm(&y).iter().all(|y| (0.0..=100.0).contains(y)));
    }
    let (high, low) = ([1.0; 60], [0.0; 60]);
    let close: Vec<f64> = (0..60).map(|t| [0.0, 1.0, 1e-18, 1e-302][t * t % 7 % 4]).collect();
    let kama = [("slowk_matype", 6.0), ("slowd_matype", 6.0)];
    for y in ta("stoch", &kama, &[&high, &low, &close]) {
        assert!(!warm(&y).is_empty() && warm(&y).iter().all(|y| (0.0..=100.0).contains(y)));
    }
}

#[test]
fn ta_23_a_small_quote_changes_nothing() {
    let x = Bars::walk(&mut Random::new(23), 400, 100.0, 0.02).close;
    let small: Vec<f64> = x.iter().map(|x| x * 1e-9).collect();
    let (plain, scaled) = (one("rsi", 14, &x), one("rsi", 14, &small));
    for t in 14..x.len() {
        assert!((plain[t] - scaled[t]).abs() <= 1e-9);
    }
    let width = |x: &[f64]| {
        let y = ta("bbands", &[], &[x]);
        (19..x.len()).map(|t| (y[0][t] - y[2][t]) / y[1][t]).collect::<Vec<f64>>()
    };
    assert_close(&width(&small), &width(&x), 1e-9);
}

#[test]
fn ta_26_nan_in_one_leg() {
    let bars = Bars::walk(&mut Random::new(26), 120, 100.0, 0.02);
    let mut high = bars.high.clone();
    high[60] = f64::NAN;
    let run = |name, high: &[f64]| ta(name, &[], &[high, &bars.low, &bars.close]).remove(0);
    for name in ["atr", "adx"] {
        assert!(run(name, &high)[60..].iter().all(|y| y.is_nan()), "{name}");
    }
    let (clean, y) = (run("stoch", &bars.high), run("stoch", &high));
    assert!(y[60..67].iter().all(|y| y.is_nan()));
    assert!(same(&y[67..], &clean[67..]) && same(&y[..60], &clean[..60]));
}

#[test]
fn ta_28_macd_at_1e12() {
    let walk = Bars::walk(&mut Random::new(28), 500, 100.0, 0.02).close;
    let x: Vec<f64> = walk.iter().map(|x| x + 1e12).collect();
    // Whole differences are exact, so the average of the walk itself is the exact one.
    let exact: Vec<f64> = x.iter().map(|x| x - 1e12).collect();
    for name in ["macd", "ema", "rsi"] {
        let (y, exact) = (&ta(name, &[], &[&x])[0], &ta(name, &[], &[&exact])[0]);
        let (level, most) = match name {
            "ema" => (1e12, 32.0 * f64::EPSILON * 1e12),
            "macd" => (0.0, 32.0 * f64::EPSILON * 1e12),
            _ => (0.0, 1e-9),
        };
        for t in (0..x.len()).filter(|t| !y[*t].is_nan()) {
            assert!((y[t] - level - exact[t]).abs() <= most, "{name} at {t}");
        }
    }
}

#[test]
fn ta_29_an_outlier_leaves_no_trace() {
    let mut x = Bars::walk(&mut Random::new(29), 200_000, 100.0, 0.000_1).close;
    x[60] *= 1000.0;
    for (name, period) in [("wma", 14), ("sma", 14), ("stddev", 14)] {
        let y = one(name, period, &x);
        for t in (period - 1..x.len()).step_by(37) {
            let alone = one(name, period, &x[t + 1 - period..=t])[period - 1];
            assert!((y[t] - alone).abs() <= 1e-10, "{name} at {t}: {} and {alone}", y[t]);
        }
    }
}

#[test]
fn ta_31_32_bars_without_range_and_bad_bars() {
    let x = Bars::walk(&mut Random::new(31), 100, 100.0, 0.02).close;
    let higher: Vec<f64> = x.iter().map(|x| x + 1.0).collect();
    for bars in [[&x, &x, &x], [&x, &higher, &x]] {
        for name in ["stoch", "atr", "adx", "trange"] {
            for y in ta(name, &[], &bars.map(Vec::as_slice)) {
                assert!(!warm(&y).is_empty() && warm(&y).iter().all(|y| y.is_finite()), "{name}");
            }
        }
    }
}

#[test]
fn ta_33_atr_is_the_wilder_average_of_the_true_range() {
    let bars = Bars::walk(&mut Random::new(33), 300, 100.0, 0.02);
    let inputs: [&[f64]; 3] = [&bars.high, &bars.low, &bars.close];
    let range = ta("trange", &[], &inputs).remove(0);
    let rma = ta("bbands", &[("period", 14.0), ("matype", 13.0)], &[&range[1..]]).remove(1);
    assert!(same(&ta("atr", &[], &inputs)[0][1..], &rma));
}

#[test]
fn ta_34_defaults() {
    let shown = |name: &str| {
        let row = find(name).unwrap();
        let shown = row.params.iter().zip(row.defaults()).map(|(p, v)| p.show(v));
        shown.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(shown("rsi"), "14");
    assert_eq!(shown("bbands"), "20 2 2 sma");
    assert_eq!(shown("macd"), "12 26 9");
    assert_eq!(shown("stoch"), "5 3 sma 3 sma");
    assert_eq!(shown("atr"), "14");
    assert_eq!(shown("adx"), "14");
}

#[test]
fn ta_37_two_threads_with_different_parameters() {
    let x = Bars::walk(&mut Random::new(37), 2000, 100.0, 0.02).close;
    let serial = [one("ema", 5, &x), one("ema", 50, &x)];
    let threads = std::thread::scope(|scope| {
        [5, 50]
            .map(|period| {
                scope.spawn({
                    let x = &x;
                    move || one("ema", period, x)
                })
            })
            .map(|thread| thread.join().unwrap())
    });
    assert!(same(&serial[0], &threads[0]) && same(&serial[1], &threads[1]));
}
