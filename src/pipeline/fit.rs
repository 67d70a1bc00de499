//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use bytemuck::{Zeroable, cast_slice};
use ndarray::{ArrayView3, Axis};
use rayon::prelude::*;

use super::abreast::levels;
use super::graph::{FittedSlot, Graph};
use super::layout::CHUNK;
use super::machine::{Machine, Rows, fitted};
use super::run::Run;
use super::seen::Seen;
use crate::batch::{Element, GROUP, Samples, spans};
use crate::error::{Error, Line, Result};
use crate::scale::{Affine, LaneStatistics, Statistics, apply_all};
use crate::simd::{Lanes, Level, Task};

/// The statistics of every slot, and the samples that they are of.
pub(super) fn fit<E: Element>(
    graph: &Graph,
    x: &ArrayView3<'_, E>,
    level: Level,
    run: &Run<'_>,
) -> Result<(Vec<Statistics>, Option<Seen>)> {
    let mut passes = Passes::new(graph);
    while passes.pass < graph.passes() {
        passes.push(graph, x, level, run)?;
        passes.end(graph)?;
    }
    Ok((passes.statistics, passes.first))
}

/// What is known so far of a fit that goes pass by pass, and in each block by block.
#[derive(Debug, Clone)]
pub(super) struct Passes {
    /// The pass under way, from 0 on.
    pub pass: usize,
    /// What this pass has seen.
    pub seen: Option<Seen>,
    /// What the first pass saw.
    pub first: Option<Seen>,
    /// The statistics of every slot: whole for earlier passes, of the samples seen for this one.
    pub statistics: Vec<Statistics>,
    /// The maps of slots that are whole.
    pub maps: Vec<Option<Affine>>,
}

impl Passes {
    pub fn new(graph: &Graph) -> Passes {
        let statistics = graph.slots.iter().map(|slot| slot.scaler.start()).collect();
        let maps = vec![None; graph.slots.len()];
        Passes { pass: 0, seen: None, first: None, statistics, maps }
    }

    /// The next samples of this pass. Blocks of any size give the bits of one block.
    pub fn push<E: Element>(
        &mut self,
        graph: &Graph,
        x: &ArrayView3<'_, E>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<()> {
        let slots: Vec<usize> = self.slots(graph).collect();
        let mut seen = self.seen.unwrap_or(Seen::none(E::DTYPE));
        if seen.dtype != E::DTYPE {
            let allowed = format!("earlier blocks have {}", seen.dtype);
            return Err(Error::value(Line::NONE, "the dtype of a block", E::DTYPE, allowed));
        }
        let (total, more) = self.accumulate(graph, &slots, x, level, run)?;
        for (&slot, part) in slots.iter().zip(&total) {
            let merged = self.statistics[slot].merge(part);
            merged.map_err(|problem| unfit(&graph.slots[slot], problem))?;
        }
        seen.merge(&more);
        self.seen = Some(seen);
        Ok(())
    }

