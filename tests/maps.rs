//! Maps that are no straight lines, and rows by their norms, against scikit-learn: `figures/maps.py`
//! made the figures, `figures/maps.json` holds them and says by which versions.

mod common;

use common::{INPUT, Random, assert_same_bits, bars, engines, fit, refusal, transform};
use ndarray::{Array3, ArrayView3, Axis, array, s};
use serde_json::Value;
use windrow::scale::Norm;
use windrow::{Element, Engine, Transforming};

const COLUMNS: &str = "[input]\ncolumns = ['a', 'b', 'c', 'd']\n";

/// As `batch` in maps.py.
fn batch<E: Element>(
    seed: u64,
    samples: usize,
    timesteps: usize,
    positive: bool,
    factor: f64,
) -> Array3<E> {
    let mut random = Random(seed);
    let mut x = Array3::from_elem((samples, timesteps, 4), E::round(0.0));
    for mut row in x.lanes_mut(Axis(2)) {
        let [a, b, c, d] = [0; 4].map(|_| random.next());
        let values = [a.powi(3), 250.0 + 40.0 * b * b, 0.001 * c, (6.0 * d).floor()];
        let moves = if positive { [0.0, 0.0, 0.0, 1.0] } else { [-0.2, -260.0, 0.0, -2.0] };
        for ((cell, value), by) in row.iter_mut().zip(values).zip(moves) {
            *cell = E::round((value + by) * factor);
        }
    }
    x
}

fn assert_agree(got: ArrayView3<'_, f64>, figures: &Value, most: f64, what: &str) {
    let figures: Vec<Option<f64>> = serde_json::from_value(figures.clone()).unwrap();
    let figures = figures.into_iter().map(|figure| figure.unwrap_or(f64::NAN)).collect();
    let expected = Array3::from_shape_vec(got.dim(), figures).unwrap();
    for (column, expected) in expected.axis_iter(Axis(2)).enumerate() {
        let finite = expected.iter().filter(|x| x.is_finite());
        let scale = finite.fold(0.0, |scale: f64, x| scale.max(x.abs()));
        for (place, expected) in expected.indexed_iter() {
            let got = got[[place.0, place.1, column]];
            let near = (got - expected).abs() <= most * scale;
            let agree = near || (got.is_nan() && expected.is_nan());
            assert!(agree, "{what}: {got:e}, not {expected:e} at {place:?} of {column}");
        }
    }
}

fn check<E: Element>() {
    let all: Value = serde_json::from_str(include_str!("figures/maps.json")).unwrap();
    let cases = all[E::DTYPE.name()].as_array().unwrap();
    for case in cases {
        let step = case["step"].as_str().unwrap();
        if !step.contains("normalize") && !step.contains("log1p") {
            continue;
        }
        let positive = !case["positive"].is_null();
        let seed = if positive { 3 } else { 1 };
        let mut x = batch::<E>(seed, 31, 20, positive, 1.0);
        if !case["holes"].is_null() {
            x.iter_mut().skip(3).step_by(7).for_each(|x| *x = E::round(f64::NAN));
        }
        let unseen = batch::<E>(seed + 1, 2, 7, positive, 1.5);
        let text = format!("{COLUMNS}[[step]]\n{step}\n[output]\ndtype = 'f64'\n");
        let fitted = fit(&text, x.view());
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let what = format!("{step}, {}, {engine}", E::DTYPE);
            let y = transform(&fitted, x.slice(s![..2, .., ..]), engine);
            assert_agree(y.view(), &case["fitted"], 1e-12, &what);
            if !case["unseen"].is_null() {
                let y = transform(&fitted, unseen.view(), engine);
                assert_agree(y.view(), &case["unseen"], 1e-12, &what);
            }
        }
    }
}

#[test]
fn maps_are_scikit_learns() {
    check::<f64>();
    check::<f32>();
}

/// How many units in the last place of `exact` a value is off it.
fn off(value: f64, exact: f64) -> f64 {
    let unit = f64::from_bits(exact.abs().to_bits() + 1) - exact.abs();
    (value - exact).abs() / unit
}

