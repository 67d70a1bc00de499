//! The three operations as their users write them in Python, held against the figures that
//! scikit-learn, NumPy and TA-Lib give: `figures/figures.py` made them, `figures/figures.json`
//! holds them and says by which versions.
//!
//! f64 agrees within 1e-10 of the largest value of its column: both sides round some hundred times
//! in different orders, 1e-13 at most, and a wrong definition shows at 1e-3. f32 agrees within one
//! unit in the last place, because two f64 results that near each other may round to neighbours.

mod common;

use common::{Random, bars, fit, transform};
use ndarray::{Array3, ArrayView3, Axis, s};
use serde_json::Value;
use windrow::frame::lag;
use windrow::scale::{Affine, FittedScaler, MinMaxScaler, StandardScaler};
use windrow::{Dtype, Element, Engine, indicators};

/// The samples that the figures keep of the large batch.
const KEPT: [usize; 3] = [0, 57, 99];

fn figures<E: Element>() -> Value {
    let all: Value = serde_json::from_str(include_str!("figures/figures.json")).unwrap();
    assert_eq!(all["origin"]["kept samples"], serde_json::json!(KEPT));
    all[E::DTYPE.name()].clone()
}

/// As `batch` in figures.py.
fn batch<E: Element>(seed: u64, samples: usize, timesteps: usize) -> Array3<E> {
    let mut random = Random(seed);
    let features = [(0.0, 1.0), (250.0, 40.0), (1e4, 3.0)];
    Array3::from_shape_fn((samples, timesteps, 3), |(_, _, feature)| {
        let (place, size) = features[feature];
        E::round(place + size * (random.next() - 0.5))
    })
}

/// A batch of figures; NaN where there is none.
fn cells(figures: &Value) -> Array3<f64> {
    let shape: [usize; 3] = serde_json::from_value(figures["shape"].clone()).unwrap();
    let values: Vec<Option<f64>> = serde_json::from_value(figures["values"].clone()).unwrap();
    let values = values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    Array3::from_shape_vec(shape, values).unwrap()
}

fn numbers(figures: &Value) -> Vec<f64> {
    serde_json::from_value(figures.clone()).unwrap()
}

/// Panics unless every cell agrees as the head of this file says, NaN at the same places.
fn assert_agree(got: ArrayView3<'_, f64>, expected: &Array3<f64>, dtype: Dtype, what: &str) {
    assert_eq!(got.dim(), expected.dim(), "{what}");
    for (column, expected) in expected.axis_iter(Axis(2)).enumerate() {
        let finite = expected.iter().filter(|x| x.is_finite());
        let scale = finite.fold(0.0, |scale: f64, x| scale.max(x.abs()));
        for (place, &expected) in expected.indexed_iter() {
            let got = got[[place.0, place.1, column]];
            let agree = match dtype {
                _ if expected.is_nan() => got.is_nan(),
                Dtype::F64 => (got - expected).abs() <= 1e-10 * scale,
                Dtype::F32 => places_between(got as f32, expected as f32) <= 1,
            };
            assert!(agree, "{what}, {dtype}: {got:e}, not {expected:e} at {place:?} of {column}");
        }
    }
}

/// How many f32 lie between two, and 1.
fn places_between(a: f32, b: f32) -> u32 {
    // The bits of a float count up with it, once the negative ones are turned around.
    let ordinal = |x: f32| match x.to_bits() as i32 {
        bits @ ..0 => i32::MIN.wrapping_sub(bits),
        bits => bits,
    };
    ordinal(a).abs_diff(ordinal(b))
}

#[test]
fn places_are_counted_across_zero() {
    assert_eq!(places_between(1.0, 1.0 + f32::EPSILON), 1);
    assert_eq!(places_between(-1.0, -1.0 - 2.0 * f32::EPSILON), 2);
    assert_eq!(places_between(0.0, -0.0), 0);
    assert_eq!(places_between(f32::from_bits(1), -f32::from_bits(1)), 2);
    assert!(places_between(1.0, -1.0) > 1 << 30 && places_between(0.0, f32::NAN) > 1 << 30);
}

fn check_scaler<E: Element>(fitted: &FittedScaler, figures: &Value) {
    let widened = |fitted: &FittedScaler, x: ArrayView3<'_, E>| {
        fitted.transform(x).unwrap().mapv(|value| value.widen())
    };
    let y = widened(fitted, batch::<E>(1, 100, 20).view()).select(Axis(0), &KEPT);
    assert_agree(y.view(), &cells(&figures["transformed"]), E::DTYPE, "the fit's own batch");
    let y = widened(fitted, batch::<E>(2, 2, 7).view());
    assert_agree(y.view(), &cells(&figures["unseen"]), E::DTYPE, "a batch unseen by the fit");
}

