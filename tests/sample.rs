//! Scalers that look at each sample by itself, or at its past.

mod common;

use common::{INPUT, Random, assert_same_bits, bars, engines, exact_moments, fit, transform};
use dashu::rational::RBig;
use ndarray::{Array3, Axis, array, concatenate, s};
use serde_json::Value;
use windrow::{Engine, Fitting, Pipeline, Run, Transforming, indicators::find};

/// What is far from zero, narrow, tiny or huge, against exact arithmetic; what is constant.
#[test]
fn hard_samples_are_scaled_exactly() {
    let mut random = Random(4);
    let mut series = vec![
        vec![1e8, 1e8 + 8.0],
        vec![1e-200, -1e-200, 3e-200],
        vec![1e200, -1e200, 0.0],
        vec![14.62; 30],
        vec![f64::MAX; 4],
        vec![5.0],
    ];
    for (place, size) in [(1e8, 1.0), (1e12, 1e-2), (-1e15, 3.0), (0.0, 1e-160), (1e-3, 1e-9)] {
        series.push((0..300).map(|_| place + size * random.next()).collect());
    }
    let text = "[input]\ncolumns = ['a']\n[[step]]\nop = 'standardize'\nper = 'sample'\n";
    for values in &series {
        let x = Array3::from_shape_vec((1, values.len(), 1), values.clone()).unwrap();
        let x = concatenate![Axis(0), x, x.mapv(|_| 7.5)];
        let fitted = fit(text, x.view());
        let (mean, variance) = exact_moments(values);
        // What the mean loses when it is rounded, in deviations.
        let of_mean = f64::EPSILON / 2.0 * mean.to_f64_fast().abs() / variance_root(values);
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let y = transform(&fitted, x.view(), engine);
            assert!(y.index_axis(Axis(0), 1).iter().all(|y| y.to_bits() == 0), "{engine}");
            for (t, (x, y)) in values.iter().zip(y.iter()).enumerate() {
                let what = format!("{t} of {:?}..., {engine}: {y}", &values[..2.min(values.len())]);
                if variance == 0.into() {
                    assert_eq!(y.to_bits(), 0, "{what}");
                    continue;
                }
                // (x - mean)² / variance, so that no root is needed.
                let distance = RBig::try_from(*x).unwrap() - &mean;
                let square = (&distance * &distance / &variance).to_f64_fast();
                let allowed = 1e-12 * square + of_mean * (2.0 * square.sqrt() + of_mean);
                assert!((y * y - square).abs() <= allowed, "{what}");
                assert!(*y == 0.0 || (*y < 0.0) == (distance < 0.into()), "{what}");
            }
        }
    }
}

/// The deviation, as good as f64 holds it.
fn variance_root(values: &[f64]) -> f64 {
    let largest = values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
    let scaled: Vec<f64> = values.iter().map(|x| x / largest).collect();
    exact_moments(&scaled).1.to_f64_fast().sqrt() * largest
}

/// A transform cannot fail: a sample that cannot be scaled is NaN, and no other.
#[test]
fn samples_that_cannot_be_scaled_are_nan() {
    let (nan, inf) = (f64::NAN, f64::INFINITY);
    let x = array![
        [[1.0], [2.0], [4.0], [9.0]],
        [[1.0], [nan], [4.0], [9.0]],
        [[1.0], [inf], [4.0], [9.0]],
        [[nan], [nan], [nan], [nan]],
        [[1.0], [nan], [nan], [nan]],
        [[f64::MAX], [-f64::MAX], [0.0], [0.0]],
    ];
    for (op, ddof) in [("standardize", "ddof = 1"), ("minmax", ""), ("maxabs", ""), ("robust", "")]
    {
        for (nan, ignores) in [("", false), ("nan = 'propagate'", false), ("nan = 'ignore'", true)]
        {
            let text = format!(
                "[input]\ncolumns = ['a']\n[[step]]\nop = '{op}'\nper = 'sample'\n{ddof}\n{nan}\n"
            );
            let fitted = fit(&text, x.view());
            for engine in engines().into_iter().chain([Engine::Reference]) {
                let y = transform(&fitted, x.view(), engine);
                let is_nan = |sample: usize| -> Vec<bool> {
                    y.index_axis(Axis(0), sample).iter().map(|y| y.is_nan()).collect()
                };
                let what = format!("{op}, {nan}, {engine}: {y:?}");
                let [none, all] = [[false; 4], [true; 4]];
                assert_eq!(is_nan(0), none, "{what}");
                let holes = if ignores { [false, true, false, false] } else { all };
                assert_eq!(is_nan(1), holes, "{what}");
                assert_eq!([is_nan(2), is_nan(3)], [all, all], "{what}");
                // One value has no deviation, but an extent, and a median.
                let one =
                    if ignores && op != "standardize" { [false, true, true, true] } else { all };
                assert_eq!(is_nan(4), one, "{what}");
                // A factor below the normal numbers.
                assert_eq!(is_nan(5), all, "{what}");
            }
        }
    }
}

