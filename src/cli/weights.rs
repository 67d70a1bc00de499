//! `--weights`: how often each cell of a batch counts in its fit.

use std::path::{Path, PathBuf};

use anyhow::bail;
use ndarray::{Array2, Axis};
use windrow::io::{Batch, Layout, Source};
use windrow::{Dtype, Pipeline};

use super::print;
use super::session::Session;

/// Reads them, of each sample or of each of its timesteps: (samples, 1) or (samples, timesteps);
/// `text` is the file of the pipeline.
pub fn read(
    session: &Session,
    path: Option<&PathBuf>,
    text: &Path,
    pipeline: &Pipeline,
    of: Layout,
) -> anyhow::Result<Option<Array2<f64>>> {
    let Some(path) = path else { return Ok(None) };
    // A step that learns something else refuses them itself.
    if pipeline.plan(None, None)?.fit_passes == 0 {
        bail!(
            "--weights is given, but no step of {} takes weights; `standardize` does, without \
             per = \"sample\"",
            text.display(),
        );
    }
    let source = Source::open(&[path], Some(Dtype::F64))?;
    let [samples, timesteps, _] = of.shape;
    let shape = source.layout().shape;
    // Two axes are read as those of one sample.
    let axis = match shape {
        [1, rows, 1] if rows == samples => Axis(0),
        [1, rows, columns] if rows == samples && columns == timesteps => Axis(0),
        [rows, columns, 1] if rows == samples && [1, timesteps].contains(&columns) => Axis(2),
        _ => bail!(
            "{}: has the shape {}; expected weights of ({samples}, 1) or ({samples}, {timesteps})",
            path.display(),
            print::shape(shape),
        ),
    };
    let bytes = bytes(shape);
    if bytes > session.memory() / 2 {
        bail!(
            "{}: takes {} in memory; at most half of --memory, which is {}",
            path.display(),
            print::size(bytes),
            print::size(session.memory()),
        );
    }
    match source.read_all()? {
        Batch::F64(weights) => Ok(Some(weights.index_axis_move(axis, 0))),
        Batch::F32(_) => unreachable!("read as f64"),
    }
}

/// Bytes that they take.
pub fn taken(weights: Option<&Array2<f64>>) -> usize {
    weights.map_or(0, |weights| bytes([weights.len(), 1, 1]))
}

fn bytes(shape: [usize; 3]) -> usize {
    shape.iter().fold(size_of::<f64>(), |bytes, n| bytes.saturating_mul(*n))
}
