//! The fused executor against the definitions, and the bits it must not change.

mod common;

use common::{INPUT, assert_same_bits, bars, engines, fit, on_threads, transform};
use ndarray::{Array3, ArrayView3, Axis, ShapeBuilder, s};
use windrow::{Element, Engine, FittedPipeline, Level, Pipeline, Run, Stores};

/// Pipelines that between them take every path of the executor.
fn pipelines() -> Vec<(&'static str, String)> {
    let flagship = r#"
        [[step]]
        op = "sma"
        columns = "close"
        period = 20
        [[step]]
        op = "ema"
        columns = ["close", "volume"]
        period = 5
        [[step]]
        op = "standardize"
        columns = ["open", "high", "low", "close", "volume"]
        [[step]]
        op = "lag"
        columns = ["open", "high", "low", "close", "volume"]
        lags = [1, 2]
        place = "front"
    "#;
    let chains = r#"
        [[step]]
        op = "ema"
        columns = "close"
        period = 9
        [[step]]
        op = "sma"
        columns = "close_ema_9"
        period = 4
        name = "smooth"
        [[step]]
        op = "standardize"
        [[step]]
        op = "ema"
        columns = "close"
        period = 3
        name = "of_scaled"
        [[step]]
        op = "lag"
        columns = ["close", "smooth"]
        lags = [3, 1, 40]
        fill = 7.5
        [[step]]
        op = "sma"
        columns = ["close_lag_3"]
        period = 2
        [[step]]
        op = "minmax"
        columns = ["of_scaled", "close_lag_3", "close_lag_3_sma_2"]
        range = [-1, 1]
        [[step]]
        op = "standardize"
        columns = ["close"]
        [[step]]
        op = "lag"
        columns = ["close_lag_*", "smooth"]
        lags = [2]
        fill = "edge"
    "#;
    let fills = r#"
        [[step]]
        op = "sma"
        columns = ["close", "open"]
        period = 11
        [[step]]
        op = "lag"
        columns = ["close", "close_sma_11"]
        lags = [1, 5, 1000]
        fill = "nan"
        [[step]]
        op = "lag"
        columns = ["high", "open_sma_11"]
        lags = [2]
        fill = "edge"
        [[step]]
        op = "lag"
        columns = ["high_lag_2", "close_lag_5"]
        lags = [3]
        fill = -2.5
        [[step]]
        op = "standardize"
        columns = ["*lag_1", "high_lag_2_lag_3"]
    "#;
    let bent = r#"
        [[step]]
        op = "sma"
        columns = "volume"
        period = 6
        [[step]]
        op = "lag"
        columns = ["volume", "volume_sma_6", "open", "close"]
        lags = [2, 31]
        fill = 3.0
        [[step]]
        op = "standardize"
        columns = ["open", "open_lag_2"]
        [[step]]
        op = "log1p"
        columns = ["volume*", "open*", "low"]
        [[step]]
        op = "minmax"
        columns = ["volume*"]
        [[step]]
        op = "power"
        columns = ["close", "volume", "close_lag_*"]
        [[step]]
        op = "quantile"
        columns = ["high", "volume_lag_2"]
        n_quantiles = 20
        output = "normal"
        [[step]]
        op = "lag"
        columns = ["low", "volume_lag_2"]
        lags = [1]
        fill = "edge"
        [[step]]
        op = "normalize"
        columns = ["volume_sma_6", "close", "low_lag_1", "high", "volume"]
        norm = "l1"
        [[step]]
        op = "ema"
        columns = ["high"]
        period = 3
        [[step]]
        op = "maxabs"
        columns = ["high", "close"]
        [[step]]
        op = "normalize"
        columns = ["high", "close", "high_ema_3"]
        [[step]]
        op = "lag"
        columns = ["high", "volume_lag_31"]
        lags = [2]
    "#;
    let of = |name, steps: &str, output: &str| (name, format!("{INPUT}{steps}[output]\n{output}"));
    vec![
        of("flagship", flagship, ""),
        of("flagship, f64", flagship, "dtype = 'f64'"),
        of("flagship, trimmed", flagship, "warmup = 'trim'"),
        of("flagship, some columns", flagship, "columns = ['close_lag_2', 'close*', 'open']"),
        of("chains", chains, ""),
        of("chains, filled", chains, "warmup = 99.5"),
        of("bent", bent, ""),
        of("bent, filled", bent, "warmup = 0.5"),
        of("bent, trimmed", bent, "warmup = 'trim'\ncolumns = ['volume*', 'high*', 'low*']"),
        of("fills", fills, ""),
        of("fills, filled", fills, "warmup = -1.0"),
        of(
            "fills, trimmed",
            fills,
            "warmup = 'trim'\ncolumns = ['close_lag_5', 'high*', 'open_sma_11']",
        ),
        of("copy", "", ""),
        of("one column", "", "columns = ['low']"),
    ]
}