    /// The statistics that some samples give some slots, and which they are.
    fn accumulate<E: Element>(
        &self,
        graph: &Graph,
        slots: &[usize],
        x: &ArrayView3<'_, E>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<(Vec<Statistics>, Seen)> {
        let (samples, timesteps, _) = x.dim();
        let before = self.seen.map_or(0, |seen| seen.samples as usize);
        let fresh: Vec<_> = slots.iter().map(|&slot| self.statistics[slot].fresh()).collect();
        let needed = graph.needed(slots.iter().map(|&slot| graph.slots[slot].column.plane));
        let watch = |&slot: &usize| {
            let slot = &graph.slots[slot];
            Watch { slot, maps: fitted(&slot.column.scales, &self.maps) }
        };
        let slots: Vec<Watch<'_>> = slots.iter().map(watch).collect();
        let levels = levels(samples, level);
        let level = levels.0;
        let total = Mutex::new((fresh.clone(), Seen::none(E::DTYPE)));
        let span = |groups: Range<usize>| {
            let mut machine =
                Machine::<E>::new(graph, &needed, &self.maps, levels, timesteps, CHUNK);
            let (mut statistics, mut seen) = (fresh.clone(), Seen::none(E::DTYPE));
            for group in groups {
                let first = group * GROUP;
                let (machine, slots, statistics) = (&mut machine, &slots[..], &mut statistics[..]);
                level.dispatch(FitGroup { machine, slots, statistics, x, first, before })?;
                // While they are in the cache.
                let end = samples.min(first + GROUP);
                (first..end).for_each(|sample| seen.push(x.index_axis(Axis(0), sample)));
                run.done(end - first);
            }
            // In whatever order they come: merging does not round.
            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
            total.1.merge(&seen);
            for ((total, part), watch) in total.0.iter_mut().zip(&statistics).zip(&slots) {
                total.merge(part).map_err(|problem| unfit(watch.slot, problem))?;
            }
            Ok(())
        };
        let groups = samples.div_ceil(GROUP);
        let spans: Vec<Result<()>> = spans(groups).into_par_iter().map(span).collect();
        // The error of the first samples that have one.
        spans.into_iter().collect::<Result<()>>()?;
        Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// All samples of this pass were seen.
    pub fn end(&mut self, graph: &Graph) -> Result<()> {
        let shown = |seen: Option<Seen>| seen.map_or("nothing".to_owned(), |seen| seen.to_string());
        if self.pass == 0 {
            self.first = self.seen;
        } else if self.seen != self.first {
            let subject = format!("what pass {} saw", self.pass + 1);
            let allowed = format!("the first pass saw {}", shown(self.first));
            return Err(Error::value(Line::NONE, subject, shown(self.seen), allowed));
        }
        for slot in self.slots(graph).collect::<Vec<_>>() {
            let (of, statistics) = (&graph.slots[slot], &mut self.statistics[slot]);
            let ended = statistics.end_pass(&of.scaler.percents());
            ended.map_err(|problem| unfit(of, problem))?;
        }
        (self.pass, self.seen) = (self.pass + 1, None);
        self.find_maps(graph)?;
        // Some statistics are whole before their last pass.
        while self.pass < graph.passes() && self.slots(graph).next().is_none() {
            self.pass += 1;
        }
        Ok(())
    }

    /// The maps of all statistics that are whole.
    pub fn find_maps(&mut self, graph: &Graph) -> Result<()> {
        for (slot, statistics) in self.statistics.iter().enumerate() {
            let of = &graph.slots[slot];
            if self.maps[slot].is_none() && statistics.is_whole(self.pass.checked_sub(of.pass)) {
                self.maps[slot] = Some(map(of, statistics)?);
            }
        }
        Ok(())
    }

    /// The slots that this pass accumulates.
    pub fn slots<'a>(&'a self, graph: &'a Graph) -> impl Iterator<Item = usize> + use<'a> {
        let wants = |&slot: &usize| {
            graph.slots[slot].passes().contains(&self.pass) && self.maps[slot].is_none()
        };
        (0..graph.slots.len()).filter(wants)
    }
}

/// The map that a slot's statistics give.
pub(super) fn map(slot: &FittedSlot, statistics: &Statistics) -> Result<Affine> {
    let map = slot.missing.map(&slot.scaler, statistics);
    map.map_err(|problem| unfit(slot, problem))
}

pub(super) fn unfit(slot: &FittedSlot, problem: String) -> Error {
    let (op, column) = (slot.op.to_owned(), slot.column.name.clone());
    Error::Unfit { op, column, problem }
}

/// A slot, and the maps its column goes through before.
struct Watch<'a> {
    slot: &'a FittedSlot,
    maps: Vec<Affine>,
}