/// A scaler that looks at whole samples has no state, and takes no pieces of time.
#[test]
fn what_is_of_each_sample_is_not_kept() {
    let text = format!("{INPUT}[[step]]\nop = 'minmax'\nper = 'sample'\ncolumns = 'close'\n");
    let x = bars::<f64>(9, 5, 30);
    let fitted = fit(&text, x.view());
    let saved: Value = serde_json::from_str(&fitted.to_json()).unwrap();
    assert_eq!(saved["scalers"].as_array().unwrap().len(), 0);
    let y = transform(&fitted, x.view(), Engine::default());
    assert_eq!(
        fitted.inverse_transform(y.view()).unwrap_err().to_string(),
        "the way back of `close` is lost in `minmax` with per = \"sample\", which keeps nothing; \
         choose among the other columns"
    );
    let back = fitted.inverse_transform_of(&["open"], y.slice(s![.., .., ..1])).unwrap();
    assert_same_bits(back.view(), x.slice(s![.., .., ..1]), "open");
    let pieces = "`per` of `minmax` is \"sample\"; such a pipeline needs whole samples, not pieces \
                  of time";
    let error = Transforming::<f64, f64>::new(&fitted, (1, 30), Engine::default()).err().unwrap();
    assert_eq!(error.to_string(), pieces);
    let text = format!("{text}[[step]]\nop = 'standardize'\n");
    let fitting = Fitting::new(&Pipeline::from_toml(&text).unwrap());
    let error = fitting.sample::<f64>(30, Engine::default()).err().unwrap();
    assert_eq!(error.to_string(), pieces);
    // Whole samples in any blocks are the fit of all.
    let mut fitting = fitting;
    for block in x.axis_chunks_iter(Axis(0), 2) {
        fitting.push(block, &Run::new(Engine::default())).unwrap();
    }
    fitting.end_pass().unwrap();
    assert_eq!(fitting.finish().unwrap().to_json(), fit(&text, x.view()).to_json());
}

/// The steps are the rows of the catalogue, in place of their columns.
#[test]
fn the_past_scales_as_the_catalogue_says() {
    let x = bars::<f64>(14, 12, 60);
    for (op, row, keys) in [
        ("rolling_standardize", "rolling_zscore", "window = 9"),
        ("rolling_standardize", "rolling_zscore", "window = 9\nmin_periods = 3\nddof = 0"),
        ("expanding_standardize", "expanding_zscore", ""),
        ("expanding_standardize", "expanding_zscore", "min_periods = 6\nddof = 0"),
    ] {
        let text = format!(
            "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 4\n\
             [[step]]\nop = '{op}'\ncolumns = ['close', '*_sma_4']\n{keys}\n"
        );
        let columns = format!(
            "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 4\n\
             [[step]]\nop = '{row}'\ncolumns = ['close', 'close_sma_4']\nnames = ['c', 's']\n{keys}\n\
             [output]\ncolumns = ['open', 'high', 'low', 'c', 'volume', 's']\n"
        );
        let (fitted, beside) = (fit(&text, x.view()), fit(&columns, x.view()));
        assert_eq!(fitted.columns()[5], "close_sma_4");
        assert_eq!(fitted.warmups(), beside.warmups());
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let (y, expected) =
                (transform(&fitted, x.view(), engine), transform(&beside, x.view(), engine));
            assert_same_bits(y.view(), expected.view(), &format!("{op}, {keys}, {engine}"));
        }
        let error = fitted.inverse_transform(x.view()).unwrap_err().to_string();
        assert!(
            error.contains("6 columns") || error.contains(&format!("lost in `{op}`")),
            "{error}"
        );
    }
    // The newest of 1 to 5 is √2 population deviations above their mean.
    let given = [("window", 5.0), ("ddof", 0.0)];
    let row = find("rolling_zscore").unwrap();
    let y = row.compute(&row.values(&given).unwrap(), &[&[1.0, 2.0, 3.0, 4.0, 5.0]]).unwrap();
    assert!((y[0][4] - 2.0_f64.sqrt()).abs() < 1e-15);
}
