//! Windowed rows on given inputs, with exact figures. The numbers are those of the list of cases.

mod series;

use series::{Random, same};
use windrow::indicators::find;

/// A row with a period over one series.
fn one(name: &str, period: usize, x: &[f64]) -> Vec<f64> {
    let row = find(name).unwrap();
    row.compute(&row.values(&[("period", period as f64)]).unwrap(), &[x]).unwrap().remove(0)
}

/// The standard deviation as a sample has it, from `period - 1` on.
fn sample(period: usize, x: &[f64]) -> Vec<f64> {
    let by = (period as f64 / (period as f64 - 1.0)).sqrt();
    one("stddev", period, x)[period - 1..].iter().map(|y| y * by).collect()
}

#[track_caller]
fn assert_close(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{got:?}");
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() <= 2e-15 * expected.abs(), "{got:?} is not {expected:?}");
    }
}

/// Contract C3 against exact integers: relative error of the variance, and zero if and only if all
/// values are equal.
#[test]
fn variance_is_within_its_bound() {
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let period = 2 + random.below(38);
        let offset = [0.0, 1e6, 1e12, 1e15][random.below(4)];
        let scale = [1.0, 3.0, 1e3, 1e9][random.below(4)];
        let x: Vec<f64> = (0..period * 3 + random.below(50))
            .map(|_| offset + (random.unit() * scale).round() * f64::from(random.pick(&[1, -1])))
            .collect();
        let y = one("stddev", period, &x);
        for t in period - 1..x.len() {
            let window: Vec<i128> = x[t + 1 - period..=t].iter().map(|x| *x as i128).collect();
            let (n, sum) = (period as i128, window.iter().sum::<i128>());
            let squares: i128 = window.iter().map(|x| x * x).sum();
            // Exactly n²·variance.
            let exact = n * squares - sum * sum;
            let expected = (exact as f64).sqrt() / period as f64;
            assert_eq!(y[t] == 0.0, exact == 0, "seed {seed}, at {t}: {}", y[t]);
            let w = period as f64;
            // Half the variance's bound for its root, and the roundings of both sides' last steps.
            let bound = (2.0 * w * (w + 4.0) + 4.0) * f64::EPSILON / 2.0;
            let error = (y[t] - expected).abs() / expected.max(f64::MIN_POSITIVE);
            assert!(error <= bound, "seed {seed}, at {t}: {} not {expected}", y[t]);
        }
    }
}

/// Contract C3: the error of a mean.
#[test]
fn means_are_within_their_bound() {
    for seed in 0..4000 {
        let mut random = Random::new(seed);
        let period = 1 + random.below(39);
        let x: Vec<f64> = (0..period * 3 + random.below(50))
            .map(|_| (random.between(-1.0, 1.0) * 10f64.powf(random.between(0.0, 15.0))).round())
            .collect();
        let y = one("sma", period, &x);
        for t in period - 1..x.len() {
            let window = &x[t + 1 - period..=t];
            let sum: i128 = window.iter().map(|x| *x as i128).sum();
            let magnitude: f64 = window.iter().map(|x| x.abs()).sum();
            let w = period as f64;
            let bound = (w + 2.0) * f64::EPSILON / 2.0 * magnitude;
            let expected = sum as f64 / w;
            assert!((y[t] - expected).abs() <= bound, "seed {seed}, at {t}: {} {expected}", y[t]);
        }
    }
}

#[test]
fn rol_01_an_outlier_leaves_zero() {
    let mut x = vec![0.0; 1000];
    x[0] = 1000.0;
    let y = sample(10, &x);
    assert_close(&y[..1], &[316.2277660168379]);
    assert!(y[1..].iter().all(|y| *y == 0.0));
}

#[test]
fn rol_03_large_then_small() {
    let x = [1.2e3, 1.3e17, 1.5e17, 1995.0, 1990.0];
    assert_eq!(one("sma", 2, &x)[4], 1992.5);
    assert_close(&sample(2, &x)[3..], &[3.5355339059327378]);
}

#[test]
fn rol_04_one_large_value_first() {
    let x = [9.54e8, 0.6225, 0.0, 1.14, 0.0, 0.5, 0.7];
    let expected = [
        550792156.6272027,
        0.570805352112259,
        0.6581793068761733,
        0.5714309523759921,
        0.3605551275463989,
    ];
    assert_close(&sample(3, &x), &expected);
}

#[test]
fn rol_07_08_plateaus() {
    let x = [2169984000.0, 2169984000.0, 2820376000.0, 2820376000.0, 2820376000.0, 2820376000.0];
    let y = sample(3, &x);
    assert_close(&y[..2], &[375503996.2787791; 2]);
    assert_eq!(y[2..], [0.0, 0.0]);
    let flat = [36743.6; 40];
    assert!(one("sma", 12, &flat)[11..].iter().all(|y| *y == 36743.6));
    assert!(one("stddev", 12, &flat)[11..].iter().all(|y| *y == 0.0));
}

