//! Fits whose cells have weights, against scikit-learn (`figures/weights.py` made the figures) and
//! exact arithmetic.

mod common;

use common::{INPUT, Random, assert_same_bits, bars, engines, fit, relative, transform};
use dashu::rational::RBig;
use ndarray::{Array2, Array3, ArrayView3, Axis, array, concatenate, s};
use serde_json::Value;
use windrow::scale::{FittedScaler, StandardScaler};
use windrow::{Element, Engine, FittedPipeline, Fitting, Pipeline, Run};

const COLUMNS: &str = "[input]\ncolumns = ['a', 'b']\n";

/// As `batch` in weights.py.
fn batch(seed: u64, samples: usize, timesteps: usize) -> Array3<f64> {
    let mut random = Random(seed);
    let features = [(0.0, 1.0), (250.0, 40.0)];
    Array3::from_shape_fn((samples, timesteps, 2), |(_, _, feature)| {
        let (place, size) = features[feature];
        place + size * (random.next() - 0.5)
    })
}

/// As `weights` in weights.py.
fn weights(seed: u64, samples: usize, timesteps: usize) -> Array2<f64> {
    let mut random = Random(seed);
    let mut weights = Array2::from_shape_simple_fn((samples, timesteps), || 4.0 * random.next());
    weights.iter_mut().step_by(3).for_each(|weight| *weight = 0.0);
    weights
}

