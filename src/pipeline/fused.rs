//! The transform in one pass: a tile is read once, every step happens in cache, and the rows of
//! the output are written once.

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::graph::{Content, Graph};
use super::layout::{Feed, Layout};
use super::machine::{Machine, Rows, fitted};
use super::run::Run;
use crate::batch::{Aligned, Element, GROUP, Samples, TileWriter};
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
    machine: Machine<E>,
    finisher: Finisher<'a, O>,
    writer: TileWriter<O>,
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
        let finisher = Finisher::new(layout, all, graph.planes, level.lanes());
        let tops = finisher.tops();
        Worker {
            machine: Machine::new(graph, &needed, all, level, layout.timesteps, layout.chunk),
            finisher,
            writer: TileWriter::new(&tops, layout.chunk, level.lanes(), stream),
        }
    }

    /// Transforms the samples from `first` on, as many as `samples` has room for.
    fn group(&mut self, x: &ArrayView3<'_, E>, first: usize, samples: &mut [O], level: Level) {
        level.dispatch(TransformGroup { worker: self, x, first, samples });
    }

    #[inline(always)]
    fn tile<L: Lanes>(&mut self, x: &ArrayView3<'_, E>, first: usize, outputs: &mut [O]) {
        let Self { machine, finisher, writer } = self;
        let layout = finisher.layout;
        let Layout { timesteps, chunk, trim, .. } = *layout;
        let sample = layout.kept() * layout.columns.len();
        let mut lanes: [&mut [O]; GROUP] = Default::default();
        let mut present = 0;
        for (lane, output) in lanes.iter_mut().zip(outputs.chunks_exact_mut(sample)) {
            *lane = output;
            present += 1;
        }
        let lanes = &mut lanes[..present];
        let samples = Samples::new::<L>(x, first);
        machine.reset(L::COUNT);
        writer.reset(lanes);
        for start in (0..timesteps).step_by(chunk) {
            let steps = chunk.min(timesteps - start);
            let end = start + steps;
            let (mut done, feeds) = (0, layout.feeds.len());
            machine.advance::<L>(
                x,
                &samples,
                start,
                steps,
                #[inline(always)]
                |plane, rows| {
                    for index in 0..finisher.feeds[plane].len() {
                        let feed = finisher.feeds[plane][index];
                        match rows {
                            Rows::Stored(rows) => finisher.finish::<L, E>(feed, rows, start),
                            Rows::Computed(rows) => finisher.finish::<L, f64>(feed, rows, start),
                        }
                        // Memory takes lines slower than they are copied: it catches up meanwhile.
                        writer.drain::<L>(done, feeds, lanes);
                        done += 1;
                    }
                },
            );
            if end > trim {
                let (row, last) = (start as isize - trim as isize, end == timesteps);
                writer.write::<L>(&finisher.arena, row, end - trim, last, lanes);
            }
            finisher.carry::<L>(steps);
        }
        writer.drain::<L>(0, 1, lanes);
        if first + L::COUNT < x.dim().0 {
            machine.prefetch::<L>(&Samples::new::<L>(x, first + L::COUNT));
        }
    }
}

/// Finishes planes for the output: scaled, rounded, with their history before them.
struct Finisher<'a, O> {
    layout: &'a Layout,
    /// The feeds of each plane of the graph.
    feeds: Vec<Vec<usize>>,
    /// The maps of each feed.
    maps: Vec<Vec<Affine>>,
    /// The maps of all slots, for fills.
    all: &'a [Option<Affine>],
    /// Each feed's history and current chunk.
    arena: Aligned<O>,
    /// Where each feed begins in the arena.
    firsts: Vec<usize>,
}

impl<'a, O: Element> Finisher<'a, O> {
    fn new(layout: &'a Layout, all: &'a [Option<Affine>], planes: usize, lanes: usize) -> Self {
        let (firsts, rows) = layout.arena();
        let mut feeds = vec![Vec::new(); planes];
        for (index, feed) in layout.feeds.iter().enumerate() {
            feeds[feed.plane].push(index);
        }
        Finisher {
            layout,
            feeds,
            maps: layout.feeds.iter().map(|feed| fitted(&feed.scales, all)).collect(),
            all,
            arena: Aligned::zeroed(rows * lanes),
            firsts,
        }
    }

