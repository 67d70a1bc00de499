//! What every row of the catalogue holds to, in loops over the table.

mod series;

use series::{Random, allowed, alone, assert_same, bits, context, inputs, params, reference, run};
use windrow::indicators::{Kind, Nan, Stability, Value, catalogue, rows};
use windrow::{Level, Row};

/// Rounds a row: the first with default parameters.
const ROUNDS: usize = 40;

/// Calls `law` for each row and round, with parameters and a length beyond their warm-up.
fn for_all(law: impl Fn(&mut Random, &'static Row, &[Value], usize, &str)) {
    for row in rows() {
        for round in 0..ROUNDS {
            let seed = 1000 * round as u64 + row.name.bytes().map(u64::from).sum::<u64>();
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round, 40);
            let n = row.lookback(&params) + 20 + random.below(80);
            law(&mut random, row, &params, n, &context(row, &params, seed));
        }
    }
}

#[test]
fn levels_and_cuts_give_the_same_bits() {
    println!("levels of this machine: {:?}", Level::available());
    for_all(|random, row, params, n, context| {
        let series: Vec<_> = (0..8).map(|_| inputs(random, row, n)).collect();
        let one = |x: &Vec<Vec<f64>>| alone(row, params, Nan::Propagate, 0, x);
        let expected: Vec<_> = series.iter().map(one).collect();
        for &level in Level::available() {
            for cut in [1, 2, 3, 5, 7, 13, 100, n] {
                let series = &series[..series::lanes(level)];
                let got = run((row, params), level, Nan::Propagate, 0, series, cut);
                for (lane, got) in got.iter().enumerate() {
                    let what = format!("{context}, {level}, cut {cut}, lane {lane}");
                    assert_same(&what, got, &expected[lane]);
                }
            }
        }
    });
}

#[test]
fn kernels_agree_with_their_definitions() {
    for_all(|random, row, params, n, context| {
        let x = inputs(random, row, n + 300);
        let y = alone(row, params, Nan::Propagate, 0, &x);
        let expected = reference(row, params, Nan::Propagate, 0, &x);
        for (o, (y, expected)) in y.iter().zip(&expected).enumerate() {
            let allowed = match row.stability(params) {
                Stability::Exact => vec![0.0; y.len()],
                _ => allowed(row, params, o, &x, expected),
            };
            for t in 0..y.len() {
                let close = (y[t] - expected[t]).abs() <= allowed[t];
                let what = format!("{context}, output {o} at {t}: {} and {}", y[t], expected[t]);
                assert!(close || (y[t].is_nan() && expected[t].is_nan()), "{what}");
            }
        }
    });
}

/// Rows that have no value for some windows of finite numbers, with the reason.
const UNDEFINED: &[(&str, &str)] = &[
    ("ewm_std", "where alpha is 1, as a single value has all the weight"),
    ("ewm_var", "where alpha is 1, as a single value has all the weight"),
    ("expanding_zscore", EQUAL),
    ("kurtosis", EQUAL),
    ("rolling_beta", EQUAL),
    ("rolling_corr", EQUAL),
    ("rolling_cov", TOO_FEW),
    ("rolling_kurt", EQUAL),
    ("rolling_skew", EQUAL),
    ("rolling_slope", TOO_FEW),
    ("rolling_std", TOO_FEW),
    ("rolling_var", TOO_FEW),
    ("rolling_zscore", EQUAL),
    ("rvol", "after no volume: x/0"),
];

const EQUAL: &str = "of values that are all equal: 0/0";
const TOO_FEW: &str = "of a window that never holds as many values as it takes, as one with ddof";

