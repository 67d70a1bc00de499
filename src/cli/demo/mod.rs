//! `windrow demo`: a folder with data, a pipeline and features, and what there is to see in it.

mod check;
mod market;
mod show;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{anyhow, bail};
use ndarray::Array3;
use serde::Serialize;
use windrow::io::{Batch, Output};
use windrow::{Dtype, Engine, FittedPipeline, Level, Pipeline, Run};

use super::arguments::Demo;
use super::build::{fit_batch, transform_batch};
use super::provenance::{self, fitted_text};
use super::session::Session;
use super::{files, memory, print};

const PIPELINE: &str = include_str!("pipeline.toml");
const TIMESTEPS: usize = 120;

/// What was made, measured and checked.
#[derive(Serialize)]
struct Report {
    folder: PathBuf,
    files: Vec<PathBuf>,
    train: [usize; 3],
    test: [usize; 3],
    features: [usize; 3],
    level: String,
    levels: Vec<&'static str>,
    threads: usize,
    make_seconds: f64,
    runs: Vec<Timed>,
    check: check::Check,
}

/// One measured run over the training batch.
#[derive(Serialize)]
struct Timed {
    run: &'static str,
    seconds: f64,
    ns_per_step: f64,
    steps_per_second: f64,
    /// Input and output together.
    mb_per_second: f64,
}

impl Timed {
    fn new(run: &'static str, seconds: f64, input: &Batch, output: Option<&Batch>) -> Timed {
        let [samples, timesteps, _] = input.shape();
        let steps = (samples * timesteps) as f64;
        let bytes = bytes(input) + output.map_or(0, bytes);
        Timed {
            run,
            seconds,
            ns_per_step: seconds * 1e9 / steps,
            steps_per_second: steps / seconds,
            mb_per_second: bytes as f64 / 1e6 / seconds,
        }
    }
}

fn bytes(batch: &Batch) -> usize {
    batch.shape().iter().product::<usize>() * batch.dtype().size()
}

pub fn demo(session: &Session, arguments: &Demo) -> anyhow::Result<()> {
    let engine = session.engine()?;
    let samples = arguments.samples;
    let pipeline = Pipeline::from_toml(PIPELINE)?;
    let shape = [samples, TIMESTEPS, market::COLUMNS.len()];
    let plan = pipeline.plan(Some(shape), Some(Dtype::F32))?;
    let size = plan.size.expect("the shape was given");
    memory::check_kept(session.memory, session.threads(), &size)?;
    let folder = Folder::make(&arguments.folder)?;
    let paths = [
        "pipeline.toml",
        "train.npy",
        "test.npy",
        "fitted.json",
        "columns.json",
        "train_features.npy",
        "test_features.npy",
    ]
    .map(|name| folder.path.join(name));
    let outputs =
        files::open(session, paths.each_ref().map(PathBuf::as_path), &[], arguments.force)?;

    let start = Instant::now();
    let last = samples - samples / 5;
    let train = Batch::F32(market::bars(0..last, TIMESTEPS)?);
    let test = Batch::F32(market::bars(last..samples, TIMESTEPS)?);
    let make_seconds = start.elapsed().as_secs_f64();

    let run = Run::new(engine);
    let (fitted, fit) = fit_batch(session, &pipeline, &train, None, &run)?;
    let (mut train_features, first) = transform_batch(session, &fitted, &train, &run)?;
    let again = transform_again(&fitted, &train, &mut train_features, engine)?;
    let (test_features, _) = transform_batch(session, &fitted, &test, &run)?;
    let check = check::check(&fitted, f32s(&test), f32s(&test_features))?;

    let (shape, dtype) = (train_features.shape(), train_features.dtype());
    let columns = provenance::manifest(&fitted, shape, dtype, &engine.to_string());
    let texts = [PIPELINE.to_owned(), fitted_text(&fitted), columns.to_json()];
    write(outputs, &texts, [&train, &test, &train_features, &test_features])?;
    let report = Report {
        folder: folder.keep(),
        files: paths.to_vec(),
        train: train.shape(),
        test: test.shape(),
        features: train_features.shape(),
        level: engine.to_string(),
        levels: Level::available().iter().map(|level| level.name()).collect(),
        threads: session.threads(),
        make_seconds,
        runs: vec![
            Timed::new("fit", fit, &train, None),
            Timed::new("transform, new memory", first, &train, Some(&train_features)),
            Timed::new("again, same memory, best of 3", again, &train, Some(&train_features)),
        ],
        check,
    };
    match session.json() {
        true => print::json(&report),
        false => print::results(&show::text(&report, &fitted, f32s(&test), f32s(&test_features))),
    }
}

/// The demo's batches are of one element type.
fn f32s(batch: &Batch) -> &Array3<f32> {
    match batch {
        Batch::F32(x) => x,
        Batch::F64(_) => unreachable!("the demo's pipeline gives f32"),
    }
}

/// Transforms three times more into memory that is already there: seconds of the fastest, which
/// other programs disturbed least.
fn transform_again(
    fitted: &FittedPipeline,
    input: &Batch,
    output: &mut Batch,
    engine: Engine,
) -> windrow::Result<f64> {
    let Batch::F32(y) = output else { unreachable!("the demo's pipeline gives f32") };
    let mut fastest = f64::INFINITY;
    for _ in 0..3 {
        let start = Instant::now();
        fitted.transform_into_with(f32s(input).view(), y.view_mut(), &Run::new(engine))?;
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    Ok(fastest)
}

fn write(outputs: [Output; 7], texts: &[String; 3], batches: [&Batch; 4]) -> anyhow::Result<()> {
    let [pipeline, train, test, fitted, columns, train_features, test_features] = outputs;
    let mut written = Vec::new();
    for (mut output, text) in [pipeline, fitted, columns].into_iter().zip(texts) {
        output.write_text(text)?;
        written.push(output);
    }
    for (output, batch) in [train, test, train_features, test_features].into_iter().zip(batches) {
        written.push(output.write_batch(batch)?);
    }
    files::commit(written)
}

/// A folder that goes again unless it is kept, if it was made here.
struct Folder {
    path: PathBuf,
    made: bool,
}

impl Folder {
    fn make(path: &Path) -> anyhow::Result<Folder> {
        let made = !path.is_dir();
        if made && path.exists() {
            bail!("{}: is a file; expected a folder, or a name for a new one", path.display());
        }
        if made {
            fs::create_dir(path)
                .map_err(|error| anyhow!("cannot create {}: {error}", path.display()))?;
        }
        Ok(Folder { path: path.to_owned(), made })
    }

    fn keep(mut self) -> PathBuf {
        self.made = false;
        self.path.clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.made {
            // Removes it only if it is empty.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
