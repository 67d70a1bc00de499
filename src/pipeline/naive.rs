//! The plan by its definitions: one sample at a time, one step after the other, every series whole.
//!
//! The oracle of `fused` and `fit`, open to users as the engine `reference`. Nothing of tiles,
//! lanes, chunks, feeds or kernels is used.

use ndarray::{ArrayView3, ArrayViewMut3};

use super::column::{Change, Column, Content};
use super::fit::Found;
use super::graph::{Graph, With, Work};
use super::machine::map_of;
use super::run::Run;
use super::seen::Seen;
use super::step::Warmup;
use crate::batch::Element;
use crate::error::{Error, Result};
use crate::scale::{Map, Weights};

/// The series of one sample, by plane; `None` where a map that it needs is not fitted yet.
type Planes = Vec<Option<Vec<f64>>>;

pub(super) fn transform<E: Element, O: Element>(
    graph: &Graph,
    maps: &[Map],
    x: &ArrayView3<'_, E>,
    mut y: ArrayViewMut3<'_, O>,
    run: &Run<'_>,
) {
    let maps: Vec<Option<Map>> = maps.iter().cloned().map(Some).collect();
    let trim = graph.trim();
    for sample in 0..x.dim().0 {
        let planes = planes(graph, &maps, x, sample);
        for (index, column) in graph.columns.iter().enumerate() {
            let values = values(column, &planes, &maps, x.dim().1).expect("all maps are fitted");
            for (t, value) in values.into_iter().enumerate().skip(trim) {
                let missing = content(column, t) == Some(&Content::Missing);
                let value = match graph.warmup {
                    Warmup::Fill(number) if missing => number,
                    _ => value,
                };
                // NaN has one bit pattern in the output.
                let value = if value.is_nan() { f64::NAN } else { value };
                y[[sample, t - trim, index]] = O::round(value);
            }
        }
        run.done(1);
    }
}

pub(super) fn fit<E: Element>(
    graph: &Graph,
    x: &ArrayView3<'_, E>,
    weights: Option<&Weights<'_>>,
    run: &Run<'_>,
) -> Result<Found> {
    let mut maps: Vec<Option<Map>> = vec![None; graph.slots.len()];
    let mut statistics = Vec::new();
    let timesteps = x.dim().1;
    // A slot depends on earlier ones only.
    for (index, slot) in graph.slots.iter().enumerate() {
        let mut found = slot.start_of(timesteps);
        if weights.is_some() {
            found = found.weighted();
        }
        let mut done = false;
        while !done {
            for sample in 0..x.dim().0 {
                let planes = planes(graph, &maps, x, sample);
                let series = values(&slot.column, &planes, &maps, timesteps);
                let series = series.expect("earlier slots are fitted");
                for (timestep, &got) in series.iter().enumerate().skip(slot.column.begin()) {
                    let weight = weights.map(|weights| weights.at(sample, timestep));
                    if slot.missing.skips(got) || weight == Some(0.0) {
                        continue;
                    }
                    if !got.is_finite() {
                        let op = slot.op.to_owned();
                        let column = slot.column.name.clone();
                        return Err(Error::NotFinite { op, column, sample, timestep, got });
                    }
                    match weight {
                        None => found.push_at(timestep, got),
                        Some(weight) => found.push_weighted(timestep, got, weight),
                    }
                }
            }
            let ended = slot.scaler.end_pass(&mut found);
            done = ended.map_err(|problem| slot.unfit(problem))?;
        }
        maps[index] = Some(slot.map(&found)?);
        statistics.push(found);
    }
    run.done(x.dim().0);
    let seen = (!statistics.is_empty()).then(|| Seen::of(x, weights));
    Ok((statistics, maps.into_iter().flatten().collect(), seen))
}

