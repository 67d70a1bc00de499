//! `windrow build`, `fit` and `transform`.

use std::path::Path;
use std::time::Instant;

use anyhow::bail;
use ndarray::{Array2, ArrayView3};
use serde::Serialize;
use windrow::io::{Batch, Source};
use windrow::{Dtype, Element, Engine, FittedPipeline, Fitting, Pipeline, Run};

use super::arguments::{Build, Fit, Transform};
use super::destination::{Destination, Written};
use super::memory::{self, Blocks, Budget};
use super::parts::{FitParts, parts};
use super::progress::Progress;
use super::provenance::fitted_text;
use super::session::Session;
use super::{files, print, stream, weights};

/// What was written, for `--format json`.
#[derive(Serialize)]
struct Report<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fitted: Option<&'a Path>,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a Path>,
    shape: [usize; 3],
    dtype: &'static str,
    level: String,
    threads: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    fit_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transform_seconds: Option<f64>,
}

pub fn build(session: &Session, arguments: &Build) -> anyhow::Result<()> {
    let Build { pipeline, input, weights: weighing, output } = arguments;
    let run = Run::new(session.engine()?);
    let target = files::Targets::of(&output.output)?.fitted;
    let text = pipeline;
    let pipeline = files::read_pipeline(text)?;
    let source = files::open_source(&input.files, input.cast, pipeline.input_columns())?;
    let weights = weights::read(session, weighing.file.as_ref(), text, &pipeline, source.layout())?;
    let budget = budget(session, &pipeline, &source, weights.as_ref())?;
    check_trim(text, &pipeline, &source)?;
    let inputs = files::inputs(text, &source, weighing.file.as_ref());
    let destination = Destination::open(session, output, true, &inputs, &budget)?;
    files::tell_joined(session, &source);

    let (fitted, seen, fit_seconds) =
        fit_source(session, &pipeline, &source, weights.as_ref(), budget.fit, &run)?;
    let (written, transform_seconds) =
        transform_source(session, destination, &source, &fitted, budget.transform, &run, seen)?;
    let report = Report {
        fitted: Some(&target),
        fit_seconds: Some(fit_seconds),
        ..Report::of(session, &written, &run, transform_seconds)
    };
    report.print(session, source.layout().shape)
}

pub fn fit(session: &Session, arguments: &Fit) -> anyhow::Result<()> {
    let Fit { pipeline, input, weights: weighing, output, force, .. } = arguments;
    let run = Run::new(session.engine()?);
    let text = pipeline;
    let pipeline = files::read_pipeline(text)?;
    let source = files::open_source(&input.files, input.cast, pipeline.input_columns())?;
    let layout = source.layout();
    let weights = weights::read(session, weighing.file.as_ref(), text, &pipeline, layout)?;
    let budget = budget(session, &pipeline, &source, weights.as_ref())?;
    let inputs = files::inputs(text, &source, weighing.file.as_ref());
    let [mut fitted_out] = files::open(session, [output], &inputs, *force)?;
    files::tell_joined(session, &source);

    let (fitted, _, fit_seconds) =
        fit_source(session, &pipeline, &source, weights.as_ref(), budget.fit, &run)?;
    fitted_out.write_text(&fitted_text(&fitted))?;
    files::commit(vec![fitted_out])?;

    let report = Report {
        output: None,
        fitted: Some(output),
        columns: None,
        shape: layout.shape,
        dtype: layout.dtype.name(),
        level: run.engine.to_string(),
        threads: session.threads(),
        fit_seconds: Some(fit_seconds),
        transform_seconds: None,
    };
    report.print(session, layout.shape)
}

pub fn transform(session: &Session, arguments: &Transform) -> anyhow::Result<()> {
    let Transform { fitted, input, output } = arguments;
    let run = Run::new(session.engine()?);
    files::Targets::of(&output.output)?;
    let text = fitted;
    let fitted = files::read_fitted(session, text)?;
    let pipeline = fitted.pipeline();
    let source = files::open_source(&input.files, input.cast, pipeline.input_columns())?;
    let budget = budget(session, pipeline, &source, None)?;
    check_trim(text, pipeline, &source)?;
    let inputs = files::inputs(text, &source, None);
    let destination = Destination::open(session, output, false, &inputs, &budget)?;
    files::tell_joined(session, &source);

    let (written, seconds) =
        transform_source(session, destination, &source, &fitted, budget.transform, &run, None)?;
    let report = Report::of(session, &written, &run, seconds);
    report.print(session, source.layout().shape)
}