impl Watch<'_> {
    /// Which rows of the chunk hold values of the column's own: not warm-up, not fill, and not
    /// those that a lag moves beyond the end.
    fn rows(&self, start: usize, steps: usize, timesteps: usize) -> Range<usize> {
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
        range: Range<usize>,
        (sums, present, whole): (&mut LaneStatistics<L>, usize, &mut Statistics),
    ) {
        let rows = &cast_slice::<E, E::Row<L>>(plane)[range];
        if self.maps.is_empty() {
            return sums.push::<E>(rows, present, whole);
        }
        for row in rows {
            let mut scaled = L::Row::zeroed();
            apply_all(&self.maps, E::load::<L>(row)).store(&mut scaled);
            sums.push::<f64>(&[scaled], present, whole);
        }
    }
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    slots: &'a [Watch<'a>],
    /// Of each slot.
    statistics: &'a mut [Statistics],
    x: &'a ArrayView3<'x, E>,
    first: usize,
    /// Samples that came before the first of `x`.
    before: usize,
}

impl<E: Element> Task for FitGroup<'_, '_, E> {
    type Output = Result<()>;
    #[inline(always)]
    fn run<L: Lanes>(mut self) -> Result<()> {
        let (samples, timesteps, _) = self.x.dim();
        let end = samples.min(self.first + GROUP);
        for tile in (self.first..end).step_by(L::COUNT) {
            let present = L::COUNT.min(end - tile);
            let new = |(of, watch): (&Statistics, &Watch<'_>)| {
                LaneStatistics::<L>::new(of, watch.slot.missing)
            };
            let mut sums: Vec<LaneStatistics<L>> =
                self.statistics.iter().zip(self.slots).map(new).collect();
            let samples = Samples::new::<L>(self.x, tile);
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
                        let wholes = self.statistics.iter_mut();
                        for ((watch, sums), whole) in self.slots.iter().zip(&mut sums).zip(wholes) {
                            if watch.slot.column.plane != plane {
                                continue;
                            }
                            let range = watch.rows(start, steps, timesteps);
                            let into = (sums, present, whole);
                            match rows {
                                Rows::Stored(rows) => watch.push::<L, E>(rows, range, into),
                                Rows::Computed(rows) => watch.push::<L, f64>(rows, range, into),
                            }
                        }
                    },
                );
            }
            for (index, sums) in sums.into_iter().enumerate() {
                for (sample, part) in (tile..tile + present).zip(sums.finish()) {
                    match part.is_sound() {
                        true => self.statistics[index].push(part),
                        false => self.push_values::<L>(index, tile, sample - tile)?,
                    }
                }
            }
        }
        Ok(())
    }
}

impl<E: Element> FitGroup<'_, '_, E> {
    /// Adds the values of a sample that f64 cannot accumulate, or names the one that is not finite.
    #[cold]
    fn push_values<L: Lanes>(&mut self, slot: usize, tile: usize, lane: usize) -> Result<()> {
        let timesteps = self.x.dim().1;
        let watch = &self.slots[slot];
        let statistics = &mut self.statistics[slot];
        let samples = Samples::new::<L>(self.x, tile);
        let mut found = None;
        self.machine.reset(L::COUNT);
        for start in (0..timesteps).step_by(CHUNK) {
            let steps = CHUNK.min(timesteps - start);
            self.machine.advance::<L>(self.x, &samples, start, steps, |plane, rows| {
                if plane != watch.slot.column.plane {
                    return;
                }
                for row in watch.rows(start, steps, timesteps) {
                    let at = row * L::COUNT + lane;
                    let x = match rows {
                        Rows::Stored(rows) => rows[at].widen(),
                        Rows::Computed(rows) => rows[at],
                    };
                    let x = apply_all(&watch.maps, x);
                    match x.is_finite() {
                        true => statistics.push_value(x),
                        false if watch.slot.missing.skips(x) => {}
                        false if found.is_some() => {}
                        false => found = Some((start + row + watch.slot.column.lag, x)),
                    }
                }
            });
        }
        let Some((timestep, got)) = found else { return Ok(()) };
        let (op, column) = (watch.slot.op.to_owned(), watch.slot.column.name.clone());
        let sample = self.before + tile + lane;
        Err(Error::NotFinite { op, column, sample, timestep, got })
    }
}
