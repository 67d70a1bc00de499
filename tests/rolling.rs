//! Windows, growing windows and fading weights: what contracts C2 to C4 promise, against exact
//! arithmetic.

mod exact;
mod series;

use exact::Exact;
use exact::about::{UNIT, part};
use series::hard::{hard, least, normal, sizes};
use series::{Random, alone, assert_same, bits, context, inputs, params};
use windrow::Row;
use windrow::indicators::{Nan, Value, catalogue, find};

fn value(row: &Row, params: &[Value], name: &str) -> usize {
    params[row.param(windrow::error::Line::NONE, name).unwrap()].int()
}

/// A row's only output.
fn run(name: &str, named: &[(&str, f64)], x: &[f64]) -> Vec<f64> {
    let row = find(name).unwrap();
    row.compute(&row.values(named).unwrap(), &[x]).unwrap().remove(0)
}

/// The rows with a window.
fn windowed() -> impl Iterator<Item = &'static Row> {
    let group = catalogue().iter().find(|group| group.name == "Rolling Statistics").unwrap();
    group.rows.iter().filter(|row| row.name.starts_with("rolling_"))
}

/// Panics unless all four are within the bounds of C3 at every timestep at which the window has
/// values enough, and NaN at every other.
fn check(x: &[f64], window: usize, min_periods: usize, what: &str) {
    let exact = Exact::new(x);
    let given = [("window", window as f64), ("min_periods", min_periods as f64)];
    let with = |ddof: f64| [given[0], given[1], ("ddof", ddof)];
    let (sum, mean) = (run("rolling_sum", &given, x), run("rolling_mean", &given, x));
    let variances = [0.0, 1.0].map(|ddof| run("rolling_var", &with(ddof), x));
    let deviation = run("rolling_std", &with(1.0), x);
    for t in 0..x.len() {
        let from = (t + 1).saturating_sub(window);
        let infinite = x[from..=t].iter().any(|x| x.is_infinite());
        let of = exact.window(from, t + 1);
        let what = format!("{what}, window {window}, min_periods {min_periods}, at {t}");
        if infinite {
            assert!(!sum[t].is_finite() && !mean[t].is_finite() && !deviation[t].is_finite());
            continue;
        }
        if of.count < least(window, min_periods) {
            let all = [sum[t], mean[t], variances[0][t], variances[1][t], deviation[t]];
            assert!(all.iter().all(|y| y.is_nan()), "{what}: {all:?}");
            continue;
        }
        let w = of.count as f64;
        let bound = (w + 2.0) * UNIT;
        assert!(of.sum_error(sum[t]) <= bound, "{what}: sum {}", sum[t]);
        // The bound of the sum, whatever it is divided by.
        assert!(of.mean_error(mean[t]) <= w * bound, "{what}: mean {}", mean[t]);
        for (ddof, variance) in variances.iter().enumerate() {
            let y = variance[t];
            if of.count <= ddof {
                assert!(y.is_nan(), "{what}: variance {y} of a single value");
                continue;
            }
            assert!(y >= 0.0 && (y == 0.0) == of.flat(), "{what}: variance {y}");
            let error = of.variance_error(ddof, y);
            assert!(error <= part(of.count), "{what}: variance {y}, off by {error:e}");
            if ddof == 1 {
                assert!(bits(deviation[t], y.sqrt()), "{what}: deviation {}", deviation[t]);
            }
        }
    }
}

/// C3, and ROL-43 of the cases.
#[test]
fn sums_and_moments_are_within_their_bounds() {
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let (window, min_periods) = sizes(&mut random);
        let n = 1 + random.below(150);
        check(&hard(&mut random, n), window, min_periods, &format!("seed {seed}"));
    }
}

/// C3 beside what is missing, and after what was infinite or overflowed: ROL-12, 21 to 24.
#[test]
fn bounds_hold_beside_what_is_missing_or_infinite() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let (window, min_periods) = sizes(&mut random);
        let n = 1 + random.below(150);
        let mut x = hard(&mut random, n);
        let (rare, often) = (random.below(10), 1 + random.below(40));
        for x in &mut x {
            if random.below(100) < often {
                *x = f64::NAN;
            }
            if random.below(100) < rare {
                *x = random.pick(&[f64::INFINITY, f64::NEG_INFINITY]);
            }
        }
        check(&x, window, min_periods, &format!("seed {seed}"));
    }
}