fn standard_scaler<E: Element>() {
    let figures = &figures::<E>()["standard"];
    let fitted = StandardScaler::default().fit(batch::<E>(1, 100, 20).view()).unwrap();
    let (means, scales) = (numbers(&figures["mean"]), numbers(&figures["scale"]));
    let lines = fitted.maps().iter().map(|map| *map.affine().unwrap());
    for (Affine { center, factor, .. }, (mean, scale)) in lines.zip(means.iter().zip(&scales)) {
        assert!((center - mean).abs() <= 1e-14 * mean.abs().max(*scale), "{center}, not {mean}");
        assert!((factor * scale - 1.0).abs() <= 1e-13, "1 / {factor}, not {scale}");
    }
    check_scaler::<E>(&fitted, figures);
}

#[test]
fn standard_scaler_is_scikit_learns() {
    standard_scaler::<f64>();
    standard_scaler::<f32>();
}

fn minmax_scaler<E: Element>() {
    let figures = &figures::<E>()["minmax"];
    let scaler = MinMaxScaler { low: -1.0, high: 2.5, ..MinMaxScaler::default() };
    let fitted = scaler.fit(batch::<E>(1, 100, 20).view()).unwrap();
    let (min, max) = (numbers(&figures["min"]), numbers(&figures["max"]));
    for (map, (min, max)) in fitted.maps().iter().zip(min.iter().zip(&max)) {
        let line = map.affine().unwrap();
        assert_eq!((line.center, line.low), (*min, -1.0));
        assert!((map.apply(*max) - 2.5).abs() <= 1e-15 * 2.5);
    }
    check_scaler::<E>(&fitted, figures);
}

#[test]
fn minmax_scaler_is_scikit_learns() {
    minmax_scaler::<f64>();
    minmax_scaler::<f32>();
}

fn lags<E: Element>() {
    let y = lag::concat(batch::<E>(1, 100, 20).view(), &[1, 2], E::round(0.0)).unwrap();
    let y = y.mapv(|value| value.widen()).select(Axis(0), &KEPT);
    assert_eq!(y, cells(&figures::<E>()["lagged"]), "moved, not computed: equal");
}

#[test]
fn lags_are_numpys() {
    lags::<f64>();
    lags::<f32>();
}

fn technical<E: Element>() {
    let expected = cells(&figures::<E>()["indicators"]);
    let x = bars::<E>(3, 24, 60);
    let mut y = Array3::zeros(expected.dim());
    for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
        let close: Vec<f64> = x.column(3).iter().map(|value| value.widen()).collect();
        let mut columns = Vec::new();
        for (name, params) in [
            ("sma", &[("period", 20.0)][..]),
            ("rsi", &[("period", 14.0)]),
            ("macd", &[("fast", 12.0), ("slow", 26.0), ("signal", 9.0)]),
        ] {
            let row = indicators::find(name).unwrap();
            columns.extend(row.compute(&row.values(params).unwrap(), &[&close]).unwrap());
        }
        for (mut column, values) in y.columns_mut().into_iter().zip(&columns) {
            column.iter_mut().zip(values).for_each(|(y, &value)| *y = E::round(value).widen());
        }
        assert_eq!(columns.len(), 5);
    }
    assert_agree(y.view(), &expected, E::DTYPE, "SMA, RSI, MACD");
    let nan = |column: usize| y.slice(s![0, .., column]).iter().filter(|y| y.is_nan()).count();
    assert_eq!([0, 1, 2, 3, 4].map(nan), [19, 14, 33, 33, 33], "warm-up");
}

#[test]
fn indicators_are_ta_libs() {
    technical::<f64>();
    technical::<f32>();
}

/// The pipeline that the benches are about.
const FLAGSHIP: &str = include_str!("../benches/common/flagship.toml");

/// All of it at once: the test that the crate is there for.
fn whole_pipeline<E: Element>() {
    let fitted = fit(FLAGSHIP, bars::<E>(3, 24, 60).view());
    assert_eq!(
        fitted.columns()[..6],
        ["open_lag_1", "high_lag_1", "low_lag_1", "close_lag_1", "volume_lag_1", "open_lag_2"]
    );
    assert_eq!(
        fitted.columns()[14..],
        [
            "volume",
            "close_sma_20",
            "close_rsi_14",
            "close_macd_12_26_9_macd",
            "close_macd_12_26_9_signal",
            "close_macd_12_26_9_hist"
        ]
    );
    let unseen = bars::<E>(4, 2, 60);
    let expected = cells(&figures::<E>()["pipeline"]);
    for engine in common::engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&fitted, unseen.view(), engine);
        assert_agree(y.view(), &expected, E::DTYPE, &format!("the pipeline, {engine}"));
    }
}

#[test]
fn one_pipeline_does_what_three_libraries_do() {
    whole_pipeline::<f64>();
    whole_pipeline::<f32>();
}
