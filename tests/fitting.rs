//! A fit block by block: the bits of one block, the samples of the whole batch in errors.

mod common;

use common::{INPUT, Random, bars, engines};
use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use windrow::{Element, Engine, Fitting, Pipeline, Run};

/// Two scalers that stand on each other: two passes.
fn pipeline() -> Pipeline {
    let steps = "[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 3\n\
                 [[step]]\nop = 'standardize'\n\
                 [[step]]\nop = 'ema'\ncolumns = 'open'\nperiod = 4\n\
                 [[step]]\nop = 'minmax'\n";
    Pipeline::from_toml(&format!("{INPUT}{steps}")).unwrap()
}

fn by_blocks<E: Element>(
    pipeline: &Pipeline,
    x: &Array3<E>,
    block: usize,
    engine: Engine,
) -> windrow::Result<String> {
    let mut fitting = Fitting::new(pipeline);
    while fitting.wants_pass() {
        for block in x.axis_chunks_iter(Axis(0), block) {
            fitting.push(block, &Run::new(engine))?;
        }
        fitting.end_pass()?;
    }
    Ok(fitting.finish()?.to_json())
}

fn check<E: Element>() {
    let pipeline = pipeline();
    assert_eq!(pipeline.plan(None, None).unwrap().fit_passes, 2);
    for samples in [1, 8, 37] {
        let x = bars::<E>(5, samples, 41);
        let whole = pipeline.fit(x.view()).unwrap().to_json();
        for engine in engines() {
            for block in [1, 7, 8, 16, 40] {
                let blocks = by_blocks(&pipeline, &x, block, engine).unwrap();
                assert_eq!(blocks, whole, "{samples} samples, blocks of {block}, {engine}");
            }
        }
    }
}

#[test]
fn blocks_give_the_bits_of_the_whole() {
    check::<f64>();
    check::<f32>();
}

#[test]
fn errors_count_samples_from_the_first_block() {
    let pipeline = pipeline();
    let mut x = bars::<f64>(6, 37, 20);
    x[[29, 7, 0]] = f64::NAN;
    let whole = pipeline.fit(x.view()).unwrap_err().to_string();
    assert!(whole.contains("sample 29, timestep 7"), "{whole}");
    for block in [8, 16] {
        let error = by_blocks(&pipeline, &x, block, Engine::default()).unwrap_err();
        assert_eq!(error.to_string(), whole);
    }
}

#[test]
fn misuse_is_refused() {
    let pipeline = pipeline();
    let x = bars::<f64>(7, 12, 20);
    let run = Run::new(Engine::default());
    let mut fitting = Fitting::new(&pipeline);
    fitting.push(x.view(), &run).unwrap();
    assert_eq!(
        fitting.push(x.mapv(|x| x as f32).view(), &run).unwrap_err().to_string(),
        "the dtype of a block is f32; earlier blocks have f64"
    );
    assert_eq!(
        fitting.finish().unwrap_err().to_string(),
        "the number of passes is 0; the pipeline needs 2"
    );
    let mut fitting = Fitting::new(&pipeline);
    assert_eq!(
        fitting.push(x.view(), &Run::new(Engine::Reference)).unwrap_err().to_string(),
        "the engine of a fit by blocks is reference; allowed: a level"
    );
    let late = "[[step]]\nop = 'sma'\ncolumns = 'open'\nperiod = 21\n[[step]]\nop = 'maxabs'\n";
    let late = Pipeline::from_toml(&format!("{INPUT}{late}")).unwrap();
    assert_eq!(
        late.fit(x.view()).unwrap_err().to_string(),
        "cannot fit `maxabs`: column `open_sma_21` has no values beyond its warm-up and fill"
    );
    let narrow = x.slice(s![.., .., ..2]);
    assert!(fitting.push(narrow, &run).unwrap_err().to_string().starts_with("the batch has shape"));
    fitting.push(x.view(), &run).unwrap();
    fitting.end_pass().unwrap();
    fitting.push(x.slice(s![..11, .., ..]), &run).unwrap();
    let error = fitting.end_pass().unwrap_err().to_string();
    assert!(error.starts_with("what pass 2 saw is 11 samples of f64 with fingerprint "), "{error}");
    assert!(error.contains("; the first pass saw 12 samples of f64"), "{error}");
}

