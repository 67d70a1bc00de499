//! Scalers with their options against scikit-learn: `figures/scalers.py` made the figures,
//! `figures/scalers.json` holds them and says by which versions.
//!
//! Ordinary data agrees within 1e-12 of the largest value of its column, before the one rounding
//! to f32.

mod common;

use common::{INPUT, Random, assert_agree, bars, engines, exact_moments, fit, transform};
use ndarray::{Array3, Axis, s};
use serde_json::Value;
use windrow::scale::{Constant, Missing, RobustScaler, StandardScaler};
use windrow::{Element, Engine, Fitting, Pipeline, Run};

/// As `batch` in scalers.py.
fn batch<E: Element>(
    seed: u64,
    samples: usize,
    timesteps: usize,
    change: impl Fn(f64) -> f64,
) -> Array3<E> {
    let mut random = Random(seed);
    let features = [(0.0, 1.0), (250.0, 40.0), (-3e3, 2e3)];
    Array3::from_shape_fn((samples, timesteps, 3), |(_, _, feature)| {
        let (place, size) = features[feature];
        E::round(change(place + size * (random.next() - 0.5)))
    })
}

fn check<E: Element>() {
    let all: Value = serde_json::from_str(include_str!("figures/scalers.json")).unwrap();
    let (x, unseen) = (batch::<E>(1, 61, 20, |x| x), batch::<E>(2, 2, 7, |x| 2.0 * x - 60.0));
    let cases = all[E::DTYPE.name()].as_array().unwrap();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let step = case["step"].as_str().unwrap();
        let text = format!(
            "[input]\ncolumns = ['a', 'b', 'c']\n[[step]]\n{step}\n[output]\ndtype = 'f64'\n"
        );
        let mut x = x.clone();
        if step.contains("ignore") {
            x.iter_mut().skip(3).step_by(7).for_each(|x| *x = E::round(f64::NAN));
        }
        let fitted = fit(&text, x.view());
        for engine in [Engine::default(), Engine::Reference] {
            let what = format!("{step}, {}, {engine}", E::DTYPE);
            let y = transform(&fitted, x.slice(s![..2, .., ..]), engine);
            assert_agree(y.view(), &case["fitted"], 1e-12, &what);
            let y = transform(&fitted, unseen.view(), engine);
            assert_agree(y.view(), &case["unseen"], 1e-12, &what);
        }
    }
}

#[test]
fn scalers_are_scikit_learns() {
    check::<f64>();
    check::<f32>();
}

/// The definition: all values sorted.
#[test]
fn quantiles_are_those_of_the_sorted_values() {
    let mut random = Random(40);
    for round in 0..60 {
        let n = 1 + random.below(60);
        let size = [1.0, 1e-300, 1e300, 1e-9][round % 4];
        let mut value = || match random.below(8) {
            0 => 0.0,
            1 => -0.0,
            2 => 7.25 * size,
            _ => size * (random.next() - 0.5),
        };
        let mut values: Vec<f64> = (0..n).map(|_| value()).collect();
        let quantiles = [[25.0, 75.0], [0.0, 100.0], [50.0, 99.9], [3.7, 50.0]][round / 4 % 4];
        let scaler = RobustScaler { quantiles, ..RobustScaler::default() };
        check_quantiles::<f64>(scaler, &values);
        values.iter_mut().for_each(|x| *x = f64::from((*x / size) as f32));
        check_quantiles::<f32>(scaler, &values);
    }
}

