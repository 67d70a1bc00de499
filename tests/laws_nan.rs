//! What every row makes of NaN and infinity: contract C4.

mod series;

use series::{Random, alone, assert_same, bits, context, inputs, params, reach, reference, run};
use windrow::indicators::{Nan, Value, rows};
use windrow::{Level, Row};

/// Rounds a row: the first with default parameters.
const ROUNDS: usize = 40;

/// Calls `law` for each row and round, windowed rows or recursive ones as asked.
fn for_all(recursive: bool, law: impl Fn(&mut Random, &'static Row, &[Value], usize, &str)) {
    for row in rows() {
        for round in 0..ROUNDS {
            let seed = 7000 * round as u64 + row.name.bytes().map(u64::from).sum::<u64>();
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round, 24);
            if row.stability(&params).recursive() == recursive {
                let n = 2 * row.lookback(&params) + 10 + random.below(40);
                law(&mut random, row, &params, n, &context(row, &params, seed));
            }
        }
    }
}

/// Recursive rows to which NaN is a missing value, by a rule of their own.
const PASSING_NAN: [&str; 3] = ["ewm_mean", "ewm_std", "ewm_var"];

/// Rows whose windows are as long as one of their inputs says.
const VARYING: [&str; 1] = ["mavp"];

/// Whether a window with NaN has the statistic of its other values.
fn takes_part(row: &Row, params: &[Value]) -> bool {
    let of = |name: &str| {
        let found = row.params.iter().zip(params).find(|(param, _)| param.name == name);
        found.map_or(0, |(_, value)| value.int())
    };
    of("min_periods") > 0 && of("min_periods") < of("window")
}

/// `x` with another value at `p` of one input.
fn with(x: &[Vec<f64>], leg: usize, p: usize, value: f64) -> Vec<Vec<f64>> {
    let mut x = x.to_vec();
    x[leg][p] = value;
    x
}

#[test]
fn windows_forget_what_left_them() {
    for_all(false, |random, row, params, n, context| {
        let x = inputs(random, row, n);
        let one = |x: &[Vec<f64>]| alone(row, params, Nan::Propagate, 0, x);
        let clean = one(&x);
        let after = reach(row, params);
        for leg in 0..x.len() {
            let p = random.below(n);
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
                let y = one(&with(&x, leg, p, value));
                for (o, (y, clean)) in y.iter().zip(&clean).enumerate() {
                    for t in (0..p).chain((p + after).min(n)..n) {
                        let what = format!("{context}, output {o}, {value} at {p}: at {t}");
                        assert!(bits(y[t], clean[t]), "{what}: {} and {}", y[t], clean[t]);
                    }
                }
            }
        }
    });
}

#[test]
fn windows_with_nan_give_nan() {
    for_all(false, |random, row, params, n, context| {
        if takes_part(row, params) {
            return;
        }
        let x = inputs(random, row, n);
        let one = |x: &[Vec<f64>]| alone(row, params, Nan::Propagate, 0, x);
        for leg in 0..x.len() {
            let p = random.below(n);
            let at = x[leg][p];
            // Which outputs depend on the value: those that some other value changes.
            let others = [at * 1.5, at * 0.5, at * 10.0, at * -3.0];
            let others = others.map(|other| one(&with(&x, leg, p, other)));
            // NaN counts whatever else is there: where nothing moves many rows have rules of their own.
            let flat = |value: f64| x.iter().map(|x| vec![value; x.len()]).collect::<Vec<_>>();
            for (among, x) in [("walk", x.clone()), ("zeros", flat(0.0)), ("fives", flat(5.0))] {
                if VARYING.contains(&row.name) && among != "walk" {
                    continue;
                }
                let y = one(&with(&x, leg, p, f64::NAN));
                for o in 0..y.len() {
                    for t in p..n {
                        let depends =
                            others.iter().any(|other| !bits(other[o][t], others[0][o][t]));
                        let what = format!("{context}, output {o}, NaN at {p} in {among}: at {t}");
                        assert!(!depends || y[o][t].is_nan(), "{what}: {}", y[o][t]);
                    }
                }
            }
        }
    });
}

#[test]
fn windows_agree_with_their_definitions_on_nan_and_infinity() {
    for_all(false, |random, row, params, n, context| {
        for _ in 0..4 {
            let x = spoilt(random, row, n);
            let y = alone(row, params, Nan::Propagate, 0, &x);
            let expected = reference(row, params, Nan::Propagate, 0, &x);
            for (o, (y, expected)) in y.iter().zip(&expected).enumerate() {
                for t in 0..n {
                    let finite = y[t].is_finite() || expected[t].is_finite();
                    let agree = if finite {
                        y[t].is_finite() == expected[t].is_finite()
                    } else {
                        bits(y[t], expected[t])
                    };
                    let what = format!("{context}, output {o} at {t}");
                    assert!(agree, "{what}: {} and {}", y[t], expected[t]);
                }
            }
        }
    });
}

