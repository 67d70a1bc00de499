//! `windrow build`, `fit` and `transform`.

use std::path::Path;
use std::time::Instant;

use ndarray::ArrayView3;
use serde::Serialize;
use windrow::io::{Batch, Output, read_npy};
use windrow::{Dtype, Element, FittedPipeline, Pipeline, Run};

use super::arguments::{Build, Fit, Transform};
use super::files::{self, Targets};
use super::print;
use super::progress::Progress;
use super::session::Session;

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

/// What the columns of a file of features are.
#[derive(Serialize)]
pub struct Columns {
    windrow: &'static str,
    dtype: &'static str,
    shape: [usize; 3],
    level: String,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    warmup: usize,
}

impl Columns {
    pub fn of(fitted: &FittedPipeline, features: &Batch, level: &str) -> Columns {
        let columns = fitted.columns().into_iter().zip(fitted.warmups());
        Columns {
            windrow: env!("CARGO_PKG_VERSION"),
            dtype: features.dtype().name(),
            shape: features.shape(),
            level: level.to_owned(),
            columns: columns.map(|(name, warmup)| Column { name, warmup }).collect(),
        }
    }
}

pub fn build(session: &Session, arguments: &Build) -> anyhow::Result<()> {
    let engine = session.engine()?;
    let targets = Targets::of(&arguments.output)?;
    let pipeline = files::read_pipeline(&arguments.pipeline)?;
    let layout = files::layout(&arguments.input, pipeline.input_columns())?;
    pipeline.plan(Some(layout.shape), Some(layout.dtype))?;
    let [mut fitted_out, mut columns_out, mut features_out] = files::open(
        [&targets.fitted, &targets.columns, &targets.features],
        &[&arguments.pipeline, &arguments.input],
        arguments.force,
    )?;

    let batch = read_npy(&arguments.input)?;
    let run = Run::new(engine);
    let (fitted, fit_seconds) = fit_batch(session, &pipeline, &batch, &run)?;
    let (features, transform_seconds) = transform_batch(session, &fitted, &batch, &run)?;

    features_out.write_batch(&features)?;
    fitted_out.write_text(&with_newline(fitted.to_json()))?;
    let columns = Columns::of(&fitted, &features, &engine.to_string());
    columns_out.write_text(&print::pretty(&columns)?)?;
    // The features last: who sees them finds what belongs to them.
    Output::commit_all([fitted_out, columns_out, features_out])?;

    let report = Report {
        output: Some(&targets.features),
        fitted: Some(&targets.fitted),
        columns: Some(&targets.columns),
        shape: features.shape(),
        dtype: features.dtype().name(),
        level: engine.to_string(),
        threads: session.threads(),
        fit_seconds: Some(fit_seconds),
        transform_seconds: Some(transform_seconds),
    };
    report.print(session, batch.shape())
}

pub fn fit(session: &Session, arguments: &Fit) -> anyhow::Result<()> {
    let engine = session.engine()?;
    let pipeline = files::read_pipeline(&arguments.pipeline)?;
    let layout = files::layout(&arguments.input, pipeline.input_columns())?;
    pipeline.plan(Some(layout.shape), Some(layout.dtype))?;
    let [mut fitted_out] = files::open(
        [&arguments.output],
        &[&arguments.pipeline, &arguments.input],
        arguments.force,
    )?;

    let batch = read_npy(&arguments.input)?;
    let (fitted, fit_seconds) = fit_batch(session, &pipeline, &batch, &Run::new(engine))?;
    fitted_out.write_text(&with_newline(fitted.to_json()))?;
    fitted_out.commit()?;

    let report = Report {
        output: None,
        fitted: Some(&arguments.output),
        columns: None,
        shape: batch.shape(),
        dtype: batch.dtype().name(),
        level: engine.to_string(),
        threads: session.threads(),
        fit_seconds: Some(fit_seconds),
        transform_seconds: None,
    };
    report.print(session, batch.shape())
}

pub fn transform(session: &Session, arguments: &Transform) -> anyhow::Result<()> {
    let engine = session.engine()?;
    let targets = Targets::of(&arguments.output)?;
    let fitted = files::read_fitted(&arguments.fitted)?;
    let layout = files::layout(&arguments.input, fitted.pipeline().input_columns())?;
    fitted.pipeline().plan(Some(layout.shape), Some(layout.dtype))?;
    let [mut features_out] =
        files::open([&targets.features], &[&arguments.fitted, &arguments.input], arguments.force)?;

    let batch = read_npy(&arguments.input)?;
    let (features, transform_seconds) =
        transform_batch(session, &fitted, &batch, &Run::new(engine))?;
    features_out.write_batch(&features)?;
    features_out.commit()?;

    let report = Report {
        output: Some(&targets.features),
        fitted: None,
        columns: None,
        shape: features.shape(),
        dtype: features.dtype().name(),
        level: engine.to_string(),
        threads: session.threads(),
        fit_seconds: None,
        transform_seconds: Some(transform_seconds),
    };
    report.print(session, batch.shape())
}

/// Fits, and says in how many seconds.
pub fn fit_batch(
    session: &Session,
    pipeline: &Pipeline,
    batch: &Batch,
    run: &Run<'_>,
) -> anyhow::Result<(FittedPipeline, f64)> {
    let passes = pipeline.plan(None, None)?.fit_passes;
    let progress = Progress::new(session, "fitting", batch.shape()[0] * passes);
    let advance = |samples| progress.advance(samples);
    let run = run.with_progress(&advance);
    let start = Instant::now();
    let fitted = match batch {
        Batch::F32(x) => pipeline.fit_with(x.view(), &run)?,
        Batch::F64(x) => pipeline.fit_with(x.view(), &run)?,
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
    let progress = Progress::new(session, "transforming", batch.shape()[0]);
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

pub fn with_newline(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl Report<'_> {
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
            lines.push((path, format!("names and warm-ups of the {} columns", shape[2])));
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
