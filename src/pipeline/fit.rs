//! Fitting: statistics of the scaled columns, in as many passes as scalers stand on each other.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayView3, Axis};

use super::abreast::levels;
use super::graph::{FittedSlot, Graph, SCRATCH};
use super::layout::least_chunk;
use super::machine::{Machine, Rows, fitted};
use super::run::Run;
use super::seen::Seen;
use super::watch::{Target, Watch, Watches, accumulate, watch};
use crate::batch::{AnyBatch, Dtype, Element, GROUP, Samples, ask, over_spans, with_batch};
use crate::error::{Error, Line, Result};
use crate::scale::{LaneStatistics, Map, Statistics, Weights};
use crate::simd::{Lanes, Level, Task};

/// What a fit finds: of each slot the statistics and the map that they give, and the samples; none if
/// there was nothing to fit.
pub(super) type Found = (Vec<Statistics>, Vec<Map>, Option<Seen>);

/// The statistics and the map of every slot, and the samples that they are of.
pub(super) fn fit(
    graph: &Graph,
    x: &AnyBatch<'_>,
    weights: Option<ArrayView2<'_, f64>>,
    level: Level,
    run: &Run<'_>,
) -> Result<Found> {
    let mut passes = Passes::new(graph);
    while passes.pass < graph.passes() {
        passes.push(graph, x, weights, level, run)?;
        passes.end(graph)?;
    }
    Ok(passes.finish())
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
        weights: Option<ArrayView2<'_, f64>>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<()> {
        self.check_under_way(graph)?;
        self.check_dtype(x.dtype())?;
        self.check_timesteps(graph, x.dim().1)?;
        let weights = weights.map(|weights| graph.weights(weights, x.dim())).transpose()?;
        let weights = weights.as_ref();
        let (part, seen) = with_batch!(x, |x| self.accumulate(graph, x, weights, level, run))?;
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
        graph.check_statistics(timesteps)?;
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
            merged.map_err(|problem| graph.slots[slot].unfit(problem))?;
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
        weights: Option<&Weights<'_>>,
        level: Level,
        run: &Run<'_>,
    ) -> Result<(Vec<Statistics>, Seen)> {
        let (samples, timesteps, _) = x.dim();
        let (mut fresh, watches) = (self.fresh(graph, timesteps), self.watches(graph));
        if weights.is_some() {
            fresh = fresh.into_iter().map(Statistics::weighted).collect();
        }
        let levels = levels(samples, level);
        let level = levels.0;
        let work = |groups: Range<usize>, (statistics, seen): &mut (Vec<Statistics>, Seen)| {
            let mut machine = machine::<E>(graph, &watches, &self.maps, levels, timesteps)?;
            for group in groups {
                let (first, before) = (group * GROUP, self.samples());
                let (machine, watches, statistics) = (&mut machine, &watches, &mut statistics[..]);
                let group = FitGroup { machine, watches, statistics, x, weights, first, before };
                level.dispatch(group)?;
                // While they are in the cache.
                let end = samples.min(first + GROUP);
                for sample in first..end {
                    seen.push(x.index_axis(Axis(0), sample), weights.map(|w| w.of_sample(sample)));
                }
                run.done(end - first);
            }
            Ok(())
        };
        let merge = |total: &mut (Vec<Statistics>, Seen), part: &(Vec<Statistics>, Seen)| {
            total.1.merge(&part.1);
            for ((total, part), watch) in total.0.iter_mut().zip(&part.0).zip(&watches.all) {
                total.merge(part).map_err(|problem| watch.slot.unfit(problem))?;
            }
            Ok(())
        };
        let (groups, values) = (samples.div_ceil(GROUP), GROUP * timesteps * x.dim().2);
        over_spans(groups, values, (fresh, Seen::none(E::DTYPE)), work, merge)
    }

    /// All samples of this pass were seen. After an error all is as before, but that a pass over
    /// other samples than the first begins again.
    pub fn end(&mut self, graph: &Graph) -> Result<()> {
        self.check_under_way(graph)?;
        let shown = |seen: Option<Seen>| seen.map_or("nothing".to_owned(), |seen| seen.to_string());
        if self.pass > 0 && self.seen != self.first {
            let subject = format!("what pass {} saw", self.pass + 1);
            let allowed = format!("the first pass saw {}", shown(self.first));
            let error = Error::value(Line::NONE, subject, shown(self.seen), allowed);
            self.begin_again(graph);
            return Err(error);
        }
        // A push takes no less: it holds the statistics of its samples beside these.
        let mut next = self.clone();
        for slot in self.slots(graph) {
            let of = &graph.slots[slot];
            let ended = of.scaler.end_pass(&mut next.statistics[slot]);
            ended.map_err(|problem| of.unfit(problem))?;
        }
        if self.pass == 0 {
            next.first = self.seen;
        }
        (next.pass, next.seen) = (self.pass + 1, None);
        next.find_maps(graph)?;
        // Some statistics are whole before their last pass.
        while next.pass < graph.passes() && next.slots(graph).next().is_none() {
            next.pass += 1;
        }
        *self = next;
        Ok(())
    }

    /// Refuses samples, and the end of a pass, where no pass is left.
    pub fn check_under_way(&self, graph: &Graph) -> Result<()> {
        let passes = graph.passes();
        if self.pass < passes {
            return Ok(());
        }
        let allowed = format!("of {passes} that the pipeline needs none is left");
        Err(Error::value(Line::NONE, "the pass under way", "none", allowed))
    }

    /// Forgets the samples of this pass.
    fn begin_again(&mut self, graph: &Graph) {
        for slot in self.slots(graph) {
            let of = &graph.slots[slot];
            self.statistics[slot] = match of.pass == self.pass {
                true => of.start(),
                false => self.statistics[slot].fresh(),
            };
        }
        self.seen = None;
    }

    /// What all passes found.
    pub fn finish(self) -> Found {
        let maps =
            self.maps.into_iter().map(|map| map.expect("found by the last pass at the latest"));
        (self.statistics, maps.collect(), self.first)
    }

    /// The maps of all statistics that are whole.
    pub fn find_maps(&mut self, graph: &Graph) -> Result<()> {
        for (slot, statistics) in self.statistics.iter().enumerate() {
            let of = &graph.slots[slot];
            if self.maps[slot].is_none() && statistics.is_whole(self.pass.checked_sub(of.pass)) {
                self.maps[slot] = Some(of.map(statistics)?);
            }
        }
        Ok(())
    }

    /// What this pass watches.
    fn watches<'a>(&self, graph: &'a Graph) -> Watches<'a> {
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
pub(super) fn watches<'a>(graph: &'a Graph, pass: usize, maps: &[Option<Map>]) -> Watches<'a> {
    let watch = |slot: usize| {
        let slot = &graph.slots[slot];
        Watch { slot, maps: fitted(&slot.column.scales, maps) }
    };
    Watches::new(graph.planes, slots(graph, pass, maps).map(watch).collect())
}

