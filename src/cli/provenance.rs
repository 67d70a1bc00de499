//! What this program writes beside features.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use windrow::io::{Manifest, ManifestColumn, ManifestInput, Source};
use windrow::{Dtype, FittedPipeline};

use super::files;
use super::session::Session;
use super::tally::Tally;

/// What is known before anything is computed.
pub fn manifest(fitted: &FittedPipeline, shape: [usize; 3], dtype: Dtype, level: &str) -> Manifest {
    let columns = fitted.columns().into_iter().zip(fitted.warmups());
    let column = |(name, warmup)| ManifestColumn { name, warmup, nan: None, infinite: None };
    let pipeline = fitted.pipeline().to_toml();
    let columns = columns.map(column).collect();
    let mut manifest = Manifest::new(columns, shape, dtype.name(), pipeline, &fitted_text(fitted));
    manifest.level = level.to_owned();
    manifest
}

/// Adds what is known when all is computed.
pub fn finish(manifest: &mut Manifest, source: &Source, fingerprint: String, tally: &Tally) {
    let layout = source.layout();
    manifest.input = Some(ManifestInput {
        files: source.names().map(|name| name.display().to_string()).collect(),
        stored: source.stored(),
        dtype: layout.dtype.name().to_owned(),
        shape: layout.shape,
        fingerprint,
    });
    let counts = tally.nan.iter().zip(&tally.infinite);
    for (column, (nan, infinite)) in manifest.columns.iter_mut().zip(counts) {
        (column.nan, column.infinite) = (Some(*nan), Some(*infinite));
    }
}

/// Reads a manifest or a columns file; errors begin with its name.
pub fn read(session: &Session, path: &Path) -> anyhow::Result<Manifest> {
    let text = files::read_text(session, path, "what `windrow build` writes beside features")?;
    Manifest::from_json(&text).map_err(|error| anyhow!("{}: {error}", path.display()))
}

/// What stands beside features, if anything does: their own columns file, or one of the folder.
pub fn beside(session: &Session, path: &Path) -> Option<(PathBuf, anyhow::Result<Manifest>)> {
    let own = files::beside(&files::stem(path).ok()?, ".columns.json");
    let shared = path.with_file_name("columns.json");
    let found = [own, shared].into_iter().find(|path| fs::metadata(path).is_ok())?;
    let manifest = read(session, &found);
    Some((found, manifest))
}

/// A fitted pipeline as it is written into a file.
pub fn fitted_text(fitted: &FittedPipeline) -> String {
    fitted.to_json() + "\n"
}
