//! `windrow inspect`: statistics of a file, and whether it is what was written.

use std::path::{Path, PathBuf};

use anyhow::bail;
use serde::Serialize;
use windrow::io::{Layout, Manifest, Source};
use windrow::{Dtype, Element};

use super::arguments::Inspect;
use super::memory::Blocks;
use super::parts::parts;
use super::session::Session;
use super::summary::{Summaries, Summary};
use super::{print, provenance, stream};

#[derive(Serialize)]
struct Report<'a> {
    file: &'a Path,
    shape: [usize; 3],
    dtype: &'static str,
    /// See `windrow::io::Fingerprint`.
    fingerprint: String,
    /// Whether it is what the file beside it describes; nothing where none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    features: Vec<Feature>,
}

#[derive(Serialize)]
struct Feature {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    count: usize,
    nan: usize,
    infinite: usize,
    min: Option<f64>,
    mean: Option<f64>,
    std: Option<f64>,
    max: Option<f64>,
}

impl Feature {
    fn new(index: usize, name: Option<String>, summary: &Summary) -> Feature {
        Feature {
            index,
            name,
            count: summary.count(),
            nan: summary.nan,
            infinite: summary.infinite,
            min: summary.range().map(|range| range.0),
            mean: summary.mean(),
            std: summary.deviation(),
            max: summary.range().map(|range| range.1),
        }
    }
}

pub fn inspect(session: &Session, arguments: &Inspect) -> anyhow::Result<()> {
    let path = &arguments.file;
    let mut paths = vec![path.clone()];
    let described = match path.to_string_lossy().ends_with(".manifest.json") {
        true => {
            let manifest = provenance::read(session, path)?;
            paths = manifest.files(path);
            Some((path.clone(), Ok(manifest)))
        }
        false => provenance::beside(session, path),
    };
    let found = Found::of(session, &paths, arguments.cast)?;
    let layout = found.layout;
    let described = described
        .map(|(beside, features)| (beside, features.map_err(|error| error.to_string())))
        .filter(|(_, features)| {
            // A file with other columns describes something else.
            features.as_ref().map_or(true, |known| known.columns.len() == layout.shape[2])
        });
    let known = described.as_ref().and_then(|(_, features)| features.as_ref().ok());
    let names = known.map(|known| known.columns.iter().map(|column| column.name.clone()));
    let mut names = names.into_iter().flatten();
    let features = found.summaries.iter().enumerate();
    let features: Vec<Feature> =
        features.map(|(index, summary)| Feature::new(index, names.next(), summary)).collect();
    let mut verified = known.and_then(|known| found.verify(known));
    if let (Some(known), Some(cast)) = (known, arguments.cast)
        && let Some(written) = Dtype::parse(&known.dtype).filter(|written| *written != cast)
    {
        // The values that were written are those before the cast.
        verified = Found::of(session, &paths, Some(written))?.verify(known);
    }
    let (shape, dtype, fingerprint) = (layout.shape, layout.dtype.name(), found.fingerprint);
    let report = Report { file: path, shape, dtype, fingerprint, verified, features };
    match session.json() {
        true => print::json(&report)?,
        false => print::results(&text(&report, layout.dtype.size()))?,
    }
    let Some((beside, features)) = &described else { return Ok(()) };
    match (features, verified) {
        (Err(error), _) => bail!("{error}"),
        (Ok(_), Some(false)) => {
            bail!("{}: is not what {} describes", path.display(), beside.display())
        }
        (Ok(_), verified) if !session.quiet => {
            let verified = if verified.is_some() { "names and check from" } else { "names from" };
            print::message(&format!("{verified} {}", beside.display()));
        }
        _ => {}
    }
    Ok(())
}

/// What is in files, read as one dtype.
struct Found {
    layout: Layout,
    summaries: Vec<Summary>,
    fingerprint: String,
}

impl Found {
    fn of(session: &Session, paths: &[PathBuf], cast: Option<Dtype>) -> anyhow::Result<Found> {
        let source = Source::open(paths, cast)?;
        match source.layout().dtype {
            Dtype::F32 => Found::read::<f32>(session, &source),
            Dtype::F64 => Found::read::<f64>(session, &source),
        }
    }

    fn read<E: Element>(session: &Session, source: &Source) -> anyhow::Result<Found> {
        let layout = source.layout();
        let blocks = Blocks::of_layout(session.memory(), layout)?;
        let mut summaries = Summaries::<E>::new(layout.shape[2]);
        let [samples, timesteps, _] = layout.shape;
        let parts = parts(samples, timesteps, blocks, usize::MAX);
        let fingerprint = stream::read::<E>(source, blocks, parts, |x, _, _| {
            summaries.push(x.as_slice().expect("blocks are in C order"));
            Ok(())
        })?;
        Ok(Found { layout, summaries: summaries.end(), fingerprint })
    }

    /// Whether it is what was written, where that is known.
    fn verify(&self, known: &Manifest) -> Option<bool> {
        let counted = known.columns.iter().zip(&self.summaries).all(|(column, found)| {
            column.nan.is_none_or(|nan| nan == found.nan as u64)
                && column.infinite.is_none_or(|infinite| infinite == found.infinite as u64)
        });
        let written = known.fingerprint.as_ref()?;
        Some(*written == self.fingerprint && known.shape == self.layout.shape && counted)
    }
}

fn text(report: &Report<'_>, size: usize) -> String {
    let bytes = report.shape.iter().product::<usize>() * size;
    let verdict = match report.verified {
        Some(true) => ", as it was written",
        Some(false) => ", NOT as it was written",
        None => "",
    };
    let mut text = format!(
        "{}: {} {}, {}{verdict}\n\n",
        print::shown(&report.file.display().to_string()),
        print::shape(report.shape),
        report.dtype,
        print::size(bytes),
    );
    let heads = ["feature", "count", "nan", "infinite", "min", "mean", "std", "max"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let show = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), print::number);
    for feature in &report.features {
        let name = feature.name.as_ref();
        let name = name.map_or_else(String::new, |name| format!(" {}", print::shown(name)));
        rows.push(vec![
            format!("{}{name}", feature.index),
            feature.count.to_string(),
            feature.nan.to_string(),
            feature.infinite.to_string(),
            show(feature.min),
            show(feature.mean),
            show(feature.std),
            show(feature.max),
        ]);
    }
    text.push_str(&print::table(&rows));
    text
}
