//! `windrow fit --partial` and `windrow merge-fit`: a fit by shards that never meet.

use std::path::Path;

use anyhow::{anyhow, bail};
use serde::Serialize;
use windrow::{Dtype, Engine, Fitting, Pipeline, PlanSize, Run};

use super::arguments::{Fit, MergeFit};
use super::progress::Progress;
use super::session::Session;
use super::{build, files, memory, print, provenance, weights};

/// What was written, for `--format json`.
#[derive(Serialize)]
struct Report<'a> {
    /// A fit under way, or
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<&'a Path>,
    /// what was fitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    fitted: Option<&'a Path>,
    pass: usize,
    passes: usize,
}

/// Adds one pass over a shard to nothing, or to a fit under way.
pub fn fit(session: &Session, arguments: &Fit) -> anyhow::Result<()> {
    let Fit { pipeline: begin, input, weights: weighing, output, force, .. } = arguments;
    let run = Run::new(session.engine()?);
    if run.engine == Engine::Reference {
        bail!("--partial needs a level; the reference fits whole batches only");
    }
    let mut fitting = read(session, begin)?;
    if !fitting.wants_pass() {
        bail!("{}: has no scaler that is still to be fitted", begin.display());
    }
    let pipeline = fitting.pipeline();
    let source = files::open_source(&input.files, input.cast, pipeline.input_columns())?;
    let layout = source.layout();
    let weights = weights::read(session, weighing.file.as_ref(), begin, pipeline, layout)?;
    let weights = weights.as_ref();
    let budget = build::budget(session, pipeline, &source, weights)?;
    let inputs = files::inputs(begin, &source, weighing.file.as_ref());
    let [mut out] = files::open(session, [output], &inputs, *force)?;
    files::tell_joined(session, &source);

    let progress = Progress::of_parts(session, "fitting", layout, budget.fit, 1);
    let advance = |samples| progress.advance(samples);
    let run = run.with_progress(&advance);
    match layout.dtype {
        Dtype::F32 => build::fit_pass::<f32>(&mut fitting, &source, weights, budget.fit, &run),
        Dtype::F64 => build::fit_pass::<f64>(&mut fitting, &source, weights, budget.fit, &run),
    }?;
    out.write_text(&(fitting.to_json() + "\n"))?;
    files::commit(vec![out])?;
    report(session, &fitting, output, false)
}

/// Merges fits under way, and ends their pass.
pub fn merge(session: &Session, arguments: &MergeFit) -> anyhow::Result<()> {
    let MergeFit { parts, output, partial, force } = arguments;
    let inputs: Vec<&Path> = parts.iter().map(|path| path.as_path()).collect();
    let [mut out] = files::open(session, [output], &inputs, *force)?;
    // One after the other: any number of them goes through the same memory.
    let mut merged: Option<Fitting> = None;
    let mut seen: Vec<String> = Vec::new();
    for part in parts {
        let text = files::read_text(session, part, "a partial fit, from `windrow fit --partial`")?;
        let fit = parse(session, part, &text)?;
        let own = fit.seen().unwrap_or_default();
        if let Some(twin) = seen.iter().position(|other| *other == own && !own.is_empty()) {
            let [twin, part] = [&parts[twin], part].map(|path| path.display());
            bail!("{part}: is of the same samples as {twin}; each is merged once");
        }
        seen.push(own);
        match &mut merged {
            Some(merged) => {
                merged.merge(&fit).map_err(|error| anyhow!("{}: {error}", part.display()))?;
            }
            None => merged = Some(fit),
        }
    }
    let mut fitting = merged.expect("at least one, says the command line");
    if !partial && fitting.wants_pass() {
        fitting.end_pass()?;
    }
    let done = !fitting.wants_pass();
    if done {
        let fitted = fitting.clone().finish()?;
        build::warn(session, &fitted);
        out.write_text(&provenance::fitted_text(&fitted))?;
    } else {
        out.write_text(&(fitting.to_json() + "\n"))?;
    }
    files::commit(vec![out])?;
    report(session, &fitting, output, done)
}

/// A pipeline file, or a fit under way.
fn read(session: &Session, path: &Path) -> anyhow::Result<Fitting> {
    let text = files::read_text(session, path, "a pipeline file or a partial fit")?;
    // No TOML begins like JSON.
    if text.trim_start().starts_with('{') {
        return parse(session, path, &text);
    }
    let pipeline = Pipeline::from_toml(&text);
    let pipeline = pipeline.map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(Fitting::new(&pipeline))
}

fn parse(session: &Session, path: &Path, text: &str) -> anyhow::Result<Fitting> {
    let merged = |size: &PlanSize| size.fit_bytes.saturating_mul(memory::STATISTICS);
    memory::check_state(session.memory(), path, text, merged)?;
    Fitting::from_json(text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn report(session: &Session, fitting: &Fitting, path: &Path, done: bool) -> anyhow::Result<()> {
    let (pass, passes) = fitting.pass();
    let pass = pass.min(passes);
    if session.json() {
        let [partial, fitted] = [!done, done].map(|written| written.then_some(path));
        return print::json(&Report { partial, fitted, pass, passes });
    }
    let what = if done {
        "what was fitted, for `windrow transform`".to_owned()
    } else {
        let next = "for `windrow fit --partial` of more samples, and `windrow merge-fit`";
        format!("a partial fit, in pass {pass} of {passes}, {next}")
    };
    print::results(&format!("{}  {what}\n", path.display()))
}
