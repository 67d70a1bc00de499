//! `windrow inverse`: features or predictions back to what they were before scaling.

use std::path::Path;

use serde::Serialize;
use windrow::io::{ArrayOutput, Source};
use windrow::{Dtype, Element, FittedPipeline};

use super::arguments::Inverse;
use super::files::{self, Targets};
use super::memory::Blocks;
use super::parts::parts;
use super::progress::Progress;
use super::session::Session;
use super::{print, stream};

/// What was written, for `--format json`.
#[derive(Serialize)]
struct Report<'a> {
    output: &'a Path,
    columns: &'a [String],
    shape: [usize; 3],
    dtype: &'static str,
}

pub fn inverse(session: &Session, arguments: &Inverse) -> anyhow::Result<()> {
    let Inverse { fitted: state, input, columns, output, force } = arguments;
    let format = Targets::of(output)?.format;
    let fitted = files::read_fitted(session, state)?;
    let columns = if columns.is_empty() { &fitted.columns() } else { columns };
    let source = Source::open(&input.files, input.cast)?;
    let layout = source.layout();
    // Before anything is written: the columns and their number.
    fitted.check_inverse(columns, layout.shape.into())?;
    // A third block beside the two that are read.
    let blocks = Blocks::of_layout(session.memory() / 3 * 2, layout)?;
    let inputs = files::inputs(state, &source, None);
    let [out] = files::open(session, [output], &inputs, *force)?;
    files::tell_joined(session, &source);

    let progress = Progress::of_parts(session, "inverting", layout, blocks, 1);
    let array = ArrayOutput::begin(out, format, layout.shape, layout.dtype)?;
    let array = match layout.dtype {
        Dtype::F32 => pass::<f32>(&fitted, columns, &source, blocks, array, &progress),
        Dtype::F64 => pass::<f64>(&fitted, columns, &source, blocks, array, &progress),
    }?;
    files::commit(vec![array.end()?])?;

    let (shape, dtype) = (layout.shape, layout.dtype.name());
    if session.json() {
        return print::json(&Report { output, columns, shape, dtype });
    }
    let what = format!("before scaling, {} {dtype}", print::shape(shape));
    print::results(&format!("{}  {what}\n", output.display()))
}

fn pass<E: Element>(
    fitted: &FittedPipeline,
    columns: &[String],
    source: &Source,
    blocks: Blocks,
    mut array: ArrayOutput,
    progress: &Progress,
) -> anyhow::Result<ArrayOutput> {
    let [samples, timesteps, _] = source.layout().shape;
    let mut first = 0;
    let parts = parts(samples, timesteps, blocks, usize::MAX);
    stream::read::<E>(source, blocks, parts, |y, part, _| {
        let x = fitted.inverse_transform_from(first, columns, y)?;
        array.push(x.as_slice().expect("in C order"))?;
        first = if part.ends { 0 } else { first + part.timesteps };
        progress.advance(if blocks.cut_samples(timesteps) { part.timesteps } else { part.samples });
        Ok(())
    })?;
    Ok(array)
}
