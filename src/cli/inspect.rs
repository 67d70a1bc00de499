//! `windrow inspect`.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use windrow::io::{Batch, read_npy};

use super::arguments::Inspect;
use super::session::Session;
use super::summary::{Summary, summaries};
use super::{files, print};

#[derive(Serialize)]
struct Report<'a> {
    file: &'a Path,
    shape: [usize; 3],
    dtype: &'static str,
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
    let batch = read_npy(path)?;
    let shape = batch.shape();
    let summaries = match &batch {
        Batch::F32(x) => summaries(x.view()),
        Batch::F64(x) => summaries(x.view()),
    };
    let named = names(path, shape);
    let mut names = named.as_ref().map(|(_, names)| names.iter().cloned());
    let features = summaries.iter().enumerate().map(|(index, summary)| {
        Feature::new(index, names.as_mut().and_then(Iterator::next), summary)
    });
    let features = features.collect();
    let report = Report { file: path, shape, dtype: batch.dtype().name(), features };
    if session.json() {
        return print::json(&report);
    }
    print::results(&text(&report, batch.dtype().size()))?;
    if let (Some((source, _)), false) = (named, session.quiet) {
        print::message(&format!("names from {}", source.display()));
    }
    Ok(())
}

fn text(report: &Report<'_>, size: usize) -> String {
    let bytes = report.shape.iter().product::<usize>() * size;
    let mut text = format!(
        "{}: {} {}, {}\n\n",
        report.file.display(),
        print::shape(report.shape),
        report.dtype,
        print::size(bytes),
    );
    let heads = ["feature", "count", "nan", "infinite", "min", "mean", "std", "max"];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let show = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), print::number);
    for feature in &report.features {
        let name = feature.name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
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

/// The names of the features and where they stand, if the file was built by this program and its
/// columns are beside it.
fn names(path: &Path, shape: [usize; 3]) -> Option<(PathBuf, Vec<String>)> {
    let own = files::beside(&files::stem(path).ok()?, ".columns.json");
    let shared = path.with_file_name("columns.json");
    [own, shared].into_iter().find_map(|source| {
        let text = fs::read_to_string(&source).ok()?;
        let value: serde_json::Value = serde_json::from_str(&text).ok()?;
        let columns = value.get("columns")?.as_array()?;
        let name = |column: &serde_json::Value| Some(column.get("name")?.as_str()?.to_owned());
        let names: Vec<String> = columns.iter().map(name).collect::<Option<_>>()?;
        (names.len() == shape[2]).then_some((source, names))
    })
}
