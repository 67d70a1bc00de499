//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use std::ops::Range;

use bytemuck::{Zeroable, cast_slice};
use ndarray::{ArrayView3, Axis};

use super::abreast::levels;
use super::graph::{FittedSlot, Graph};
use super::layout::CHUNK;
use super::machine::{Machine, Rows, fitted};
use super::run::Run;
use super::seen::Seen;
use crate::batch::{AnyBatch, Dtype, Element, GROUP, Samples, over_spans, with_batch};
use crate::error::{Error, Line, Result};
use crate::scale::{Affine, LaneStatistics, Map, Statistics, apply_all};
use crate::simd::{Lanes, Level, Task};

/// The statistics of every slot, and the samples that they are of.
pub(super) fn fit(
    graph: &Graph,
    x: &AnyBatch<'_>,
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
    pub maps: Vec<Option<Map>>,
}

/// A timestep, and the value that the scaler met there.
pub(super) type Fault = (usize, f64);

impl Passes {
    pub fn new(graph: &Graph) -> Passes {
        let statistics = graph.slots.iter().map(FittedSlot::start).collect();
        let maps = vec![None; graph.slots.len()];
        Passes { pass: 0, seen: None, first: None, statistics, maps }
    }

    /// How many samples this pass has seen.
    pub fn samples(&self) -> usize {
        self.seen.map_or(0, |seen| seen.samples as usize)
    }

    /// The next samples of this pass. Blocks of any size give the bits of one block.
    pub fn push(
        &mut self,
        graph: &Graph,
        x: &AnyBatch<'_>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<()> {
        self.check_dtype(x.dtype())?;
        self.check_timesteps(graph, x.dim().1)?;
        let (part, seen) = with_batch!(x, |x| self.accumulate(graph, x, level, run))?;
        self.add(graph, &part, &seen)
    }

    pub fn check_dtype(&self, dtype: Dtype) -> Result<()> {
        match self.seen {
            Some(seen) if seen.dtype != dtype => {
                let allowed = format!("earlier blocks have {}", seen.dtype);
                Err(Error::value(Line::NONE, "the dtype of a block", dtype, allowed))
            }
            _ => Ok(()),
        }
    }

    /// Refuses samples of another length than those before, where each timestep is fitted.
    pub fn check_timesteps(&self, graph: &Graph, timesteps: usize) -> Result<()> {
        for (slot, statistics) in graph.slots.iter().zip(&self.statistics) {
            match statistics {
                Statistics::Timesteps(each) if ![0, timesteps].contains(&each.len()) => {
                    return Err(slot.other_timesteps(each.len(), timesteps));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds the statistics of some samples, of each slot of this pass.
    pub fn add(&mut self, graph: &Graph, part: &[Statistics], more: &Seen) -> Result<()> {
        for (slot, part) in self.slots(graph).zip(part) {
            let merged = self.statistics[slot].merge(part);
            merged.map_err(|problem| unfit(&graph.slots[slot], problem))?;
        }
        self.seen.get_or_insert(Seen::none(more.dtype)).merge(more);
        Ok(())
    }

    /// The statistics of no samples yet, of so many timesteps, of each slot of this pass.
    pub fn fresh(&self, graph: &Graph, timesteps: usize) -> Vec<Statistics> {
        let fresh = |slot: usize| match &self.statistics[slot] {
            Statistics::Timesteps(each) if each.is_empty() => graph.slots[slot].start_of(timesteps),
            statistics => statistics.fresh(),
        };
        self.slots(graph).map(fresh).collect()
    }

    /// The statistics that some samples give, and which they are.
    fn accumulate<E: Element>(
        &self,
        graph: &Graph,
        x: &ArrayView3<'_, E>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<(Vec<Statistics>, Seen)> {
        let (samples, timesteps, _) = x.dim();
        let (fresh, watches) = (self.fresh(graph, timesteps), self.watches(graph));
        let levels = levels(samples, level);
        let level = levels.0;
        let work = |groups: Range<usize>, (statistics, seen): &mut (Vec<Statistics>, Seen)| {
            let mut machine = machine::<E>(graph, &watches, &self.maps, levels, timesteps);
            for group in groups {
                let (first, before) = (group * GROUP, self.samples());
                let (machine, watches, statistics) =
                    (&mut machine, &watches[..], &mut statistics[..]);
                level.dispatch(FitGroup { machine, watches, statistics, x, first, before })?;
                // While they are in the cache.
                let end = samples.min(first + GROUP);
                (first..end).for_each(|sample| seen.push(x.index_axis(Axis(0), sample)));
                run.done(end - first);
            }
            Ok(())
        };
        let merge = |total: &mut (Vec<Statistics>, Seen), part: &(Vec<Statistics>, Seen)| {
            total.1.merge(&part.1);
            for ((total, part), watch) in total.0.iter_mut().zip(&part.0).zip(&watches) {
                total.merge(part).map_err(|problem| unfit(watch.slot, problem))?;
            }
            Ok(())
        };
        over_spans(samples.div_ceil(GROUP), (fresh, Seen::none(E::DTYPE)), work, merge)
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
        for slot in self.slots(graph) {
            let of = &graph.slots[slot];
            let ended = of.scaler.end_pass(&mut self.statistics[slot]);
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

    /// What this pass watches.
    fn watches<'a>(&self, graph: &'a Graph) -> Vec<Watch<'a>> {
        watches(graph, self.pass, &self.maps)
    }

    /// The slots that this pass accumulates.
    pub fn slots<'a>(&self, graph: &'a Graph) -> impl Iterator<Item = usize> + use<'a> {
        slots(graph, self.pass, &self.maps)
    }
}

/// The slots that a pass accumulates, given the maps of those that are whole.
fn slots<'a>(
    graph: &'a Graph,
    pass: usize,
    maps: &[Option<Map>],
) -> impl Iterator<Item = usize> + use<'a> {
    let wants = |&slot: &usize| graph.slots[slot].passes().contains(&pass) && maps[slot].is_none();
    let slots: Vec<usize> = (0..graph.slots.len()).filter(wants).collect();
    slots.into_iter()
}