fn check_quantiles<E: Element>(scaler: RobustScaler, values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quantile = |percent: f64| {
        let place = percent / 100.0 * (values.len() - 1) as f64;
        let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
        // Kept within one value's rounding of NumPy's, which the figures hold.
        below + (above - below) * place.fract()
    };
    let [low, high] = scaler.quantiles.map(quantile);
    for samples in [1, 2, 5, values.len()] {
        if !values.len().is_multiple_of(samples) {
            continue;
        }
        let map = match scaler.fit(column::<E>(values, samples).view()) {
            Ok(fitted) => *fitted.maps()[0].affine().unwrap(),
            Err(error) => {
                assert!(1.0 / (high - low) < f64::MIN_POSITIVE || high - low < 1e-307, "{error}");
                continue;
            }
        };
        let most = f64::max(low.abs(), high.abs());
        let what = format!("{scaler:?} of {values:?}");
        assert!((map.center - quantile(50.0)).abs() <= 1e-15 * most, "{what}: {map:?}");
        let spread = if low == high { 1.0 } else { high - low };
        assert!((1.0 / map.factor - spread).abs() <= 4e-16 * most.max(spread), "{what}: {map:?}");
    }
}

fn column<E: Element>(values: &[f64], samples: usize) -> Array3<E> {
    let shape = (samples, values.len() / samples, 1);
    Array3::from_shape_vec(shape, values.iter().map(|x| E::round(*x)).collect()).unwrap()
}

/// FIT-06: as scikit-learn has it (`_is_constant_feature` and its test of near-constant features), of
/// the exact mean and variance.
#[test]
fn nearly_constant_columns_keep_their_unit_where_asked_to() {
    let near = StandardScaler { constant: Constant::Near, ..StandardScaler::default() };
    let mut kept = [0; 2];
    for a in [1e-10, 1.0, 1e10] {
        for exponent in -30..20 {
            let s = 10_f64.powi(exponent);
            for n in [10, 100, 10_000] {
                let wide = |i: usize| if i < n / 2 { a + s } else { a - s };
                let narrow = |i: usize| f64::from(wide(i) as f32);
                for values in [(0..n).map(wide).collect::<Vec<_>>(), (0..n).map(narrow).collect()] {
                    let (mean, variance) = exact_moments(&values);
                    let [mean, variance] = [mean, variance].map(|x| x.to_f64_fast());
                    let eps = n as f64 * f64::EPSILON;
                    let bound = eps * variance + (eps * mean).powi(2);
                    // At the bound itself rounding decides.
                    if (variance - bound).abs() <= 1e-9 * bound && variance > 0.0 {
                        continue;
                    }
                    let factor = factor(near, &values);
                    let what = format!("{n} of {a} ± {s}: {factor}");
                    let constant = variance <= bound;
                    kept[usize::from(constant)] += 1;
                    match constant {
                        true => assert_eq!(factor, 1.0, "{what}"),
                        false => {
                            let one = factor * variance.sqrt();
                            assert!((one - 1.0).abs() <= 1e-13, "{what}");
                        }
                    }
                }
            }
        }
    }
    assert!(kept.iter().all(|cases| *cases > 100), "{kept:?}");
    // Near, and not equal: the difference that it makes.
    let values = [1e8, 1e8 + 1e-8, 1e8, 1e8];
    assert_eq!(factor(near, &values), 1.0);
    assert!(factor(StandardScaler::default(), &values) > 1e7);
}

fn factor(scaler: StandardScaler, values: &[f64]) -> f64 {
    scaler.fit(column::<f64>(values, 1).view()).unwrap().maps()[0].affine().unwrap().factor
}

/// FIT-11: more values than f32 can count.
#[test]
#[ignore = "takes 200 MB and some seconds"]
fn fifty_million_values_of_f32() {
    let mut random = Random(11);
    let (mut sum, mut squares) = (0_u128, 0_u128);
    // Whole multiples of 2^-24, of which sums are exact.
    let x = Array3::from_shape_simple_fn((50, 1_000_000, 1), || {
        let value = (random.next() * 16_777_216.0).floor();
        sum += value as u128;
        squares += (value as u128).pow(2);
        value as f32 / 16_777_216.0
    });
    let map = *StandardScaler::default().fit(x.view()).unwrap().maps()[0].affine().unwrap();
    let (n, unit) = (x.len() as f64, 2.0_f64.powi(-24));
    let mean = sum as f64 / n * unit;
    // n·Σx² - (Σx)², exactly.
    let deviation = ((squares * x.len() as u128 - sum * sum) as f64).sqrt() / n * unit;
    assert!((map.center - mean).abs() <= 1e-12 * mean, "{map:?}, not {mean}");
    assert!((map.factor * deviation - 1.0).abs() <= 1e-12, "{map:?}, not {deviation}");
}

