//! The transform in one pass: a tile is read once, every step happens in cache, and the rows of
//! the output are written once.

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::graph::{Content, Graph};
use super::layout::{Feed, Layout};
use super::machine::{Machine, fitted, rows};
use super::run::Run;
use crate::batch::{Aligned, Element, GROUP, TileWriter};
use crate::error::Result;
use crate::scale::{Affine, apply_all};
use crate::simd::{Lanes, Level, Task};

/// Cells of output below which a second thread costs more than it gives.
const WORTH_A_THREAD: usize = 1 << 14;

/// Bytes of output from which on it is written past the cache: more than a core's own cache, and
/// more than its share of the common one on most machines.
const CACHE: usize = 2 << 20;

/// Transforms `x` into `y`, whose shape was checked.
pub(super) fn transform<E: Element, O: Element>(
    graph: &Graph,
    maps: &[Affine],
    x: &ArrayView3<'_, E>,
    mut y: ArrayViewMut3<'_, O>,
    level: Level,
    run: &Run<'_>,
) -> Result<()> {
    if y.is_empty() {
        return Ok(());
    }
    let stream = y.len() * size_of::<O>() > CACHE;
    let kept = TileWriter::<O>::kept(graph.columns.len(), stream);
    let layout = Layout::new(graph, x.dim().1, kept);
    layout.check_arena(level.lanes(), O::DTYPE)?;
    let maps: Vec<Option<Affine>> = maps.iter().copied().map(Some).collect();
    let worker = || Worker::<E, O>::new(graph, &layout, &maps, level, stream);
    let work = |worker: &mut Worker<E, O>, (group, mut y): (usize, ArrayViewMut3<'_, O>)| {
        let first = group * GROUP;
        match y.as_slice_mut() {
            Some(samples) => worker.group(x, first, samples, level),
            None => {
                let mut copy = Array3::from_elem(y.dim(), O::zeroed());
                worker.group(x, first, copy.as_slice_mut().expect("just made"), level);
                y.assign(&copy);
            }
        }
        run.done(y.dim().0);
    };
    let sequential = y.len() < WORTH_A_THREAD;
    let groups = y.axis_chunks_iter_mut(Axis(0), GROUP);
    if sequential {
        let mut worker = worker();
        groups.enumerate().for_each(|group| work(&mut worker, group));
    } else {
        groups.into_par_iter().enumerate().for_each_init(worker, work);
    }
    Ok(())
}

/// What a thread works with.
struct Worker<'a, E, O> {
    layout: &'a Layout,
    machine: Machine<E>,
    writer: TileWriter<O>,
    /// The maps of each feed.
    maps: Vec<Vec<Affine>>,
    /// The maps of all slots, for fills.
    all: &'a [Option<Affine>],
    /// Each feed's history and current chunk.
    arena: Aligned<O>,
    firsts: Vec<usize>,
}

impl<'a, E: Element, O: Element> Worker<'a, E, O> {
    fn new(
        graph: &Graph,
        layout: &'a Layout,
        all: &'a [Option<Affine>],
        level: Level,
        stream: bool,
    ) -> Self {
        let needed = graph.needed(layout.feeds.iter().map(|feed| feed.plane));
        let (firsts, rows) = layout.arena();
        let tops: Vec<usize> = layout
            .columns
            .iter()
            .map(|&(feed, lag)| firsts[feed] + layout.before(&layout.feeds[feed]) - lag)
            .collect();
        Worker {
            layout,
            machine: Machine::new(graph, &needed, all, level, layout.timesteps, layout.chunk),
            writer: TileWriter::new(&tops, layout.chunk, level.lanes(), stream),
            maps: layout.feeds.iter().map(|feed| fitted(&feed.scales, all)).collect(),
            all,
            arena: Aligned::zeroed(rows * level.lanes()),
            firsts,
        }
    }

    /// Transforms the samples from `first` on, as many as `samples` has room for.
    fn group(&mut self, x: &ArrayView3<'_, E>, first: usize, samples: &mut [O], level: Level) {
        level.dispatch(TransformGroup { worker: self, x, first, samples });
    }