/// What a pass watches, given the maps of those before it.
pub(super) fn watches<'a>(graph: &'a Graph, pass: usize, maps: &[Option<Map>]) -> Vec<Watch<'a>> {
    let watch = |slot: usize| {
        let slot = &graph.slots[slot];
        Watch { slot, maps: fitted(&slot.column.scales, maps) }
    };
    slots(graph, pass, maps).map(watch).collect()
}

/// The map that a slot's statistics give.
pub(super) fn map(slot: &FittedSlot, statistics: &Statistics) -> Result<Map> {
    let map = slot.missing.map(&slot.scaler, statistics);
    map.map_err(|problem| unfit(slot, problem))
}

pub(super) fn unfit(slot: &FittedSlot, problem: String) -> Error {
    let (op, column) = (slot.op.to_owned(), slot.column.name.clone());
    Error::Unfit { op, column, problem }
}

/// A machine that computes what is watched.
pub(super) fn machine<E: Element>(
    graph: &Graph,
    watches: &[Watch<'_>],
    maps: &[Option<Map>],
    levels: (Level, Option<Level>),
    timesteps: usize,
) -> Machine<E> {
    let needed = graph.needed(watches.iter().map(|watch| watch.slot.column.plane));
    Machine::new(graph, &needed, maps, levels, timesteps, graph.chunk(CHUNK, timesteps))
}

/// A slot, and the maps its column goes through before.
pub(super) struct Watch<'a> {
    slot: &'a FittedSlot,
    maps: Vec<Affine>,
}

