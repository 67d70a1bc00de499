//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use std::ops::Range;

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
    pub maps: Vec<Option<Affine>>,
    /// Samples that came alone, until their group is complete.
    waiting: Vec<Alone>,
}

/// What a sample that came alone gave: for each slot of the pass its statistics and, where they are
/// no numbers, the first cell to blame.
#[derive(Debug)]
pub(super) struct Alone {
    pub statistics: Vec<Statistics>,
    pub faults: Vec<Option<Fault>>,
}

/// A timestep, and the value that the scaler met there.
pub(super) type Fault = (usize, f64);

impl Passes {
    pub fn new(graph: &Graph) -> Passes {
        let statistics = graph.slots.iter().map(|slot| Statistics::none(&slot.scaler)).collect();
        let maps = vec![None; graph.slots.len()];
        Passes { pass: 0, seen: 0, statistics, maps, waiting: Vec::new() }
    }

    /// The next samples of this pass. Blocks of whole groups give the bits of one block.
    pub fn push<E: Element>(
        &mut self,
        graph: &Graph,
        x: &ArrayView3<'_, E>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<()> {
        let groups = fit_groups(graph, &self.watches(graph), &self.maps, x, self.seen, level, run);
        // Groups are folded in their order, whoever computed them.
        for group in groups {
            self.merge(graph, &group?);
        }
        self.seen += x.dim().0;
        Ok(())
    }

    fn merge(&mut self, graph: &Graph, group: &[Statistics]) {
        let slots: Vec<usize> = self.slots(graph).collect();
        for (slot, part) in slots.into_iter().zip(group) {
            self.statistics[slot] = self.statistics[slot].merge(*part);
        }
    }

    /// Whether a group waits for its other samples.
    pub fn awaits_samples(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The next sample of this pass, which came alone. Groups are folded as if they came at once.
    pub fn push_alone(&mut self, graph: &Graph, sample: Alone) -> Result<()> {
        self.waiting.push(sample);
        self.seen += 1;
        match self.waiting.len() == GROUP {
            true => self.fold_waiting(graph),
            false => Ok(()),
        }
    }

    fn fold_waiting(&mut self, graph: &Graph) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let first = self.seen - waiting.len();
        let watches = self.watches(graph);
        let slot = |slot: usize| waiting.iter().map(|sample| sample.statistics[slot]).collect();
        let mut lanes: Vec<Vec<Statistics>> = (0..watches.len()).map(slot).collect();
        let lanes = lanes.iter_mut().map(Vec::as_mut_slice);
        let group = fold_group(lanes, |slot, lane| {
            watches[slot].blame(first + lane, waiting[lane].faults[slot])
        });
        self.merge(graph, &group?);
        Ok(())
    }

    /// All samples of this pass were seen.
    pub fn end(&mut self, graph: &Graph) -> Result<()> {
        if self.awaits_samples() {
            self.fold_waiting(graph)?;
        }
        for slot in self.slots(graph) {
            self.maps[slot] = Some(map(&graph.slots[slot], &self.statistics[slot])?);
        }
        (self.pass, self.seen) = (self.pass + 1, 0);
        Ok(())
    }

    fn watches<'a>(&self, graph: &'a Graph) -> Vec<Watch<'a>> {
        watches(graph, self.pass, &self.maps)
    }

    fn slots<'a>(&self, graph: &'a Graph) -> impl Iterator<Item = usize> + use<'a> {
        slots(graph, self.pass)
    }
}

/// The slots of a pass.
fn slots(graph: &Graph, pass: usize) -> impl Iterator<Item = usize> + use<'_> {
    (0..graph.slots.len()).filter(move |&slot| graph.slots[slot].pass == pass)
}