    #[inline(always)]
    fn tile<L: Lanes>(&mut self, x: &ArrayView3<'_, E>, first: usize, samples: &mut [O]) {
        let Layout { timesteps, chunk, trim, .. } = *self.layout;
        let sample = self.layout.kept() * self.layout.columns.len();
        let mut lanes: [&mut [O]; GROUP] = Default::default();
        let mut present = 0;
        for (lane, sample) in lanes.iter_mut().zip(samples.chunks_exact_mut(sample)) {
            *lane = sample;
            present += 1;
        }
        self.machine.reset();
        self.writer.reset();
        for start in (0..timesteps).step_by(chunk) {
            let steps = chunk.min(timesteps - start);
            let end = start + steps;
            self.machine.advance::<L>(x, first, start, steps);
            for feed in 0..self.layout.feeds.len() {
                self.finish::<L>(feed, start, steps);
            }
            if end > trim {
                let (row, last) = (start as isize - trim as isize, end == timesteps);
                self.writer.write::<L>(&self.arena, row, end - trim, last, &mut lanes[..present]);
            }
            self.carry::<L>(steps);
        }
    }

    /// Scales and rounds a chunk of a feed's plane, and lays its history before the first.
    #[inline(always)]
    fn finish<L: Lanes>(&mut self, index: usize, start: usize, steps: usize) {
        let feed = &self.layout.feeds[index];
        let first = (self.firsts[index] + self.layout.kept_rows) * L::COUNT;
        let (history, chunk) = self.arena[first..].split_at_mut(feed.depth * L::COUNT);
        let plane = rows::<L>(self.machine.plane(feed.plane, steps));
        let chunk = &mut chunk[..steps * L::COUNT];
        finish_rows::<L, O>(plane, &self.maps[index], chunk);
        if let Some((until, value)) = feed.overwrite {
            let until = until.saturating_sub(start).min(steps);
            chunk[..until * L::COUNT].fill(O::round(value));
        }
        if start == 0 {
            lay_history(feed, self.all, history, &chunk[..L::COUNT]);
        }
    }

    /// Moves the last rows of each feed to where the next chunk looks for them.
    #[inline(always)]
    fn carry<L: Lanes>(&mut self, steps: usize) {
        for (feed, first) in self.layout.feeds.iter().zip(&self.firsts) {
            let first = first * L::COUNT;
            let from = first + steps * L::COUNT;
            let length = self.layout.before(feed) * L::COUNT;
            self.arena.copy_within(from..from + length, first);
        }
    }
}

/// A multiply-add a value and map, then one rounding.
#[inline(always)]
fn finish_rows<L: Lanes, O: Element>(plane: &[L::Row], maps: &[Affine], out: &mut [O]) {
    // One loop for each number of maps that is common, so that their numbers stay in registers.
    match maps {
        [] => round_rows::<L, O>(plane, out, |x| x),
        [map] => {
            let map = *map;
            round_rows::<L, O>(plane, out, |x| map.apply_lanes(x));
        }
        maps => round_rows::<L, O>(plane, out, |x| apply_all(maps, x)),
    }
}

/// Rounds what `map` makes of each row; NaN has one bit pattern in the output.
#[inline(always)]
fn round_rows<L: Lanes, O: Element>(plane: &[L::Row], out: &mut [O], map: impl Fn(L) -> L) {
    for (row, out) in plane.iter().zip(out.chunks_exact_mut(L::COUNT)) {
        let x = map(L::load(row));
        O::put(L::select(x.is_nan(), L::splat(f64::NAN), x), out);
    }
}

/// Fills the rows before the first timestep.
fn lay_history<O: Element>(
    feed: &Feed,
    maps: &[Option<Affine>],
    mut history: &mut [O],
    edge: &[O],
) {
    for past in &feed.history {
        let (rows, newer) = history.split_at_mut(past.rows * edge.len());
        history = newer;
        match &past.content {
            Content::Missing => rows.fill(O::round(f64::NAN)),
            Content::Number { value, scales } => {
                let scaled = apply_all(&fitted(scales, maps), *value);
                rows.fill(O::round(scaled));
            }
            Content::Edge => {
                rows.chunks_exact_mut(edge.len()).for_each(|row| row.copy_from_slice(edge))
            }
        }
    }
}

struct TransformGroup<'w, 'a, 'x, E, O> {
    worker: &'w mut Worker<'a, E, O>,
    x: &'w ArrayView3<'x, E>,
    first: usize,
    samples: &'w mut [O],
}

impl<E: Element, O: Element> Task for TransformGroup<'_, '_, '_, E, O> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let sample = self.worker.layout.kept() * self.worker.layout.columns.len();
        for (tile, samples) in self.samples.chunks_mut(sample * L::COUNT).enumerate() {
            self.worker.tile::<L>(self.x, self.first + tile * L::COUNT, samples);
        }
        L::fence();
    }
}