/// Within rounding: 1e-10 of the column's largest value for f64, one f32 rounding for f32.
fn assert_close(got: &Array3<f64>, expected: &Array3<f64>, roundoff: f64, what: &str) {
    assert_eq!(got.dim(), expected.dim(), "{what}");
    for (index, (got, expected)) in
        got.axis_iter(Axis(2)).zip(expected.axis_iter(Axis(2))).enumerate()
    {
        let finite = expected.iter().filter(|x| x.is_finite());
        let scale = finite.fold(0.0, |scale, x| f64::max(scale, x.abs()));
        for (place, (got, expected)) in got.iter().zip(expected).enumerate() {
            assert!(
                got.to_bits() == expected.to_bits() || (got - expected).abs() <= roundoff * scale,
                "{what}: column {index}, cell {place}: {got} instead of {expected}"
            );
        }
    }
}

fn check_against_reference<E: Element>(roundoff: f64) {
    for (name, text) in pipelines() {
        for (samples, timesteps) in [(13, 75), (1, 40), (8, 1), (3, 12), (2, 200)] {
            let x = bars::<E>(7, samples, timesteps);
            let pipeline = Pipeline::from_toml(&text).unwrap();
            let Ok(fitted) = pipeline.fit_with(x.view(), &Run::new(Engine::default())) else {
                let naive = pipeline.fit_with(x.view(), &Run::new(Engine::Reference));
                assert!(naive.is_err(), "{name}: only one of the two fits");
                continue;
            };
            let what = format!("{name}, {} ({samples}, {timesteps})", E::DTYPE);
            let naive = pipeline.fit_with(x.view(), &Run::new(Engine::Reference)).unwrap();
            let expected = transform(&fitted, x.view(), Engine::Reference);
            let by_naive_fit = transform(&naive, x.view(), Engine::Reference);
            // A column that is constant but for rounding would be blown up by a fit.
            if timesteps > 40 {
                assert_close(&expected, &by_naive_fit, 1e-6_f64.min(roundoff * 100.0), &what);
            }
            for engine in engines() {
                let got = transform(&fitted, x.view(), engine);
                assert_close(&got, &expected, roundoff, &format!("{what}, {engine}"));
            }
        }
    }
}

#[test]
fn fused_equals_step_by_step_f64() {
    check_against_reference::<f64>(1e-10);
}

#[test]
fn fused_equals_step_by_step_f32() {
    check_against_reference::<f32>(f64::from(f32::EPSILON));
}

#[test]
fn no_engine_thread_or_neighbour_changes_a_bit() {
    for (name, text) in pipelines() {
        let x = bars::<f32>(11, 29, 83);
        let fitted = fit(&text, x.view());
        let expected = transform(&fitted, x.view(), Engine::Level(Level::SCALAR));
        for threads in [1, 2, 3, 16] {
            for engine in engines() {
                let (refitted, got) = on_threads(threads, || {
                    let pipeline = Pipeline::from_toml(&text).unwrap();
                    let refitted = pipeline.fit_with(x.view(), &Run::new(engine)).unwrap();
                    (refitted.to_json(), transform(&fitted, x.view(), engine))
                });
                let what = format!("{name}, {threads} threads, {engine}");
                assert_eq!(refitted, fitted.to_json(), "{what}");
                assert_same_bits(got.view(), expected.view(), &what);
            }
        }
        for sample in [0, 14, 28] {
            let alone = x.slice(s![sample..=sample, .., ..]);
            let got = transform(&fitted, alone, Engine::default());
            assert_same_bits(got.view(), expected.slice(s![sample..=sample, .., ..]), name);
        }
    }
}

#[test]
fn memory_order_changes_no_bit() {
    for (name, text) in pipelines() {
        let x = bars::<f64>(3, 11, 40);
        let fitted = fit(&text, x.view());
        let mut fortran = Array3::zeros(x.dim().f());
        fortran.assign(&x);
        let mut spread = Array3::from_elem((22, 80, 10), f64::NAN);
        spread.slice_mut(s![..;2, ..;2, ..;2]).assign(&x);
        let expected = transform(&fitted, x.view(), Engine::default());
        assert_eq!(fit(&text, fortran.view()).to_json(), fitted.to_json(), "{name}");
        for view in [fortran.view(), spread.slice(s![..;2, ..;2, ..;2])] {
            let got = transform(&fitted, view, Engine::default());
            assert_same_bits(got.view(), expected.view(), name);
        }
        let mut y = Array3::zeros(expected.dim().f());
        fitted.transform_into(x.view(), y.view_mut()).unwrap();
        assert_same_bits(y.view(), expected.view(), &format!("{name}, output in Fortran order"));
    }
}

