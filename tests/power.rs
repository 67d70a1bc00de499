//! Powers that make a column as normal as they can.

use ndarray::Array3;
use windrow::Result;
use windrow::scale::{FittedScaler, Method, Power, PowerScaler, Statistics};

/// Fits a column and transforms it.
fn of(method: Method, values: &[f64]) -> Result<(FittedScaler, Vec<f64>)> {
    let x = Array3::from_shape_vec((1, values.len(), 1), values.to_vec()).unwrap();
    let fitted = PowerScaler { method, ..Default::default() }.fit(x.view())?;
    let y = fitted.transform(x.view())?;
    Ok((fitted, y.into_iter().collect()))
}

fn power(fitted: &FittedScaler) -> Power {
    let Statistics::Power(power) = fitted.statistics()[0] else { unreachable!() };
    power
}

/// Exponents far from one, constants, and values that a method cannot take.
#[test]
fn powers_of_hard_columns() {
    for method in [Method::YeoJohnson, Method::BoxCox] {
        let (fitted, y) = of(method, &[14.62; 1000]).unwrap();
        assert!(y.iter().all(|y| *y == 0.0));
        let power = power(&fitted);
        assert_eq!((power.count, power.lambda, power.deviation), (1000, 1.0, 0.0));
    }
    // The values whose powers are evenly spread.
    for lambda in [-12.0, -1.5, -0.25, 0.25, 3.0, 9.0] {
        let values: Vec<f64> =
            (1..=200).map(|i| f64::powf(1.0 + 0.002 * f64::from(i), 1.0 / lambda)).collect();
        let (fitted, y) = of(Method::BoxCox, &values).unwrap();
        let power = power(&fitted);
        assert!(power.lambda * lambda > 0.0, "{} for {lambda}", power.lambda);
        let mean = y.iter().sum::<f64>() / 200.0;
        let squares = y.iter().map(|y| y * y).sum::<f64>() / 200.0;
        assert!(mean.abs() < 1e-9 && (squares - 1.0).abs() < 1e-9, "{lambda}: {mean}, {squares}");
        let likelihood = |lambda: f64| likelihood(&values, lambda);
        for other in [power.lambda - 1e-3, power.lambda + 1e-3] {
            assert!(likelihood(power.lambda) > likelihood(other), "{} or {other}", power.lambda);
        }
    }
    let error = of(Method::BoxCox, &[2.0, 0.0, 3.0]).unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot fit `power`: column `0` has the value 0.0; `box-cox` takes positive values only, \
         `yeo-johnson` takes all"
    );
    let error = of(Method::YeoJohnson, &[1e308, -1e308, 3.0]).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("has a spread that f64 cannot"), "{error}");
}

/// Of an exponent of Box and Cox, by the definition.
fn likelihood(values: &[f64], lambda: f64) -> f64 {
    let n = values.len() as f64;
    let powers: Vec<f64> = values.iter().map(|x| (x.powf(lambda) - 1.0) / lambda).collect();
    let mean = powers.iter().sum::<f64>() / n;
    let variance = powers.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / n;
    (lambda - 1.0) * values.iter().map(|x| x.ln()).sum::<f64>() - n / 2.0 * variance.ln()
}

/// Some numbers around 0, more of them above than below.
fn skewed() -> Vec<f64> {
    (1..=300)
        .map(|i| f64::from(i) / 60.0)
        .map(|z| (z * z - 8.0) / 6.0 + (9.0 * z).sin() / 4.0)
        .collect()
}

/// A power of `c·exp(s·z)` is one of `exp(z)` with `s` times the exponent: neither the unit of a column nor
/// how narrow it is may show in what is standardized.
#[test]
fn units_and_narrowness_show_nowhere() {
    let z = skewed();
    let wide: Vec<f64> = z.iter().map(|z| z.exp()).collect();
    let (fitted, expected) = of(Method::BoxCox, &wide).unwrap();
    let exponent = power(&fitted).lambda;
    let likelihood = |lambda: f64| likelihood(&wide, lambda);
    assert!(likelihood(exponent) > likelihood(exponent + 1e-3).max(likelihood(exponent - 1e-3)));
    for (c, s) in
        [(1e-20, 1.0), (1e20, 1.0), (1e3, 1e-3), (3e4, -1e-3), (250.0, 1e-5), (1e-9, 30.0)]
    {
        let x: Vec<f64> = z.iter().map(|z| c * (s * z).exp()).collect();
        // What the rounding of x leaves of z, and of its square.
        let near = 1e-9_f64.max(1e-14 / f64::abs(s));
        let (fitted, y) = of(Method::BoxCox, &x).unwrap();
        let found = power(&fitted).lambda * s;
        assert!((found - exponent).abs() <= near * 10.0, "{c}, {s}: {found}, not {exponent}");
        for (y, expected) in y.iter().zip(&expected) {
            // Where s is negative, large is small.
            let y = y * s.signum();
            assert!((y - expected).abs() <= near, "{c}, {s}: {y}, not {expected}");
        }
        // Of Yeo and Johnson one is added first; below zero all is mirrored.
        if s < 1.0 && c >= 1.0 {
            for sign in [1.0, -1.0] {
                let x: Vec<f64> = x.iter().map(|x| sign * (x - 1.0)).collect();
                let (fitted, y) = of(Method::YeoJohnson, &x).unwrap();
                let lambda = power(&fitted).lambda;
                let found = if sign > 0.0 { lambda } else { 2.0 - lambda } * s;
                assert!((found - exponent).abs() <= near * 10.0, "{c}, {s}: {found}");
                for (y, expected) in y.iter().zip(&expected) {
                    let y = y * s.signum() * sign;
                    assert!((y - expected).abs() <= near, "{c}, {s}, {sign}: {y}, not {expected}");
                }
            }
        }
    }
}