/// At every level within two units of correctly rounded values (`figures/functions.py`), back within
/// four, and what the standard library says at the ends.
#[test]
fn log1p_is_accurate_near_zero_and_far() {
    let bits = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let lines = include_str!("figures/functions.txt").lines();
    let lines = lines.filter_map(|line| line.strip_prefix("ln_1p "));
    let (x, exact): (Vec<f64>, Vec<f64>) = lines
        .map(|line| line.split_once(' ').unwrap())
        .map(|(x, exact)| (bits(x), bits(exact)))
        .unzip();
    assert!(x.len() >= 300);
    let text = "[input]\ncolumns = ['x']\n[[step]]\nop = 'log1p'\n";
    let extremes = [0.0, -0.0, -1.0, -1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324];
    let series = [&x[..], &extremes].concat();
    let input = Array3::from_shape_vec((series.len(), 1, 1), series.clone()).unwrap();
    let fitted = fit(text, input.view());
    let mut first = None;
    for engine in engines() {
        let y = transform(&fitted, input.view(), engine);
        for ((x, exact), y) in x.iter().zip(&exact).zip(&y) {
            assert!(off(*y, *exact) <= 2.0, "ln_1p({x:e}), {engine}: {y:e}, not {exact:e}");
        }
        for (x, y) in extremes.iter().zip(y.iter().skip(x.len())) {
            let expected = x.ln_1p();
            let same = y.to_bits() == expected.to_bits() || (y.is_nan() && expected.is_nan());
            assert!(same, "ln_1p({x:e}), {engine}: {y:e}, not {expected:e}");
        }
        let first = first.get_or_insert_with(|| y.clone());
        assert_same_bits(y.view(), first.view(), &engine.to_string());
    }
    let y = transform(&fitted, input.view(), Engine::default());
    let back = fitted.inverse_transform(y.view()).unwrap();
    for ((x, y), back) in x.iter().zip(&y).zip(&back) {
        // A unit of y is y units of 1 + x.
        let most = 4.0 * f64::EPSILON * (x.abs() + y.abs() * (1.0 + x));
        assert!((back - x).abs() <= most, "{x:e} came back as {back:e}");
    }
}

/// What a lag put before the first timestep goes through what comes after the lag, and back.
#[test]
fn fill_goes_through_the_map() {
    let text = "[input]\ncolumns = ['x']\n[[step]]\nop = 'lag'\nlags = [1]\nfill = 3.0\n\
                [[step]]\nop = 'log1p'\n[[step]]\nop = 'standardize'\nwith_std = false\n";
    let x = array![[[0.0], [7.0], [1.0]], [[15.0], [0.5], [2.0]]];
    let fitted = fit(text, x.view());
    let mean = (1.0_f64.ln() + 8.0_f64.ln() + 16.0_f64.ln() + 1.5_f64.ln()) / 4.0;
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&fitted, x.view(), engine);
        for (t, logged) in [4.0, 1.0, 8.0].into_iter().enumerate() {
            let expected = f64::ln(logged) - mean;
            assert!((y[[0, t, 1]] - expected).abs() < 1e-15, "{t}: {}", y[[0, t, 1]]);
        }
        let back = fitted.inverse_transform(y.view()).unwrap();
        assert_eq!(back[[0, 0, 1]], 3.0);
        assert!(
            (&back.slice(s![.., .., 0]) - &x.slice(s![.., .., 0])).iter().all(|x| x.abs() < 1e-14)
        );
    }
}

/// Rows from the timestep on at which all columns have values; zeros stay; one NaN makes a row NaN;
/// sizes beyond the squares of f64 are no matter.
#[test]
fn rows_have_norm_one() {
    let text = "[input]\ncolumns = ['x', 'y']\n[[step]]\nop = 'lag'\ncolumns = 'y'\nlags = [1]\n\
                [[step]]\nop = 'normalize'\n";
    let nan = f64::NAN;
    let x = array![[
        [5.0, 3.0],
        [-4.0, 0.0],
        [0.0, 0.0],
        [1e200, 1e200],
        [3e-320, 4e-320],
        [nan, 1.0],
        [1e308, 0.0],
    ]];
    let half = 1.0 / 2.0_f64.sqrt();
    let expected: Array3<f64> = array![[
        [nan, nan, nan],
        [-0.8, 0.0, 0.6],
        [0.0, 0.0, 0.0],
        [half, half, 0.0],
        [0.0, 0.0, 1.0],
        [nan, nan, nan],
        [1.0, 0.0, 1e-308],
    ]];
    let fitted = fit(text, x.view());
    assert_eq!(fitted.warmups(), [1, 1, 1]);
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&fitted, x.view(), engine);
        for (place, got) in y.indexed_iter() {
            let expected = expected[place];
            let near = (got - expected).abs() <= 2.3e-16 * expected.abs().max(1e-300);
            assert!(near || (got.is_nan() && expected.is_nan()), "{engine}, {place:?}: {got:e}");
        }
    }
    let alone = Norm::L2.normalize(array![[[3e-320, 4e-320], [1e200, -1e200]]].view()).unwrap();
    let near = |got: f64, expected: f64| (got - expected).abs() < 1e-3;
    assert!(near(alone[[0, 0, 0]], 0.6) && near(alone[[0, 0, 1]], 0.8), "{alone}");
    assert!(near(alone[[0, 1, 1]], -half), "{alone}");
}