/// Checks that the pipeline goes with the source, and cuts that into blocks: of whole samples, where
/// they have weights.
pub fn budget(
    session: &Session,
    pipeline: &Pipeline,
    source: &Source,
    weights: Option<&Array2<f64>>,
) -> anyhow::Result<Budget> {
    let layout = source.layout();
    let plan = pipeline.plan(Some(layout.shape), Some(layout.dtype))?;
    let mut size = plan.size.expect("the shape was given");
    size.whole_samples |= weights.is_some();
    let left = session.memory() - weights::taken(weights);
    Budget::new(left, session.threads(), session.engine()?, &size)
}

/// Refuses to trim all that there is; `text` is the file of the pipeline.
fn check_trim(text: &Path, pipeline: &Pipeline, source: &Source) -> anyhow::Result<()> {
    let (trim, [_, timesteps, _]) = (pipeline.plan(None, None)?.trim, source.layout().shape);
    if (1..=trim).contains(&timesteps) {
        bail!(
            "{}: warmup = \"trim\" takes the first {trim} timesteps of every sample; the input has \
             {timesteps}",
            text.display(),
        );
    }
    Ok(())
}

/// Fits block by block; gives the fingerprint of what it saw, if it saw anything, and the seconds.
fn fit_source(
    session: &Session,
    pipeline: &Pipeline,
    source: &Source,
    weights: Option<&Array2<f64>>,
    blocks: Blocks,
    run: &Run<'_>,
) -> anyhow::Result<(FittedPipeline, Option<String>, f64)> {
    if run.engine == Engine::Reference {
        memory::check_whole(session.memory(), source.layout())?;
        let (fitted, seconds) = fit_batch(session, pipeline, &source.read_all()?, weights, run)?;
        return Ok((fitted, None, seconds));
    }
    let passes = pipeline.plan(None, None)?.fit_passes;
    let progress = Progress::of_parts(session, "fitting", source.layout(), blocks, passes);
    let advance = |samples| progress.advance(samples);
    let run = run.with_progress(&advance);
    let start = Instant::now();
    let mut fitting = Fitting::new(pipeline);
    let mut seen = None;
    while fitting.wants_pass() {
        let fingerprint = match source.layout().dtype {
            Dtype::F32 => fit_pass::<f32>(&mut fitting, source, weights, blocks, &run),
            Dtype::F64 => fit_pass::<f64>(&mut fitting, source, weights, blocks, &run),
        }?;
        fitting.end_pass()?;
        seen = Some(fingerprint);
    }
    let fitted = fitting.finish()?;
    warn(session, &fitted);
    Ok((fitted, seen, start.elapsed().as_secs_f64()))
}

/// Names columns of which nothing will come.
pub fn warn(session: &Session, fitted: &FittedPipeline) {
    for column in fitted.without_values().iter().filter(|_| !session.quiet) {
        print::warn(&format!("column `{column}` has no values in the fit; it becomes NaN"));
    }
}

/// One pass of a fit over a source, whose fingerprint it gives.
pub fn fit_pass<E: Element>(
    fitting: &mut Fitting,
    source: &Source,
    weights: Option<&Array2<f64>>,
    blocks: Blocks,
    run: &Run<'_>,
) -> anyhow::Result<String> {
    let [samples, timesteps, _] = source.layout().shape;
    let weights = weights.map(|weights| weights.view());
    let mut fit = FitParts::new(fitting, weights, timesteps, run);
    let parts = parts(samples, timesteps, blocks, usize::MAX);
    stream::read::<E>(source, blocks, parts, |x, part, _| Ok(fit.push(x, part)?))
}

/// Transforms block by block into the destination; gives the seconds.
fn transform_source(
    session: &Session,
    destination: Destination<'_>,
    source: &Source,
    fitted: &FittedPipeline,
    blocks: Blocks,
    run: &Run<'_>,
    seen: Option<String>,
) -> anyhow::Result<(Written, f64)> {
    let progress = Progress::of_parts(session, "transforming", source.layout(), blocks, 1);
    let advance = |samples| progress.advance(samples);
    let start = Instant::now();
    let written =
        destination.receive(source, fitted, blocks, &run.with_progress(&advance), seen)?;
    Ok((written, start.elapsed().as_secs_f64()))
}

