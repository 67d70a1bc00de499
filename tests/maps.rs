//! Maps that are no straight lines, and rows by their norms, against scikit-learn: `figures/maps.py`
//! made the figures, `figures/maps.json` holds them and says by which versions.

mod common;

use common::{
    INPUT, Random, assert_agree, assert_same_bits, bars, engines, fit, refusal, transform,
};
use ndarray::{Array3, Axis, array, s};
use serde_json::Value;
use windrow::scale::{Distribution, Norm, QuantileScaler, Statistics};
use windrow::{Element, Engine, FittedPipeline, Fitting, Level, Pipeline, Run, Transforming};

const COLUMNS: &str = "[input]\ncolumns = ['a', 'b', 'c', 'd']\n";
const COLUMN: &str = "[input]\ncolumns = ['x']\n";

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
        let moves = if positive { [0.0, -249.0, 0.0, 1.0] } else { [-0.2, -260.0, 0.0, -2.0] };
        for ((cell, value), by) in row.iter_mut().zip(values).zip(moves) {
            *cell = E::round((value + by) * factor);
        }
    }
    x
}

fn check<E: Element>() {
    let all: Value = serde_json::from_str(include_str!("figures/maps.json")).unwrap();
    let cases = all[E::DTYPE.name()].as_array().unwrap();
    for case in cases {
        let step = case["step"].as_str().unwrap();
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
                if !case["back"].is_null() {
                    let back = fitted.inverse_transform(y.view()).unwrap();
                    assert_agree(back.view(), &case["back"], 1e-12, &what);
                }
            }
        }
        if let Some(exponents) = case["exponents"].as_array() {
            let saved: Value = serde_json::from_str(&fitted.to_json()).unwrap();
            for (scaler, expected) in saved["scalers"].as_array().unwrap().iter().zip(exponents) {
                let lambda = scaler["statistics"]["lambda"].as_f64().unwrap();
                let expected = expected.as_f64().unwrap();
                let near = (lambda - expected).abs() <= 1e-12 * expected.abs().max(1.0);
                assert!(near, "{step}, {}: exponent {lambda}, not {expected}", E::DTYPE);
            }
        }
    }
}

#[test]
fn maps_are_scikit_learns() {
    check::<f64>();
    check::<f32>();
}

/// What was not in the fit: infinities, and of Box and Cox also zero and less.
#[test]
fn powers_of_what_has_none_are_those_of_the_formula() {
    let series = [0.0, -0.0, -1.0, -2.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e308, 5e-324];
    let unseen = Array3::from_shape_vec((series.len(), 1, 1), series.to_vec()).unwrap();
    for (method, shape) in
        [("box-cox", -3.0), ("box-cox", 3.0), ("yeo-johnson", 0.2), ("yeo-johnson", 5.0)]
    {
        let x =
            Array3::from_shape_fn((40, 1, 1), |(i, ..)| f64::powf(1.5 + i as f64 / 40.0, shape));
        let fitted =
            fit(&format!("{COLUMN}[[step]]\nop = 'power'\nmethod = '{method}'\n"), x.view());
        let expected = transform(&fitted, unseen.view(), Engine::Reference);
        assert!(expected.iter().any(|y| y.is_infinite()), "{method}");
        for engine in engines() {
            let y = transform(&fitted, unseen.view(), engine);
            for ((x, y), expected) in series.iter().zip(&y).zip(&expected) {
                let same = y == expected || (y.is_nan() && expected.is_nan());
                let near = (y - expected).abs() <= 1e-12 * expected.abs().max(1.0);
                assert!(same || near, "{method}, {shape}, {x:e}: {y:e}, not {expected:e}");
            }
        }
    }
}

/// The smallest numbers there are: half of them is nothing.
#[test]
fn quantiles_of_the_smallest_values_are_between_them() {
    let column = |unit: f64| {
        let values = [0.0, 0.0, 3.0, 3.0, 5.0, 5.0, 100.0, 4.0].map(|x| x * unit);
        let x = Array3::from_shape_vec((8, 1, 1), values.to_vec()).unwrap();
        let scaler = QuantileScaler { quantiles: 4, ..Default::default() };
        let y: Array3<f64> = scaler.fit(x.view()).unwrap().transform(x.view()).unwrap();
        y.into_iter().collect::<Vec<_>>()
    };
    let (ones, least) = (column(1.0), column(5e-324));
    assert!(ones.iter().zip(&least).all(|(y, z)| (y - z).abs() < 0.2), "{ones:?}, {least:?}");
}

