//! Rolling statistics on given inputs, with exact figures. Names and numbers are those of the list of
//! cases; `cases_window.rs` has those of the indicators.

mod exact;
mod series;

use exact::Exact;
use ndarray::{Array3, s};
use series::{Random, bits, same};
use windrow::Pipeline;
use windrow::indicators::find;

/// A row's only output.
fn run(name: &str, named: &[(&str, f64)], x: &[&[f64]]) -> Vec<f64> {
    let row = find(name).unwrap();
    row.compute(&row.values(named).unwrap(), x).unwrap().remove(0)
}

/// `rolling_NAME` of a series.
fn of(name: &str, window: usize, x: &[f64]) -> Vec<f64> {
    run(&format!("rolling_{name}"), &[("window", window as f64)], &[x])
}

/// The variance of a population.
fn population(window: usize, x: &[f64]) -> Vec<f64> {
    run("rolling_var", &[("window", window as f64), ("ddof", 0.0)], &[x])
}

/// Agreement within the bound of C3 for a window of that length, and the rounding of the figures.
#[track_caller]
fn assert_close(window: usize, got: &[f64], expected: &[f64]) {
    let w = window as f64;
    let bound = 4.0 * w * (w + 4.0) * f64::EPSILON / 2.0 + f64::EPSILON;
    assert_eq!(got.len(), expected.len(), "{got:?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= bound * expected.abs(), "{got:?} is not {expected:?}");
    }
}

/// The variance of every window against exact arithmetic, by C3.
#[track_caller]
fn assert_exact_variance(window: usize, x: &[f64]) {
    let exact = Exact::new(x);
    let w = window as f64;
    for ddof in [0, 1] {
        let given = [("window", w), ("ddof", ddof as f64)];
        let y = run("rolling_var", &given, &[x]);
        for t in window - 1..x.len() {
            let error = exact.window(t + 1 - window, t + 1).variance_error(ddof, y[t]);
            let bound = 4.0 * w * (w + 4.0) * f64::EPSILON / 2.0;
            assert!(error <= bound, "at {t}: {} is off by {error:e}", y[t]);
        }
    }
}