#[test]
fn saved_state_restores_every_bit() {
    for (name, text) in pipelines() {
        let x = bars::<f32>(5, 10, 60);
        let fitted = fit(&text, x.view());
        let json = fitted.to_json();
        let restored = FittedPipeline::from_json(&json).unwrap();
        assert_eq!(restored.to_json(), json, "{name}");
        let (a, b) = (
            transform(&fitted, x.view(), Engine::default()),
            transform(&restored, x.view(), Engine::default()),
        );
        assert_same_bits(a.view(), b.view(), name);
    }
}

#[test]
fn nothing_reaches_back_in_time_or_over_to_another_sample() {
    for (name, text) in pipelines() {
        let (samples, timesteps) = (9, 64);
        let x = bars::<f64>(17, samples, timesteps);
        let fitted = fit(&text, x.view());
        let trim = timesteps - fitted.output_shape(x.dim()).unwrap().1;
        let clean = transform(&fitted, x.view(), Engine::default());
        for poison in [f64::NAN, 1e300, -3.25] {
            for t in [0_usize, 1, 31, 32, 62] {
                let mut changed = x.clone();
                changed.slice_mut(s![.., t + 1.., ..]).fill(poison);
                let got = transform(&fitted, changed.view(), Engine::default());
                let kept = (t + 1).saturating_sub(trim);
                assert_same_bits(
                    got.slice(s![.., ..kept, ..]),
                    clean.slice(s![.., ..kept, ..]),
                    name,
                );
            }
            for sample in [0, 4, 8] {
                let mut changed = x.clone();
                changed.index_axis_mut(Axis(0), sample).fill(poison);
                let got = transform(&fitted, changed.view(), Engine::default());
                for other in (0..samples).filter(|other| *other != sample) {
                    let (got, clean) = (
                        got.slice(s![other..=other, .., ..]),
                        clean.slice(s![other..=other, .., ..]),
                    );
                    assert_same_bits(got, clean, name);
                }
            }
        }
    }
}

#[test]
fn empty_batches_are_ordinary() {
    for (name, text) in pipelines() {
        let fitted = fit(&text, bars::<f32>(2, 4, 90).view());
        for dim in [(0, 90, 5), (4, 0, 5), (0, 0, 5)] {
            let x = Array3::<f32>::zeros(dim);
            let got = transform(&fitted, x.view(), Engine::default());
            let shape = fitted.output_shape(dim).unwrap();
            assert_eq!(got.dim(), shape, "{name}");
        }
    }
}

/// Both kinds of stores, on every alignment of samples and buffer.
#[test]
fn an_output_has_the_same_bits_past_the_cache() {
    for (timesteps, columns) in [(64, "['*']"), (83, "['*']"), (61, "['close*', 'open']")] {
        let lags = "[[step]]\nop = 'lag'\nlags = [1, 2]\n";
        let text = format!("{INPUT}{lags}[output]\ncolumns = {columns}\n");
        let x = bars::<f32>(23, 205, timesteps);
        let fitted = fit(&text, x.view());
        let (samples, kept, width) = fitted.output_shape(x.dim()).unwrap();
        let cells = samples * kept * width;
        let few = [0, 7, 8, 99, 196, 204].map(|sample| {
            let alone = x.slice(s![sample..=sample, .., ..]);
            (sample, fitted.transform::<f32, f32>(alone).unwrap())
        });
        for (engine, shift) in engines().into_iter().flat_map(|e| [0, 1, 3, 16].map(|s| (e, s))) {
            for stores in [Stores::PastCache, Stores::Ordinary] {
                let mut buffer = vec![-7.0_f32; cells + 64];
                let y = &mut buffer[shift..shift + cells];
                let view = ndarray::ArrayViewMut3::from_shape((samples, kept, width), y).unwrap();
                let run = Run::new(engine).with_stores(stores);
                fitted.transform_into_with(x.view(), view, &run).unwrap();
                assert!(buffer[..shift].iter().chain(&buffer[shift + cells..]).all(|x| *x == -7.0));
                let y =
                    ArrayView3::from_shape((samples, kept, width), &buffer[shift..shift + cells])
                        .unwrap();
                let what = format!(
                    "{engine}, {stores:?}, shift {shift}, {columns}, {timesteps} timesteps"
                );
                for (sample, alone) in &few {
                    let got = y.slice(s![*sample..=*sample, .., ..]);
                    assert_same_bits(got, alone.view(), &what);
                }
            }
        }
    }
}