/// What a pass watches, given the maps of those before it.
pub(super) fn watches<'a>(
    graph: &'a Graph,
    pass: usize,
    maps: &[Option<Affine>],
) -> Vec<Watch<'a>> {
    let watch = |slot: usize| {
        let slot = &graph.slots[slot];
        Watch { slot, maps: fitted(&slot.column.scales, maps) }
    };
    slots(graph, pass).map(watch).collect()
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
    watches: &[Watch<'_>],
    maps: &[Option<Affine>],
    x: &ArrayView3<'_, E>,
    seen: usize,
    level: Level,
    run: &Run<'_>,
) -> Vec<Result<Vec<Statistics>>> {
    let (samples, timesteps, _) = x.dim();
    let levels = levels(samples, level);
    let level = levels.0;
    let machine = || machine::<E>(graph, watches, maps, levels, timesteps);
    let work = |machine: &mut Machine<E>, group: usize| {
        let first = group * GROUP;
        let result = level.dispatch(FitGroup { machine, watches, x, first, seen });
        run.done(GROUP.min(samples - first));
        result
    };
    (0..samples.div_ceil(GROUP)).into_par_iter().map_init(machine, work).collect()
}

/// A machine that computes what is watched.
pub(super) fn machine<E: Element>(
    graph: &Graph,
    watches: &[Watch<'_>],
    maps: &[Option<Affine>],
    levels: (Level, Option<Level>),
    timesteps: usize,
) -> Machine<E> {
    let needed = graph.needed(watches.iter().map(|watch| watch.slot.column.plane));
    Machine::new(graph, &needed, maps, levels, timesteps, CHUNK)
}

/// A slot, and the maps its column goes through before.
pub(super) struct Watch<'a> {
    slot: &'a FittedSlot,
    maps: Vec<Affine>,
}

impl Watch<'_> {
    /// Sums of nothing yet.
    pub fn begin<L: Lanes>(&self) -> LaneStatistics<L> {
        LaneStatistics::new(&self.slot.scaler)
    }

    /// Statistics of nothing.
    pub fn nothing(&self) -> Statistics {
        Statistics::none(&self.slot.scaler)
    }

    /// Which rows of the chunk hold values of the column's own: not warm-up, not fill, and not
    /// those that a lag moves beyond the end.
    fn rows(&self, start: usize, steps: usize, timesteps: usize) -> Range<usize> {
        let column = &self.slot.column;
        let first = column.begin().saturating_sub(column.lag);
        let last = timesteps.saturating_sub(column.lag);
        let within = |t: usize| t.clamp(start, start + steps) - start;
        within(first)..within(last).max(within(first))
    }

    /// Accumulates some rows of a chunk, scaled.
    #[inline(always)]
    fn push<L: Lanes, E: Element>(
        &self,
        plane: &[E],
        range: Range<usize>,
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

    /// The first cell of a lane among some rows of a chunk that is no number, scaled. The chunk
    /// begins at timestep `start`.
    pub fn fault<L: Lanes, E: Element>(
        &self,
        rows: Rows<'_, E>,
        range: Range<usize>,
        start: usize,
        lane: usize,
    ) -> Option<Fault> {
        { range }.find_map(|row| {
            let at = row * L::COUNT + lane;
            let x = match rows {
                Rows::Stored(rows) => rows[at].widen(),
                Rows::Computed(rows) => rows[at],
            };
            let got = apply_all(&self.maps, x);
            (!got.is_finite()).then_some((start + row + self.slot.column.lag, got))
        })
    }

    /// The error for a sample whose statistics came out NaN or infinite: the cell, if one is to
    /// blame.
    #[cold]
    fn blame(&self, sample: usize, fault: Option<Fault>) -> Error {
        let op = self.slot.scaler.name().to_owned();
        let column = self.slot.column.name.clone();
        if let Some((timestep, got)) = fault {
            return Error::NotFinite { op, column, sample, timestep, got };
        }
        let problem = format!("has a spread beyond f64 in sample {sample}");
        Error::Unfit { op, column, problem }
    }
}

