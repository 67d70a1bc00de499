//! Fits and transforms that are given their samples in pieces of time: the bits of the whole.

mod common;

use common::{INPUT, Random, assert_same_bits, bars, engines, on_threads, row_step, small};
use ndarray::{Array3, ArrayView3, Axis, concatenate, s};
use windrow::indicators::rows;
use windrow::{Element, Engine, FittedPipeline, Fitting, Pipeline, Run, Transforming};

/// Everything that looks back: windows, recursions, lags of either, with each kind of fill, scaled
/// before and after.
const STEPS: &str = "
    [[step]]
    op = 'sma'
    columns = ['open', 'close']
    period = 5
    [[step]]
    op = 'lag'
    columns = ['close', 'close_sma_5']
    lags = [1, 40]
    fill = 'edge'
    [[step]]
    op = 'standardize'
    columns = ['open', 'close', 'close_lag_40']
    [[step]]
    op = 'ema'
    columns = 'close_lag_40'
    period = 9
    [[step]]
    op = 'lag'
    columns = ['*_ema_9', 'volume']
    lags = [3]
    fill = 7.0
    [[step]]
    op = 'rsi'
    columns = 'open'
    period = 6
    nan = 'reseed'
    [[step]]
    op = 'minmax'
    columns = ['high', 'low', 'volume_lag_3', '*_rsi_6']
    [[step]]
    op = 'lag'
    columns = ['high']
    lags = [90]
    fill = 'nan'
    place = 'front'
";

const OUTPUTS: [&str; 4] = ["", "warmup = 'trim'", "warmup = -1.5", "dtype = 'f32'"];