impl Watch<'_> {
    /// Sums of nothing yet, for statistics like these.
    pub fn begin<L: Lanes>(&self, like: &Statistics) -> LaneStatistics<L> {
        LaneStatistics::new(like, self.slot.missing, self.first())
    }

    /// The first row of the plane with a value of the column's own.
    fn first(&self) -> usize {
        let column = &self.slot.column;
        column.begin().saturating_sub(column.lag)
    }

    /// Which rows of the chunk hold values of the column's own: not warm-up, not fill, and not
    /// those that a lag moves beyond the end.
    fn rows(&self, start: usize, steps: usize, timesteps: usize) -> Range<usize> {
        let first = self.first();
        let last = timesteps.saturating_sub(self.slot.column.lag);
        let within = |t: usize| t.clamp(start, start + steps) - start;
        within(first)..within(last).max(within(first))
    }

    /// Accumulates some rows of a chunk, scaled.
    #[inline(always)]
    fn push<L: Lanes, E: Element>(&self, plane: &[E], range: Range<usize>, into: Target<'_, L>) {
        let rows = &cast_slice::<E, E::Row<L>>(plane)[range];
        let Target { sums, present, whole } = into;
        if self.maps.is_empty() {
            return sums.push::<E>(rows, present, whole);
        }
        for row in rows {
            let mut scaled = L::Row::zeroed();
            apply_all(&self.maps, E::load::<L>(row)).store(&mut scaled);
            sums.push::<f64>(&[scaled], present, whole);
        }
    }

    /// The value of a lane in some row of a chunk, scaled.
    fn value<L: Lanes, E: Element>(&self, rows: Rows<'_, E>, row: usize, lane: usize) -> f64 {
        let at = row * L::COUNT + lane;
        let x = match rows {
            Rows::Stored(rows) => rows[at].widen(),
            Rows::Computed(rows) => rows[at],
        };
        apply_all(&self.maps, x)
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
            let got = self.value::<L, E>(rows, row, lane);
            let wrong = !got.is_finite() && !self.slot.missing.skips(got);
            wrong.then_some((start + row + self.slot.column.lag, got))
        })
    }

    /// The error for a sample that came in pieces, whose statistics came out NaN or infinite: the
    /// cell, if one is to blame.
    #[cold]
    pub fn blame(&self, sample: usize, fault: Option<Fault>) -> Error {
        let Some((timestep, got)) = fault else {
            let problem = format!("has a spread beyond f64 in sample {sample}, given in pieces");
            return unfit(self.slot, problem);
        };
        let (op, column) = (self.slot.op.to_owned(), self.slot.column.name.clone());
        Error::NotFinite { op, column, sample, timestep, got }
    }
}

/// Where rows go: the sums of their lanes, of which the first `present` are samples, and the
/// statistics that these go into.
pub(super) struct Target<'a, L> {
    pub sums: &'a mut LaneStatistics<L>,
    pub present: usize,
    pub whole: &'a mut Statistics,
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
    let (length, chunk) = (x.dim().1, machine.chunk());
    for start in (0..length).step_by(chunk) {
        let steps = chunk.min(length - start);
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
    into: Target<'_, L>,
) {
    match rows {
        Rows::Stored(rows) => watch.push::<L, E>(rows, range, into),
        Rows::Computed(rows) => watch.push::<L, f64>(rows, range, into),
    }
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    watches: &'a [Watch<'a>],
    /// Of each.
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
            let begin = |(watch, like): (&Watch<'_>, &Statistics)| watch.begin(like);
            let mut sums: Vec<LaneStatistics<L>> =
                self.watches.iter().zip(&*self.statistics).map(begin).collect();
            let samples = Samples::new::<L>(self.x, tile);
            let Self { machine, watches, statistics, x, .. } = &mut self;
            watch::<L, E>(
                machine,
                watches,
                x,
                &samples,
                (0, timesteps),
                #[inline(always)]
                |index, rows, range, _| {
                    let (sums, whole) = (&mut sums[index], &mut statistics[index]);
                    accumulate::<L, E>(
                        &watches[index],
                        rows,
                        range,
                        Target { sums, present, whole },
                    );
                },
            );
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
    fn push_values<L: Lanes>(&mut self, index: usize, tile: usize, lane: usize) -> Result<()> {
        let timesteps = self.x.dim().1;
        let Self { machine, watches, statistics, x, before, .. } = self;
        let (own, statistics) = (&watches[index], &mut statistics[index]);
        let samples = Samples::new::<L>(x, tile);
        let mut fault = None;
        let see = |seen: usize, rows: Rows<'_, E>, range: Range<usize>, start: usize| {
            if seen != index || fault.is_some() {
                return;
            }
            fault = own.fault::<L, E>(rows, range.clone(), start, lane);
            for row in range {
                let x = own.value::<L, E>(rows, row, lane);
                if x.is_finite() {
                    statistics.push_at(start + row, x);
                }
            }
        };
        watch::<L, E>(machine, watches, x, &samples, (0, timesteps), see);
        match fault {
            None => Ok(()),
            fault => Err(own.blame(*before + tile + lane, fault)),
        }
    }
}
