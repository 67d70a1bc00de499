//! Tiles: up to [`GROUP`] samples side by side, time running down.
//!
//! A [`TileReader`] turns a stretch of some samples into planes `[time][lane]`; a [`TileWriter`]
//! turns planes back into rows of the output. Both see a stretch as one flat run of values a
//! sample, and a table that says which row of an arena stands at each position: which column goes
//! where, and how far back a lag looks, is an entry of the table and costs nothing.

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::{ArrayView2, ArrayView3, Axis, s};

use super::element::Element;
use crate::simd::Lanes;

/// Samples that are worked on together, and whose statistics are folded together: a fixed number,
/// so that no result depends on the level.
pub(crate) const GROUP: usize = 8;

/// Reads stretches of up to `chunk` timesteps of some samples into the planes of an arena, plane
/// `k` from row `k * chunk` on.
pub(crate) struct TileReader<E> {
    features: usize,
    chunk: usize,
    wanted: Vec<usize>,
    /// Where in the arena the row of each position begins; empty where picking values is cheaper.
    table: Vec<u32>,
    /// Rows of samples that are not contiguous in memory.
    copies: [Vec<E>; GROUP],
}

impl<E: Element> TileReader<E> {
    /// A reader of the columns `wanted`, each into the plane of its index, out of `features`, for
    /// tiles of `lanes`.
    pub fn new(features: usize, wanted: &[usize], chunk: usize, lanes: usize) -> Self {
        // Turning whole rows beats picking single values unless few columns are wanted.
        let dense = wanted.len() * 4 >= features;
        let unread = wanted.len() * chunk;
        let mut rows = vec![None; features];
        for (plane, &column) in wanted.iter().enumerate() {
            rows[column] = Some(plane * chunk);
        }
        let position =
            |t: usize, first: &Option<usize>| (first.map_or(unread, |row| row + t) * lanes) as u32;
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
        let Self { features, chunk, wanted, table, copies } = self;
        let last = x.dim().0 - 1;
        let mut lanes: [&[E]; GROUP] = [&[]; GROUP];
        let lanes = &mut lanes[..L::COUNT];
        for (lane, (values, copy)) in lanes.iter_mut().zip(copies).enumerate() {
            let sample = (first + lane).min(last);
            *values = match contiguous(x, sample) {
                Some(slice) => &slice[start * *features..(start + steps) * *features],
                None => {
                    let rows = x.slice(s![sample, start..start + steps, ..]);
                    copy.clear();
                    copy.extend(rows.iter().copied());
                    copy
                }
            };
        }
        if table.is_empty() {
            for (plane, &column) in wanted.iter().enumerate() {
                let rows = &mut arena[plane * *chunk * L::COUNT..][..steps * L::COUNT];
                pick(lanes, column, *features, rows);
            }
        } else {
            E::gather::<L>(lanes, &table[..steps * *features], arena);
        }
    }

    /// Asks for what a later [`read`](TileReader::read) will read, if it is contiguous.
    ///
    /// Samples are short runs in different places, which the processor does not foresee (measured:
    /// a fifth of the time of the transform went into waiting for them).
    #[inline(always)]
    pub fn prefetch<L: Lanes>(
        &self,
        x: &ArrayView3<'_, E>,
        first: usize,
        start: usize,
        steps: usize,
    ) {
        let (samples, timesteps, _) = x.dim();
        let values = start * self.features..(start + steps).min(timesteps) * self.features;
        for sample in first..(first + L::COUNT).min(samples) {
            if let Some(slice) = contiguous(x, sample) {
                L::prefetch(cast_slice(&slice[values.clone()]));
            }
        }
    }
}

