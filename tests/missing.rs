//! NaN in fits and what fills it: FIT-12 to FIT-14 of the catalogue of cases, and fill steps by their
//! definitions.

mod common;

use common::{
    INPUT, Random, assert_same_bits, bars, engines, exact_moments, fit, refusal, relative,
    transform,
};
use ndarray::{Array3, Axis, array, s};
use windrow::scale::{
    FittedScaler, MaxAbsScaler, MinMaxScaler, Missing, RobustScaler, StandardScaler, Statistics,
};
use windrow::{Element, Engine, FittedPipeline, Pipeline, Run};

/// FIT-12.
#[test]
fn nan_is_an_error_or_left_out() {
    let x = array![[[1.0, 5.0], [f64::NAN, 6.0], [3.0, 7.0]]];
    let text =
        |nan: &str| format!("[input]\ncolumns = ['a', 'b']\n[[step]]\nop = 'standardize'\n{nan}");
    let line = "cannot fit `standardize`: column `a` is NaN at sample 0, timestep 1; a fit needs \
                finite values";
    for nan in ["", "nan = 'error'\n"] {
        let pipeline = Pipeline::from_toml(&text(nan)).unwrap();
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let error = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap_err();
            assert_eq!(error.to_string(), line, "{engine}");
        }
    }
    let pipeline = Pipeline::from_toml(&text("nan = 'ignore'\n")).unwrap();
    let third = (1.0 / (2.0_f64 / 3.0).sqrt(), 0.0);
    let expected = array![[[-1.0, -third.0], [f64::NAN, third.1], [1.0, third.0]]];
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let fitted = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap();
        assert_same_bits(transform(&fitted, x.view(), engine).view(), expected.view(), "ignored");
    }
    let scaler = StandardScaler { nan: Missing::Ignore, ..StandardScaler::default() };
    let fitted = scaler.fit(x.view()).unwrap();
    let Statistics::Moments(moments) = &fitted.statistics()[0] else { unreachable!() };
    assert_eq!((moments.count(), moments.mean(), moments.deviation(0)), (2, 2.0, 1.0));
}

/// FIT-13: a column of nothing but NaN.
#[test]
fn a_column_without_values_becomes_nan() {
    let x = array![[[f64::NAN, 5.0], [f64::NAN, 6.0], [f64::NAN, 7.0]]];
    for op in ["standardize", "minmax", "maxabs", "robust", "quantile", "power"] {
        let text =
            format!("[input]\ncolumns = ['a', 'b']\n[[step]]\nop = '{op}'\nnan = 'ignore'\n");
        let fitted = fit(&text, x.view());
        assert_eq!(fitted.without_values(), ["a"]);
        let restored = FittedPipeline::from_json(&fitted.to_json()).unwrap();
        for fitted in [fitted, restored] {
            let y = transform(&fitted, array![[[1.0, 6.0]]].view(), Engine::default());
            assert!(y[[0, 0, 0]].is_nan() && y[[0, 0, 1]].is_finite(), "{op}: {y}");
        }
    }
}

/// FIT-14: infinities are never left out.
#[test]
fn an_infinity_is_an_error_under_any_policy() {
    let mut x = bars::<f64>(14, 11, 140);
    x[[2, 3, 1]] = f64::NAN;
    x[[9, 131, 1]] = f64::INFINITY;
    for op in ["standardize", "minmax", "maxabs", "robust", "quantile", "power"] {
        let pipeline = format!("{INPUT}[[step]]\nop = '{op}'\nnan = 'ignore'\n");
        let error = Pipeline::from_toml(&pipeline).unwrap().fit(x.view()).unwrap_err().to_string();
        let cell = "column `high` is inf at sample 9, timestep 131; a fit needs finite values";
        assert_eq!(error, format!("cannot fit `{op}`: {cell}"));
    }
}

/// A batch with NaN in a third of its cells, in runs and alone, and its values column by column.
fn with_holes(seed: u64, samples: usize, timesteps: usize) -> (Array3<f64>, Vec<Vec<f64>>) {
    let mut x = bars::<f64>(seed, samples, timesteps);
    let mut random = Random(seed + 1);
    x.iter_mut().filter(|_| random.below(4) == 0).for_each(|x| *x = f64::NAN);
    x.slice_mut(s![0, .., 2]).fill(f64::NAN);
    x.slice_mut(s![1, ..timesteps * 9 / 10, ..]).fill(f64::NAN);
    let values = |column: ndarray::ArrayView2<'_, f64>| {
        column.iter().copied().filter(|x| !x.is_nan()).collect()
    };
    let columns = x.axis_iter(Axis(2)).map(values).collect();
    (x, columns)
}