#[test]
fn rol_13_negative_zeros() {
    let y = one("sma", 3, &[3002399751580331.0, -0.0, -0.0, -0.0]);
    assert_eq!(y[3], 0.0);
}

#[test]
fn rol_19_no_cliff_for_small_ticks() {
    for digits in 2..=150 {
        let tick = 10f64.powi(-digits);
        let x: Vec<f64> = (195..200).map(|k| f64::from(k) * tick).collect();
        let y = one("stddev", 5, &x)[4];
        // The inputs are rounded at 199 ticks.
        assert!((y / (tick * 2f64.sqrt()) - 1.0).abs() < 1e-13, "1e-{digits}: {y:e}");
    }
}

#[test]
fn rol_21_nan() {
    let x = [1.0, 2.0, f64::NAN, 4.0, 5.0, 6.0, 7.0, 8.0];
    for (name, expected) in [("sma", 5.0), ("min", 4.0), ("max", 6.0)] {
        let y = one(name, 3, &x);
        assert!(y[..5].iter().all(|y| y.is_nan()), "{name}");
        assert_eq!(y[5], expected, "{name}");
    }
}

#[test]
fn rol_22_infinity() {
    let x = [1.0, 2.0, f64::INFINITY, 4.0, 5.0, 6.0, 7.0, 8.0];
    let infinite = [f64::INFINITY; 3];
    assert_eq!(one("sma", 3, &x)[2..5], infinite);
    assert_eq!(one("sma", 3, &x)[5], 5.0);
    assert_eq!(one("max", 3, &x)[2..5], infinite);
    assert_eq!(one("max", 3, &x)[5], 6.0);
    assert_eq!(one("min", 3, &x)[2..6], [1.0, 2.0, 4.0, 4.0]);
    assert!(one("stddev", 3, &x)[2..5].iter().all(|y| y.is_nan()));
    assert_close(&sample(3, &x)[3..4], &[1.0]);
}

#[test]
fn rol_24_near_overflow() {
    let x = [1e308, 1e308, 1e308, 1.0, 2.0, 3.0, 4.0];
    assert_eq!(one("stddev", 2, &x)[1..], [0.0, 0.0, f64::INFINITY, 0.5, 0.5, 0.5]);
}

#[test]
fn rol_29_windows_as_long_as_the_series() {
    let x: Vec<f64> = (0..50).map(f64::from).collect();
    for name in ["sma", "wma", "stddev", "max", "min"] {
        let y = one(name, 50, &x);
        assert!(y[..49].iter().all(|y| y.is_nan()) && y[49].is_finite());
        for period in [51, 100_000] {
            assert!(one(name, period, &x).iter().all(|y| y.is_nan()));
        }
        assert!(find(name).unwrap().values(&[("period", 2f64.powi(31))]).is_err());
    }
}

#[test]
fn rol_32_33_extremes() {
    let mut random = Random::new(32);
    type Shape<'a> = &'a dyn Fn(usize, &mut Random) -> f64;
    let shapes: [Shape; 5] = [
        &|t, _| t as f64,
        &|t, _| -(t as f64),
        &|t, _| (t % 7) as f64,
        &|_, _| 3.0,
        &|_, random| if random.below(9) == 0 { f64::NAN } else { random.unit() },
    ];
    for shape in shapes {
        let x: Vec<f64> = (0..333).map(|t| shape(t, &mut random)).collect();
        for period in 2..=100 {
            let (max, min) = (one("max", period, &x), one("min", period, &x));
            for t in period - 1..x.len() {
                let window = &x[t + 1 - period..=t];
                if window.iter().any(|x| x.is_nan()) {
                    assert!(max[t].is_nan() && min[t].is_nan());
                    continue;
                }
                assert_eq!(max[t], window.iter().copied().fold(f64::MIN, f64::max));
                assert_eq!(min[t], window.iter().copied().fold(f64::MAX, f64::min));
            }
        }
    }
}

#[test]
fn rol_38_negation() {
    let x: Vec<f64> = (0..200).map(|t| (f64::from(t) * 0.7).sin() * 50.0).collect();
    let negated: Vec<f64> = x.iter().map(|x| -x).collect();
    let minus = |y: Vec<f64>| y.iter().map(|y| -y).collect::<Vec<f64>>();
    for period in [2, 7, 30] {
        for name in ["sma", "wma", "ema", "dema", "mom"] {
            assert!(same(&one(name, period, &negated), &minus(one(name, period, &x))), "{name}");
        }
        assert!(same(&one("stddev", period, &negated), &one("stddev", period, &x)));
        assert!(same(&one("max", period, &negated), &minus(one("min", period, &x))));
    }
}
