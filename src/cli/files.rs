//! Files named on the command line: read whole, or written whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use windrow::io::{Format, Output, Source};
use windrow::{Dtype, FittedPipeline, Pipeline};

use super::session::Session;
use super::{Usage, memory, print, signals};

/// Reads and checks a pipeline file; errors begin with its name.
pub fn read_pipeline(path: &Path) -> anyhow::Result<Pipeline> {
    let longest = (Pipeline::LONGEST_TEXT, "bytes");
    let text = read_short_text(path, "a pipeline file", longest)?;
    Pipeline::from_toml(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

/// Reads and checks a fitted pipeline; errors begin with its name.
pub fn read_fitted(session: &Session, path: &Path) -> anyhow::Result<FittedPipeline> {
    let expected = "a fitted pipeline, from `windrow fit` or `windrow build`";
    let text = read_text(session, path, expected)?;
    memory::check_state(session.memory(), path, &text, |size| size.fitted_bytes)?;
    FittedPipeline::from_json(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

/// Reads a text that is to become something else, while both take memory.
pub fn read_text(session: &Session, path: &Path, expected: &str) -> anyhow::Result<String> {
    let longest = (memory::longest_text(session.memory()), "bytes with this --memory");
    read_short_text(path, expected, longest)
}

fn read_short_text(
    path: &Path,
    expected: &str,
    (longest, unit): (usize, &str),
) -> anyhow::Result<String> {
    let name = path.display();
    let found = fs::metadata(path).map_err(|error| anyhow!("cannot open {name}: {error}"))?;
    if !found.is_file() {
        let what = if found.is_dir() { "a directory" } else { "not a regular file" };
        bail!("{name}: is {what}; expected {expected}");
    }
    if found.len() > longest as u64 {
        let size = found.len();
        bail!("{name}: has {size} bytes; expected {expected}, of at most {longest} {unit}");
    }
    let bytes = fs::read(path).map_err(|error| anyhow!("cannot read {name}: {error}"))?;
    let text = String::from_utf8(bytes);
    text.map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow!("{name}: is not text from byte {at} on; expected {expected}")
    })
}

/// Opens a batch that is to have these columns.
pub fn open_source(
    paths: &[PathBuf],
    cast: Option<Dtype>,
    columns: &[String],
) -> anyhow::Result<Source> {
    let source = Source::open(paths, cast)?;
    let features = source.layout().shape[2];
    if features != columns.len() {
        let name = source.names().next().context("a source has a file")?;
        bail!(
            "{}: has {}; the pipeline's input has {}: {}",
            name.display(),
            print::count(features, "feature"),
            print::count(columns.len(), "column"),
            print::names(columns),
        );
    }
    Ok(source)
}

/// Says which files are joined, in their order, where they are several.
pub fn tell_joined(session: &Session, source: &Source) {
    let names: Vec<String> = source.names().map(|name| name.display().to_string()).collect();
    if names.len() < 2 || session.quiet {
        return;
    }
    let listed = match names.as_slice() {
        [first, second, third, _, .., last] => format!("{first}, {second}, {third}, ..., {last}"),
        few => few.join(", "),
    };
    let line = format!("joined in this order: {listed} ({} files)", names.len());
    print::message(&print::one_line(&line));
}

/// Where a batch of features goes, and what goes beside it.
pub struct Targets {
    pub features: PathBuf,
    pub format: Format,
    pub fitted: PathBuf,
    pub columns: PathBuf,
    /// In place of the columns, of several files.
    pub manifest: PathBuf,
    /// What an unfinished run has done so far.
    pub unfinished: PathBuf,
    stem: PathBuf,
}

impl Targets {
    /// `OUT.npy`, `OUT.fitted.json`, `OUT.columns.json`.
    pub fn of(output: &Path) -> anyhow::Result<Targets> {
        let (stem, format) = split(output)?;
        Ok(Targets {
            features: output.to_owned(),
            format,
            fitted: beside(&stem, ".fitted.json"),
            columns: beside(&stem, ".columns.json"),
            manifest: beside(&stem, ".manifest.json"),
            unfinished: beside(&stem, ".unfinished.json"),
            stem,
        })
    }

    /// `OUT-00000.npy` and on.
    pub fn shard(&self, index: usize) -> PathBuf {
        let ending = self.features.extension().unwrap_or_default().display();
        beside(&self.stem, &format!("-{index:05}.{ending}"))
    }
}

/// The path without its ending, which must be one of a format.
fn split(path: &Path) -> Result<(PathBuf, Format), Usage> {
    Format::of(path).map(|format| (path.with_extension(""), format)).ok_or_else(|| {
        let endings = Format::ENDINGS.map(|(ending, _)| format!("`.{ending}`")).join(", ");
        let name = path.display();
        Usage(format!("output is `{name}`; expected a name that ends in one of {endings}"))
    })
}

/// The path without its ending.
pub fn stem(path: &Path) -> Result<PathBuf, Usage> {
    split(path).map(|(stem, _)| stem)
}

pub fn beside(stem: &Path, ending: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// The files that a run reads, of which an output is none.
pub fn inputs<'a>(
    text: &'a Path,
    source: &'a Source,
    weights: Option<&'a PathBuf>,
) -> Vec<&'a Path> {
    let weights = weights.map(PathBuf::as_path);
    std::iter::once(text).chain(source.paths()).chain(weights).collect()
}

/// Opens the outputs before any work is done: all can be written, none is an input, and none
/// exists unless it may be replaced.
pub fn open<const N: usize>(
    session: &Session,
    outputs: [&Path; N],
    inputs: &[&Path],
    force: bool,
) -> anyhow::Result<[Output; N]> {
    outputs.iter().try_for_each(|output| check(output, inputs, force))?;
    let opened: anyhow::Result<Vec<Output>> =
        outputs.iter().map(|output| open_one(session, output, force)).collect();
    opened?.try_into().ok().context("an output each")
}

/// Whether an output is none of the inputs, and does not exist unless it may be replaced.
pub fn check(output: &Path, inputs: &[&Path], force: bool) -> anyhow::Result<()> {
    if let Some(input) = inputs.iter().find(|input| same_file(output, input)) {
        bail!("{}: is the input {}; nothing is written", output.display(), input.display());
    }
    if !force && output.is_file() {
        bail!("{}: exists already; --force replaces it", output.display());
    }
    Ok(())
}

/// Opens an output that was checked.
pub fn open_one(session: &Session, output: &Path, force: bool) -> anyhow::Result<Output> {
    let make = || if force { Output::create(output) } else { Output::create_new(output) };
    let output = signals::made(make)?;
    if !session.quiet {
        for stray in output.cleared() {
            print::message(&format!("removed {}, left by a killed run", stray.display()));
        }
    }
    Ok(output)
}

/// Makes outputs appear; a signal waits for all of them.
pub fn commit(outputs: Vec<Output>) -> anyhow::Result<()> {
    let temporary: Vec<PathBuf> =
        outputs.iter().map(|output| output.temporary().to_owned()).collect();
    Ok(signals::undisturbed(&temporary, || Output::commit_all(outputs))?)
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