#[test]
fn rol_01_to_09_what_departed_leaves_nothing() {
    let mut spike = vec![0.0; 1000];
    spike[0] = 1000.0;
    let y = of("std", 10, &spike);
    assert_close(10, &y[9..10], &[316.2277660168379]);
    assert!(y[10..].iter().all(|y| *y == 0.0));

    let y = of("var", 3, &[1e5, 0.1, 0.2, 0.3, 0.4]);
    assert_close(3, &y[2..], &[3333323333.3433332, 0.009999999999999998, 0.010000000000000002]);

    let x = [1.2e3, 1.3e17, 1.5e17, 1995.0, 1990.0];
    assert_eq!((of("mean", 2, &x)[4], of("var", 2, &x)[4]), (1992.5, 12.5));
    assert_close(2, &of("std", 2, &x)[4..], &[3.5355339059327378]);

    let y = of("std", 3, &[9.54e8, 0.6225, 0.0, 1.14, 0.0, 0.5, 0.7]);
    let expected = [
        550792156.6272027,
        0.570805352112259,
        0.6581793068761733,
        0.5714309523759921,
        0.3605551275463989,
    ];
    assert_close(3, &y[2..], &expected);

    let mut x = vec![0.0; 10];
    (x[0], x[1]) = (1.0, 1e-7);
    assert_close(5, &of("var", 5, &x)[5..6], &[1.9999999999999998e-15]);
    assert!(of("var", 5, &x)[6..].iter().all(|y| *y == 0.0));
    assert!(of("mean", 5, &x)[6..].iter().all(|y| *y == 0.0));

    let x = [2169984000.0, 2169984000.0, 2820376000.0, 2820376000.0, 2820376000.0, 2820376000.0];
    let y = of("std", 3, &x);
    assert_close(3, &y[2..4], &[375503996.2787791; 2]);
    assert_eq!(y[4..], [0.0, 0.0]);

    let flat = [36743.6; 40];
    assert!(of("mean", 12, &flat)[11..].iter().all(|y| *y == 36743.6));
    assert!(of("var", 12, &flat)[11..].iter().all(|y| *y == 0.0));

    for (level, first) in [(1e9, 2.222222217777778e17), (1e6, 222_221_777_778.0)] {
        let x = [level, level, level, level, level, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let y = population(3, &x);
        assert_close(3, &y[5..6], &[first]);
        assert_close(3, &y[7..], &[0.2222222222222222; 4]);
    }
}

#[test]
fn rol_11_12_levels_and_prints() {
    let mut random = Random::new(11);
    for level in [1e8, 1e12, 1e15] {
        let x: Vec<f64> = (0..300).map(|_| level + random.unit()).collect();
        assert_exact_variance(5, &x);
    }
    for print in [1e12, 1e300] {
        let mut x: Vec<f64> = (0..40).map(|_| random.unit()).collect();
        x[10] = print;
        let exact = Exact::new(&x);
        let (sum, mean, var) = (of("sum", 5, &x), of("mean", 5, &x), of("var", 5, &x));
        for t in 15..40 {
            let window = exact.window(t - 4, t + 1);
            let bound = 7.0 * f64::EPSILON / 2.0;
            assert!(window.sum_error(sum[t]) <= bound && window.mean_error(mean[t]) <= 5.0 * bound);
            assert!(window.variance_error(1, var[t]) <= 4.0 * 45.0 * f64::EPSILON / 2.0);
        }
    }
}

#[test]
fn rol_13_14_zeros_are_zeros() {
    assert_eq!(of("mean", 3, &[3002399751580331.0, -0.0, -0.0, -0.0])[3], 0.0);
    let x = [1.0001, 1.0001, 1.0001, 1.0001, 1.0001, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!(of("sum", 2, &x)[6..], [0.0; 4]);
}

#[test]
fn rol_16_17_a_fading_wave() {
    let n = 700;
    let wave = |t: usize| {
        let x = 9.0 * std::f64::consts::PI * t as f64 / (n - 1) as f64;
        x.sin() * (-x).exp()
    };
    let x: Vec<f64> = (0..n).map(wave).collect();
    let low = x.iter().copied().fold(f64::INFINITY, f64::min);
    let high = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let x: Vec<f64> = x.iter().map(|x| (x - low) / (high - low)).collect();
    assert_exact_variance(50, &x);
    let smallest = of("var", 50, &x)[49..].iter().copied().fold(f64::INFINITY, f64::min);
    assert!((smallest / 6.6155986357372505e-24 - 1.0).abs() < 0.1, "{smallest:e}");

    let small = 0.00028718669878572767;
    let y = of("std", 3, &[0.0011448196318903589, small, small, small, small]);
    assert!(y[2] > 0.0 && y[2].is_finite() && y[3..] == [0.0, 0.0], "{y:?}");
}

#[test]
fn rol_18_19_flats_and_ticks() {
    let mut random = Random::new(18);
    let mut x: Vec<f64> = (0..200).map(|_| random.unit()).collect();
    x.resize(2200, 3.2e-5);
    let y = of("var", 49, &x);
    assert!(y[48..].iter().all(|y| *y >= 0.0) && y[249..].iter().all(|y| *y == 0.0));
    for digits in 2..=150 {
        let tick = 10f64.powi(-digits);
        let x: Vec<f64> = (195..200).map(|k| f64::from(k) * tick).collect();
        let y = population(5, &x)[4].sqrt();
        // The inputs are rounded at 199 ticks.
        assert!((y / (tick * 2f64.sqrt()) - 1.0).abs() < 1e-13, "1e-{digits}: {y:e}");
    }
}

#[test]
fn rol_21_to_24_what_is_no_number() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let x = [1.0, 2.0, nan, 4.0, 5.0, 6.0, 7.0, 8.0];
    for (name, value) in
        [("sum", 15.0), ("mean", 5.0), ("std", 1.0), ("min", 4.0), ("max", 6.0), ("median", 5.0)]
    {
        let y = of(name, 3, &x);
        assert!(y[..5].iter().all(|y| y.is_nan()) && y[5] == value, "{name}: {y:?}");
    }
    let x = [1.0, 2.0, inf, 4.0, 5.0, 6.0, 7.0, 8.0];
    assert_eq!(of("sum", 3, &x)[2..6], [inf, inf, inf, 15.0]);
    assert_eq!(of("mean", 3, &x)[2..6], [inf, inf, inf, 5.0]);
    assert_eq!(of("max", 3, &x)[2..6], [inf, inf, inf, 6.0]);
    assert_eq!(of("min", 3, &x)[2..6], [1.0, 2.0, 4.0, 4.0]);
    let y = of("std", 3, &x);
    assert!(y[2..5].iter().all(|y| y.is_nan()) && y[5] == 1.0, "{y:?}");

    let y = of("sum", 3, &[1.0, 2.0, inf, -inf, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert!(same(&y[2..], &[inf, nan, nan, -inf, 18.0, 21.0, 24.0]), "{y:?}");

    let x = [1e308, 1e308, 1e308, 1.0, 2.0, 3.0, 4.0];
    assert_eq!(of("sum", 2, &x)[1..], [inf, inf, 1e308, 3.0, 5.0, 7.0]);
    assert_eq!(of("mean", 2, &x)[1..3], [1e308; 2]);
    assert_eq!(of("mean", 2, &x)[4..], [1.5, 2.5, 3.5]);
    assert_eq!(of("var", 2, &x)[1..], [0.0, 0.0, inf, 0.5, 0.5, 0.5]);
}

#[test]
fn rol_28_a_window_of_one() {
    let x = [3.7, -0.0, 0.1, -1e300, 5e-324];
    for name in ["sum", "mean", "min", "max", "median", "quantile"] {
        let y = of(name, 1, &x);
        // Ordered values have one sign of zero, and so has a mean.
        let exact = ["sum", "min", "max"].contains(&name);
        assert!(if exact { same(&y, &x) } else { y == x }, "{name}: {y:?}");
    }
    assert!(population(1, &x).iter().all(|y| *y == 0.0));
    assert!(of("var", 1, &x).iter().all(|y| y.is_nan()));
}

/// What lies between two values is no infinity where their difference is one.
#[test]
fn middles_of_the_largest_values() {
    let x = [-1e308, 1e308, 1e308, 1e300, -1e308];
    assert_eq!(
        of("median", 2, &x)[1..],
        [0.0, 1e308, 1e308 / 2.0 + 1e300 / 2.0, -1e308 / 2.0 + 1e300 / 2.0]
    );
    let y = run("rolling_quantile", &[("window", 2.0), ("quantile", 0.25)], &[&x]);
    assert_eq!(y[1], -0.5e308);
    let infinite = [f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY, 1.0];
    let y = of("median", 2, &infinite);
    assert!(y[1].is_nan() && y[2..] == [f64::INFINITY; 2], "{y:?}");
}

#[test]
fn rol_29_windows_longer_than_the_series() {
    let x: Vec<f64> = (0..50).map(|t| f64::from(t).sin()).collect();
    for name in ["sum", "mean", "var", "min", "argmax", "range", "skew", "count"] {
        let y = of(name, 50, &x);
        assert!(y[..49].iter().all(|y| y.is_nan()) && y[49].is_finite(), "{name}");
        for window in [51, 1 << 31, u32::MAX as usize] {
            assert!(of(name, window, &x).iter().all(|y| y.is_nan()), "{name}, {window}");
            // Nor does it take the memory of such a window where it has values.
            let given = [("window", window as f64), ("min_periods", 5.0)];
            let y = run(&format!("rolling_{name}"), &given, &[&x]);
            assert!(y[3].is_nan() && y[4..].iter().all(|y| y.is_finite()), "{name}: {y:?}");
        }
        let row = find(&format!("rolling_{name}")).unwrap();
        assert!(row.values(&[("window", 0.0)]).is_err());
        assert!(row.values(&[("window", usize::MAX as f64)]).is_err());
    }
}

#[test]
fn rol_31_windows_that_begin_early() {
    let x = [4.0, 1.0, 3.0, 8.0, 2.0];
    let y = |name: &str, least: f64| run(name, &[("window", 3.0), ("min_periods", least)], &[&x]);
    assert_eq!(y("rolling_sum", 1.0), [4.0, 5.0, 8.0, 12.0, 13.0]);
    assert_close(3, &y("rolling_mean", 2.0)[1..], &[2.5, 8.0 / 3.0, 4.0, 13.0 / 3.0]);
    assert_eq!(y("rolling_median", 1.0), [4.0, 2.5, 3.0, 3.0, 3.0]);
    assert_eq!(y("rolling_count", 1.0), [1.0, 2.0, 3.0, 3.0, 3.0]);
    assert!(same(&y("rolling_sum", 3.0), &of("sum", 3, &x)));
}

#[test]
fn rol_32_33_extremes_and_their_places() {
    let mut random = Random::new(32);
    type Shape<'a> = &'a dyn Fn(usize, &mut Random) -> f64;
    let shapes: [Shape; 5] = [
        &|t, _| t as f64,
        &|t, _| -(t as f64),
        &|t, _| (t % 7) as f64,
        &|_, _| 3.0,
        &|_, random| if random.below(9) == 0 { f64::NAN } else { random.below(4) as f64 },
    ];
    for shape in shapes {
        let x: Vec<f64> = (0..333).map(|t| shape(t, &mut random)).collect();
        for window in 2..=100 {
            let [max, min, argmax, argmin] =
                ["max", "min", "argmax", "argmin"].map(|name| of(name, window, &x));
            for t in window - 1..x.len() {
                let held = &x[t + 1 - window..=t];
                if held.iter().any(|x| x.is_nan()) {
                    assert!([max[t], min[t], argmax[t], argmin[t]].iter().all(|y| y.is_nan()));
                    continue;
                }
                let high = held.iter().copied().fold(f64::MIN, f64::max);
                let low = held.iter().copied().fold(f64::MAX, f64::min);
                // The newest of equal ones.
                let ago = |y: f64| held.iter().rev().position(|x| *x == y).unwrap() as f64;
                assert_eq!((max[t], min[t]), (high, low));
                assert_eq!((argmax[t], argmin[t]), (ago(high), ago(low)));
            }
        }
    }
    for x in [[f64::NAN, 1.0], [1.0, f64::NAN]] {
        assert!(["min", "max"].iter().all(|name| of(name, 2, &x)[1].is_nan()));
    }
}

/// The series and figures of issue 47461 of pandas, whose own are off by thousands.
#[test]
fn rol_34_the_shape_of_what_came_after_a_jump() {
    let after = [
        4027, 5641, 5103, 6179, 8330, 9406, 11020, 9406, 9944, 9406, 9406, 9944, 11558, 12633,
        13171, 13171, 13171, 9406,
    ];
    let mut x = vec![-2.0; 36];
    x[13] = 2.0;
    x.extend(after.map(|x| 7_729_960_000.0 + f64::from(x)));
    for (name, expected) in [("skew", 0.16889762763904356), ("kurt", -2.198110595961745)] {
        let y = of(name, 10, &x)[x.len() - 1];
        assert!((y / expected - 1.0).abs() < 1e-6, "{name}: {y}, not {expected}");
    }
}

#[test]
fn rol_36_a_line_correlates() {
    let mut random = Random::new(36);
    for digits in -2..=12 {
        let size = 10f64.powi(-digits);
        let x: Vec<f64> = (0..120).map(|_| 2e4 + size * random.between(-1.0, 1.0)).collect();
        let y: Vec<f64> = x.iter().map(|x| 2.0 * x + 3.0).collect();
        let r = run("rolling_corr", &[("window", 30.0)], &[&x, &y]);
        for t in 29..120 {
            let flat = x[t - 29..=t].iter().all(|value| *value == x[t]);
            let near = (r[t] - 1.0).abs() <= 1e-12 && r[t] <= 1.0;
            assert!(if flat { r[t].is_nan() } else { near }, "{size:e}, at {t}: {}", r[t]);
        }
    }
}

#[test]
fn rol_37_38_scaled_and_negated() {
    let mut random = Random::new(37);
    let x: Vec<f64> = (0..200).map(|_| random.between(-50.0, 70.0)).collect();
    let times = |by: f64, x: &[f64]| x.iter().map(|x| x * by).collect::<Vec<f64>>();
    for k in [40, -40] {
        let by = 2f64.powi(k);
        for name in ["sum", "mean", "std", "min", "max", "range", "median", "slope"] {
            assert!(same(&of(name, 9, &times(by, &x)), &times(by, &of(name, 9, &x))), "{name}");
        }
        assert!(same(&of("var", 9, &times(by, &x)), &times(by * by, &of("var", 9, &x))));
    }
    let negated = times(-1.0, &x);
    for name in ["sum", "mean"] {
        assert!(same(&of(name, 9, &negated), &times(-1.0, &of(name, 9, &x))), "{name}");
    }
    assert!(same(&of("std", 9, &negated), &of("std", 9, &x)));
    assert!(same(&of("max", 9, &negated), &times(-1.0, &of("min", 9, &x))));
}

#[test]
fn rol_39_a_sample_knows_nothing_of_the_one_before() {
    let mut random = Random::new(39);
    let mut x = Array3::from_shape_simple_fn((2, 30, 1), || random.unit());
    x[[0, 29, 0]] = f64::NAN;
    x[[0, 28, 0]] = 1e300;
    let mut text = "[input]\ncolumns = [\"a\"]\n".to_owned();
    for name in ["sum", "mean", "std", "min", "median", "skew"] {
        text += &format!(
            "[[step]]\nop = \"rolling_{name}\"\ncolumns = \"a\"\nwindow = 5\nmin_periods = 3\n"
        );
    }
    let fitted = Pipeline::from_toml(&text).unwrap().fit(x.view()).unwrap();
    let both: Array3<f64> = fitted.transform(x.view()).unwrap();
    let alone: Array3<f64> = fitted.transform(x.slice(s![1.., .., ..])).unwrap();
    for (y, expected) in both.slice(s![1, .., ..]).iter().zip(&alone) {
        assert!(bits(*y, *expected), "{y}, not {expected}");
    }
}

#[test]
fn rol_44_borders_of_blocks() {
    for window in [2, 3, 7, 8, 9, 63, 64, 65] {
        // Blocks a level apart: an anchor of the wrong block would show.
        let x: Vec<f64> = (0..4 * window + 2)
            .map(|t| 1e5 * ((t / window) as f64) + ((t * 7) % 11) as f64)
            .collect();
        assert_exact_variance(window, &x);
        let (sum, max) = (of("sum", window, &x), of("max", window, &x));
        for t in window - 1..x.len() {
            let held = &x[t + 1 - window..=t];
            assert_eq!(sum[t], held.iter().sum::<f64>());
            assert_eq!(max[t], held.iter().copied().fold(f64::MIN, f64::max));
        }
    }
}

/// What a pipeline file says, and what the columns are called.
#[test]
fn columns_are_named_by_what_is_given() {
    let text = r#"
        [input]
        columns = ["a", "b"]
        [[step]]
        op = "rolling_mean"
        columns = "a"
        window = 5
        [[step]]
        op = "rolling_var"
        columns = "a"
        window = 5
        min_periods = 2
        ddof = 0
        [[step]]
        op = "ewm_mean"
        columns = "b"
        halflife = 2.5
        adjust = false
        [[step]]
        op = "ewm_mean"
        columns = "b"
        span = 0
        alpha = 0.5
        [[step]]
        op = "ewm_mean"
        columns = "b"
        [[step]]
        op = "rolling_corr"
        columns = ["a", "b"]
        [output]
        columns = ["*_*"]
    "#;
    let x = Array3::from_shape_fn((1, 30, 2), |(_, t, f)| ((t * (f + 3)) % 7) as f64);
    let fitted = Pipeline::from_toml(text).unwrap().fit(x.view()).unwrap();
    assert_eq!(
        fitted.columns(),
        [
            "a_rolling_mean_5",
            "a_rolling_var_5_2_0",
            "b_ewm_mean_halflife_2.5_false_1",
            "b_ewm_mean_alpha_0.5_1",
            "b_ewm_mean_20_1",
            "a_b_rolling_corr_20"
        ]
    );
}