/// Sets the rows of a plane from one column of the lanes.
#[inline(always)]
fn pick<E: Element>(lanes: &[&[E]], column: usize, features: usize, rows: &mut [f64]) {
    for (t, row) in rows.chunks_exact_mut(lanes.len()).enumerate() {
        for (value, lane) in row.iter_mut().zip(lanes) {
            *value = lane[t * features + column].widen();
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

/// Writes the rows of samples from the planes of an arena, chunk after chunk.
///
/// Past the cache it writes whole lines only, and keeps what is left of a chunk for the next one
/// (measured: lines written in two parts made the whole transform take 1.4 times as long).
pub(crate) struct TileWriter<E> {
    width: usize,
    /// Rows before the chunk that may still have to be written.
    kept: usize,
    /// Where in the arena the row of each position begins, from `kept` rows before the chunk on.
    table: Vec<u32>,
    /// Whether to write past the cache.
    stream: bool,
    /// How many positions of the samples are written.
    written: usize,
    /// A stretch of each lane: for lanes without a sample, and for samples that do not begin at
    /// the same place of a cache line.
    staged: Vec<Vec<E>>,
}

impl<E: Element> TileWriter<E> {
    /// How many rows before the chunk the arena has to keep, for rows of `width` columns.
    pub fn kept(width: usize, stream: bool) -> usize {
        if stream { (LINE / size_of::<E>() - 1).div_ceil(width.max(1)) } else { 0 }
    }

    /// A writer of rows of as many columns as `firsts`, which says where in the arena each column
    /// has its row of the chunk's first timestep, for tiles of `lanes`. `stream`: past the cache.
    pub fn new(firsts: &[usize], chunk: usize, lanes: usize, stream: bool) -> Self {
        let width = firsts.len();
        let kept = Self::kept(width, stream);
        let table = (0..kept + chunk)
            .flat_map(|t| firsts.iter().map(move |first| ((first + t - kept) * lanes) as u32))
            .collect();
        let staged = vec![vec![E::zeroed(); (kept + chunk) * width]; lanes];
        TileWriter { width, kept, table, stream, written: 0, staged }
    }

    /// Begins other samples.
    pub fn reset(&mut self) {
        self.written = 0;
    }

    /// Writes what is complete of `samples`, whole outputs of up to `L::COUNT` of them. The chunk
    /// in the arena begins at row `start` of the output, which is negative while rows are trimmed,
    /// and ends before row `end`; `last`: there is no other.
    #[inline(always)]
    pub fn write<L: Lanes>(
        &mut self,
        arena: &[E],
        start: isize,
        end: usize,
        last: bool,
        samples: &mut [&mut [E]],
    ) {
        let offset = |sample: &[E]| sample.as_ptr().addr() % LINE;
        let first = samples.first().map_or(0, |sample| offset(sample));
        let aligned = samples.iter().all(|sample| offset(sample) == first);
        let past_end =
            |positions: usize| (first + positions * size_of::<E>()) % LINE / size_of::<E>();
        let begin = self.written;
        let mut end = end * self.width;
        if self.stream && aligned && !last {
            end = end.saturating_sub(past_end(end)).max(begin);
        }
        self.written = end;
        let first_row = (self.kept * self.width) as isize - start * self.width as isize;
        let table = &self.table[(begin as isize + first_row) as usize..][..end - begin];

        let mut lanes: [&mut [E]; GROUP] = Default::default();
        for (lane, staged) in lanes.iter_mut().zip(&mut self.staged) {
            *lane = &mut staged[..end - begin];
        }
        let lanes = &mut lanes[..L::COUNT];
        if !self.stream || aligned {
            for (lane, sample) in lanes.iter_mut().zip(samples) {
                *lane = &mut sample[begin..end];
            }
            let head = (LINE / size_of::<E>() - past_end(begin)) % (LINE / size_of::<E>());
            let (head, body) = table.split_at(head.min(table.len()));
            E::scatter::<L>(arena, head, lanes, false);
            for lane in lanes.iter_mut() {
                *lane = &mut std::mem::take(lane)[head.len()..];
            }
            E::scatter::<L>(arena, body, lanes, self.stream);
        } else {
            E::scatter::<L>(arena, table, lanes, false);
            for (lane, sample) in lanes.iter().zip(samples) {
                L::copy_past_cache(cast_slice(lane), cast_slice_mut(&mut sample[begin..end]));
            }
        }
    }
}