/// All values so far, by the same bounds.
#[test]
fn growing_sums_and_moments_are_within_their_bounds() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let n = 1 + random.below(200);
        let x = hard(&mut random, n);
        let exact = Exact::new(&x);
        let (sum, mean) = (run("expanding_sum", &[], &x), run("expanding_mean", &[], &x));
        let variance = run("expanding_var", &[], &x);
        for t in 0..n {
            let of = exact.window(0, t + 1);
            let (w, what) = ((t + 1) as f64, format!("seed {seed}, at {t}"));
            let bound = (w + 2.0) * UNIT;
            assert!(of.sum_error(sum[t]) <= bound, "{what}: sum {}", sum[t]);
            assert!(of.mean_error(mean[t]) <= w * bound, "{what}: mean {}", mean[t]);
            if t > 0 {
                let y = variance[t];
                assert!(y >= 0.0 && (y == 0.0) == of.flat(), "{what}: variance {y}");
                assert!(of.variance_error(1, y) <= part(t + 1), "{what}: {y}");
            }
        }
    }
}

/// C2: a value knows nothing of what stands outside its window. ROL-27.
#[test]
fn nothing_outside_the_window_shows() {
    for row in windowed() {
        for round in 0..1000 {
            let mut random = Random::new(round as u64);
            let params = params(&mut random, row, round, 30);
            let window = value(row, &params, "window");
            let n = window + 5 + random.below(60);
            let mut x = inputs(&mut random, row, n);
            for x in &mut x {
                if random.below(2) == 0 {
                    let at = random.below(n);
                    x[at] = f64::NAN;
                }
            }
            let clean = alone(row, &params, Nan::Propagate, 0, &x);
            let at = random.below(n);
            let wild = random.pick(&[f64::NAN, f64::INFINITY, -1e300, 0.0, 1e12, 3.7]);
            let leg = random.below(x.len());
            x[leg][at] = wild;
            let y = alone(row, &params, Nan::Propagate, 0, &x);
            for t in (0..at).chain((at + window).min(n)..n) {
                let what = context(row, &params, round as u64);
                let (y, clean) = (y[0][t], clean[0][t]);
                assert!(bits(y, clean), "{what}, {wild} at {at}: {y} at {t}, not {clean}");
            }
        }
    }
}

/// ROL-26: by default a NaN takes as many values as the window is long, and nothing else.
#[test]
fn a_nan_takes_its_windows_and_no_more() {
    for row in windowed().filter(|row| row.name != "rolling_count") {
        for window in [4, 5, 9] {
            let params = row.values(&[("window", window as f64)]).unwrap();
            let n = 3 * window;
            let mut x = inputs(&mut Random::new(26), row, n);
            for (i, x) in x.iter_mut().enumerate() {
                // Nothing flat.
                x.iter_mut().enumerate().for_each(|(t, x)| *x += ((3 * t + i) % 7) as f64);
            }
            let clean = alone(row, &params, Nan::Propagate, 0, &x);
            for leg in 0..x.len() {
                for at in 0..n {
                    let mut x = x.clone();
                    x[leg][at] = f64::NAN;
                    let mut expected = clean.clone();
                    expected[0][at..(at + window).min(n)].fill(f64::NAN);
                    let y = alone(row, &params, Nan::Propagate, 0, &x);
                    assert_same(&format!("{row:?}, window {window}, NaN at {at}"), &y, &expected);
                }
            }
        }
    }
}