fn pipeline(text: &str) -> Pipeline {
    Pipeline::from_toml(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn fit_weighted<E: Element>(text: &str, x: ArrayView3<'_, E>, w: &Array2<f64>) -> FittedPipeline {
    pipeline(text).fit_weighted(x, w.view()).unwrap()
}

#[test]
fn weighted_fits_are_scikit_learns() {
    let all: Value = serde_json::from_str(include_str!("figures/weights.json")).unwrap();
    let x = batch(1, 23, 14);
    let cases = all["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let step = case["step"].as_str().unwrap();
        let weights = weights(2, 23, case["timesteps"].as_u64().unwrap() as usize);
        let text = format!("{COLUMNS}[[step]]\n{step}\n");
        let expected: Vec<f64> = serde_json::from_value(case["fitted"].clone()).unwrap();
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let run = Run::new(engine);
            let fitted = pipeline(&text).fit_weighted_with(x.view(), weights.view(), &run).unwrap();
            let y = transform(&fitted, x.slice(s![..2, .., ..]), engine);
            for (place, (got, expected)) in y.iter().zip(&expected).enumerate() {
                let what = format!("{step}, {:?}, {engine}, {place}", weights.dim());
                let scale = if place % 2 == 1 && step.contains("mean") { 300.0 } else { 4.0 };
                assert!((got - expected).abs() <= 1e-12 * scale, "{what}: {got}, not {expected}");
            }
        }
    }
}

/// Mean and deviation of hard values are those of rationals, each rounded once; a value that is left
/// out may be anything.
#[test]
fn weighted_moments_are_exact() {
    let mut random = Random(3);
    for (place, size) in [(1e8, 1.0), (-1e15, 3.0), (0.0, 1e-160), (0.0, 1e150), (1e-3, 1e-9)] {
        for spread in [0.0, 60.0] {
            let x = Array3::from_shape_simple_fn((20, 7, 1), || place + size * random.next());
            let weight = || 10_f64.powf(spread * (random.next() - 0.5));
            let mut w = Array2::from_shape_simple_fn((20, 7), weight);
            let mut holes = x.clone();
            w[[3, 4]] = 0.0;
            holes[[3, 4, 0]] = f64::NAN;
            w[[19, 0]] = 0.0;
            holes[[19, 0, 0]] = f64::INFINITY;
            let text = "[input]\ncolumns = ['a']\n[[step]]\nop = 'standardize'\n";
            let fitted = fit_weighted(text, holes.view(), &w);
            assert_eq!(fitted.to_json(), fit_weighted(text, holes.view(), &w).to_json());
            let saved: Value = serde_json::from_str(&fitted.to_json()).unwrap();
            let map = &saved["scalers"][0]["map"];
            let [mut total, mut sum, mut squares] = [0; 3].map(|_| RBig::from(0));
            for (x, w) in x.iter().zip(&w) {
                let [x, w] = [*x, *w].map(|x| RBig::try_from(x).unwrap());
                sum += &x * &w;
                squares += &x * &x * &w;
                total += w;
            }
            let mean = sum / &total;
            let variance = squares / total - &mean * &mean;
            let what = format!("{place:e} ± {size:e}, weights of 1e{spread}");
            let error = relative(map["center"].as_f64().unwrap(), &mean);
            assert!(error <= f64::EPSILON / 2.0, "{what}: mean off by {error:e}");
            let factor = RBig::try_from(map["factor"].as_f64().unwrap()).unwrap();
            let one = (&factor * &factor * variance).to_f64_fast();
            // The root, and the reciprocal.
            assert!((one - 1.0).abs() <= 3.0 * f64::EPSILON, "{what}: {one}");
        }
    }
}

/// Whole weights are repetitions; all the same are none; a constant is centred only.
#[test]
fn weights_are_how_often_a_sample_counts() {
    let x = bars::<f32>(4, 6, 30);
    let text = format!("{INPUT}[[step]]\nop = 'standardize'\nddof = 1\n");
    let repeated = concatenate![Axis(0), x, x.slice(s![2.., .., ..]), x.slice(s![5.., .., ..])];
    let maps = |fitted: &FittedPipeline| -> Value {
        let saved: Value = serde_json::from_str(&fitted.to_json()).unwrap();
        saved["scalers"].as_array().unwrap().iter().map(|scaler| scaler["map"].clone()).collect()
    };
    let w = array![[1.0], [1.0], [2.0], [2.0], [2.0], [3.0]];
    let by_weight = fit_weighted(&text, x.view(), &w);
    let by_count = fit_weighted(&text, repeated.view(), &Array2::ones((11, 30)));
    assert_eq!(maps(&by_weight), maps(&by_count));
    // Without weights a sample is summed in f64: near, and not the same.
    let plain = transform(&fit(&text, repeated.view()), x.view(), Engine::default());
    let y = transform(&by_weight, x.view(), Engine::default());
    for (y, plain) in y.iter().zip(&plain) {
        assert!((y - plain).abs() <= 1e-6 * plain.abs().max(1.0), "{y} and {plain}");
    }
    let constant = fit_weighted(&text, x.mapv(|_| 0.1).view(), &(0.3 * w));
    let y = transform(&constant, x.mapv(|_| 0.1).view(), Engine::default());
    assert!(y.iter().all(|y| y.to_bits() == 0));
}

/// In blocks of any size, in shards merged in any order, over several passes, at any level.
#[test]
fn weighted_parts_are_one_fit() {
    fn check<E: Element>(per: &str) {
        let text = format!(
            "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 3\n\
             [[step]]\nop = 'lag'\ncolumns = ['close']\nlags = [2]\n\
             [[step]]\nop = 'standardize'\n{per}\n\
             [[step]]\nop = 'ema'\ncolumns = 'open'\nperiod = 4\n\
             [[step]]\nop = 'standardize'\n{per}\n"
        );
        let x = bars::<E>(5, 37, 20);
        for columns in [1, 20] {
            let w = weights(6, 37, columns);
            let whole = fit_weighted(&text, x.view(), &w);
            assert_ne!(whole.to_json(), fit(&text, x.view()).to_json());
            let naive = Run::new(Engine::Reference);
            let naive = pipeline(&text).fit_weighted_with(x.view(), w.view(), &naive).unwrap();
            let fingerprint = |fitted: &FittedPipeline| -> Value {
                serde_json::from_str::<Value>(&fitted.to_json()).unwrap()["fitted_on"].clone()
            };
            assert_eq!(fingerprint(&naive), fingerprint(&whole));
            let [a, b] =
                [&whole, &naive].map(|fitted| transform(fitted, x.view(), Engine::default()));
            for (a, b) in a.iter().zip(&b) {
                assert!((a - b).abs() <= 1e-6 || a.is_nan() && b.is_nan(), "{a}, naive {b}");
            }
            for engine in engines() {
                for most in [1, 8, 30] {
                    let mut fitting = Fitting::new(&pipeline(&text));
                    while fitting.wants_pass() {
                        let blocks = x.axis_chunks_iter(Axis(0), most);
                        for (x, w) in blocks.zip(w.axis_chunks_iter(Axis(0), most)) {
                            fitting.push_weighted(x, w, &Run::new(engine)).unwrap();
                        }
                        fitting.end_pass().unwrap();
                    }
                    assert_eq!(fitting.finish().unwrap().to_json(), whole.to_json(), "{engine}");
                }
            }
            let mut fitting = Fitting::new(&pipeline(&text));
            while fitting.wants_pass() {
                let shard = |from: usize, to: usize| {
                    let mut shard = fitting.clone();
                    let (x, w) = (x.slice(s![from..to, .., ..]), w.slice(s![from..to, ..]));
                    shard.push_weighted(x, w, &Run::new(Engine::default())).unwrap();
                    Fitting::from_json(&shard.to_json()).unwrap()
                };
                let mut merged = shard(30, 37);
                merged.merge(&shard(0, 11)).unwrap();
                merged.merge(&shard(11, 30)).unwrap();
                merged.end_pass().unwrap();
                fitting = merged;
            }
            let fitted = fitting.finish().unwrap();
            assert_eq!(fitted.to_json(), whole.to_json());
            let loaded = FittedPipeline::from_json(&fitted.to_json()).unwrap();
            assert_eq!(loaded.to_json(), whole.to_json());
        }
    }
    for per in ["", "per = 'timestep'"] {
        check::<f64>(per);
        check::<f32>(per);
    }
}

#[test]
fn what_is_no_weight_is_refused() {
    let x = bars::<f64>(7, 4, 6);
    let text = format!("{INPUT}[[step]]\nop = 'standardize'\n");
    let refused = |text: &str, w: &Array2<f64>| {
        let of = |engine| {
            let fitted = pipeline(text).fit_weighted_with(x.view(), w.view(), &Run::new(engine));
            fitted.unwrap_err().to_string()
        };
        let error = of(Engine::default());
        assert_eq!(error, of(Engine::Reference));
        error
    };
    for (bad, shown) in [
        (-1.0, "-1"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "inf"),
        (1e-40, "0.0000000000000000000000000000000000000001"),
    ] {
        let mut w = Array2::ones((4, 6));
        w[[2, 5]] = bad;
        assert_eq!(
            refused(&text, &w),
            format!("the weight at (2, 5) is {shown}; allowed: 0, or from 1e-30 to 1e30")
        );
    }
    for shape in [(4, 5), (3, 6), (6, 4), (1, 4)] {
        let error = refused(&text, &Array2::ones(shape));
        assert!(error.contains("(4, 1) or (4, 6)"), "{error}");
    }
    let none = Array2::zeros((4, 1));
    let error = refused(&text, &none);
    assert!(error.ends_with("column `open` has no values"), "{error}");
    let few = Array2::from_elem((4, 1), 1.0 / 32.0);
    let error = refused(&format!("{text}ddof = 1\n"), &few);
    assert!(error.contains("has weights of 1 or less in all; `ddof` = 1"), "{error}");
    for step in ["op = 'minmax'", "op = 'robust'", "op = 'power'", "op = 'fill'\nwith = 'mean'"] {
        let error = refused(&format!("{text}[[step]]\n{step}\n"), &Array2::ones((4, 1)));
        assert!(error.ends_with("takes no weights; `standardize` alone does"), "{error}");
    }
    // The cell that is to blame counts.
    let (mut x, mut w) = (x.clone(), Array2::ones((4, 6)));
    (x[[1, 2, 0]], w[[1, 2]]) = (f64::NAN, 0.0);
    x[[1, 4, 0]] = f64::NAN;
    let error = pipeline(&text).fit_weighted(x.view(), w.view()).unwrap_err().to_string();
    assert!(error.contains("sample 1, timestep 4"), "{error}");
    let run = Run::new(Engine::default());
    let mut fitting = Fitting::new(&pipeline(&text));
    fitting.push(x.slice(s![2.., .., ..]), &run).unwrap();
    let error = fitting.push_weighted(x.slice(s![..1, .., ..]), w.slice(s![..1, ..]), &run);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("has weights in some samples and none in others"), "{error}");
}