fn pipeline(output: &str) -> Pipeline {
    let text = format!("{INPUT}{STEPS}\n[output]\n{output}\n");
    Pipeline::from_toml(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// Lengths that add up to `total`, some of them nothing.
fn cuts(random: &mut Random, total: usize, most: usize) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut left = total;
    while left > 0 {
        let cut = random.below(most + 1).min(left);
        cuts.push(cut);
        left -= cut;
    }
    cuts
}

fn transform<E: Element, O: Element>(
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
    engine: Engine,
    cuts: &[usize],
) -> Array3<O> {
    let (samples, timesteps, _) = x.dim();
    let shape = fitted.output_shape(x.dim()).unwrap();
    let mut transforming = Transforming::new(fitted, (samples, timesteps), engine).unwrap();
    let mut at = 0;
    let mut pieces = vec![Array3::from_elem((samples, 0, shape.2), O::round(0.0))];
    for &cut in cuts {
        let rows = transforming.rows(cut);
        let mut y = Array3::from_elem((samples, rows, shape.2), O::round(9e9));
        transforming.push(x.slice(s![.., at..at + cut, ..]), y.view_mut()).unwrap();
        pieces.push(y);
        at += cut;
    }
    let views: Vec<_> = pieces.iter().map(|piece| piece.view()).collect();
    let y = concatenate(Axis(1), &views).unwrap();
    assert_eq!(y.dim(), shape);
    y
}

fn check<E: Element, O: Element>(output: &str) {
    let mut random = Random(11);
    let pipeline = pipeline(output);
    for (samples, timesteps) in [(1, 300), (3, 150), (11, 131), (2, 60), (1, 1), (0, 5)] {
        let mut x = bars::<E>(5, samples.max(1), timesteps);
        let fitted = match timesteps > 90 {
            true => pipeline.fit(x.view()).unwrap(),
            false => pipeline.fit(bars::<E>(5, 2, 200).view()).unwrap(),
        };
        // NaN and infinity mid-way, after the fit.
        if timesteps > 90 {
            x[[0, 70, 0]] = E::round(f64::NAN);
            x[[samples - 1, 33, 3]] = E::round(f64::INFINITY);
        }
        let x = x.slice(s![..samples, .., ..]);
        let whole: Array3<O> = fitted.transform(x).unwrap();
        for engine in engines() {
            for most in [1, 17, 64, timesteps] {
                let cuts = cuts(&mut random, timesteps, most);
                let y = transform::<E, O>(&fitted, x, engine, &cuts);
                let what = format!("{:?}, {engine}, {output}, cut {cuts:?}", x.dim());
                assert_same_bits(y.view(), whole.view(), &what);
            }
        }
    }
}

#[test]
fn pieces_give_the_bits_of_the_whole() {
    for output in &OUTPUTS[..3] {
        check::<f64, f64>(output);
        check::<f32, f32>(output);
    }
    check::<f64, f32>(OUTPUTS[3]);
}

#[test]
fn every_row_can_be_given_in_pieces() {
    let mut random = Random(12);
    let x = bars::<f64>(8, 1, 160);
    for row in rows() {
        // Twice: a sample alone goes abreast where it can.
        let step = row_step(row, small);
        let mut text = format!("{INPUT}{step}");
        if row.inputs.iter().all(|input| input.role().is_none()) && row.inputs.len() == 1 {
            text = text.replace("columns = [\"close\"]", "columns = [\"close\", \"open\"]");
        }
        let Ok(pipeline) = Pipeline::from_toml(&text) else { panic!("{text}") };
        let fitted = pipeline.fit(x.view()).unwrap();
        let whole: Array3<f64> = fitted.transform(x.view()).unwrap();
        let cuts = cuts(&mut random, 160, 30);
        let y = transform::<f64, f64>(&fitted, x.view(), Engine::default(), &cuts);
        assert_same_bits(y.view(), whole.view(), row.name);
    }
}

#[test]
fn threads_and_memory_orders_do_not_matter() {
    let pipeline = pipeline("");
    let x = bars::<f32>(3, 40, 120);
    let fitted = pipeline.fit(x.view()).unwrap();
    let whole: Array3<f32> = fitted.transform(x.view()).unwrap();
    let cuts = [50, 1, 69];
    for threads in [1, 3] {
        let y = on_threads(threads, || {
            transform::<f32, f32>(&fitted, x.view(), Engine::default(), &cuts)
        });
        assert_same_bits(y.view(), whole.view(), &format!("{threads} threads"));
    }
    // Time outermost, in both.
    let across = x.view().permuted_axes([1, 0, 2]).as_standard_layout().into_owned();
    let across = across.view().permuted_axes([1, 0, 2]);
    let (samples, timesteps, columns) = whole.dim();
    let mut y = Array3::<f32>::zeros((timesteps, samples, columns));
    let mut transforming = Transforming::new(&fitted, (40, 120), Engine::default()).unwrap();
    for (x, y) in across.axis_chunks_iter(Axis(1), 50).zip(y.axis_chunks_iter_mut(Axis(0), 50)) {
        transforming.push(x, y.permuted_axes([1, 0, 2])).unwrap();
    }
    assert_same_bits(y.view().permuted_axes([1, 0, 2]), whole.view(), "time outermost");
}

/// A fit whose samples all come in pieces, or some of them in blocks.
fn fit<E: Element>(
    pipeline: &Pipeline,
    x: &Array3<E>,
    engine: Engine,
    first_block: usize,
    random: &mut Random,
) -> windrow::Result<String> {
    let mut fitting = Fitting::new(pipeline);
    while fitting.wants_pass() {
        if first_block > 0 {
            fitting.push(x.slice(s![..first_block, .., ..]), &Run::new(engine))?;
        }
        for sample in x.axis_chunks_iter(Axis(0), 1).skip(first_block) {
            let timesteps = sample.dim().1;
            let mut pieces = fitting.sample(timesteps, engine)?;
            let mut at = 0;
            for cut in cuts(random, timesteps, 80) {
                pieces.push(sample.slice(s![.., at..at + cut, ..]))?;
                at += cut;
            }
            fitting.push_sample(pieces)?;
        }
        fitting.end_pass()?;
    }
    Ok(fitting.finish()?.to_json())
}

fn check_fit<E: Element>() {
    let mut random = Random(13);
    let pipeline = pipeline("");
    assert_eq!(pipeline.plan(None, None).unwrap().fit_passes, 2);
    for samples in [1, 8, 19] {
        let x = bars::<E>(5, samples, 333);
        let whole = pipeline.fit(x.view()).unwrap().to_json();
        for engine in engines() {
            for first in [0, 3, 8] {
                if first < samples {
                    let pieces = fit(&pipeline, &x, engine, first, &mut random).unwrap();
                    assert_eq!(pieces, whole, "{samples} samples, {engine}, a block of {first}");
                }
            }
        }
    }
}

#[test]
fn a_fit_of_pieces_has_the_bits_of_the_whole() {
    check_fit::<f64>();
    check_fit::<f32>();
}

#[test]
fn errors_name_the_cell_that_the_whole_names() {
    let mut random = Random(14);
    let pipeline = pipeline("");
    let same = |x: &Array3<f64>, random: &mut Random| {
        let whole = pipeline.fit(x.view()).unwrap_err().to_string();
        let pieces = fit(&pipeline, x, Engine::default(), 0, random).unwrap_err().to_string();
        assert_eq!(pieces, whole);
        whole
    };
    let mut x = bars::<f64>(6, 13, 200);
    x[[12, 140, 3]] = f64::NAN;
    assert!(same(&x, &mut random).contains("sample 12, timestep 140"));
    // Another column of an earlier sample, and of the same group.
    x[[9, 20, 0]] = f64::INFINITY;
    assert!(same(&x, &mut random).contains("sample 9, timestep 20"));
    x[[2, 199, 1]] = f64::NAN;
    same(&x, &mut random);
    // What f64 cannot accumulate needs all values again, and the pieces are gone.
    let mut x = bars::<f64>(6, 3, 200);
    x[[1, 7, 0]] = 1e200;
    pipeline.fit(x.view()).unwrap();
    let error = fit(&pipeline, &x, Engine::default(), 0, &mut random).unwrap_err().to_string();
    assert!(
        error.contains("has a spread beyond f64, or below it, in sample 1, given in pieces"),
        "{error}"
    );
}

#[test]
fn misuse_is_refused() {
    let pipeline = pipeline("");
    let x = bars::<f64>(7, 12, 200);
    let fitted = pipeline.fit(x.view()).unwrap();
    let engine = Engine::default();

    let error = Transforming::<f64, f32>::new(&fitted, (1, 9), engine).err().unwrap();
    assert_eq!(error.to_string(), "the element type of the output is f32; the pipeline gives f64");
    let error = Transforming::<f64, f64>::new(&fitted, (1, 9), Engine::Reference).err().unwrap();
    assert_eq!(
        error.to_string(),
        "the engine of a transform by pieces is reference; allowed: a level"
    );
    assert!(Transforming::<f64, f64>::new(&fitted, (1 << 40, 1 << 40), engine).is_err());
    let mut transforming = Transforming::<f64, f64>::new(&fitted, (12, 20), engine).unwrap();
    let columns = fitted.columns().len();
    let mut refuse = |x: ArrayView3<'_, f64>, rows: usize| {
        let mut y = Array3::zeros((12, rows, columns));
        transforming.push(x, y.view_mut()).unwrap_err().to_string()
    };
    assert_eq!(
        refuse(x.slice(s![.., ..21, ..]), 21),
        "the piece has shape (12, 21, 5); expected (12, at most 20, 5)"
    );
    assert!(refuse(x.slice(s![..11, ..9, ..]), 9).starts_with("the piece has shape (11, 9, 5)"));
    assert!(refuse(x.slice(s![.., ..9, ..4]), 9).starts_with("the piece has shape (12, 9, 4)"));
    assert!(refuse(x.slice(s![.., ..9, ..]), 8).starts_with("the output buffer has shape (12, 8,"));

    let mut fitting = Fitting::new(&pipeline);
    let mut sample = fitting.sample(200, engine).unwrap();
    let piece = |range: std::ops::Range<usize>| x.slice(s![..1, range, ..]);
    sample.push(piece(0..120)).unwrap();
    let error = sample.push(piece(0..81)).unwrap_err().to_string();
    assert_eq!(error, "the piece has shape (1, 81, 5); expected (1, at most 80, 5)");
    let error = fitting.push_sample(sample).unwrap_err().to_string();
    assert_eq!(error, "the timesteps given is 120; expected all 200");

    let mut sample = fitting.sample(200, engine).unwrap();
    sample.push(piece(0..200)).unwrap();
    let mut other = Fitting::new(&self::pipeline(""));
    let error = other.push_sample(sample).unwrap_err().to_string();
    assert_eq!(
        error,
        "the sample is of another fit; expected one that this fit began, in this pass"
    );
}