/// An output that no cache holds is written by both kinds of stores in turn, until the faster is known.
#[test]
fn an_output_has_the_same_bits_while_stores_are_tried() {
    let text = format!("{INPUT}[[step]]\nop = 'lag'\nlags = [1, 2, 3, 4, 5, 6]\n");
    for timesteps in [64, 83] {
        // The last group is not full.
        let x = bars::<f32>(29, 4101, timesteps);
        let fitted = fit(&text, x.view());
        let mut expected: Array3<f32> = Array3::zeros(fitted.output_shape(x.dim()).unwrap());
        assert!(expected.len() * size_of::<f32>() > 32 << 20, "what a cache may hold");
        let run = Run::default();
        let ordinary = run.with_stores(Stores::Ordinary);
        fitted.transform_into_with(x.view(), expected.view_mut(), &ordinary).unwrap();
        for threads in [1, 3] {
            let mut got = Array3::from_elem(expected.dim(), -7.0_f32);
            let transform = || fitted.transform_into_with(x.view(), got.view_mut(), &run);
            on_threads(threads, transform).unwrap();
            let what = format!("{timesteps} timesteps, {threads} threads");
            assert_same_bits(got.view(), expected.view(), &what);
        }
    }
}

/// A price input takes the column that has its role, under the same name of the result; a column
/// that only has the name of a price is any other.
#[test]
fn a_role_puts_a_column_in_the_place_of_a_price() {
    let text = "[input]\ncolumns = ['open', 'high', 'low', 'close', 'volume']\n\
                roles = { close = 'open', low = 'volume' }\n[[step]]\nop = 'atr'\n\
                [[step]]\nop = 'atr'\ncolumns = ['high', 'low', 'close']\n[[step]]\nop = 'obv'\n";
    let plain = "[input]\ncolumns = ['close', 'high', 'adj_low', 'adj_close', 'low']\n[[step]]\n\
                 op = 'atr'\n[[step]]\nop = 'atr'\ncolumns = ['high', 'adj_low', 'adj_close']\n\
                 [[step]]\nop = 'obv'\ncolumns = ['close', 'low']\n";
    let x = bars::<f64>(11, 9, 60);
    let (fitted, expected) = (fit(text, x.view()), fit(plain, x.view()));
    let of = |fitted: &FittedPipeline| transform(fitted, x.view(), Engine::default());
    assert_same_bits(of(&fitted).view(), of(&expected).view(), "roles");
    assert_eq!(fitted.columns()[5..], ["atr_14", "low_close_atr_14", "obv"]);
    let restored = FittedPipeline::from_json(&fitted.to_json()).unwrap();
    assert_same_bits(of(&restored).view(), of(&fitted).view(), "restored");
}

/// A sample alone has its columns go abreast, and among others it does not.
#[test]
fn a_sample_alone_has_the_bits_it_has_among_others() {
    let names: Vec<String> = (0..11).map(|column| format!("\"c{column}\"")).collect();
    let names = names.join(", ");
    let text = format!(
        r#"
        [input]
        columns = [{names}]
        [[step]]
        op = "rsi"
        columns = [{names}]
        period = 4
        nan = "reseed"
        [[step]]
        op = "ema"
        columns = ["c0_rsi_4", "c1", "c9_rsi_4", "c1_rsi_4"]
        period = 3
        names = ["a", "b", "d", "e"]
        [[step]]
        op = "ema"
        columns = "c0_rsi_4"
        period = 3
        name = "c"
        [[step]]
        op = "ema"
        columns = ["a", "b", "c3", "c4"]
        period = 3
        names = ["aa", "bb", "cc", "dd"]
        [[step]]
        op = "macd"
        columns = [{names}]
        fast = 2
        slow = 5
        signal = 2
        "#
    );
    let pipeline = Pipeline::from_toml(&text).unwrap();
    let mut random = common::Random(5);
    let mut x = Array3::from_shape_simple_fn((9, 75, 11), || 50.0 + random.next());
    x[[8, 30, 3]] = f64::NAN;
    x[[8, 0, 4]] = f64::NAN;
    let fitted = pipeline.fit(x.view()).unwrap();
    for engine in engines() {
        let among: Array3<f64> =
            fitted.transform_with(x.slice(s![7..9, .., ..]), &Run::new(engine)).unwrap();
        let alone: Array3<f64> =
            fitted.transform_with(x.slice(s![8..9, .., ..]), &Run::new(engine)).unwrap();
        assert_same_bits(alone.view(), among.slice(s![1..2, .., ..]), &engine.to_string());
    }
}
