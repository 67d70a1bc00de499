//! `windrow fit --partial` and `windrow merge-fit`: a fit by shards that never meet.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use serde::Serialize;
use windrow::{Dtype, Engine, Fitting, Pipeline, Run};

use super::arguments::{Fit, MergeFit};
use super::progress::Progress;
use super::session::Session;
use super::{build, files, print, provenance, weights};

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
    let mut fitting = read(begin)?;
    if !fitting.wants_pass() {
        bail!("{}: has no scaler; there is nothing to fit", begin.display());
    }
    let columns = fitting.pipeline().input_columns();
    let source = files::open_source(&input.files, input.cast, columns)?;
    let layout = source.layout();
    let weights = weights::read(session, weighing.file.as_ref(), layout)?;
    let weights = weights.as_ref();
    let budget = build::budget(session, fitting.pipeline(), &source, weights)?;
    let mut inputs: Vec<&Path> = std::iter::once(begin.as_path()).chain(source.paths()).collect();
    inputs.extend(weighing.file.as_deref());
    let [mut out] = files::open(session, [output], &inputs, *force)?;

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
    let read = |part: &PathBuf| read_partial(part, &files::read_text(part, PARTIAL)?);
    let fits: Vec<Fitting> = parts.iter().map(read).collect::<anyhow::Result<_>>()?;
    for (index, fit) in fits.iter().enumerate() {
        if let Some(twin) = fits[..index].iter().position(|other| other.has_seen(fit)) {
            let [twin, part] = [&parts[twin], &parts[index]].map(|path| path.display());
            bail!("{part}: is of the same samples as {twin}; each is merged once");
        }
    }
    let mut fits = fits.into_iter().zip(parts);
    let (mut fitting, _) = fits.next().expect("at least one, says the command line");
    for (other, part) in fits {
        fitting.merge(&other).map_err(|error| anyhow!("{}: {error}", part.display()))?;
    }
    if !partial {
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

const PARTIAL: &str = "a partial fit, from `windrow fit --partial`";

/// A pipeline file, or a fit under way.
fn read(path: &Path) -> anyhow::Result<Fitting> {
    let text = files::read_text(path, "a pipeline file or a partial fit")?;
    // No TOML begins like JSON.
    if text.trim_start().starts_with('{') {
        return read_partial(path, &text);
    }
    let pipeline = Pipeline::from_toml(&text);
    let pipeline = pipeline.map_err(|error| anyhow!("{}: {error}", path.display()))?;
    Ok(Fitting::new(&pipeline))
}

fn read_partial(path: &Path, text: &str) -> anyhow::Result<Fitting> {
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