/// Fits each shard by itself, from a state that was saved, and merges them in this order.
fn by_shards<E: Element>(pipeline: &Pipeline, shards: &[ArrayView3<'_, E>]) -> String {
    let mut state = Fitting::new(pipeline);
    while state.wants_pass() {
        let fit = |shard: &ArrayView3<'_, E>| {
            let mut part = Fitting::from_json(&state.to_json()).unwrap();
            part.push(*shard, &Run::new(Engine::default())).unwrap();
            Fitting::from_json(&part.to_json()).unwrap()
        };
        let mut parts = shards.iter().map(fit);
        let mut merged = parts.next().unwrap();
        parts.for_each(|part| merged.merge(&part).unwrap());
        merged.end_pass().unwrap();
        state = merged;
    }
    state.finish().unwrap().to_json()
}

/// FIT-22, DET-11: one go, chunks, shards in any order: the same file to the byte.
#[test]
fn merged_shards_give_the_bits_of_the_whole() {
    let robust = "[[step]]\nop = 'robust'\n[[step]]\nop = 'maxabs'\nclip = true\n";
    let texts = [pipeline().to_toml().to_owned(), format!("{INPUT}{robust}")];
    for pipeline in texts.map(|text| Pipeline::from_toml(&text).unwrap()) {
        let x = bars::<f32>(15, 61, 30);
        let whole = pipeline.fit(x.view()).unwrap().to_json();
        let mut shards: Vec<_> =
            [0..3, 3..20, 20..21, 21..61].map(|part| x.slice(s![part, .., ..])).into();
        for round in 0..4 {
            assert_eq!(by_shards(&pipeline, &shards), whole, "order {round}");
            Random(round).shuffle(&mut shards);
        }
        let rows: Vec<_> = x.axis_chunks_iter(Axis(0), 1).collect();
        assert_eq!(by_shards(&pipeline, &rows), whole, "samples one by one");
    }
}

#[test]
fn what_does_not_go_together_is_refused_by_name() {
    let run = Run::new(Engine::default());
    let x = bars::<f64>(9, 20, 25);
    let part = |pipeline: &Pipeline, x: ArrayView3<'_, f64>| {
        let mut part = Fitting::new(pipeline);
        part.push(x, &run).unwrap();
        part
    };
    let halves = [s![..12, .., ..], s![12.., .., ..]].map(|half| x.slice(half));
    let [mut a, b] = halves.map(|half| part(&pipeline(), half));
    let refused = |a: &Fitting, b: &Fitting, begins: &str, ends: &str| {
        let error = a.clone().merge(b).unwrap_err().to_string();
        assert!(error.starts_with(begins) && error.ends_with(ends), "{error}");
    };
    let other = Pipeline::from_toml(&format!("{INPUT}[[step]]\nop = 'minmax'\n")).unwrap();
    let of = "of the fit to merge is";
    refused(
        &a,
        &part(&other, x.view()),
        &format!("the pipeline {of} another"),
        "all must be fits of one pipeline file",
    );
    let data = format!("the data {of} 12 samples of f64 with fingerprint ");
    refused(&a, &a, &data, "the same are merged already");
    let mut narrow = Fitting::new(&pipeline());
    narrow.push(x.mapv(|x| x as f32).view(), &run).unwrap();
    refused(&a, &narrow, &format!("the dtype {of} f32"), "the others have f64");
    let mut ended = b.clone();
    ended.end_pass().unwrap();
    refused(&a, &ended, &format!("the pass {of} 2"), "the others are in pass 1");
    a.end_pass().unwrap();
    refused(&a, &ended, &format!("the first pass {of} 8 samples"), "");
    // Nothing seen is nothing added.
    let mut merged = b.clone();
    merged.merge(&Fitting::new(&pipeline())).unwrap();
    assert_eq!(merged.to_json(), b.to_json());
}

