//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use ndarray::ArrayView3;
use rayon::prelude::*;

use super::graph::{FittedSlot, Graph};
use super::layout::CHUNK;
use super::machine::{Machine, fitted, rows};
use super::run::Run;
use crate::batch::{Element, GROUP};
use crate::error::{Error, Result};
use crate::scale::{Affine, LaneStatistics, Statistics, apply_all, fold};
use crate::simd::{Lanes, Level, Task};

/// The statistics of every slot.
pub(super) fn fit<E: Element>(
    graph: &Graph,
    x: &ArrayView3<'_, E>,
    level: Level,
    run: &Run<'_>,
) -> Result<Vec<Statistics>> {
    let mut maps = vec![None; graph.slots.len()];
    let mut statistics: Vec<Statistics> =
        graph.slots.iter().map(|slot| Statistics::none(&slot.scaler)).collect();
    for pass in 0..graph.passes() {
        let slots: Vec<usize> =
            (0..graph.slots.len()).filter(|&slot| graph.slots[slot].pass == pass).collect();
        let totals = fit_pass(graph, &slots, &maps, x, level, run)?;
        for (&slot, total) in slots.iter().zip(totals) {
            statistics[slot] = total;
            maps[slot] = Some(map(&graph.slots[slot], &total)?);
        }
    }
    Ok(statistics)
}

/// The map that a slot's statistics give.
pub(super) fn map(slot: &FittedSlot, statistics: &Statistics) -> Result<Affine> {
    slot.scaler.map(statistics).map_err(|problem| Error::Unfit {
        op: slot.scaler.name().to_owned(),
        column: slot.column.name.clone(),
        problem,
    })
}

fn fit_pass<E: Element>(
    graph: &Graph,
    slots: &[usize],
    maps: &[Option<Affine>],
    x: &ArrayView3<'_, E>,
    level: Level,
    run: &Run<'_>,
) -> Result<Vec<Statistics>> {
    let (samples, timesteps, _) = x.dim();
    let needed = graph.needed(slots.iter().map(|&slot| graph.slots[slot].column.plane));
    let slots: Vec<Watch<'_>> = slots
        .iter()
        .map(|&slot| {
            let slot = &graph.slots[slot];
            Watch { slot, maps: fitted(&slot.column.scales, maps) }
        })
        .collect();
    let machine = || Machine::<E>::new(graph, &needed, maps, level, timesteps, CHUNK);
    let work = |machine: &mut Machine<E>, group: usize| {
        let result = level.dispatch(FitGroup { machine, slots: &slots, x, first: group * GROUP });
        run.done(GROUP.min(samples - group * GROUP));
        result
    };
    // Groups are folded in their order, whoever computed them.
    let groups: Vec<Result<Vec<Statistics>>> =
        (0..samples.div_ceil(GROUP)).into_par_iter().map_init(machine, work).collect();
    let mut totals: Vec<Statistics> =
        slots.iter().map(|watch| Statistics::none(&watch.slot.scaler)).collect();
    for group in groups {
        for (total, part) in totals.iter_mut().zip(group?) {
            *total = total.merge(part);
        }
    }
    Ok(totals)
}

/// A slot, and the maps its column goes through before.
struct Watch<'a> {
    slot: &'a FittedSlot,
    maps: Vec<Affine>,
}

impl Watch<'_> {
    /// Which rows of the chunk hold values of the column's own: not warm-up, not fill, and not
    /// those that a lag moves beyond the end.
    fn rows(&self, start: usize, steps: usize, timesteps: usize) -> std::ops::Range<usize> {
        let column = &self.slot.column;
        let first = column.begin().saturating_sub(column.lag);
        let last = timesteps.saturating_sub(column.lag);
        let within = |t: usize| t.clamp(start, start + steps) - start;
        within(first)..within(last).max(within(first))
    }
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    slots: &'a [Watch<'a>],
    x: &'a ArrayView3<'x, E>,
    first: usize,
}

impl<E: Element> Task for FitGroup<'_, '_, E> {
    type Output = Result<Vec<Statistics>>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let (samples, timesteps, _) = self.x.dim();
        let present = GROUP.min(samples - self.first);
        let mut lanes: Vec<[Statistics; GROUP]> =
            self.slots.iter().map(|watch| [Statistics::none(&watch.slot.scaler); GROUP]).collect();
        for tile in (0..present).step_by(L::COUNT) {
            let new = |watch: &Watch<'_>| LaneStatistics::<L>::new(&watch.slot.scaler);
            let mut sums: Vec<LaneStatistics<L>> = self.slots.iter().map(new).collect();
            self.machine.reset();
            for start in (0..timesteps).step_by(CHUNK) {
                let steps = CHUNK.min(timesteps - start);
                self.machine.advance::<L>(self.x, self.first + tile, start, steps);
                for (watch, sums) in self.slots.iter().zip(&mut sums) {
                    let range = watch.rows(start, steps, timesteps);
                    let plane = self.machine.plane(watch.slot.column.plane, steps);
                    let plane = &rows::<L>(plane)[range];
                    if watch.maps.is_empty() {
                        sums.push(plane);
                    } else {
                        scaled::<L>(plane, &watch.maps, |rows| sums.push(rows));
                    }
                }
            }
            for (sums, lanes) in sums.into_iter().zip(&mut lanes) {
                sums.finish(&mut lanes[tile..tile + L::COUNT]);
            }
        }
        for (watch, lanes) in self.slots.iter().zip(&lanes) {
            if let Some(lane) = lanes[..present].iter().position(|s| !s.is_sound()) {
                return Err(self.explain::<L>(watch, lane));
            }
        }
        Ok(lanes.iter_mut().map(|lanes| fold(&mut lanes[..present])).collect())
    }
}

impl<E: Element> FitGroup<'_, '_, E> {
    /// The error for a sample whose statistics came out NaN or infinite: the cell, if one is to
    /// blame.
    #[cold]
    fn explain<L: Lanes>(self, watch: &Watch<'_>, lane: usize) -> Error {
        let timesteps = self.x.dim().1;
        let (tile, within) = (lane / L::COUNT * L::COUNT, lane % L::COUNT);
        let op = watch.slot.scaler.name().to_owned();
        let column = watch.slot.column.name.clone();
        self.machine.reset();
        for start in (0..timesteps).step_by(CHUNK) {
            let steps = CHUNK.min(timesteps - start);
            self.machine.advance::<L>(self.x, self.first + tile, start, steps);
            let plane = self.machine.plane(watch.slot.column.plane, steps);
            for row in watch.rows(start, steps, timesteps) {
                let x = plane[row * L::COUNT + within];
                let got = apply_all(&watch.maps, x);
                if !got.is_finite() {
                    let timestep = start + row + watch.slot.column.lag;
                    return Error::NotFinite {
                        op,
                        column,
                        sample: self.first + lane,
                        timestep,
                        got,
                    };
                }
            }
        }
        let problem = format!("has a spread beyond f64 in sample {}", self.first + lane);
        Error::Unfit { op, column, problem }
    }
}

/// Gives the scaled rows on, a few at a time.
#[inline(always)]
fn scaled<L: Lanes>(plane: &[L::Row], maps: &[Affine], mut give: impl FnMut(&[L::Row])) {
    for row in plane {
        let x = apply_all(maps, L::load(row));
        let mut row = *row;
        x.store(&mut row);
        give(&[row]);
    }
}