/// With fewer values needed than the window is long, a NaN is a value less: the statistic is that of
/// the series without it, in a window as much shorter.
#[test]
fn a_missing_value_is_passed_over() {
    for row in windowed().filter(|row| row.params.iter().all(|p| p.name != "pct")) {
        // A line through the others is not the line through others that stand elsewhere.
        let moves = ["rolling_slope", "rolling_argmax", "rolling_argmin"].contains(&row.name);
        let mut random = Random::new(7);
        for _ in 0..if moves { 0 } else { 50 } {
            let window = 6 + random.below(12);
            let x = inputs(&mut random, row, window);
            let whole = row.values(&[("window", window as f64)]).unwrap();
            let clean = alone(row, &whole, Nan::Propagate, 0, &x)[0][window - 1];
            let holes = 1 + random.below(5);
            let mut wide = x.clone();
            for _ in 0..holes {
                let at = random.below(window);
                wide.iter_mut().for_each(|x| x.insert(at, f64::NAN));
            }
            let size = [("window", (window + holes) as f64), ("min_periods", 5.0)];
            let part = row.values(&size).unwrap();
            let got = alone(row, &part, Nan::Propagate, 0, &wide)[0][window + holes - 1];
            let near = (got - clean).abs() <= 1e-9 * clean.abs().max(1e-6);
            assert!(near || bits(got, clean), "{row:?}: {got}, not {clean}");
        }
    }
}

#[test]
fn parameters_that_do_not_go_together_are_refused() {
    let refused = |name: &str, given: &[(&str, f64)], text: &str| {
        let error = find(name).unwrap().values(given).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(text), "{error}");
    };
    for row in windowed() {
        refused(row.name, &[("window", 3.0), ("min_periods", 4.0)], "at most `window`");
        refused(row.name, &[("window", 0.0)], "a whole number from 1 to ");
        refused(row.name, &[("window", 2.5)], "2.5");
        refused(row.name, &[("min_periods", -1.0)], "-1");
    }
    for name in ["ewm_mean", "ewm_var", "ewm_std"] {
        refused(name, &[("span", 3.0), ("alpha", 0.5)], "one of `span`, `halflife` and `alpha`");
        refused(name, &[("span", 0.0)], "exactly one of `span`, `halflife` and `alpha` is above 0");
        refused(name, &[("span", 0.5)], "a `span` of at least 1");
        refused(name, &[("alpha", 1.5)], "from 0.0 to 1.0");
        refused(name, &[("adjust", 2.0)], "false (0), true (1)");
    }
}

/// What settles is the weight that the first values still have.
#[test]
fn fading_weights_forget_the_start() {
    let mut random = Random::new(3);
    let x: Vec<f64> = (0..400).map(|_| 100.0 + normal(&mut random)).collect();
    for (alpha, gone) in [(0.5, 60), (0.1, 350)] {
        for name in ["ewm_mean", "ewm_var"] {
            let whole = run(name, &[("alpha", alpha)], &x);
            let late = run(name, &[("alpha", alpha)], &x[20..]);
            for t in 20 + gone..400 {
                let (whole, late) = (whole[t], late[t - 20]);
                assert!((whole - late).abs() <= 1e-13 * whole, "{name}: {whole} and {late}");
            }
        }
    }
}

#[test]
fn fading_means_take_nan_and_infinity_as_they_say() {
    let nan = f64::NAN;
    let mean = |given: &[(&str, f64)], x: &[f64]| run("ewm_mean", given, x);
    // Half the weight a timestep: 1·1/4 + 3·1 over 5/4; or a value, 1·1/2 + 3·1 over 3/2.
    let x = [nan, 1.0, nan, 3.0];
    let half = ("alpha", 0.5);
    assert!(bits(mean(&[half], &x)[0], nan));
    assert_eq!(mean(&[half], &x)[1..], [1.0, 1.0, 2.6]);
    assert!((mean(&[half, ("ignore_na", 1.0)], &x)[3] - 7.0 / 3.0).abs() < 1e-15);
    // A constant stays what it is, and does not vary.
    assert!(mean(&[half], &[36743.6; 50]).iter().all(|y| *y == 36743.6));
    assert!(run("ewm_std", &[half], &[36743.6; 50])[1..].iter().all(|y| *y == 0.0));
    // All the weight on the newest.
    assert_eq!(mean(&[("alpha", 1.0)], &[0.1, 1e9, 0.3]), [0.1, 1e9, 0.3]);
    for name in ["ewm_mean", "ewm_var", "ewm_std"] {
        let y = run(name, &[half], &[1.0, 2.0, 4.0, f64::INFINITY, 1.0, nan, 2.0]);
        assert!(y[2].is_finite() && y[3..].iter().all(|y| y.is_nan()), "{name}: {y:?}");
    }
}