fn ignoring(op: &str, x: &Array3<f64>) -> FittedScaler {
    let nan = Missing::Ignore;
    match op {
        "standardize" => StandardScaler { nan, ..Default::default() }.fit(x.view()),
        "minmax" => MinMaxScaler { nan, ..Default::default() }.fit(x.view()),
        "maxabs" => MaxAbsScaler { nan, ..Default::default() }.fit(x.view()),
        _ => RobustScaler { nan, ..Default::default() }.fit(x.view()),
    }
    .unwrap()
}

/// The statistics are those of the values that are there.
#[test]
fn what_is_left_out_leaves_no_trace() {
    let (x, columns) = with_holes(40, 19, 300);
    for (feature, values) in columns.iter().enumerate() {
        let (mean, variance) = exact_moments(values);
        let fitted = ignoring("standardize", &x);
        let Statistics::Moments(moments) = &fitted.statistics()[feature] else { unreachable!() };
        assert_eq!(moments.count(), values.len() as u64);
        let deviation = moments.deviation(0);
        assert!(relative(moments.mean(), &mean) <= 1e-13);
        assert!(relative(deviation * deviation, &variance) <= 1e-13);
        // These do not round: a batch of the values alone has the same.
        let alone = Array3::from_shape_vec((1, values.len(), 1), values.clone()).unwrap();
        for op in ["minmax", "maxabs", "robust"] {
            let (got, expected) = (ignoring(op, &x), ignoring(op, &alone));
            assert_eq!(got.statistics()[feature], expected.statistics()[0], "{op} of {feature}");
            assert_eq!(got.maps()[feature], expected.maps()[0], "{op} of {feature}");
        }
    }
}

/// Where there is no NaN, the policy changes no bit; nor do levels and the order of samples.
#[test]
fn the_policy_changes_no_bit_of_other_data() {
    let x = bars::<f32>(41, 21, 270);
    let (holes, _) = with_holes(42, 21, 270);
    let mut order: Vec<usize> = (0..21).collect();
    Random(3).shuffle(&mut order);
    for op in ["standardize", "minmax", "maxabs", "robust"] {
        let text = |nan: &str| format!("{INPUT}[[step]]\nop = '{op}'\nnan = '{nan}'\n");
        let state = |fitted: &FittedPipeline| {
            let state: serde_json::Value = serde_json::from_str(&fitted.to_json()).unwrap();
            state["scalers"].clone()
        };
        assert_eq!(state(&fit(&text("ignore"), x.view())), state(&fit(&text("error"), x.view())));
        let pipeline = Pipeline::from_toml(&text("ignore")).unwrap();
        let whole = fit(&text("ignore"), holes.view()).to_json();
        for engine in engines() {
            let fitted = pipeline.fit_with(holes.view(), &Run::new(engine)).unwrap();
            assert_eq!(fitted.to_json(), whole, "{op}, {engine}");
        }
        let shuffled = holes.select(Axis(0), &order);
        assert_eq!(fit(&text("ignore"), shuffled.view()).to_json(), whole, "{op}, shuffled");
    }
}

/// What a fill step makes of a series, by its definition.
fn filled(series: &[f64], begin: usize, with: &str, mean: f64) -> Vec<f64> {
    let mut last = f64::NAN;
    let fill = |(t, &x): (usize, &f64)| {
        if t >= begin && !x.is_nan() {
            last = x;
        }
        match with {
            _ if t < begin || !x.is_nan() => x,
            "'forward'" => last,
            "'mean'" => mean,
            number => number.parse().unwrap(),
        }
    };
    series.iter().enumerate().map(fill).collect()
}