#[test]
fn a_partial_fit_that_no_fit_wrote_is_refused() {
    let text = format!("{INPUT}[[step]]\nop = 'robust'\ncolumns = 'close'\n");
    let pipeline = Pipeline::from_toml(&text).unwrap();
    let mut fitting = Fitting::new(&pipeline);
    fitting.push(bars::<f64>(3, 4, 5).view(), &Run::new(Engine::default())).unwrap();
    let state = fitting.to_json();
    assert_eq!(Fitting::from_json(&state).unwrap().to_json(), state);
    // Half a megabyte of memory for each.
    let counts = format!("\"counts\":[{}", "{\"prefix\":0,\"digits\":[]},".repeat(100));
    for (from, to, expected) in [
        ("partial fit", "fit", "saved state: the format is `windrow fit` version 1"),
        ("\"version\":1", "\"version\":2", "saved state: the format is `windrow partial fit` v"),
        ("\"pass\":1", "\"pass\":0", "saved state: the pass is 0; the pipeline needs 4"),
        ("\"pass\":1", "\"pass\":6", "saved state: the pass is 6; the pipeline needs 4"),
        ("\"pass\":1", "\"pass\":5", "saved state: `robust` on `close` is "),
        ("\"pass\":1", "\"pass\":2", "saved state: `robust` on `close` is "),
        ("\"columns\":[\"open\"", "\"columns\":[\"o\"", "saved state: the list of columns is o, "),
        (
            "\"column\":\"close\"",
            "\"column\":\"open\"",
            "saved state: a scaler is `robust` on `open`",
        ),
        ("\"count\":20", "\"count\":21", "saved state: `robust` on `close` is "),
        ("\"passes\":0", "\"passes\":1", "saved state: `robust` on `close` is "),
        ("\"dtype\":\"f64\"", "\"dtype\":\"f16\"", "saved state: the partial fit is unreadable ("),
        ("\"samples\":4", "\"samples\":-4", "saved state: the partial fit is unreadable ("),
        ("\"counts\":[", &counts, "saved state: the partial fit is unreadable (6619136 counts; "),
    ] {
        assert!(state.contains(from), "{from} is not in {state}");
        let error = Fitting::from_json(&state.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.starts_with(expected) && !error.contains('\n'), "{error}");
    }
}

const NONE_LEFT: &str = "the pass under way is none; of ";

/// Whatever is asked of it, a fit whose pass could not end is what it was before.
#[test]
fn a_pass_that_cannot_end_leaves_the_fit_as_it_was() {
    let run = Run::new(Engine::default());
    let x = bars::<f64>(7, 12, 20);
    let two_passes = "[[step]]\nop = 'standardize'\ncolumns = 'open'\nddof = 239\n\
                      [[step]]\nop = 'sma'\ncolumns = 'open'\nperiod = 2\n\
                      [[step]]\nop = 'minmax'\n";
    for (steps, begun) in [(two_passes, 11), ("[[step]]\nop = 'robust'\n", 0)] {
        let pipeline = Pipeline::from_toml(&format!("{INPUT}{steps}")).unwrap();
        let mut fitting = Fitting::new(&pipeline);
        if begun > 0 {
            fitting.push(x.slice(s![..begun, .., ..]), &run).unwrap();
        }
        let before = fitting.to_json();
        for _ in 0..2 {
            fitting.end_pass().unwrap_err();
            assert_eq!(fitting.to_json(), before);
            assert!(fitting.wants_pass());
            let error = fitting.clone().finish().unwrap_err().to_string();
            assert!(error.starts_with("the number of passes is 0; the pipeline needs "), "{error}");
        }
        fitting.push(x.slice(s![begun.., .., ..]), &run).unwrap();
        fitting.end_pass().unwrap();
        while fitting.wants_pass() {
            fitting.push(x.view(), &run).unwrap();
            fitting.end_pass().unwrap();
        }
        assert_eq!(
            fitting.finish().unwrap().to_json(),
            pipeline.fit(x.view()).unwrap().to_json(),
            "{steps}"
        );
    }
}