/// Below zero all is mirrored, zero too, which is on both sides.
#[test]
fn yeo_johnson_is_the_same_below_zero() {
    for (least, level) in [(0.0, 1.0), (0.0, 1e-6), (3.0, 100.0)] {
        let x: Vec<f64> = skewed().iter().map(|z| least + level * (z + 1.4).max(0.0)).collect();
        assert!(least > 0.0 || x.iter().filter(|x| **x == 0.0).count() > 1);
        let mirrored: Vec<f64> = x.iter().map(|x| -x).collect();
        let (above, below) = (of(Method::YeoJohnson, &x), of(Method::YeoJohnson, &mirrored));
        let ((above, y), (below, z)) = (above.unwrap(), below.unwrap());
        let apart = power(&above).lambda + power(&below).lambda - 2.0;
        assert!(apart.abs() < 1e-11, "{least}, {level}: {apart}");
        assert!(y.iter().zip(&z).all(|(y, z)| (y + z).abs() < 1e-10), "{least}, {level}");
    }
}

/// What comes back, on both sides of zero, of columns that lie on one.
#[test]
fn powers_from_an_anchor_have_a_way_back() {
    for sign in [1.0, -1.0] {
        for (level, width) in [(1000.0, 0.01), (5.0, 0.5), (0.5, 0.1)] {
            let x: Vec<f64> =
                skewed().iter().map(|z| sign * level * (1.0 + width * z / 9.0)).collect();
            let (fitted, _) = of(Method::YeoJohnson, &x).unwrap();
            let probe: Vec<f64> = [-2.0, -0.1, -1e-9, 0.0, 1e-9, 0.1, 1.0, 3.0]
                .into_iter()
                .chain([0.97, 1.0, 1.03].map(|part| sign * level * part))
                .collect();
            let probe = Array3::from_shape_vec((1, probe.len(), 1), probe).unwrap();
            let y: Array3<f64> = fitted.transform(probe.view()).unwrap();
            // Powers rise with the values.
            let mut pairs: Vec<(f64, f64)> = probe.iter().copied().zip(y.iter().copied()).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(
                pairs.windows(2).all(|pair| pair[0].1 <= pair[1].1),
                "{sign}, {level}: {pairs:?}"
            );
            let back: Array3<f64> = fitted.inverse_transform(y.view()).unwrap();
            for ((x, y), back) in probe.iter().zip(&y).zip(&back) {
                // Far from the column a power may be all but flat, or beyond f64.
                let near = (0.9..1.1).contains(&(x * sign / level));
                assert!(
                    !near || (x - back).abs() <= 1e-11 * level,
                    "{level}: {x} to {y} to {back}"
                );
            }
        }
    }
}

/// Random walks as prices go: none is refused.
#[test]
fn prices_have_powers() {
    let mut state = 7_u64;
    let mut random = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
    };
    for walk in 0..60 {
        let mut price = 50.0 * f64::powf(600.0, f64::from(walk % 20) / 19.0);
        let size = [0.002, 0.007, 0.02][walk as usize / 20];
        let x: Vec<f64> = (0..250)
            .map(|_| {
                price *= 1.0 + size * (random() + random() + random()) * 2.0;
                price
            })
            .collect();
        for method in [Method::YeoJohnson, Method::BoxCox] {
            let (_, y) = of(method, &x).unwrap();
            let mean = y.iter().sum::<f64>() / 250.0;
            let squares = y.iter().map(|y| y * y).sum::<f64>() / 250.0;
            assert!(mean.abs() < 1e-9 && (squares - 1.0).abs() < 1e-9, "{walk}: {mean}, {squares}");
        }
    }
    // An exponent so large that its double is too large for the column.
    let x: Vec<f64> =
        skewed().iter().map(|z| 1000.0 * f64::powf(1.5 - 0.1 * z, 0.02) - 1.0).collect();
    let (fitted, _) = of(Method::YeoJohnson, &x).unwrap();
    assert!(power(&fitted).lambda > 64.0, "{}", power(&fitted).lambda);
}