/// A step that stands alone is that of the pipeline.
#[test]
fn norms_stand_alone() {
    let x = batch::<f32>(9, 12, 17, false, 1.0);
    for (name, norm) in [("l1", Norm::L1), ("l2", Norm::L2), ("max", Norm::Max)] {
        let text = format!("{COLUMNS}[[step]]\nop = 'normalize'\nnorm = '{name}'\n");
        let y: Array3<f32> = fit(&text, x.view()).transform(x.view()).unwrap();
        assert_same_bits(norm.normalize(x.view()).unwrap().view(), y.view(), name);
    }
}

/// Every norm has more columns than a kernel has inputs, and no cell looks ahead or at others.
#[test]
fn no_cell_knows_more_than_it_should() {
    let text = format!(
        "{INPUT}[[step]]\nop = 'log1p'\ncolumns = ['volume', 'open']\n\
         [[step]]\nop = 'lag'\nlags = [1, 2]\n[[step]]\nop = 'normalize'\nnorm = 'l1'\n"
    );
    let x = bars::<f64>(5, 11, 70);
    let fitted = fit(&text, x.view());
    let whole = transform(&fitted, x.view(), Engine::default());
    for end in [1, 2, 3, 31, 32, 33, 69] {
        let y = transform(&fitted, x.slice(s![.., ..end, ..]), Engine::default());
        assert_same_bits(y.view(), whole.slice(s![.., ..end, ..]), "cut");
    }
    for sample in [0, 7, 10] {
        let alone = x.slice(s![sample..=sample, .., ..]);
        let expected = whole.slice(s![sample..=sample, .., ..]);
        assert_same_bits(transform(&fitted, alone, Engine::default()).view(), expected, "alone");
        let mut pieces =
            Transforming::<f64, f64>::new(&fitted, (1, 70), Engine::default()).unwrap();
        let mut at = 0;
        for length in [1, 40, 29] {
            let mut y = Array3::zeros((1, length, 15));
            pieces.push(alone.slice(s![.., at..at + length, ..]), y.view_mut()).unwrap();
            assert_same_bits(y.view(), expected.slice(s![.., at..at + length, ..]), "in pieces");
            at += length;
        }
    }
}

#[test]
fn what_is_lost_does_not_come_back() {
    let text = format!(
        "{INPUT}[[step]]\nop = 'normalize'\ncolumns = ['open', 'close']\n\
         [[step]]\nop = 'standardize'\n"
    );
    let x = bars::<f64>(6, 3, 9);
    let fitted = fit(&text, x.view());
    let y = transform(&fitted, x.view(), Engine::default());
    let error = fitted.inverse_transform(y.view()).unwrap_err().to_string();
    let line = "the way back of `open` is lost in `normalize`; choose among the other columns";
    assert_eq!(error, line);
    let low = fitted.inverse_transform_of(&["low"], y.slice(s![.., .., 2..3])).unwrap();
    assert!((&low - &x.slice(s![.., .., 2..3])).iter().all(|x| x.abs() < 1e-12));
}

#[test]
fn keys_are_checked() {
    let step = |step: &str| refusal(&format!("{INPUT}[[step]]\n{step}\n"));
    assert_eq!(
        step("op = 'normalize'\nnorm = 'l3'"),
        "line 6: `norm` of `normalize` is \"l3\"; allowed: \"l1\", \"l2\", \"max\""
    );
    assert_eq!(
        step("op = 'log1p'\nnan = 'ignore'"),
        "line 6: unknown key `nan`; there are: op, columns"
    );
}
