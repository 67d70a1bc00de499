//! Files named on the command line: read whole, or written whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use windrow::io::{Layout, Output, npy_layout};
use windrow::{FittedPipeline, Pipeline};

use super::{Usage, signals};

/// Larger than any pipeline or fitted state.
const LONGEST_TEXT: u64 = 256 << 20;

/// Reads and checks a pipeline file; errors begin with its name.
pub fn read_pipeline(path: &Path) -> anyhow::Result<Pipeline> {
    let text = read_text(path, "a pipeline file")?;
    Pipeline::from_toml(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

/// Reads and checks a fitted pipeline; errors begin with its name.
pub fn read_fitted(path: &Path) -> anyhow::Result<FittedPipeline> {
    let text = read_text(path, "a fitted pipeline, from `windrow fit` or `windrow build`")?;
    FittedPipeline::from_json(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

fn read_text(path: &Path, expected: &str) -> anyhow::Result<String> {
    let name = path.display();
    let found = fs::metadata(path).map_err(|error| anyhow!("cannot open {name}: {error}"))?;
    if !found.is_file() {
        let what = if found.is_dir() { "a directory" } else { "not a regular file" };
        bail!("{name}: is {what}; expected {expected}");
    }
    if found.len() > LONGEST_TEXT {
        bail!("{name}: has {} bytes; expected {expected}", found.len());
    }
    let bytes = fs::read(path).map_err(|error| anyhow!("cannot read {name}: {error}"))?;
    let text = String::from_utf8(bytes);
    text.map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow!("{name}: is not text from byte {at} on; expected {expected}")
    })
}

/// Reads the header of a batch that is to have these columns.
pub fn layout(path: &Path, columns: &[String]) -> anyhow::Result<Layout> {
    let layout = npy_layout(path)?;
    let features = layout.shape[2];
    if features != columns.len() {
        bail!(
            "{}: has {features} features; the pipeline's input has {} columns: {}",
            path.display(),
            columns.len(),
            columns.join(", "),
        );
    }
    Ok(layout)
}

/// Where a batch of features goes, and what goes beside it.
pub struct Targets {
    pub features: PathBuf,
    pub fitted: PathBuf,
    pub columns: PathBuf,
}

impl Targets {
    /// `OUT.npy`, `OUT.fitted.json`, `OUT.columns.json`.
    pub fn of(output: &Path) -> anyhow::Result<Targets> {
        let stem = stem(output)?;
        Ok(Targets {
            features: output.to_owned(),
            fitted: beside(&stem, ".fitted.json"),
            columns: beside(&stem, ".columns.json"),
        })
    }
}

/// The path without `.npy`, which it must have.
pub fn stem(path: &Path) -> Result<PathBuf, Usage> {
    match path.extension() {
        Some(extension) if extension == "npy" => Ok(path.with_extension("")),
        _ => {
            let name = path.display();
            Err(Usage(format!("output is `{name}`; expected a name that ends in `.npy`")))
        }
    }
}

pub fn beside(stem: &Path, ending: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Opens the outputs before any work is done: all can be written, none is an input, and none
/// exists unless it may be replaced.
pub fn open<const N: usize>(
    outputs: [&Path; N],
    inputs: &[&Path],
    force: bool,
) -> anyhow::Result<[Output; N]> {
    for output in outputs {
        for input in inputs {
            if same_file(output, input) {
                bail!("{}: is the input {}; nothing is written", output.display(), input.display());
            }
        }
        if !force && output.is_file() {
            bail!("{}: exists already; --force replaces it", output.display());
        }
    }
    let mut opened = Vec::with_capacity(N);
    for output in outputs {
        let output = if force { Output::create(output) } else { Output::create_new(output) }?;
        signals::remove_on_signal(output.temporary());
        opened.push(output);
    }
    opened.try_into().ok().context("an output each")
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(a: &Path, b: &Path) -> bool {
    match (fs::canonicalize(a), fs::canonicalize(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