#[test]
fn warm_up_is_lookback_long() {
    for_all(|random, row, params, _, context| {
        let lookback = row.lookback(params);
        for n in [0, 1, lookback, lookback + 1, lookback + 2, 2 * lookback + 30] {
            let x = inputs(random, row, n);
            let kernel = alone(row, params, Nan::Propagate, 0, &x);
            let definition = reference(row, params, Nan::Propagate, 0, &x);
            for y in kernel.iter().chain(&definition) {
                for (t, y) in y.iter().enumerate() {
                    let gap = t >= lookback && UNDEFINED.iter().any(|(name, _)| *name == row.name);
                    if gap && y.is_nan() {
                        continue;
                    }
                    assert_eq!(y.is_nan(), t < lookback, "{context}, n = {n}, at {t}: {y}");
                    assert!(t < lookback || y.is_finite(), "{context}, n = {n}, at {t}: {y}");
                }
            }
        }
        match evaluate(row, params) {
            Some(value) => assert_eq!(value, lookback as i64, "{context}: {}", row.warmup),
            None => {
                let choices = row.params.iter().any(|p| matches!(p.kind, Kind::Choice { .. }));
                assert!(choices, "{context}: the warm-up is no expression: {}", row.warmup);
            }
        }
    });
}

/// The warm-up text with the parameters put in; `None` where it is more than arithmetic.
fn evaluate(row: &Row, params: &[Value]) -> Option<i64> {
    let mut text = row.warmup.replace(' ', "");
    let mut names: Vec<_> = row.params.iter().zip(params).collect();
    names.sort_by_key(|(param, _)| std::cmp::Reverse(param.name.len()));
    for (param, value) in names {
        text = text.replace(param.name, &value.int().to_string());
    }
    let mut rest = text.as_str();
    let value = sum(&mut rest)?;
    rest.is_empty().then_some(value)
}

fn sum(text: &mut &str) -> Option<i64> {
    let mut value = product(text)?;
    loop {
        if eat(text, "+") {
            value += product(text)?;
        } else if eat(text, "-") {
            value -= product(text)?;
        } else {
            return Some(value);
        }
    }
}

fn product(text: &mut &str) -> Option<i64> {
    let mut value = factor(text)?;
    loop {
        if eat(text, "*") {
            value *= factor(text)?;
        } else if eat(text, "/") {
            value /= factor(text)?;
        } else {
            return Some(value);
        }
    }
}