    /// Where in the arena each column of the output has the row of a chunk's first timestep.
    fn tops(&self) -> Vec<usize> {
        let top = |&(feed, lag): &(usize, usize)| {
            self.firsts[feed] + self.layout.before(&self.layout.feeds[feed]) - lag
        };
        self.layout.columns.iter().map(top).collect()
    }

    /// Scales and rounds a chunk of a feed's plane, and lays its history before the first.
    #[inline(always)]
    fn finish<L: Lanes, E: Element>(&mut self, index: usize, plane: &[E], start: usize) {
        let feed = &self.layout.feeds[index];
        let first = (self.firsts[index] + self.layout.kept_rows) * L::COUNT;
        let (history, chunk) = self.arena[first..].split_at_mut(feed.depth * L::COUNT);
        let chunk = &mut chunk[..plane.len()];
        finish_rows::<L, E, O>(plane, &self.maps[index], chunk);
        if let Some((until, value)) = feed.overwrite {
            let until = (until.saturating_sub(start) * L::COUNT).min(chunk.len());
            chunk[..until].fill(O::round(value));
        }
        if start == 0 {
            lay_history(feed, self.all, history, &chunk[..L::COUNT]);
        }
    }

    /// Moves the last rows of each feed to where the next chunk looks for them.
    #[inline(always)]
    fn carry<L: Lanes>(&mut self, steps: usize) {
        // Rows one by one: they are few, and a call to copy them costs more.
        let arena: &mut [O::Row<L>] = cast_slice_mut(&mut self.arena);
        for (feed, first) in self.layout.feeds.iter().zip(&self.firsts) {
            let rows = &mut arena[*first..][..steps + self.layout.before(feed)];
            for row in 0..rows.len() - steps {
                rows[row] = rows[row + steps];
            }
        }
    }
}

/// A multiply-add a value and map, then one rounding.
#[inline(always)]
fn finish_rows<L: Lanes, E: Element, O: Element>(plane: &[E], maps: &[Affine], out: &mut [O]) {
    // One loop for each form that is common, so that its numbers stay in registers; inlined by
    // force, as a closure that is called loses the instructions of its level.
    match *maps {
        [] => round_rows::<L, E, O>(
            plane,
            out,
            #[inline(always)]
            |x| x,
        ),
        [Affine { low: 0.0, center, factor }] => round_rows::<L, E, O>(
            plane,
            out,
            #[inline(always)]
            |x| Affine { low: 0.0, center, factor }.apply_lanes(x),
        ),
        [map] => round_rows::<L, E, O>(
            plane,
            out,
            #[inline(always)]
            |x| map.apply_lanes(x),
        ),
        _ => round_rows::<L, E, O>(
            plane,
            out,
            #[inline(always)]
            |x| apply_all(maps, x),
        ),
    }
}

/// Rounds what `map` makes of each row; NaN has one bit pattern in the output.
#[inline(always)]
fn round_rows<L: Lanes, E: Element, O: Element>(plane: &[E], out: &mut [O], map: impl Fn(L) -> L) {
    let (plane, out): (&[E::Row<L>], &mut [O::Row<L>]) = (cast_slice(plane), cast_slice_mut(out));
    let out = &mut out[..plane.len()];
    let mut row = 0;
    // Four at a time: the loop itself cost a fifth.
    while row + 4 <= plane.len() {
        O::put(map(E::load(&plane[row])), &mut out[row]);
        O::put(map(E::load(&plane[row + 1])), &mut out[row + 1]);
        O::put(map(E::load(&plane[row + 2])), &mut out[row + 2]);
        O::put(map(E::load(&plane[row + 3])), &mut out[row + 3]);
        row += 4;
    }
    while row < plane.len() {
        O::put(map(E::load(&plane[row])), &mut out[row]);
        row += 1;
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
        let sample = self.worker.finisher.layout.kept() * self.worker.finisher.layout.columns.len();
        for (tile, samples) in self.samples.chunks_mut(sample * L::COUNT).enumerate() {
            self.worker.tile::<L>(self.x, self.first + tile * L::COUNT, samples);
        }
        L::fence();
    }
}
