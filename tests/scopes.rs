//! Over what a scaler looks: each sample by itself, each timestep by itself. Figures are of
//! scikit-learn: `figures/scopes.py` made them, `figures/scopes.json` holds them and says by which
//! version.

mod common;

use common::{
    INPUT, Random, assert_agree, assert_same_bits, bars, engines, fit, on_threads, refusal,
    transform,
};
use ndarray::{Array3, ArrayView3, Axis, array, concatenate, s};
use serde_json::Value;
use windrow::scale::{FittedScaler, MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler};
use windrow::{Element, Engine, FittedPipeline, Fitting, Pipeline, Run, Transforming};

const COLUMNS: &str = "[input]\ncolumns = ['a', 'b', 'c']\n";

/// As `batch` in scopes.py.
fn batch(seed: u64, samples: usize, timesteps: usize) -> Array3<f64> {
    let mut random = Random(seed);
    let features = [(0.0, 1.0), (250.0, 40.0), (-3e3, 0.0)];
    Array3::from_shape_fn((samples, timesteps, 3), |(_, _, feature)| {
        let (place, size) = features[feature];
        place + size * (random.next() - 0.5)
    })
}

#[test]
fn samples_and_timesteps_by_themselves_are_scikit_learns() {
    let all: Value = serde_json::from_str(include_str!("figures/scopes.json")).unwrap();
    let (x, unseen) = (batch(1, 29, 12), batch(2, 1, 12).mapv(|x| 2.0 * x - 60.0));
    let cases = all["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 32);
    for case in cases {
        let step = case["step"].as_str().unwrap();
        let mut x = x.clone();
        if step.contains("ignore") {
            x.iter_mut().skip(3).step_by(7).for_each(|x| *x = f64::NAN);
        }
        let fitted = fit(&format!("{COLUMNS}[[step]]\n{step}\n"), x.view());
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let what = format!("{step}, {engine}");
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
fn types_scale_a_view_as_steps_scale_a_scope() {
    let x = batch(3, 13, 7);
    let wide = x.to_shape((13, 1, 7 * 3)).unwrap();
    type Fit = fn(ArrayView3<'_, f64>) -> windrow::Result<FittedScaler>;
    let types: [(&str, Fit); 4] = [
        ("standardize", |x| StandardScaler::default().fit(x)),
        ("minmax", |x| MinMaxScaler::default().fit(x)),
        ("maxabs", |x| MaxAbsScaler::default().fit(x)),
        ("robust", |x| RobustScaler::default().fit(x)),
    ];
    for (op, of) in types {
        let step = |per: &str| {
            let text = format!("{COLUMNS}[[step]]\nop = '{op}'\nper = '{per}'\n");
            transform(&fit(&text, x.view()), x.view(), Engine::default())
        };
        let scaled = of(wide.view()).unwrap().transform(wide.view()).unwrap();
        let scaled = scaled.into_shape_with_order(x.dim()).unwrap();
        assert_same_bits(step("timestep").view(), scaled.view(), &format!("{op}, timesteps"));

        let alone = |x: ArrayView3<'_, f64>| of(x).unwrap().transform(x).unwrap();
        let scaled: Vec<Array3<f64>> = x.axis_chunks_iter(Axis(0), 1).map(alone).collect();
        let scaled: Vec<_> = scaled.iter().map(|y| y.view()).collect();
        let scaled = concatenate(Axis(0), &scaled).unwrap();
        // A sample by itself is fitted in f64, a fit is rounded once.
        for ((place, got), expected) in step("sample").indexed_iter().zip(&scaled) {
            let error = (got - expected).abs();
            assert!(error <= 4.0 * f64::EPSILON * expected.abs(), "{op} {place:?}: {got}");
        }
    }
}

/// Scalers of every scope over indicators and lags, and what stands on them.
fn mixed(per: &str) -> String {
    format!(
        "{INPUT}[[step]]\nop = 'rsi'\ncolumns = ['close', 'high']\nperiod = 3\n\
         [[step]]\nop = 'lag'\ncolumns = ['close', 'low']\nlags = [2]\n\
         [[step]]\nop = 'minmax'\ncolumns = ['high', 'low']\n\
         [[step]]\nop = 'standardize'\n{per}\ncolumns = ['open', 'close_lag_2', 'high_rsi_3', 'low']\n\
         [[step]]\nop = 'robust'\n{per}\ncolumns = ['close', 'close_rsi_3']\n\
         [[step]]\nop = 'maxabs'\n{per}\ncolumns = 'volume'\n\
         [[step]]\nop = 'sma'\ncolumns = ['open', 'close']\nperiod = 4\n\
         [[step]]\nop = 'lag'\ncolumns = ['open', 'close_sma_4']\nlags = [1]\nfill = 'edge'\n\
         [[step]]\nop = 'standardize'\ncolumns = ['open_sma_4', 'close']\n"
    )
}

const SCOPES: [&str; 2] = ["per = 'sample'", "per = 'timestep'"];

/// The bits are the same at every level, on any number of threads, among other samples or alone, of
/// f32 as of the same numbers in f64; the definitions agree.
#[test]
fn no_bit_depends_on_how_it_runs() {
    fn check<E: Element>(per: &str) {
        let text = mixed(per) + "[output]\ndtype = 'f64'\n";
        let x = bars::<E>(3, 37, 70);
        let fitted = fit(&text, x.view());
        let whole = transform(&fitted, x.view(), Engine::default());
        let wide = x.mapv(|x| x.widen());
        let of_wide = transform(&fit(&text, wide.view()), wide.view(), Engine::default());
        assert_same_bits(of_wide.view(), whole.view(), "f64");
        for engine in engines() {
            let again = Pipeline::from_toml(&text).unwrap();
            let again = again.fit_with(x.view(), &Run::new(engine)).unwrap();
            assert_eq!(again.to_json(), fitted.to_json(), "{per}, {engine}");
            for threads in [1, 3] {
                let y = on_threads(threads, || transform(&fitted, x.view(), engine));
                assert_same_bits(y.view(), whole.view(), &format!("{per}, {engine}, {threads}"));
            }
            for sample in [0, 20, 36] {
                let kept = s![sample..=sample, .., ..];
                let y = transform(&fitted, x.slice(kept), engine);
                assert_same_bits(y.view(), whole.slice(kept), &format!("{per}, {engine}, alone"));
            }
        }
        let naive = Pipeline::from_toml(&text).unwrap();
        let naive = naive.fit_with(x.view(), &Run::new(Engine::Reference)).unwrap();
        let naive = transform(&naive, x.view(), Engine::Reference);
        for ((place, got), expected) in whole.indexed_iter().zip(&naive) {
            let near = (got - expected).abs() <= 1e-9 * expected.abs().max(1.0);
            let agree = near || (got.is_nan() && expected.is_nan());
            assert!(agree, "{per}, {place:?}: {got:e}, by the definitions {expected:e}");
        }
        assert!(whole.iter().filter(|y| y.is_finite()).count() > whole.len() / 2);
    }
    for per in SCOPES {
        check::<f64>(per);
        check::<f32>(per);
    }
}

/// What comes later in a sample shows in what came before, and the plan says where; no other sample
/// shows, and nothing that is not marked looks ahead.
#[test]
fn the_plan_says_what_looks_ahead() {
    for (per, marked) in SCOPES.into_iter().zip([true, false]) {
        let text = mixed(per);
        let x = bars::<f64>(8, 9, 40);
        let fitted = fit(&text, x.view());
        let plan = fitted.pipeline().plan(Some([9, 40, 5]), None).unwrap();
        let ahead: Vec<bool> = plan.columns.iter().map(|column| column.looks_ahead).collect();
        assert_eq!(plan.size.as_ref().unwrap().whole_samples, marked);
        assert_eq!(ahead.contains(&true), marked);
        let shown = plan.to_string();
        assert_eq!(shown.contains("open_lag_1  (looks ahead)"), marked, "{shown}");
        let line = "standardize of close_lag_2 (each sample by itself, which looks ahead)\n";
        assert_eq!(shown.contains(line), marked, "{shown}");
        let clean = transform(&fitted, x.view(), Engine::default());
        let mut changed = x.clone();
        changed.slice_mut(s![.., 30.., ..]).mapv_inplace(|x| 1.5 * x + 1.0);
        let got = transform(&fitted, changed.view(), Engine::default());
        for (index, column) in plan.columns.iter().enumerate() {
            let kept = s![.., 20..30, index];
            let (got, clean) = (got.slice(kept), clean.slice(kept));
            let same = got.iter().zip(clean).all(|(a, b)| a.to_bits() == b.to_bits());
            assert_eq!(same, !column.looks_ahead, "{per}, {}", column.name);
        }
        let mut others = x.mapv(|x| x * 3.0);
        others.index_axis_mut(Axis(0), 4).assign(&x.index_axis(Axis(0), 4));
        let got = transform(&fitted, others.view(), Engine::default());
        let kept = s![4..5, .., ..];
        assert_same_bits(got.slice(kept), clean.slice(kept), "other samples");
    }
}

fn by_blocks<E: Element>(text: &str, x: ArrayView3<'_, E>, most: usize) -> FittedPipeline {
    let mut fitting = Fitting::new(&Pipeline::from_toml(text).unwrap());
    while fitting.wants_pass() {
        for block in x.axis_chunks_iter(Axis(0), most) {
            fitting.push(block, &Run::new(Engine::default())).unwrap();
        }
        fitting.end_pass().unwrap();
    }
    fitting.finish().unwrap()
}

/// Texts that ask for far more memory than they are long.
#[test]
fn saved_counts_of_a_timestep_are_those_of_a_fit() {
    let pipeline = Pipeline::from_toml(&mixed("per = 'timestep'")).unwrap();
    let mut fitting = Fitting::new(&pipeline);
    fitting.push(bars::<f64>(11, 5, 6).view(), &Run::new(Engine::default())).unwrap();
    let json = fitting.to_json();
    Fitting::from_json(&json).unwrap();
    let text = "counts of a timestep that are those of a whole column";
    for (from, to, expected) in [
        ("\"digit\":8,", "", text),
        ("\"width\":8,", "\"width\":16,", text),
        ("\"statistics\":[", "\"statistics\":[[],", "timesteps of a timestep"),
    ] {
        assert!(json.contains(from), "{from} is not in\n{json}");
        let error = Fitting::from_json(&json.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
}

/// Blocks, shards that are saved and merged, and pieces of time give the bits of the whole.
#[test]
fn timesteps_are_fitted_by_parts() {
    fn check<E: Element>() {
        let text = mixed("per = 'timestep'");
        let x = bars::<E>(11, 37, 70);
        let whole = fit(&text, x.view());
        let json = whole.to_json();
        for most in [1, 8, 30] {
            assert_eq!(by_blocks(&text, x.view(), most).to_json(), json, "blocks of {most}");
        }
        let pipeline = Pipeline::from_toml(&text).unwrap();
        let mut fitting = Fitting::new(&pipeline);
        while fitting.wants_pass() {
            let shard = |x: ArrayView3<'_, E>| {
                let mut shard = fitting.clone();
                shard.push(x, &Run::new(Engine::default())).unwrap();
                Fitting::from_json(&shard.to_json()).unwrap()
            };
            let (first, rest) = x.view().split_at(Axis(0), 9);
            let (first, second) = (shard(first), shard(rest));
            let mut merged = second.clone();
            merged.merge(&first).unwrap();
            let mut other = first;
            other.merge(&second).unwrap();
            assert_eq!(merged.to_json(), other.to_json());
            merged.end_pass().unwrap();
            fitting = merged;
        }
        assert_eq!(fitting.finish().unwrap().to_json(), json);
        let mut fitting = Fitting::new(&pipeline);
        while fitting.wants_pass() {
            for sample in x.axis_chunks_iter(Axis(0), 1) {
                let mut given = fitting.sample(70, Engine::default()).unwrap();
                sample.axis_chunks_iter(Axis(1), 23).for_each(|x| given.push(x).unwrap());
                fitting.push_sample(given).unwrap();
            }
            fitting.end_pass().unwrap();
        }
        assert_eq!(fitting.finish().unwrap().to_json(), json);

        let loaded = FittedPipeline::from_json(&json).unwrap();
        assert_eq!(loaded.to_json(), json);
        let y: Array3<E> = loaded.transform(x.view()).unwrap();
        let expected: Array3<E> = whole.transform(x.view()).unwrap();
        assert_same_bits(y.view(), expected.view(), "loaded");
        let mut pieces = Transforming::<E, E>::new(&loaded, (37, 70), Engine::default()).unwrap();
        let mut at = 0;
        for piece in x.axis_chunks_iter(Axis(1), 23) {
            let kept = s![.., at..at + piece.dim().1, ..];
            let mut y = y.slice(kept).mapv(|_| E::round(9.0));
            pieces.push(piece, y.view_mut()).unwrap();
            assert_same_bits(y.view(), expected.slice(kept), "pieces");
            at += piece.dim().1;
        }
    }
    check::<f64>();
    check::<f32>();
}

/// FIT-28, timestep by timestep.
#[test]
fn timesteps_come_back() {
    let x = bars::<f64>(12, 40, 30);
    for (step, warmup) in [
        ("op = 'standardize'", "keep"),
        ("op = 'robust'", "trim"),
        ("op = 'minmax'\nrange = [-1, 3]", "trim"),
        ("op = 'maxabs'", "keep"),
    ] {
        let text = format!(
            "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 5\n\
             [[step]]\n{step}\nper = 'timestep'\n[output]\nwarmup = '{warmup}'\n"
        );
        let fitted = fit(&text, x.view());
        let y = transform(&fitted, x.view(), Engine::default());
        let trim = x.dim().1 - y.dim().1;
        let back = fitted.inverse_transform(y.view()).unwrap();
        for t in trim..30 {
            for column in 0..5 {
                let values = x.slice(s![.., t, column]);
                let largest = values.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
                for (sample, x) in values.iter().enumerate() {
                    let error = (back[[sample, t - trim, column]] - x).abs();
                    assert!(error <= 4.0 * f64::EPSILON * largest, "{step}: {x} off by {error:e}");
                }
            }
        }
        // In pieces of time as they come.
        let columns = fitted.columns();
        let (first, last) = y.view().split_at(Axis(1), 11);
        let first = fitted.inverse_transform_from(0, &columns, first).unwrap();
        let last = fitted.inverse_transform_from(11, &columns, last).unwrap();
        let pieces = concatenate![Axis(1), first, last];
        assert_same_bits(pieces.view(), back.view(), step);
    }
}

/// A lagged cell was scaled where it stood before.
#[test]
fn lagged_timesteps_come_back() {
    let x = bars::<f64>(12, 41, 20);
    for (fill, warmup) in [("0", "keep"), ("'edge'", "keep"), ("nan", "trim")] {
        let text = format!(
            "{INPUT}[[step]]\nop = 'standardize'\nper = 'timestep'\n\
             [[step]]\nop = 'lag'\nlags = [3]\nfill = {fill}\n\
             [[step]]\nop = 'lag'\ncolumns = '*_lag_3'\nlags = [2]\nfill = {fill}\n\
             [[step]]\nop = 'minmax'\nper = 'timestep'\ncolumns = 'close_lag_3'\n\
             [[step]]\nop = 'lag'\ncolumns = 'close_lag_3'\nlags = [1]\nfill = {fill}\n\
             [output]\nwarmup = '{warmup}'\n"
        );
        let fitted = fit(&text, x.view());
        let y = transform(&fitted, x.view(), Engine::default());
        let back = fitted.inverse_transform(y.view()).unwrap();
        let trim = x.dim().1 - y.dim().1;
        for (place, name) in fitted.columns().iter().enumerate() {
            let lags = name.split("_lag_").skip(1).map(|lag| lag.parse::<usize>().unwrap());
            let (lag, input) = (lags.sum::<usize>(), name.split('_').next().unwrap());
            let feature =
                ["open", "high", "low", "close", "volume"].iter().position(|f| *f == input);
            let (feature, lag) = (feature.unwrap(), lag);
            for ((sample, t), got) in back.index_axis(Axis(2), place).indexed_iter() {
                let Some(from) = (t + trim).checked_sub(lag) else { continue };
                let expected = x[[sample, from, feature]];
                let largest =
                    x.slice(s![.., from, feature]).fold(0.0, |most: f64, x| most.max(x.abs()));
                let error = (got - expected).abs();
                assert!(
                    error <= 16.0 * f64::EPSILON * largest,
                    "{fill}, {name} at {t}: {got}, {expected}"
                );
            }
        }
    }
}

#[test]
fn an_indicator_of_scaled_values_has_no_way_back() {
    let text = format!(
        "{INPUT}[[step]]\nop = 'standardize'\ncolumns = 'close'\n\
         [[step]]\nop = 'sma'\ncolumns = ['close', 'open']\nperiod = 3\n"
    );
    let x = bars::<f64>(12, 5, 20);
    let fitted = fit(&text, x.view());
    let y = transform(&fitted, x.view(), Engine::default());
    let of = |column: &str| fitted.inverse_transform_of(&[column], y.slice(s![.., .., 5..6]));
    assert!(of("open_sma_3").is_ok());
    assert_eq!(
        of("close_sma_3").unwrap_err().to_string(),
        "the way back of `close_sma_3` is lost in `sma` of `close`, which an earlier step changes; choose among the \
         other columns"
    );
}

#[test]
fn samples_of_another_length_are_refused() {
    let text = format!("{INPUT}[[step]]\nop = 'maxabs'\nper = 'timestep'\n");
    let x = bars::<f64>(13, 6, 20);
    let fitted = fit(&text, x.view());
    let says = |got: usize| {
        format!(
            "the number of timesteps for `maxabs` of `open` is {got}; it has a map for each of 20 \
             timesteps"
        )
    };
    let other = bars::<f64>(13, 2, 19);
    let error = fitted.transform::<f64, f64>(other.view()).unwrap_err();
    assert_eq!(error.to_string(), says(19));
    let error = Transforming::<f64, f64>::new(&fitted, (2, 21), Engine::default()).err().unwrap();
    assert_eq!(error.to_string(), says(21));
    for engine in [Engine::default(), Engine::Reference] {
        let mut y = Array3::<f64>::zeros((2, 19, 5));
        let error =
            fitted.transform_into_with(other.view(), y.view_mut(), &Run::new(engine)).unwrap_err();
        assert_eq!(error.to_string(), says(19));
    }
    let error = fitted.inverse_transform(other.view()).unwrap_err();
    assert_eq!(error.to_string(), says(19));
    let error = fitted.inverse_transform_from(15, &fitted.columns(), other.view()).unwrap_err();
    assert_eq!(error.to_string(), says(34));

    let pipeline = Pipeline::from_toml(&text).unwrap();
    let run = Run::new(Engine::default());
    let mut fitting = Fitting::new(&pipeline);
    fitting.push(x.view(), &run).unwrap();
    let error = fitting.push(other.view(), &run).unwrap_err();
    assert_eq!(error.to_string(), says(19));
    let error = fitting.sample::<f64>(19, Engine::default()).err().unwrap();
    assert_eq!(error.to_string(), says(19));
    let mut second = Fitting::new(&pipeline);
    second.push(other.view(), &run).unwrap();
    assert_eq!(
        fitting.merge(&second).unwrap_err().to_string(),
        "cannot fit `maxabs`: column `open` has 19 timesteps in some samples and 20 in others"
    );
    // As much would be kept of each timestep.
    let long = Array3::<f32>::zeros((1, 300_000, 5));
    for engine in [Engine::default(), Engine::Reference] {
        let all = text.replace("maxabs", "standardize");
        let fitted = Pipeline::from_toml(&all).unwrap().fit_with(long.view(), &Run::new(engine));
        let error = fitted.unwrap_err().to_string();
        assert!(error.starts_with("what a fit learns of each timestep needs"), "{error}");
    }
    // A state is of its own kind.
    let column = fit(&text.replace("per = 'timestep'", ""), x.view()).to_json();
    let swapped = column.replace("op = 'maxabs'", "op = 'maxabs'\\nper = 'timestep'");
    assert_ne!(swapped, column);
    let error = FittedPipeline::from_json(&swapped).unwrap_err().to_string();
    assert!(error.contains("no fit gives such numbers"), "{error}");
}

/// A timestep that nobody has a value at is NaN; with too few it is named.
#[test]
fn timesteps_without_values() {
    let x = array![[[1.0], [f64::NAN], [3.0]], [[5.0], [f64::NAN], [f64::NAN]]];
    let text = "[input]\ncolumns = ['a']\n[[step]]\nop = 'standardize'\nper = 'timestep'\n";
    let fitted = fit(&format!("{text}nan = 'ignore'\n"), x.view());
    let y = transform(&fitted, array![[[3.0], [3.0], [4.0]]].view(), Engine::default());
    assert_eq!((y[[0, 0, 0]], y[[0, 2, 0]]), (0.0, 1.0));
    assert!(y[[0, 1, 0]].is_nan());
    let pipeline = Pipeline::from_toml(&format!("{text}nan = 'ignore'\nddof = 1\n")).unwrap();
    assert_eq!(
        pipeline.fit(x.view()).unwrap_err().to_string(),
        "cannot fit `standardize`: column `a` has 1 values; `ddof` = 1 needs 2, at timestep 2"
    );
    let error = Pipeline::from_toml(text).unwrap().fit(x.view()).unwrap_err().to_string();
    assert!(error.contains("column `a` is NaN at sample 0, timestep 1"), "{error}");
}

#[test]
fn keys_are_checked() {
    let step = |keys: &str| format!("{INPUT}[[step]]\n{keys}\n");
    for (keys, says) in [
        (
            "op = 'quantile'\nper = 'sample'",
            "line 6: `per` of `quantile` is \"sample\"; it is fitted over all samples and timesteps: \
             allowed is \"all\"",
        ),
        (
            "op = 'power'\nper = 'timestep'",
            "line 6: `per` of `power` is \"timestep\"; it is fitted over all samples and timesteps: \
             allowed is \"all\"",
        ),
        (
            "op = 'robust'\nper = 'feature'",
            "line 6: `per` of `robust` is \"feature\"; allowed: \"all\", \"sample\", \"timestep\"",
        ),
        (
            "op = 'robust'\nunit_variance = true\nquantile_range = [25, 100]",
            "line 7: `quantile_range` of `robust` is [25, 100]; allowed: [low, high] with low below \
             high, above 0 and below 100",
        ),
        (
            "op = 'maxabs'\nper = 'sample'\nnan = 'error'",
            "line 7: `nan` of `maxabs` is \"error\"; allowed: \"propagate\", \"ignore\"",
        ),
        (
            "op = 'maxabs'\nper = 'timestep'\nnan = 'propagate'",
            "line 7: `nan` of `maxabs` is \"propagate\"; allowed: \"error\", \"ignore\"",
        ),
    ] {
        assert_eq!(refusal(&step(keys)), says, "{keys}");
    }
    let unknown = refusal(&step("op = 'log1p'\nper = 'sample'"));
    assert!(unknown.contains("unknown key `per`"), "{unknown}");
    let unknown = refusal(&step("op = 'rolling_standardize'\nwindows = 3"));
    assert!(unknown.contains("unknown key `windows`"), "{unknown}");
    let all = step("op = 'standardize'\nper = 'all'");
    let x = bars::<f64>(1, 3, 9);
    let plain = step("op = 'standardize'");
    assert_same_bits(
        transform(&fit(&all, x.view()), x.view(), Engine::default()).view(),
        transform(&fit(&plain, x.view()), x.view(), Engine::default()).view(),
        "all",
    );
}
