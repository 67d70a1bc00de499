//! Real prices: daily bars of five tickers, and hourly EURUSD in windows, from a folder of data
//! beside the repository. Where that is absent, the tests say so and check nothing.

mod common;

use std::path::Path;

use common::{INPUT, assert_same_bits, engines, on_threads};
use ndarray::{Array3, ArrayView3, Axis, s};
use windrow::io::{Batch, read_npy};
use windrow::{Element, Engine, FittedPipeline, Pipeline, Run};

/// The file of that name, if the folder of data is there.
fn data(name: &str) -> Option<Batch> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        println!("skipped: ../shared/data/{name} is absent");
        return None;
    }
    Some(read_npy(&path).unwrap())
}

/// The three operations, and scalers on what they give.
fn pipeline() -> Pipeline {
    let text = format!(
        "{INPUT}
        [[step]]
        op = 'sma'
        columns = 'close'
        period = 20
        [[step]]
        op = 'rsi'
        columns = 'close'
        [[step]]
        op = 'macd'
        columns = 'close'
        [[step]]
        op = 'atr'
        [[step]]
        op = 'standardize'
        [[step]]
        op = 'minmax'
        columns = 'volume'
        [[step]]
        op = 'lag'
        columns = ['open', 'high', 'low', 'close', 'volume', 'atr_14']
        lags = [1, 2, 45]
        place = 'front'
        "
    );
    Pipeline::from_toml(&text).unwrap()
}

fn transform<E: Element>(
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
    run: &Run<'_>,
) -> Array3<E> {
    fitted.transform_with(x, run).unwrap()
}

/// Fits on the first `train` samples and transforms the rest; `relative` is the rounding of `E`.
fn check<E: Element>(x: ArrayView3<'_, E>, train: usize, relative: f64) {
    let (train, test) = x.split_at(Axis(0), train);
    let expected = on_threads(1, || {
        let fitted = pipeline().fit_with(train, &Run::new(Engine::default())).unwrap();
        let y = transform(&fitted, test, &Run::new(Engine::default()));
        (fitted.to_json(), y)
    });
    for threads in [1, 2] {
        for engine in engines() {
            let run = Run::new(engine);
            let (json, y) = on_threads(threads, || {
                let fitted = pipeline().fit_with(train, &run).unwrap();
                (fitted.to_json(), transform(&fitted, test, &run))
            });
            let what = format!("{threads} threads, {engine}");
            assert_eq!(json, expected.0, "{what}");
            assert_same_bits(y.view(), expected.1.view(), &what);
        }
    }

    let fitted = FittedPipeline::from_json(&expected.0).unwrap();
    let last = test.dim().0 - 1;
    for sample in [0, last / 2, last] {
        let alone = test.slice(s![sample..=sample, .., ..]);
        let y = transform(&fitted, alone, &Run::new(Engine::default()));
        assert_same_bits(y.view(), expected.1.slice(s![sample..=sample, .., ..]), "alone");
    }

    // Warm-up is where the plan says, and nowhere else.
    for (column, warmup) in fitted.warmups().into_iter().enumerate() {
        for (t, values) in expected.1.index_axis(Axis(2), column).axis_iter(Axis(1)).enumerate() {
            let finite = values.iter().all(|value| value.widen().is_finite());
            assert!(finite || t < warmup, "{} at {t}", fitted.columns()[column]);
        }
    }

    // The definitions, step by step, both for the fit and for the transform.
    let by_definition = pipeline().fit_with(train, &Run::new(Engine::Reference)).unwrap();
    for fit in [&fitted, &by_definition] {
        let reference = transform(fit, test, &Run::new(Engine::Reference));
        assert_close(expected.1.view(), reference.view(), relative, &fitted.columns());
    }
}

/// Within `relative` of the largest value of the column, NaN at the same places.
fn assert_close<E: Element>(
    got: ArrayView3<'_, E>,
    expected: ArrayView3<'_, E>,
    relative: f64,
    columns: &[String],
) {
    assert_eq!(got.dim(), expected.dim());
    for (column, expected) in expected.axis_iter(Axis(2)).enumerate() {
        let sizes = expected.iter().map(|x| x.widen().abs()).filter(|x| x.is_finite());
        let scale = sizes.fold(0.0, f64::max);
        for (place, expected) in expected.indexed_iter() {
            let (got, expected) = (got[[place.0, place.1, column]].widen(), expected.widen());
            let agree = got.is_nan() == expected.is_nan()
                && (got.is_nan() || (got - expected).abs() <= relative * scale);
            assert!(agree, "{}: {got} instead of {expected} at {place:?}", columns[column]);
        }
    }
}

#[test]
fn tickers() {
    let Some(batch) = data("tickers_ohlcv.npy") else { return };
    let Batch::F64(x) = batch else { panic!("{} instead of f64", batch.dtype()) };
    assert_eq!(x.dim(), (5, 619, 5));
    // Prices of some hundred, standardised: thirteen digits of f64 are left, and two to spare.
    check(x.view(), 3, 1e-11);
}

#[test]
fn eurusd() {
    let Some(batch) = data("eurusd_windows.npy") else { return };
    let Batch::F32(x) = batch else { panic!("{} instead of f32", batch.dtype()) };
    assert_eq!(x.dim(), (977, 120, 5));
    // One rounding of f32 apart, where two f64 results round to neighbours.
    check(x.view(), 700, f64::from(f32::EPSILON));
}
