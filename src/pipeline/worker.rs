//! What a thread does of a transform: it computes planes, finishes them for the output and writes
//! rows, chunk after chunk.

use std::sync::Arc;

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::ArrayView3;

use super::column::Content;
use super::graph::Graph;
use super::layout::{Feed, Layout};
use super::machine::{Machine, Rows, changed, fitted};
use crate::batch::{Aligned, Element, GROUP, Kind, Samples, TileWriter};
use crate::scale::{Affine, Map, apply_all};
use crate::simd::{Lanes, Level, Task};

/// What the workers of a transform have in common.
pub(super) struct Shape {
    layout: Layout,
    /// The level, and the one at which columns go abreast.
    levels: (Level, Option<Level>),
    /// The feeds of each plane of the graph.
    feeds: Vec<Vec<usize>>,
    /// The maps of each feed.
    maps: Vec<Vec<Affine>>,
    /// The maps of all slots, for fills.
    all: Vec<Option<Map>>,
    /// Where each feed begins in the arena.
    firsts: Vec<usize>,
}

/// What a thread works with.
pub(super) struct Worker<E, O> {
    shape: Arc<Shape>,
    machine: Machine<E>,
    /// Each feed's history and current chunk, finished.
    arena: Aligned<O>,
    writer: TileWriter<O>,
}

impl<E: Element, O: Element> Worker<E, O> {
    pub fn new(graph: &Graph, shape: Arc<Shape>) -> Self {
        let Shape { layout, levels, all, .. } = &*shape;
        let needed = graph.needed(layout.feeds.iter().map(|feed| feed.plane));
        let lanes = levels.0.lanes();
        let tops = shape.tops();
        let behind = levels.1.map_or(0, |_| TileWriter::<O>::BEHIND);
        Worker {
            machine: Machine::new(graph, &needed, all, *levels, layout.timesteps, layout.chunk),
            arena: Aligned::zeroed(layout.arena().1 * lanes + behind),
            writer: TileWriter::new(&tops, layout.chunk, lanes, layout.kept_rows, levels.1),
            shape,
        }
    }

    /// Transforms the samples from `first` on, as many as `samples` has room for, and writes them by
    /// stores of that kind.
    pub fn group(&mut self, x: &ArrayView3<'_, E>, first: usize, samples: &mut [O], kind: Kind) {
        let layout = &self.shape.layout;
        let sample = layout.kept() * layout.columns.len();
        let present = samples.len() / sample;
        self.writer.by(kind);
        self.carry_on(x, first, 0, samples, present);
    }

    /// Carries `present` samples from `first` on over the timesteps of `x`, the first of which is
    /// their timestep `at`: where the call before ended. No more samples than there are lanes,
    /// unless these are all their timesteps.
    pub fn carry_on(
        &mut self,
        x: &ArrayView3<'_, E>,
        first: usize,
        at: usize,
        samples: &mut [O],
        present: usize,
    ) {
        let levels = self.shape.levels;
        levels.0.dispatch(TransformGroup { worker: self, x, first, at, samples, present });
    }

    #[inline(always)]
    fn tile<L: Lanes>(
        &mut self,
        x: &ArrayView3<'_, E>,
        first: usize,
        at: usize,
        outputs: &mut [O],
        present: usize,
    ) {
        let Self { shape, machine, arena, writer } = self;
        let layout = &shape.layout;
        let Layout { chunk, trim, .. } = *layout;
        let timesteps = x.dim().1;
        let mut lanes: [&mut [O]; GROUP] = Default::default();
        let sample = (outputs.len() / present).max(1);
        for (lane, output) in lanes.iter_mut().zip(outputs.chunks_exact_mut(sample)) {
            *lane = output;
        }
        let lanes = &mut lanes[..present];
        let samples = Samples::new::<L>(x, first);
        if at == 0 {
            machine.reset(L::COUNT);
        }
        writer.reset(lanes);
        // Rows of the samples that are not in `outputs`: trimmed, or in an earlier call.
        let before = trim.max(at);
        for start in (0..timesteps).step_by(chunk) {
            let steps = chunk.min(timesteps - start);
            let (time, end) = (at + start, at + start + steps);
            writer.prefetch::<L>(steps, lanes);
            let (mut done, feeds) = (0, layout.feeds.len());
            machine.advance::<L>(
                x,
                &samples,
                start,
                steps,
                #[inline(always)]
                |plane, rows| {
                    for &feed in &shape.feeds[plane] {
                        match rows {
                            Rows::Stored(rows) => shape.finish::<L, E, O>(arena, feed, rows, time),
                            Rows::Computed(rows) => {
                                shape.finish::<L, f64, O>(arena, feed, rows, time)
                            }
                        }
                        // Memory takes lines slower than they are copied: it catches up meanwhile.
                        writer.drain::<L>(done, feeds, lanes);
                        done += 1;
                    }
                },
            );
            if end > before {
                let (row, last) = (time as isize - before as isize, start + steps == timesteps);
                writer.write::<L>(arena, row, end - before, last, lanes);
            }
            shape.carry::<L, O>(arena, steps);
        }
        writer.drain::<L>(0, 1, lanes);
        if first + L::COUNT < x.dim().0 {
            machine.prefetch::<L>(&Samples::new::<L>(x, first + L::COUNT));
        }
    }
}

impl<E, O> Worker<E, O> {
    /// Bytes of the arena, which is the part that can grow large.
    pub fn bytes(&self) -> usize {
        self.shape.layout.arena().1 * self.shape.levels.0.lanes() * size_of::<O>()
    }
}