/// Carries samples over the timesteps of `x`, the first of which is their timestep `at` of
/// `timesteps`, and shows `see` each watched chunk: the index of the watch, its rows that count,
/// and the timestep at which it begins.
#[inline(always)]
pub(super) fn watch<L: Lanes, E: Element>(
    machine: &mut Machine<E>,
    watches: &[Watch<'_>],
    x: &ArrayView3<'_, E>,
    samples: &Samples<'_, E>,
    (at, timesteps): (usize, usize),
    mut see: impl FnMut(usize, Rows<'_, E>, Range<usize>, usize),
) {
    if at == 0 {
        machine.reset(L::COUNT);
    }
    let length = x.dim().1;
    for start in (0..length).step_by(CHUNK) {
        let steps = CHUNK.min(length - start);
        let time = at + start;
        machine.advance::<L>(
            x,
            samples,
            start,
            steps,
            #[inline(always)]
            |plane, rows| {
                for (index, watch) in watches.iter().enumerate() {
                    if watch.slot.column.plane == plane {
                        see(index, rows, watch.rows(time, steps, timesteps), time);
                    }
                }
            },
        );
    }
}

/// The rows of a watched chunk that count, into the sums.
#[inline(always)]
pub(super) fn accumulate<L: Lanes, E: Element>(
    watch: &Watch<'_>,
    rows: Rows<'_, E>,
    range: Range<usize>,
    sums: &mut LaneStatistics<L>,
) {
    match rows {
        Rows::Stored(rows) => watch.push::<L, E>(rows, range, sums),
        Rows::Computed(rows) => watch.push::<L, f64>(rows, range, sums),
    }
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    watches: &'a [Watch<'a>],
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
            self.watches.iter().map(|watch| [watch.nothing(); GROUP]).collect();
        for tile in (0..present).step_by(L::COUNT) {
            let mut sums: Vec<LaneStatistics<L>> = self.watches.iter().map(Watch::begin).collect();
            let samples = Samples::new::<L>(self.x, self.first + tile);
            watch::<L, E>(
                self.machine,
                self.watches,
                self.x,
                &samples,
                (0, timesteps),
                #[inline(always)]
                |index, rows, range, _| {
                    accumulate::<L, E>(&self.watches[index], rows, range, &mut sums[index]);
                },
            );
            for (sums, lanes) in sums.into_iter().zip(&mut lanes) {
                sums.finish(&mut lanes[tile..tile + L::COUNT]);
            }
        }
        let lanes = lanes.iter_mut().map(|lanes| &mut lanes[..present]);
        fold_group(lanes, |index, lane| self.explain::<L>(index, lane))
    }
}

impl<E: Element> FitGroup<'_, '_, E> {
    #[cold]
    fn explain<L: Lanes>(self, index: usize, lane: usize) -> Error {
        let timesteps = self.x.dim().1;
        let (tile, within) = (lane / L::COUNT * L::COUNT, lane % L::COUNT);
        let samples = Samples::new::<L>(self.x, self.first + tile);
        let mut fault = None;
        let see = |seen: usize, rows: Rows<'_, E>, range: Range<usize>, start: usize| {
            if seen == index && fault.is_none() {
                fault = self.watches[index].fault::<L, E>(rows, range, start, within);
            }
        };
        watch::<L, E>(self.machine, self.watches, self.x, &samples, (0, timesteps), see);
        self.watches[index].blame(self.seen + self.first + lane, fault)
    }
}

/// Folds a group's samples, those of each slot; `explain` says what is wrong with a slot's sample
/// whose statistics are not sound.
fn fold_group<'a>(
    slots: impl Iterator<Item = &'a mut [Statistics]>,
    explain: impl FnOnce(usize, usize) -> Error,
) -> Result<Vec<Statistics>> {
    let mut slots: Vec<&mut [Statistics]> = slots.collect();
    for (slot, samples) in slots.iter().enumerate() {
        if let Some(sample) = samples.iter().position(|s| !s.is_sound()) {
            return Err(explain(slot, sample));
        }
    }
    Ok(slots.iter_mut().map(|samples| fold(samples)).collect())
}