/// Fits, and says in how many seconds.
pub fn fit_batch(
    session: &Session,
    pipeline: &Pipeline,
    batch: &Batch,
    weights: Option<&Array2<f64>>,
    run: &Run<'_>,
) -> anyhow::Result<(FittedPipeline, f64)> {
    let passes = pipeline.plan(None, None)?.fit_passes;
    let progress = Progress::new(session, "fitting", batch.shape()[0] * passes, "samples");
    let advance = |samples| progress.advance(samples);
    let run = run.with_progress(&advance);
    let start = Instant::now();
    let fitted = match (batch, weights) {
        (Batch::F32(x), None) => pipeline.fit_with(x.view(), &run)?,
        (Batch::F64(x), None) => pipeline.fit_with(x.view(), &run)?,
        (Batch::F32(x), Some(w)) => pipeline.fit_weighted_with(x.view(), w.view(), &run)?,
        (Batch::F64(x), Some(w)) => pipeline.fit_weighted_with(x.view(), w.view(), &run)?,
    };
    Ok((fitted, start.elapsed().as_secs_f64()))
}

/// Transforms, and says in how many seconds.
pub fn transform_batch(
    session: &Session,
    fitted: &FittedPipeline,
    batch: &Batch,
    run: &Run<'_>,
) -> anyhow::Result<(Batch, f64)> {
    let progress = Progress::new(session, "transforming", batch.shape()[0], "samples");
    let advance = |samples| progress.advance(samples);
    let run = run.with_progress(&advance);
    let start = Instant::now();
    let features = match batch {
        Batch::F32(x) => transform_view(fitted, x.view(), &run)?,
        Batch::F64(x) => transform_view(fitted, x.view(), &run)?,
    };
    Ok((features, start.elapsed().as_secs_f64()))
}

fn transform_view<E: Element>(
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
    run: &Run<'_>,
) -> windrow::Result<Batch> {
    Ok(match fitted.output_dtype(E::DTYPE) {
        Dtype::F32 => Batch::F32(fitted.transform_with::<E, f32>(x, run)?),
        Dtype::F64 => Batch::F64(fitted.transform_with::<E, f64>(x, run)?),
    })
}

impl<'a> Report<'a> {
    fn of(session: &Session, written: &'a Written, run: &Run<'_>, seconds: f64) -> Report<'a> {
        Report {
            output: Some(&written.features),
            fitted: None,
            columns: (written.beside != written.features).then_some(&written.beside),
            shape: written.shape,
            dtype: written.dtype.name(),
            level: run.engine.to_string(),
            threads: session.threads(),
            fit_seconds: None,
            transform_seconds: Some(seconds),
        }
    }

    fn print(&self, session: &Session, input: [usize; 3]) -> anyhow::Result<()> {
        if session.json() {
            return print::json(self);
        }
        let mut lines = Vec::new();
        let Report { shape, dtype, .. } = self;
        if let Some(path) = self.output {
            lines.push((path, format!("features, {} {dtype}", print::shape(*shape))));
        }
        if let Some(path) = self.fitted {
            lines.push((path, "what was fitted, for `windrow transform`".to_owned()));
        }
        if let Some(path) = self.columns {
            lines.push((
                path,
                format!("names and warm-ups of the {}", print::count(shape[2], "column")),
            ));
        }
        let lines: Vec<(String, String)> =
            lines.into_iter().map(|(path, what)| (path.display().to_string(), what)).collect();
        let width = lines.iter().map(|(path, _)| path.chars().count()).max().unwrap_or(0);
        let text: String =
            lines.iter().map(|(path, what)| format!("{path:<width$}  {what}\n")).collect();
        print::results(&text)?;
        if !session.quiet {
            let steps = (input[0] * input[1]).max(1) as f64;
            let timed = [("fit", self.fit_seconds), ("transform", self.transform_seconds)];
            let timed: Vec<String> = timed
                .into_iter()
                .filter_map(|(what, seconds)| Some((what, seconds?)))
                .map(|(what, s)| format!("{what} {s:.3} s ({:.1} ns a step)", s * 1e9 / steps))
                .collect();
            let Report { level, threads, .. } = self;
            let timed = timed.join(", ");
            print::message(&format!("{timed}; level {level}, threads {threads}"));
        }
        Ok(())
    }
}