#[test]
fn recursions_end_at_nan_or_begin_again() {
    for_all(true, |random, row, params, n, context| {
        if PASSING_NAN.contains(&row.name) {
            return;
        }
        let x = inputs(random, row, n);
        let clean = alone(row, params, Nan::Propagate, 0, &x);
        for leg in 0..x.len() {
            let p = 1 + random.below(n - 1);
            let value = random.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
            let spoilt = with(&x, leg, p, value);
            let what = format!("{context}, {value} at {p}");

            let nothing = vec![vec![f64::NAN; n - p]; row.outputs.len()];
            let y = alone(row, params, Nan::Propagate, 0, &spoilt);
            assert_same(&what, &join(&cut(&clean, 0, p), &nothing), &y);

            let rest = alone(row, params, Nan::Propagate, 0, &cut(&x, p + 1, n));
            let nothing = vec![vec![f64::NAN]; row.outputs.len()];
            let expected = join(&join(&cut(&clean, 0, p), &nothing), &rest);
            let y = alone(row, params, Nan::Reseed, 0, &spoilt);
            assert_same(&what, &expected, &y);
        }
    });
}

#[test]
fn recursions_begin_after_leading_nan() {
    for_all(true, |random, row, params, n, context| {
        let x = inputs(random, row, n);
        let k = 1 + random.below(n);
        let leg = random.below(x.len());
        let mut late = x.clone();
        late[leg][..k].fill(f64::NAN);
        let rest = alone(row, params, Nan::Propagate, 0, &cut(&x, k, n));
        let nothing = vec![vec![f64::NAN; k]; row.outputs.len()];
        for nan in [Nan::Propagate, Nan::Reseed] {
            let y = alone(row, params, nan, 0, &late);
            assert_same(&format!("{context}, {k} NaN first"), &y, &join(&nothing, &rest));
        }
    });
}

/// Inputs with NaN and infinities in places: none, one, a burst, at the head, everywhere.
fn spoilt(random: &mut Random, row: &Row, n: usize) -> Vec<Vec<f64>> {
    let mut x = inputs(random, row, n);
    for x in &mut x {
        for _ in 0..random.below(5) {
            // Zero is nothing astray, but some rows have a rule for it, which NaN must not meet.
            let value = random.pick(&[f64::NAN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0]);
            let anywhere = random.below(n);
            let from = random.pick(&[0, anywhere]);
            let length = random.pick(&[1, 1, 1, 1, 3, 3, 20, n]);
            x[from..(from + length).min(n)].fill(value);
        }
    }
    x
}

#[test]
fn lanes_go_astray_alone() {
    for recursive in [false, true] {
        for_all(recursive, |random, row, params, n, context| {
            let series: Vec<_> = (0..8).map(|_| spoilt(random, row, n)).collect();
            for nan in [Nan::Propagate, Nan::Reseed] {
                let anywhere = random.below(n);
                let begin = random.pick(&[0, 0, anywhere]);
                let one = |x: &Vec<Vec<f64>>| alone(row, params, nan, begin, x);
                let expected: Vec<_> = series.iter().map(one).collect();
                for (x, y) in series.iter().zip(&expected) {
                    let definition = reference(row, params, nan, begin, x);
                    for (o, (y, definition)) in y.iter().zip(&definition).enumerate() {
                        for t in 0..n {
                            let what = format!("{context}, {nan:?}, output {o} at {t}");
                            let (y, definition) = (y[t], definition[t]);
                            let agree = y.is_nan() == definition.is_nan();
                            assert!(agree, "{what}: {y} and {definition}");
                        }
                    }
                }
                for &level in Level::available() {
                    let count = series::lanes(level);
                    for cut in [1, 1 + random.below(9), n] {
                        let series = &series[..count];
                        let got = run((row, params), level, nan, begin, series, cut);
                        for lane in 0..count {
                            let what = format!("{context}, {nan:?}, {level}, lane {lane}");
                            assert_same(&what, &got[lane], &expected[lane]);
                        }
                    }
                }
            }
        });
    }
}

/// Timesteps `from..to` of each series.
fn cut(series: &[Vec<f64>], from: usize, to: usize) -> Vec<Vec<f64>> {
    series.iter().map(|x| x[from..to].to_vec()).collect()
}

/// Each series followed by another.
fn join(first: &[Vec<f64>], second: &[Vec<f64>]) -> Vec<Vec<f64>> {
    first.iter().zip(second).map(|(a, b)| [a.clone(), b.clone()].concat()).collect()
}

/// Averages of numbers so large that they overflow, of alternating sign: infinity less infinity.
#[test]
fn recursions_that_overflow_do_not_come_back() {
    let high = [f64::MAX, -f64::MAX];
    let x: Vec<f64> = (0..40).map(|t| high[t % 2]).chain([100.0; 160]).collect();
    for name in ["ema", "rma", "dema", "tema", "t3", "trix", "macd", "rsi", "swak_butter"] {
        let row = windrow::indicators::find(name).unwrap();
        let y = alone(row, &row.defaults(), Nan::Propagate, 0, std::slice::from_ref(&x));
        for (o, y) in y.iter().enumerate() {
            // Behind the warm-up, NaN comes of overflow.
            let first = row.lookback(&row.defaults());
            let lost = (first..y.len()).find(|&t| y[t].is_nan()).expect("it overflows");
            let back = (lost..y.len()).find(|&t| !y[t].is_nan());
            assert_eq!(back, None, "{name}, output {o}: lost at {lost}");
        }
    }
}