fn factor(text: &mut &str) -> Option<i64> {
    type Function = (&'static str, fn(i64, i64) -> i64);
    let functions: [Function; 4] =
        [("max(", i64::max), ("min(", i64::min), ("isqrt(", |a, _| a.isqrt()), ("(", |a, _| a)];
    if let Some((_, function)) = functions.iter().find(|(name, _)| eat(text, name)) {
        let mut value = sum(text)?;
        if eat(text, "or") {
            // The first that is not left out.
            let other = sum(text)?;
            value = if value == 0 { other } else { value };
        }
        if !text.starts_with(',') {
            value = function(value, value);
        }
        while eat(text, ",") {
            value = function(value, sum(text)?);
        }
        return eat(text, ")").then_some(value);
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at(digits);
    *text = rest;
    number.parse().ok()
}

fn eat(text: &mut &str, token: &str) -> bool {
    let rest = text.strip_prefix(token);
    *text = rest.unwrap_or(text);
    rest.is_some()
}

#[test]
fn the_future_never_changes_the_past() {
    for_all(|random, row, params, n, context| {
        for nan in [Nan::Propagate, Nan::Reseed] {
            let x = inputs(random, row, n);
            let clean = alone(row, params, nan, 0, &x);
            let t = random.below(n);
            for poison in [f64::NAN, f64::INFINITY, 1e300, -1.0, 0.0] {
                let mut poisoned = x.clone();
                for x in &mut poisoned {
                    x[t + 1..].fill(poison);
                }
                for &level in Level::available() {
                    let copies = vec![poisoned.clone(); series::lanes(level)];
                    for y in run((row, params), level, nan, 0, &copies, n) {
                        let what = format!("{context}, {level}, {poison} after {t}");
                        assert_same(&what, &cut(&y, 0, t + 1), &cut(&clean, 0, t + 1));
                    }
                    // The other way to do without the future: it is not there.
                    let copies = vec![cut(&x, 0, t + 1); series::lanes(level)];
                    for y in run((row, params), level, nan, 0, &copies, n) {
                        let what = format!("{context}, {level}, ends after {t}");
                        assert_same(&what, &y, &cut(&clean, 0, t + 1));
                    }
                }
            }
        }
    });
}

/// Timesteps `from..to` of each series.
fn cut(series: &[Vec<f64>], from: usize, to: usize) -> Vec<Vec<f64>> {
    series.iter().map(|x| x[from..to].to_vec()).collect()
}

#[test]
fn other_lanes_never_change_this_one() {
    for_all(|random, row, params, n, context| {
        let x = inputs(random, row, n);
        for nan in [Nan::Propagate, Nan::Reseed] {
            let clean = alone(row, params, nan, 0, &x);
            for &level in &Level::available()[1..] {
                for other in [f64::NAN, f64::NEG_INFINITY, 1e300, 0.0] {
                    let lane = random.below(8);
                    let mut all = vec![vec![vec![other; n]; x.len()]; 8];
                    all[lane] = x.clone();
                    let y = run((row, params), level, nan, 0, &all, 17);
                    assert_same(&format!("{context}, {level} among {other}"), &y[lane], &clean);
                }
            }
        }
    });
}

#[test]
fn a_series_may_begin_later() {
    for_all(|random, row, params, n, context| {
        let x = inputs(random, row, n);
        let clean = alone(row, params, Nan::Propagate, 0, &x);
        for begin in [1, 3, random.below(40), n + 5] {
            // What stands before the beginning is not looked at.
            let junk = random.pick(&[f64::NAN, f64::INFINITY, -3.0]);
            let late = |x: &Vec<f64>| [vec![junk; begin], x.clone()].concat();
            let late: Vec<Vec<f64>> = x.iter().map(late).collect();
            let nothing = |y: &Vec<f64>| [vec![f64::NAN; begin], y.clone()].concat();
            let expected: Vec<Vec<f64>> = clean.iter().map(nothing).collect();
            for &level in Level::available() {
                let copies = vec![late.clone(); series::lanes(level)];
                let step = random.pick(&[1, 4, 1000]);
                for y in run((row, params), level, Nan::Propagate, begin, &copies, step) {
                    assert_same(&format!("{context}, {level}, begin {begin}"), &y, &expected);
                }
            }
            if begin < n {
                let from = cut(&x, begin, n);
                let expected = reference(row, params, Nan::Propagate, 0, &from);
                let got = reference(row, params, Nan::Propagate, begin, &x);
                assert_same(&format!("{context}, reference"), &cut(&got, begin, n), &expected);
            }
        }
    });
}

#[test]
fn a_kernel_starts_afresh_after_reset() {
    for_all(|random, row, params, n, context| {
        let x = inputs(random, row, n);
        let slices: Vec<&[f64]> = x.iter().map(Vec::as_slice).collect();
        let clean = alone(row, params, Nan::Propagate, 0, &x);
        let mut kernel = row.start(params, Level::SCALAR, Nan::Propagate);
        let spoilt = vec![f64::NAN; n];
        for again in [false, true] {
            let mut y = vec![vec![7.0; n]; row.outputs.len()];
            let mut outputs: Vec<&mut [f64]> = y.iter_mut().map(Vec::as_mut_slice).collect();
            kernel.reset(0);
            kernel.advance(&slices, &mut outputs);
            assert_same(&format!("{context}, again: {again}"), &y, &clean);
            // Between the two, something that must leave no trace.
            let mut outputs: Vec<&mut [f64]> = y.iter_mut().map(Vec::as_mut_slice).collect();
            kernel.advance(&vec![&spoilt[..]; x.len()], &mut outputs);
        }
    });
}

#[test]
fn outputs_stay_within_their_range() {
    for_all(|random, row, params, n, context| {
        let x = inputs(random, row, n + 200);
        let y = alone(row, params, Nan::Propagate, 0, &x);
        for (output, y) in row.outputs.iter().zip(&y) {
            let Some((low, high)) = output.range else { continue };
            for y in y.iter().filter(|y| !y.is_nan()) {
                assert!((low..=high).contains(y), "{context}: {y}");
            }
        }
    });
}

/// Rows that scaling their inputs by a power of two need not leave exact, with the reason.
const NOT_SCALED: &[(&str, &str)] = &[
    ("acos", TRANSFORM),
    ("asin", TRANSFORM),
    ("atan", TRANSFORM),
    ("ceil", TRANSFORM),
    ("cos", TRANSFORM),
    ("cosh", TRANSFORM),
    ("cumprod", "a product of ever more factors"),
    ("exp", TRANSFORM),
    ("floor", TRANSFORM),
    ("linearreg_angle", "the angle of a slope of one price a timestep is 45 degrees"),
    ("ln", TRANSFORM),
    ("log10", TRANSFORM),
    ("mavp", "a period is no price"),
    ("sarext", "its parameter start is a price"),
    ("sin", TRANSFORM),
    ("sinh", TRANSFORM),
    ("sqrt", "scales by the root"),
    ("tan", TRANSFORM),
    ("tanh", TRANSFORM),
];

/// Why a function of single values is not scaled.
const TRANSFORM: &str = "no homogeneous function";

#[test]
fn scaling_by_powers_of_two_is_exact() {
    for_all(|random, row, params, n, context| {
        if NOT_SCALED.iter().any(|(name, _)| *name == row.name) {
            return;
        }
        let x = inputs(random, row, n);
        let clean = alone(row, params, Nan::Propagate, 0, &x);
        let scaled = |k: i32| {
            let by = f64::powi(2.0, k);
            let x: Vec<Vec<f64>> = x.iter().map(|x| x.iter().map(|x| x * by).collect()).collect();
            alone(row, params, Nan::Propagate, 0, &x)
        };
        for k in [30, -30] {
            let scaled = scaled(k);
            for (o, (clean, scaled)) in clean.iter().zip(&scaled).enumerate() {
                // An oscillator stays, a price scales, a variance scales twice: one of them, at
                // every timestep.
                let scales = |power: i32| {
                    let by = f64::powi(2.0, power * k);
                    clean.iter().zip(scaled).all(|(clean, scaled)| bits(clean * by, *scaled))
                };
                let found = (0..3).find(|power| scales(*power));
                assert!(found.is_some(), "{context}, output {o}, 2^{k}");
                assert!(row.outputs[o].range.is_none() || found == Some(0), "{context}, 2^{k}");
            }
        }
    });
}

#[test]
fn the_table_is_in_order() {
    let mut names: Vec<&str> = rows().map(|row| row.name).collect();
    for group in catalogue() {
        let sorted = group.rows.is_sorted_by(|a, b| a.name < b.name);
        assert!(sorted && !group.rows.is_empty(), "{}", group.name);
    }
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all, "a name stands twice");
    for row in rows() {
        let known = |p: &windrow::indicators::Param| [&[p.name], p.aliases].concat();
        let mut known: Vec<&str> = row.params.iter().flat_map(known).collect();
        let all = known.len();
        known.sort_unstable();
        known.dedup();
        assert_eq!(known.len(), all, "{}: a parameter's name stands twice", row.name);
        for (param, value) in row.params.iter().zip(row.defaults()) {
            row.values(&[(param.name, value.real())]).expect("the default is in range");
            for alias in param.aliases {
                row.values(&[(alias, value.real())]).expect("an alias is as good as the name");
            }
        }
        assert!(!row.outputs.is_empty() && !row.inputs.is_empty(), "{}", row.name);
        let mut outputs: Vec<&str> = row.outputs.iter().map(|o| o.name).collect();
        outputs.sort_unstable();
        outputs.dedup();
        assert_eq!(outputs.len(), row.outputs.len(), "{}: an output stands twice", row.name);
        for text in [row.title, row.formula, row.source, row.warmup] {
            assert!(!text.is_empty(), "{}", row.name);
        }
        assert!(windrow::indicators::find(row.name).is_ok());
    }
}

/// Denormal numbers slow recursions down by an order of magnitude, for as long as zeros follow;
/// TA-Lib's do.
#[test]
fn an_impulse_does_not_decay_into_denormal_numbers() {
    for row in rows() {
        let mut impulse = vec![0.0; 40_000];
        impulse[0] = 1.0;
        let series = vec![impulse; row.inputs.len()];
        for (output, y) in
            alone(row, &row.defaults(), Nan::Propagate, 0, &series).iter().enumerate()
        {
            let denormal = y.iter().position(|y| y.is_subnormal());
            assert_eq!(denormal, None, "{}, output {output}", row.name);
        }
    }
}
