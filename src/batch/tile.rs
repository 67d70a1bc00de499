//! Tiles: up to [`GROUP`] samples side by side, time running down.
//!
//! A [`TileReader`] turns a stretch of some samples into planes `[time][lane]`; a [`TileWriter`]
//! turns planes back into rows of the output. Both see a stretch as one flat run of values a
//! sample, and a table that says which row of an arena stands at each position: which column goes
//! where, and how far back a lag looks, is an entry of the table and costs nothing.

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::{ArrayView2, ArrayView3, Axis, s};

use super::aligned::Aligned;
use super::element::Element;
use crate::simd::Lanes;

/// Samples that are worked on together, and whose statistics are folded together: a fixed number,
/// so that no result depends on the level.
pub(crate) const GROUP: usize = 8;

/// Positions that are turned at once when reading.
const BLOCK: usize = 8;

/// Reads stretches of up to `chunk` timesteps of some samples into the planes of an arena, plane
/// `k` from row `k * chunk` on.
pub(crate) struct TileReader<E> {
    features: usize,
    chunk: usize,
    wanted: Vec<usize>,
    /// The arena row of each position of a stretch; empty where picking values is cheaper.
    table: Vec<u32>,
    /// Rows of samples that are not contiguous in memory.
    copies: [Vec<E>; GROUP],
}

impl<E: Element> TileReader<E> {
    /// A reader of the columns `wanted`, each into the plane of its index, out of `features`.
    pub fn new(features: usize, wanted: &[usize], chunk: usize) -> Self {
        // Turning whole rows beats picking single values unless few columns are wanted.
        let dense = wanted.len() * 4 >= features;
        let unread = wanted.len() * chunk;
        let mut rows = vec![None; features];
        for (plane, &column) in wanted.iter().enumerate() {
            rows[column] = Some(plane * chunk);
        }
        let position = |t: usize, first: &Option<usize>| first.map_or(unread, |row| row + t) as u32;
        let table = match dense {
            true => (0..chunk).flat_map(|t| rows.iter().map(move |row| position(t, row))).collect(),
            false => Vec::new(),
        };
        TileReader {
            features,
            chunk,
            wanted: wanted.to_vec(),
            table,
            copies: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// How many rows the arena has: a plane a wanted column, and one for what nobody reads.
    pub fn rows(&self) -> usize {
        self.wanted.len() * self.chunk + 1
    }

    /// Reads timesteps `start..start + steps` of the samples from `first` on; lanes beyond the
    /// last sample repeat it.
    #[inline(always)]
    pub fn read<L: Lanes>(
        &mut self,
        x: &ArrayView3<'_, E>,
        first: usize,
        start: usize,
        steps: usize,
        arena: &mut [f64],
    ) {
        let last = x.dim().0 - 1;
        let sample = |lane: usize| x.index_axis(Axis(0), (first + lane).min(last));
        for (lane, copy) in self.copies[..L::COUNT].iter_mut().enumerate() {
            let sample = sample(lane);
            if sample.as_slice().is_none() {
                copy.clear();
                copy.extend(sample.slice(s![start..start + steps, ..]).iter().copied());
            }
        }
        let mut lanes: [&[E]; GROUP] = [&[]; GROUP];
        for lane in 0..L::COUNT {
            lanes[lane] = match contiguous(x, (first + lane).min(last)) {
                Some(slice) => &slice[start * self.features..(start + steps) * self.features],
                None => &self.copies[lane],
            };
        }
        if self.table.is_empty() {
            self.pick(&lanes[..L::COUNT], steps, arena);
        } else {
            self.turn::<L>(&lanes[..L::COUNT], steps, arena);
        }
    }

    #[inline(always)]
    fn turn<L: Lanes>(&self, lanes: &[&[E]], steps: usize, arena: &mut [f64]) {
        let table = &self.table[..steps * self.features];
        let (blocks, rest) = table.as_chunks::<BLOCK>();
        let rows: &mut [L::Row] = cast_slice_mut(arena);
        for (block, targets) in blocks.iter().enumerate() {
            let values = E::gather::<L>(lanes, block * BLOCK);
            for (value, &target) in values.into_iter().zip(targets) {
                value.store(&mut rows[target as usize]);
            }
        }
        let done = blocks.len() * BLOCK;
        for (position, &target) in rest.iter().enumerate() {
            let row: &mut [f64] = cast_slice_mut(std::slice::from_mut(&mut rows[target as usize]));
            for (value, lane) in row.iter_mut().zip(lanes) {
                *value = lane[done + position].widen();
            }
        }
    }

    #[inline(always)]
    fn pick(&self, lanes: &[&[E]], steps: usize, arena: &mut [f64]) {
        for (plane, &column) in self.wanted.iter().enumerate() {
            let rows = &mut arena[plane * self.chunk * lanes.len()..];
            for (t, row) in rows.chunks_exact_mut(lanes.len()).take(steps).enumerate() {
                for (value, lane) in row.iter_mut().zip(lanes) {
                    *value = lane[t * self.features + column].widen();
                }
            }
        }
    }
}

/// The values of a sample in order, if they stand so in memory.
fn contiguous<'a, E>(x: &ArrayView3<'a, E>, sample: usize) -> Option<&'a [E]> {
    let sample: ArrayView2<'a, E> = x.index_axis_move(Axis(0), sample);
    sample.to_slice()
}