impl Shape {
    pub fn new(
        graph: &Graph,
        layout: Layout,
        maps: &[Map],
        levels: (Level, Option<Level>),
    ) -> Self {
        let mut feeds = vec![Vec::new(); graph.planes];
        for (index, feed) in layout.feeds.iter().enumerate() {
            feeds[feed.plane].push(index);
        }
        let all: Vec<Option<Map>> = maps.iter().cloned().map(Some).collect();
        Shape {
            levels,
            feeds,
            maps: layout.feeds.iter().map(|feed| fitted(&feed.scales, &all)).collect(),
            all,
            firsts: layout.arena().0,
            layout,
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
    fn finish<L: Lanes, E: Element, O: Element>(
        &self,
        arena: &mut [O],
        index: usize,
        plane: &[E],
        start: usize,
    ) {
        let feed = &self.layout.feeds[index];
        let first = (self.firsts[index] + self.layout.kept_rows) * L::COUNT;
        let (history, chunk) = arena[first..].split_at_mut(feed.depth * L::COUNT);
        let chunk = &mut chunk[..plane.len()];
        let maps = &self.maps[index];
        match self.levels.1 {
            // A sample alone: a run of timesteps for a run of lanes.
            Some(level) => level.dispatch(Finish { plane, maps, out: chunk }),
            None => finish_rows::<L, E, O>(plane, maps, chunk),
        }
        if let Some((until, value)) = feed.overwrite {
            let until = (until.saturating_sub(start) * L::COUNT).min(chunk.len());
            chunk[..until].fill(O::round(value));
        }
        if start == 0 {
            lay_history(feed, &self.all, history, &chunk[..L::COUNT]);
        }
    }

    /// Moves the last rows of each feed to where the next chunk looks for them.
    #[inline(always)]
    fn carry<L: Lanes, O: Element>(&self, arena: &mut [O], steps: usize) {
        // Rows one by one: they are few, and a call to copy them costs more.
        let arena: &mut [O::Row<L>] = cast_slice_mut(arena);
        for (feed, first) in self.layout.feeds.iter().zip(&self.firsts) {
            let rows = &mut arena[*first..][..steps + self.layout.before(feed)];
            for row in 0..rows.len() - steps {
                rows[row] = rows[row + steps];
            }
        }
    }
}

/// [`finish_rows`] at another level than that of the machine.
struct Finish<'a, E, O> {
    plane: &'a [E],
    maps: &'a [Affine],
    out: &'a mut [O],
}

impl<E: Element, O: Element> Task for Finish<'_, E, O> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Finish { plane, maps, out } = self;
        let whole = plane.len() - plane.len() % L::COUNT;
        let ((plane, rest), (out, out_rest)) = (plane.split_at(whole), out.split_at_mut(whole));
        finish_rows::<L, E, O>(plane, maps, out);
        finish_rows::<f64, E, O>(rest, maps, out_rest);
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
        [Affine { low: 0.0, clip: None, center, factor }] => round_rows::<L, E, O>(
            plane,
            out,
            #[inline(always)]
            |x| Affine::new(center, factor).apply_lanes(x),
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
    let plane: &[E::Row<L>] = cast_slice(plane);
    let out: &mut [O::Row<L>] = &mut cast_slice_mut(out)[..plane.len()];
    // Four at a time: the loop itself cost a fifth.
    let (fours, rest) = plane.as_chunks::<4>();
    let (out_fours, out_rest) = out.as_chunks_mut::<4>();
    for (rows, out) in fours.iter().zip(out_fours) {
        O::put(map(E::load(&rows[0])), &mut out[0]);
        O::put(map(E::load(&rows[1])), &mut out[1]);
        O::put(map(E::load(&rows[2])), &mut out[2]);
        O::put(map(E::load(&rows[3])), &mut out[3]);
    }
    for (row, out) in rest.iter().zip(out_rest) {
        O::put(map(E::load(row)), out);
    }
}

/// Fills the rows before the first timestep.
fn lay_history<O: Element>(feed: &Feed, maps: &[Option<Map>], mut history: &mut [O], edge: &[O]) {
    for past in &feed.history {
        let (rows, newer) = history.split_at_mut(past.rows * edge.len());
        history = newer;
        match &past.content {
            Content::Missing => rows.fill(O::round(f64::NAN)),
            Content::Number { value, changes } => {
                let shown = changed(*value, changes, maps).expect("all maps are fitted");
                rows.fill(O::round(shown));
            }
            Content::Edge => {
                rows.chunks_exact_mut(edge.len()).for_each(|row| row.copy_from_slice(edge))
            }
        }
    }
}

struct TransformGroup<'w, 'x, E, O> {
    worker: &'w mut Worker<E, O>,
    x: &'w ArrayView3<'x, E>,
    first: usize,
    at: usize,
    samples: &'w mut [O],
    present: usize,
}

impl<E: Element, O: Element> Task for TransformGroup<'_, '_, E, O> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Self { worker, x, first, at, samples, present } = self;
        let sample = samples.len() / present;
        for tile in (0..present).step_by(L::COUNT) {
            let lanes = L::COUNT.min(present - tile);
            let outputs = &mut samples[tile * sample..][..lanes * sample];
            worker.tile::<L>(x, first + tile, at, outputs, lanes);
        }
        L::fence();
    }
}