fn check_fill<E: Element>(with: &str) {
    let (x, _) = with_holes(50, 11, 75);
    let x = x.mapv(E::round);
    let text = format!(
        "{INPUT}[[step]]\nop = 'standardize'\ncolumns = 'open'\nnan = 'ignore'\n\
         [[step]]\nop = 'lag'\ncolumns = 'close'\nlags = [3]\nfill = -1.0\n\
         [[step]]\nop = 'fill'\ncolumns = ['close_lag_3', 'open', 'low']\nwith = {with}\n\
         [[step]]\nop = 'sma'\ncolumns = 'low'\nperiod = 2\n[output]\ndtype = 'f64'\n"
    );
    let fitted = fit(&text, x.view());
    let restored = FittedPipeline::from_json(&fitted.to_json()).unwrap();
    let scaled = FittedScalerOf::open(&x);
    let mean_of = |values: Vec<f64>| {
        let values: Vec<f64> = values.into_iter().filter(|x| !x.is_nan()).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let series = |sample: usize, feature: usize| -> Vec<f64> {
        x.slice(s![sample, .., feature]).iter().map(|x| x.widen()).collect()
    };
    let all = |feature: usize| (0..11).flat_map(|sample| series(sample, feature)).collect();
    // Those that the lag moves beyond the end are not of the column.
    let lagged = (0..11).flat_map(|sample| series(sample, 3)[..72].to_vec()).collect();
    let [low, close] = [mean_of(all(2)), mean_of(lagged)];
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&restored, x.view(), engine);
        let near = |got: f64, expected: f64, what: &str| {
            let same = (got - expected).abs() <= 1e-12 * expected.abs().max(1.0);
            assert!(same || (got.is_nan() && expected.is_nan()), "{what}: {got}, not {expected}");
        };
        for sample in 0..11 {
            let open: Vec<f64> = series(sample, 0).iter().map(|x| scaled.apply(*x)).collect();
            let expected = [
                (0, filled(&open, 0, with, 0.0)),
                (2, filled(&series(sample, 2), 0, with, low)),
                (3, series(sample, 3)),
            ];
            for (column, expected) in expected {
                for (t, expected) in expected.into_iter().enumerate() {
                    let what = format!("{with}, {engine}, column {column}, {sample}, {t}");
                    near(y[[sample, t, column]], expected, &what);
                }
            }
            let moved = filled(&series(sample, 3), 0, with, close);
            for t in 0..75 {
                let expected = if t < 3 { -1.0 } else { moved[t - 3] };
                near(y[[sample, t, 5]], expected, &format!("{with}, {engine}, the lag at {t}"));
            }
        }
        // Nothing looks ahead: a cut series has the same cells.
        let cut = transform(&restored, x.slice(s![.., ..40, ..]), engine);
        assert_same_bits(cut.view(), y.slice(s![.., ..40, ..]), "cut");
    }
    assert_eq!(restored.to_json(), fitted.to_json());
}

/// The map of `open`, ignoring NaN.
struct FittedScalerOf(FittedScaler);

impl FittedScalerOf {
    fn open<E: Element>(x: &Array3<E>) -> Self {
        let scaler = StandardScaler { nan: Missing::Ignore, ..StandardScaler::default() };
        FittedScalerOf(scaler.fit(x.slice(s![.., .., ..1])).unwrap())
    }

    fn apply(&self, x: f64) -> f64 {
        self.0.maps()[0].apply(x)
    }
}

#[test]
fn fill_steps_are_their_definitions() {
    for with in ["'forward'", "'mean'", "0.5"] {
        check_fill::<f64>(with);
        check_fill::<f32>(with);
    }
}

/// Warm-up is no NaN to be filled, and what stands on a fill sees it.
#[test]
fn warm_up_is_not_filled() {
    let text = format!(
        "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 3\n\
         [[step]]\nop = 'fill'\ncolumns = 'close_sma_3'\nwith = 9.0\n\
         [[step]]\nop = 'standardize'\ncolumns = 'close_sma_3'\n"
    );
    let mut x = bars::<f64>(60, 2, 12);
    x[[0, 7, 3]] = f64::NAN;
    let fitted = fit(&text, x.view());
    let y = transform(&fitted, x.view(), Engine::default());
    assert!(y.slice(s![.., ..2, 5]).iter().all(|y| y.is_nan()));
    assert!(y.slice(s![.., 2.., 5]).iter().all(|y| y.is_finite()));
    let back = fitted.inverse_transform(y.view()).unwrap();
    assert!((back[[0, 8, 5]] - 9.0).abs() < 1e-12, "{}", back[[0, 8, 5]]);
}

#[test]
fn keys_are_checked() {
    let step = |step: &str| refusal(&format!("{INPUT}[[step]]\n{step}\n"));
    let needs = "line 4: `fill` needs with = ..., a number, \"forward\" or \"mean\"";
    assert_eq!(step("op = 'fill'"), needs);
    let allowed = "allowed: a number, \"forward\", \"mean\"";
    let line = format!("line 6: `with` of `fill` is \"back\"; {allowed}");
    assert_eq!(step("op = 'fill'\nwith = 'back'"), line);
    assert_eq!(
        step("op = 'minmax'\nnan = 'drop'"),
        "line 6: `nan` of `minmax` is \"drop\"; allowed: \"error\", \"ignore\""
    );
}