/// Between values whose difference is beyond f64.
#[test]
fn quantiles_of_the_largest_values_are_between_them() {
    let x = array![[[-1.5e308]], [[-1.5e308]], [[1.5e308]], [[1.5e308]]];
    let fitted = fit(&format!("{COLUMN}[[step]]\nop = 'quantile'\nn_quantiles = 3\n"), x.view());
    let loaded = FittedPipeline::from_json(&fitted.to_json()).unwrap();
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&loaded, array![[[-1.5e308]], [[0.0]], [[1.5e308]]].view(), engine);
        assert_eq!(y.as_slice().unwrap(), [0.0, 0.5, 1.0], "{engine}");
    }
    let back = loaded.inverse_transform(array![[[0.25]], [[0.5]], [[0.75]]].view()).unwrap();
    assert_eq!(back.as_slice().unwrap(), [-0.75e308, 0.0, 0.75e308]);
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

const BENDS: [&str; 4] = [
    "op = 'quantile'\nn_quantiles = 40",
    "op = 'quantile'\noutput = 'normal'\nnan = 'ignore'",
    "op = 'power'",
    "op = 'power'\nmethod = 'box-cox'\nstandardize = false",
];

/// A fit in one go, in shards whatever their order, at every level and saved in between is one fit,
/// to the byte.
fn check_parts<E: Element>() {
    let x = bars::<E>(8, 37, 45);
    for step in BENDS {
        let text = format!(
            "{INPUT}[[step]]\n{step}\ncolumns = ['high', 'close']\n[[step]]\nop = 'minmax'\n\
             [[step]]\nop = 'lag'\nlags = [2]\n[[step]]\nop = 'sma'\nperiod = 3\n\
             columns = 'high_lag_2'\n"
        );
        let pipeline = Pipeline::from_toml(&text).unwrap();
        let whole = fit(&text, x.view()).to_json();
        for engine in engines() {
            let fitted = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap();
            assert_eq!(fitted.to_json(), whole, "{step}, {engine}");
        }
        let run = Run::new(Engine::default());
        let mut fitting = Fitting::new(&pipeline);
        while fitting.wants_pass() {
            let part = |samples: std::ops::Range<usize>| {
                let mut part = Fitting::from_json(&fitting.to_json()).unwrap();
                part.push(x.slice(s![samples, .., ..]), &run).unwrap();
                Fitting::from_json(&part.to_json()).unwrap()
            };
            let mut parts = [part(30..37), part(0..13), part(13..30)];
            let [total, others @ ..] = &mut parts;
            others.iter().for_each(|other| total.merge(other).unwrap());
            total.end_pass().unwrap();
            fitting = match total.wants_pass() {
                true => Fitting::from_json(&total.to_json()).unwrap(),
                false => total.clone(),
            };
        }
        let fitted = fitting.finish().unwrap();
        assert_eq!(fitted.to_json(), whole, "{step}");
        let restored = FittedPipeline::from_json(&whole).unwrap();
        let expected = transform(&fitted, x.view(), Engine::Level(Level::SCALAR));
        for engine in engines() {
            let y = transform(&restored, x.view(), engine);
            assert_same_bits(y.view(), expected.view(), &format!("{step}, {engine}"));
        }
    }
}

#[test]
fn fits_by_parts_are_one_fit() {
    check_parts::<f64>();
    check_parts::<f32>();
}

/// Within the rounding of the way there, which a steep map blows up on the way back.
#[test]
fn what_bends_comes_back() {
    let x = bars::<f64>(9, 20, 40);
    for step in ["op = 'quantile'", "op = 'quantile'\noutput = 'normal'", BENDS[2], BENDS[3]] {
        let text = format!(
            "{INPUT}[[step]]\n{step}\ncolumns = ['open', 'low', 'close']\n\
             [[step]]\nop = 'lag'\ncolumns = 'low'\nlags = [1]\n\
             [[step]]\nop = 'standardize'\n"
        );
        let fitted = fit(&text, x.view());
        let y = transform(&fitted, x.view(), Engine::default());
        let back = fitted.inverse_transform(y.view()).unwrap();
        for (place, value) in x.indexed_iter() {
            let near = (back[place] - value).abs() <= 1e-11 * value.abs();
            assert!(near, "{step}: {} for {value}", back[place]);
        }
    }
}

