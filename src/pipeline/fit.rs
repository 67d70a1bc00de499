//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use bytemuck::{Zeroable, cast_slice};
use ndarray::ArrayView3;
use rayon::prelude::*;

use super::abreast::levels;
use super::graph::{FittedSlot, Graph};
use super::layout::CHUNK;
use super::machine::{Machine, Rows, fitted};
use super::run::Run;
use crate::batch::{Element, GROUP, Samples};
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
    let mut passes = Passes::new(graph);
    while passes.pass < graph.passes() {
        passes.push(graph, x, level, run)?;
        passes.end(graph)?;
    }
    Ok(passes.statistics)
}

/// What is known so far of a fit that goes pass by pass, and in each block by block.
#[derive(Debug)]
pub(super) struct Passes {
    /// The pass under way, from 0 on.
    pub pass: usize,
    /// Samples that this pass has seen.
    pub seen: usize,
    /// The statistics of every slot: whole for earlier passes, of the samples seen for this one.
    pub statistics: Vec<Statistics>,
    maps: Vec<Option<Affine>>,
}

impl Passes {
    pub fn new(graph: &Graph) -> Passes {
        let statistics = graph.slots.iter().map(|slot| Statistics::none(&slot.scaler)).collect();
        Passes { pass: 0, seen: 0, statistics, maps: vec![None; graph.slots.len()] }
    }

    /// The next samples of this pass. Blocks of whole groups give the bits of one block.
    pub fn push<E: Element>(
        &mut self,
        graph: &Graph,
        x: &ArrayView3<'_, E>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<()> {
        let slots: Vec<usize> = self.slots(graph).collect();
        let groups = fit_groups(graph, &slots, &self.maps, x, self.seen, level, run);
        // Groups are folded in their order, whoever computed them.
        for group in groups {
            for (&slot, part) in slots.iter().zip(group?) {
                self.statistics[slot] = self.statistics[slot].merge(part);
            }
        }
        self.seen += x.dim().0;
        Ok(())
    }

    /// All samples of this pass were seen.
    pub fn end(&mut self, graph: &Graph) -> Result<()> {
        for slot in self.slots(graph) {
            self.maps[slot] = Some(map(&graph.slots[slot], &self.statistics[slot])?);
        }
        (self.pass, self.seen) = (self.pass + 1, 0);
        Ok(())
    }

    fn slots<'a>(&self, graph: &'a Graph) -> impl Iterator<Item = usize> + use<'a> {
        let pass = self.pass;
        (0..graph.slots.len()).filter(move |&slot| graph.slots[slot].pass == pass)
    }
}

/// The map that a slot's statistics give.
pub(super) fn map(slot: &FittedSlot, statistics: &Statistics) -> Result<Affine> {
    slot.scaler.map(statistics).map_err(|problem| Error::Unfit {
        op: slot.scaler.name().to_owned(),
        column: slot.column.name.clone(),
        problem,
    })
}

/// The statistics of each group of samples, in order; `seen` samples came before them.
fn fit_groups<E: Element>(
    graph: &Graph,
    slots: &[usize],
    maps: &[Option<Affine>],
    x: &ArrayView3<'_, E>,
    seen: usize,
    level: Level,
    run: &Run<'_>,
) -> Vec<Result<Vec<Statistics>>> {
    let (samples, timesteps, _) = x.dim();
    let needed = graph.needed(slots.iter().map(|&slot| graph.slots[slot].column.plane));
    let slots: Vec<Watch<'_>> = slots
        .iter()
        .map(|&slot| {
            let slot = &graph.slots[slot];
            Watch { slot, maps: fitted(&slot.column.scales, maps) }
        })
        .collect();
    let levels = levels(samples, level);
    let level = levels.0;
    let machine = || Machine::<E>::new(graph, &needed, maps, levels, timesteps, CHUNK);
    let work = |machine: &mut Machine<E>, group: usize| {
        let first = group * GROUP;
        let result = level.dispatch(FitGroup { machine, slots: &slots, x, first, seen });
        run.done(GROUP.min(samples - first));
        result
    };
    (0..samples.div_ceil(GROUP)).into_par_iter().map_init(machine, work).collect()
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

impl Watch<'_> {
    /// Accumulates some rows of a chunk, scaled.
    #[inline(always)]
    fn push<L: Lanes, E: Element>(
        &self,
        plane: &[E],
        range: std::ops::Range<usize>,
        sums: &mut LaneStatistics<L>,
    ) {
        let rows = &cast_slice::<E, E::Row<L>>(plane)[range];
        if self.maps.is_empty() {
            return sums.push::<E>(rows);
        }
        for row in rows {
            let mut scaled = L::Row::zeroed();
            apply_all(&self.maps, E::load::<L>(row)).store(&mut scaled);
            sums.push::<f64>(&[scaled]);
        }
    }
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    slots: &'a [Watch<'a>],
    x: &'a ArrayView3<'x, E>,
    first: usize,
    /// Samples that came before the first of `x`.
    seen: usize,
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
            let samples = Samples::new::<L>(self.x, self.first + tile);
            self.machine.reset(L::COUNT);
            for start in (0..timesteps).step_by(CHUNK) {
                let steps = CHUNK.min(timesteps - start);
                self.machine.advance::<L>(
                    self.x,
                    &samples,
                    start,
                    steps,
                    #[inline(always)]
                    |plane, rows| {
                        for (watch, sums) in self.slots.iter().zip(&mut sums) {
                            if watch.slot.column.plane != plane {
                                continue;
                            }
                            let range = watch.rows(start, steps, timesteps);
                            match rows {
                                Rows::Stored(rows) => watch.push::<L, E>(rows, range, sums),
                                Rows::Computed(rows) => watch.push::<L, f64>(rows, range, sums),
                            }
                        }
                    },
                );
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
        let sample = self.seen + self.first + lane;
        let samples = Samples::new::<L>(self.x, self.first + tile);
        let mut found = None;
        self.machine.reset(L::COUNT);
        for start in (0..timesteps).step_by(CHUNK) {
            let steps = CHUNK.min(timesteps - start);
            self.machine.advance::<L>(self.x, &samples, start, steps, |plane, rows| {
                if plane != watch.slot.column.plane || found.is_some() {
                    return;
                }
                found = watch.rows(start, steps, timesteps).find_map(|row| {
                    let at = row * L::COUNT + within;
                    let x = match rows {
                        Rows::Stored(rows) => rows[at].widen(),
                        Rows::Computed(rows) => rows[at],
                    };
                    let got = apply_all(&watch.maps, x);
                    (!got.is_finite()).then_some((start + row + watch.slot.column.lag, got))
                });
            });
        }
        if let Some((timestep, got)) = found {
            return Error::NotFinite { op, column, sample, timestep, got };
        }
        let problem = format!("has a spread beyond f64 in sample {sample}");
        Error::Unfit { op, column, problem }
    }
}