/// Standard scores know no unit: values whose squares underflow are scaled as those of size one.
#[test]
fn squares_that_underflow_are_not_lost() {
    let blocks = |at: usize| if at < 128 { 1.0 } else { 2.0 };
    let shapes = [
        (2, vec![1.0, 2.0, 4.0, 3.0, 5.0, 9.0]),
        (1, vec![1.0, 2.0, 4.0]),
        // What they differ by adds up to nothing, beside a gap.
        (1, vec![2.0, f64::NAN, 1.0, 3.0]),
        (1, (0..256).map(blocks).collect()),
        (9, (0..9 * 40).map(|at| f64::from(at * 7 % 31)).collect()),
        (3, vec![7.0; 30]),
    ];
    for ((samples, values), unit) in
        shapes.iter().flat_map(|shape| [1e-140, 1e-155, 1e-163, 1e-170, 1e-290].map(|u| (shape, u)))
    {
        let there = || values.iter().filter(|x| !x.is_nan());
        let count = there().count() as f64;
        let mean = there().sum::<f64>() / count;
        let deviation = (there().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
        let shape = (*samples, values.len() / samples, 1);
        let x = Array3::from_shape_vec(shape, values.iter().map(|x| x * unit).collect()).unwrap();
        let text = "[input]\ncolumns = ['x']\n[[step]]\nop = 'standardize'\nnan = 'ignore'\n";
        let pipeline = Pipeline::from_toml(text).unwrap();
        let scaler = StandardScaler { nan: Missing::Ignore, ..Default::default() };
        let alone = scaler.fit(x.view()).unwrap().transform(x.view()).unwrap();
        let fits = engines().into_iter().chain([Engine::Reference]).map(|engine| {
            let fitted = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap();
            fitted.transform::<f64, f64>(x.view()).unwrap()
        });
        for y in fits.chain([alone]) {
            for (x, y) in values.iter().zip(&y).filter(|(x, _)| !x.is_nan()) {
                let expected = if deviation == 0.0 { 0.0 } else { (x - mean) / deviation };
                assert!((y - expected).abs() < 1e-12, "{x} of {unit}: {y}, not {expected}");
            }
        }
    }
}

/// A sample that comes in pieces is gone when its squares turn out to be lost.
#[test]
fn squares_that_underflow_in_pieces_are_an_error() {
    let pipeline = Pipeline::from_toml(&format!("{INPUT}[[step]]\nop = 'standardize'\n")).unwrap();
    for (unit, fits) in [(1.0, true), (1e-170, false), (0.0, true)] {
        let x = bars::<f64>(3, 1, 40).mapv(|x| x * unit);
        let mut fitting = Fitting::new(&pipeline);
        let mut sample = fitting.sample(40, Engine::default()).unwrap();
        for piece in x.axis_chunks_iter(Axis(1), 15) {
            sample.push(piece).unwrap();
        }
        let pushed = fitting.push_sample(sample).map_err(|error| error.to_string());
        let expected = "cannot fit `standardize`: column `open` has a spread beyond f64, or below \
                        it, in sample 0, given in pieces";
        assert_eq!(pushed, if fits { Ok(()) } else { Err(expected.to_owned()) }, "{unit}");
        if fits {
            fitting.end_pass().unwrap();
            let whole = pipeline.fit(x.view()).unwrap().to_json();
            assert_eq!(fitting.finish().unwrap().to_json(), whole);
        }
    }
}