/// Every quantile is one of the sorted values, or between two, however many there are.
#[test]
fn many_quantiles_are_exact() {
    let mut random = Random(12);
    let mut values: Vec<f64> = (0..20_000).map(|_| (random.next() - 0.3) * 1e3).collect();
    values.iter_mut().step_by(3).for_each(|x| *x = (*x / 50.0).round());
    values.iter_mut().skip(1).step_by(7).for_each(|x| *x *= 1e-200);
    let x = Array3::from_shape_vec((40, 500, 1), values.clone()).unwrap();
    values.sort_by(f64::total_cmp);
    for quantiles in [2, 3, 1000, 10_000] {
        let fitted = QuantileScaler { quantiles, ..Default::default() }.fit(x.view()).unwrap();
        let Statistics::Quantiles(found) = &fitted.statistics()[0] else { unreachable!() };
        assert_eq!((found.count, found.quantiles.len() as u64), (20_000, quantiles));
        for (index, got) in (0..).zip(&found.quantiles) {
            let place = index as f64 * 19_999.0 / (quantiles - 1) as f64;
            let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
            let expected = low + (high - low) * place.fract();
            let near = (got - expected).abs() <= 1e-10 * (high - low);
            assert!(near && *got >= low && *got <= high, "{index} of {quantiles}: {got:e}");
        }
    }
}

/// Equal values, one value, values beyond those of the fit, quantiles further apart than f64.
#[test]
fn shares_at_the_ends() {
    let share = |fit: &[f64], x: f64, output: Distribution| {
        let column = Array3::from_shape_vec((1, fit.len(), 1), fit.to_vec()).unwrap();
        let scaler = QuantileScaler { output, ..Default::default() };
        let fitted = scaler.fit(column.view()).unwrap();
        fitted.transform(array![[[x]]].view()).unwrap()[[0, 0, 0]]
    };
    let uniform = |fit: &[f64], x: f64| share(fit, x, Distribution::Uniform);
    assert_eq!([3.0, 2.0, 4.0].map(|x| uniform(&[3.0; 5], x)), [0.0, 0.0, 1.0]);
    assert_eq!([3.0, 3.5].map(|x| uniform(&[3.0], x)), [0.0, 1.0]);
    assert_eq!(uniform(&[0.0, 1.0, 1.0, 1.0, 9.0], 1.0), 0.5);
    assert_eq!(uniform(&[0.0, 1.0, 1.0, 9.0, 9.5], 1.0), 0.375);
    assert_eq!(uniform(&[-1.5e308, 1.5e308], 0.0), 0.5);
    assert!(uniform(&[0.0, 1.0], f64::NAN).is_nan());
    let ends = [0.0, 1.0].map(|x| share(&[0.0, 1.0], x, Distribution::Normal));
    // scipy.stats.norm.ppf at the ends that scikit-learn 1.9.1 clips to.
    assert!(
        (ends[0] + 5.199337582605575).abs() < 1e-14 && (ends[1] - 5.19933758270342).abs() < 1e-14
    );
}

#[test]
fn keys_are_checked() {
    let step = |step: &str| refusal(&format!("{INPUT}[[step]]\n{step}\n"));
    assert_eq!(
        step("op = 'normalize'\nnorm = 'l3'"),
        "line 6: `norm` of `normalize` is \"l3\"; allowed: \"l1\", \"l2\", \"max\""
    );
    assert_eq!(
        step("op = 'quantile'\nn_quantiles = 1"),
        "line 6: `n_quantiles` of `quantile` is 1; allowed: a whole number, 2 to 10000"
    );
    assert_eq!(
        step("op = 'power'\nmethod = 'boxcox'"),
        "line 6: `method` of `power` is \"boxcox\"; allowed: \"yeo-johnson\", \"box-cox\""
    );
    assert_eq!(
        step("op = 'log1p'\nnan = 'ignore'"),
        "line 6: unknown key `nan`; there are: op, columns"
    );
}