/// The type without a pipeline gives the bits of the step.
#[test]
fn the_type_weighs_as_the_step_does() {
    fn check<E: Element>() {
        let x = batch(7, 19, 11).mapv(E::round);
        for columns in [1, 11] {
            let w = weights(8, 19, columns);
            let text = format!("{COLUMNS}[[step]]\nop = 'standardize'\nddof = 1\n");
            let step = fit_weighted(&text, x.view(), &w);
            let expected: Array3<E> = step.transform(x.view()).unwrap();
            let scaler = StandardScaler { ddof: 1, ..StandardScaler::default() };
            let fitted = scaler.fit_weighted(x.view(), w.view()).unwrap();
            assert_same_bits(fitted.transform(x.view()).unwrap().view(), expected.view(), "a type");
            assert_eq!(FittedScaler::from_json(&fitted.to_json()).unwrap(), fitted);

            let (first, rest) = x.view().split_at(Axis(0), 7);
            let mut merged = scaler.fit_weighted(rest, w.slice(s![7.., ..])).unwrap();
            merged.merge(&scaler.fit_weighted(first, w.slice(s![..7, ..])).unwrap()).unwrap();
            assert_eq!(merged, fitted);
        }
    }
    check::<f32>();
    check::<f64>();

    let refused = |x: &Array3<f64>, w: &Array2<f64>| {
        let fitted = StandardScaler::default().fit_weighted(x.view(), w.view());
        fitted.unwrap_err().to_string()
    };
    let mut x = batch(7, 3, 2);
    let shape = "the array of weights has shape (2, 1); expected (3, 1) or (3, 2)";
    assert_eq!(refused(&x, &Array2::ones((2, 1))), shape);
    let negative = "the weight at (0, 0) is -1; allowed: 0, or from 1e-30 to 1e30";
    assert_eq!(refused(&x, &-Array2::ones((3, 1))), negative);
    x[[1, 1, 1]] = f64::NAN;
    let nan = "cannot fit `standardize`: column `1` is NaN at sample 1, timestep 1";
    assert!(refused(&x, &Array2::ones((3, 1))).starts_with(nan));
}

#[test]
fn weights_that_nothing_takes_are_refused() {
    let x = batch(1, 4, 6);
    for step in ["op = 'sma'\ncolumns = 'a'\nperiod = 2", "op = 'standardize'\nper = 'sample'"] {
        let pipeline = pipeline(&format!("{COLUMNS}[[step]]\n{step}\n"));
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let w = weights(1, 4, 6);
            let error =
                pipeline.fit_weighted_with(x.view(), w.view(), &Run::new(engine)).unwrap_err();
            let says = "the list of steps with weights is empty; `standardize` takes them, without per = \"sample\"";
            assert_eq!(error.to_string(), says);
        }
    }
}