/// A pass over other samples than the first is forgotten, and can be given again.
#[test]
fn a_pass_over_other_samples_can_be_given_again() {
    let run = Run::new(Engine::default());
    let x = bars::<f64>(7, 12, 20);
    let each = "[[step]]\nop = 'robust'\n[[step]]\nop = 'sma'\ncolumns = 'open'\nperiod = 2\n\
                [[step]]\nop = 'minmax'\nper = 'timestep'\n";
    for pipeline in [pipeline(), Pipeline::from_toml(&format!("{INPUT}{each}")).unwrap()] {
        let mut fitting = Fitting::new(&pipeline);
        let mut first = true;
        while fitting.wants_pass() {
            if !first {
                let before = fitting.to_json();
                fitting.push(x.slice(s![.., ..19, ..]), &run).unwrap();
                let error = fitting.end_pass().unwrap_err().to_string();
                assert!(error.starts_with("what pass "), "{error}");
                assert_eq!(fitting.to_json(), before);
            }
            first = false;
            fitting.push(x.view(), &run).unwrap();
            fitting.end_pass().unwrap();
        }
        assert_eq!(fitting.finish().unwrap().to_json(), pipeline.fit(x.view()).unwrap().to_json());
    }
}

/// After the last pass, and where no scaler needs one, there is nothing but to finish.
#[test]
fn a_fit_that_is_done_takes_no_more() {
    let run = Run::new(Engine::default());
    let x = bars::<f64>(7, 12, 20);
    let none = "[[step]]\nop = 'sma'\ncolumns = 'open'\nperiod = 2\n";
    for pipeline in [pipeline(), Pipeline::from_toml(&format!("{INPUT}{none}")).unwrap()] {
        let mut fitting = Fitting::new(&pipeline);
        while fitting.wants_pass() {
            fitting.push(x.view(), &run).unwrap();
            fitting.end_pass().unwrap();
        }
        let weights = Array2::ones((12, 1));
        for refused in [
            fitting.push(x.view(), &run),
            fitting.push_weighted(x.view(), weights.view(), &run),
            fitting.sample::<f64>(20, Engine::default()).map(drop),
            fitting.end_pass(),
        ] {
            let error = refused.unwrap_err().to_string();
            assert!(error.starts_with(NONE_LEFT), "{error}");
        }
        let restored = Fitting::from_json(&fitting.to_json()).unwrap();
        assert!(!restored.wants_pass());
        let whole = pipeline.fit(x.view()).unwrap().to_json();
        assert_eq!(restored.finish().unwrap().to_json(), whole);
        assert_eq!(fitting.finish().unwrap().to_json(), whole);
    }
}

/// A saved fit that says its passes are over, and is under way, would have no maps to finish with.
#[test]
fn a_partial_fit_past_its_passes_must_be_whole() {
    let pipeline = Pipeline::from_toml(&format!("{INPUT}[[step]]\nop = 'minmax'\n")).unwrap();
    let mut fitting = Fitting::new(&pipeline);
    fitting.push(bars::<f64>(3, 4, 5).view(), &Run::new(Engine::default())).unwrap();
    let state = fitting.to_json().replacen("\"pass\":1", "\"pass\":2", 1);
    let error = Fitting::from_json(&state).unwrap_err().to_string();
    assert_eq!(error, "saved state: a pass is under way; the pipeline needs 1, and they are over");
}