/// A machine that computes what is watched.
///
/// # Errors
///
/// The system has no memory for it.
pub(super) fn machine<E: Element>(
    graph: &Graph,
    watches: &Watches<'_>,
    maps: &[Option<Map>],
    levels: (Level, Option<Level>),
    timesteps: usize,
) -> Result<Machine<E>> {
    let needed = graph.needed(watches.all.iter().map(|watch| watch.slot.column.plane));
    let chunk = graph.chunk(least_chunk(levels), timesteps);
    ask(SCRATCH, graph.scratch(chunk, timesteps, levels.0.lanes()))?;
    Ok(Machine::new(graph, &needed, maps, levels, timesteps, chunk))
}

/// Accumulates the slots of a pass over a group of samples.
struct FitGroup<'a, 'x, E> {
    machine: &'a mut Machine<E>,
    watches: &'a Watches<'a>,
    /// Of each.
    statistics: &'a mut [Statistics],
    x: &'a ArrayView3<'x, E>,
    weights: Option<&'a Weights<'a>>,
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
                self.watches.all.iter().zip(&*self.statistics).map(begin).collect();
            let samples = Samples::new::<L>(self.x, tile);
            let Self { machine, watches, statistics, x, weights, .. } = &mut self;
            let weights = weights.map(|weights| (weights, tile));
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
                        &watches.all[index],
                        rows,
                        range,
                        Target { sums, present, whole, weights },
                    );
                },
            );
            // They come while these are merged and hashed: 0.94 of the time of a fit.
            if tile + L::COUNT < self.x.dim().0 {
                self.machine.prefetch::<L>(&Samples::new::<L>(self.x, tile + L::COUNT));
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
    fn push_values<L: Lanes>(&mut self, index: usize, tile: usize, lane: usize) -> Result<()> {
        let timesteps = self.x.dim().1;
        let Self { machine, watches, statistics, x, weights, before, .. } = self;
        let (own, statistics) = (&watches.all[index], &mut statistics[index]);
        let samples = Samples::new::<L>(x, tile);
        let mut fault = None;
        let see = |seen: usize, rows: Rows<'_, E>, range: Range<usize>, start: usize| {
            if seen != index || fault.is_some() {
                return;
            }
            let lag = own.slot.column.lag;
            let counts = |row: &usize| {
                weights.is_none_or(|weights| weights.at(tile + lane, start + row + lag) > 0.0)
            };
            fault = own.fault::<L, E>(rows, range.clone().filter(counts), start, lane);
            if weights.is_some() {
                return;
            }
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