/// Bytes of a cache line: what is written past the cache at once.
const LINE: usize = 64;

/// Writes stretches of rows from the planes of an arena.
pub(crate) struct TileWriter<E> {
    width: usize,
    /// The arena row of each position of a stretch.
    table: Vec<u32>,
    /// Whether to write past the cache.
    stream: bool,
    /// A stretch of each lane, for lanes that do not begin at the same place of a cache line.
    staged: Vec<Aligned<E>>,
}

impl<E: Element> TileWriter<E> {
    /// A writer of rows of as many columns as `firsts`, which says where in the arena each column
    /// has its row of the stretch's first timestep. `stream`: past the cache.
    pub fn new(firsts: &[usize], chunk: usize, stream: bool) -> Self {
        let table = (0..chunk).flat_map(|t| firsts.iter().map(move |first| (first + t) as u32));
        let table: Vec<u32> = table.collect();
        let staged = if stream { vec![Aligned::zeroed(table.len()); GROUP] } else { Vec::new() };
        TileWriter { width: firsts.len(), table, stream, staged }
    }

    /// Writes timesteps `skip..steps` of the stretch to `lanes`, one slice a sample, which begin
    /// where the first of them belongs.
    #[inline(always)]
    pub fn write<L: Lanes>(
        &mut self,
        arena: &[E],
        skip: usize,
        steps: usize,
        lanes: &mut [&mut [E]],
    ) {
        let table = &self.table[skip * self.width..steps * self.width];
        let offset = |lane: &[E]| lane.as_ptr().addr() % LINE;
        let first = lanes.first().map_or(0, |lane| offset(lane));
        if !self.stream || lanes.iter().all(|lane| offset(lane) == first) {
            // Whole lines straight from the registers; through a buffer it takes 1.3 times as long.
            let head = (LINE - first) % LINE / size_of::<E>();
            scatter::<L, E>(arena, table, head, lanes, self.stream);
        } else {
            let mut staged: [&mut [E]; GROUP] = Default::default();
            for (staged, buffer) in staged.iter_mut().zip(&mut self.staged) {
                *staged = buffer;
            }
            scatter::<L, E>(arena, table, 0, &mut staged[..lanes.len()], false);
            for (lane, staged) in lanes.iter_mut().zip(&staged) {
                let (from, to) = (&staged[..table.len()], &mut lane[..table.len()]);
                L::copy_past_cache(cast_slice(from), cast_slice_mut(to));
            }
        }
    }
}

/// Writes the positions of `table` to the lanes, a line at a time from position `head` on.
#[inline(always)]
fn scatter<L: Lanes, E: Element>(
    arena: &[E],
    table: &[u32],
    head: usize,
    lanes: &mut [&mut [E]],
    stream: bool,
) {
    let block = LINE / size_of::<E>();
    let whole = lanes.len() == L::COUNT && head < table.len();
    let blocks = if whole { (table.len() - head) / block } else { 0 };
    let body = if whole { head..head + blocks * block } else { 0..0 };
    let mut single = |positions: std::ops::Range<usize>| {
        for position in positions {
            let row = &arena[table[position] as usize * L::COUNT..][..L::COUNT];
            for (value, lane) in row.iter().zip(lanes.iter_mut()) {
                lane[position] = *value;
            }
        }
    };
    single(0..body.start);
    single(body.end..table.len());
    for at in body.step_by(block) {
        E::scatter::<L>(arena, &table[at..at + block], lanes, at, stream);
    }
}