fn planes<E: Element>(
    graph: &Graph,
    maps: &[Option<Map>],
    x: &ArrayView3<'_, E>,
    sample: usize,
) -> Planes {
    let timesteps = x.dim().1;
    let mut planes: Planes = vec![None; graph.planes];
    for column in 0..graph.inputs.len() {
        planes[column] = Some((0..timesteps).map(|t| x[[sample, t, column]].widen()).collect());
    }
    for stage in &graph.stages {
        let inputs: Option<Vec<&[f64]>> =
            stage.inputs.iter().map(|&plane| planes[plane].as_deref()).collect();
        let Some(inputs) = inputs else { continue };
        let mut outputs = vec![vec![f64::NAN; timesteps]; stage.outputs.len()];
        match &stage.work {
            Work::Kernel { row, params, nan, begin } => {
                let mut slices: Vec<&mut [f64]> =
                    outputs.iter_mut().map(Vec::as_mut_slice).collect();
                row.reference(params, *nan, *begin, &inputs, &mut slices);
            }
            Work::Fill { with, begin } => {
                let mut last = match *with {
                    With::Number(number) => number,
                    With::Forward => f64::NAN,
                    With::Mean(slot) => match maps[slot].as_ref().and_then(Map::affine) {
                        Some(map) => map.center,
                        None => continue,
                    },
                };
                for (t, (y, x)) in outputs[0].iter_mut().zip(inputs[0]).enumerate() {
                    *y = if x.is_nan() && t >= *begin { last } else { *x };
                    if *with == With::Forward {
                        last = *y;
                    }
                }
            }
            Work::Bend(change) => {
                let Some(bent) = done(inputs[0], std::slice::from_ref(change), maps) else {
                    continue;
                };
                outputs[0] = bent;
            }
            Work::Normalize(norm) => {
                for t in 0..timesteps {
                    let row: Vec<f64> = inputs.iter().map(|x| x[t]).collect();
                    let size = norm.reference(&row);
                    let size = if size == 0.0 { 1.0 } else { size };
                    outputs.iter_mut().zip(row).for_each(|(y, x)| y[t] = x / size);
                }
            }
            Work::Sample { scaler, begin } => {
                let begin = timesteps.min(*begin);
                scaler.reference(&inputs[0][begin..], &mut outputs[0][begin..]);
            }
            Work::Derive { scales, lag } => {
                let Some(scaled) = scaled(inputs[0], scales, maps) else { continue };
                let kept = timesteps.saturating_sub(*lag);
                outputs[0][timesteps - kept..].copy_from_slice(&scaled[..kept]);
            }
        }
        for (&plane, series) in stage.outputs.iter().zip(outputs) {
            planes[plane] = Some(series);
        }
    }
    planes
}

fn scaled(series: &[f64], scales: &[usize], maps: &[Option<Map>]) -> Option<Vec<f64>> {
    let changes: Vec<Change> = scales.iter().map(|&slot| Change::Fitted(slot)).collect();
    done(series, &changes, maps)
}

/// A series to which that is done.
fn done(series: &[f64], changes: &[Change], maps: &[Option<Map>]) -> Option<Vec<f64>> {
    let own: Option<Vec<Map>> = changes.iter().map(|change| map_of(change, maps)).collect();
    let own = own?;
    let bent = |(t, &x): (usize, &f64)| own.iter().fold(x, |x, map| map.at(t).reference(x));
    Some(series.iter().enumerate().map(bent).collect())
}

/// What stands in the head of a column at a timestep.
fn content(column: &Column, t: usize) -> Option<&Content> {
    let mut end = 0_usize;
    for stretch in &column.head {
        end = end.saturating_add(stretch.length);
        if t < end {
            return Some(&stretch.content);
        }
    }
    None
}

/// The cells of a column, one sample.
fn values(
    column: &Column,
    planes: &Planes,
    maps: &[Option<Map>],
    timesteps: usize,
) -> Option<Vec<f64>> {
    let own = scaled(planes[column.plane].as_deref()?, &column.scales, maps)?;
    let cell = |t: usize| match content(column, t) {
        Some(Content::Missing) => Some(f64::NAN),
        Some(Content::Number { value, changes }) => Some(done(&[*value], changes, maps)?[0]),
        Some(Content::Edge) => Some(own[0]),
        None => Some(own[t - column.lag]),
    };
    (0..timesteps).map(cell).collect()
}
