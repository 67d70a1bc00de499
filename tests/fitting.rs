//! A fit block by block: the bits of one block, the samples of the whole batch in errors.

mod common;

use common::{INPUT, bars, engines};
use ndarray::{Array3, Axis, s};
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
            for block in [8, 16, 24, 40] {
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
        fitting.push(x.view(), &run).unwrap_err().to_string(),
        "the samples of earlier blocks is 12; allowed: a multiple of 8, then more"
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
    let narrow = x.slice(s![.., .., ..2]);
    assert!(fitting.push(narrow, &run).unwrap_err().to_string().starts_with("the batch has shape"));
}
