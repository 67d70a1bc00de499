//! Tiles: up to [`GROUP`] samples side by side, time running down.
//!
//! A [`TileReader`] turns a stretch of some samples into planes `[time][lane]`; a [`TileWriter`]
//! turns planes back into rows of the output. Both see a stretch as one flat run of values a
//! sample, and a table that says which row of an arena stands at each position: which column goes
//! where, and how far back a lag looks, is an entry of the table and costs nothing.

use std::ops::Range;

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::{ArrayView2, ArrayView3, Axis, s};

use super::aligned::Aligned;
use super::element::Element;
use super::stores::Kind;
use crate::simd::{Lanes, Level, Offsets, Table, Task};

/// Samples that are worked on together, and whose statistics are folded together: a fixed number,
/// so that no result depends on the level.
pub(crate) const GROUP: usize = 8;

/// Some samples of a batch that are read together.
pub(crate) struct Samples<'x, E> {
    first: usize,
    /// The values of each lane in order, if they stand so in memory. Lanes beyond the last sample
    /// repeat it.
    lanes: Option<[&'x [E]; GROUP]>,
}

impl<'x, E> Samples<'x, E> {
    /// The samples from `first` on, as many as there are lanes.
    pub fn new<L: Lanes>(x: &ArrayView3<'x, E>, first: usize) -> Self {
        let last = x.dim().0 - 1;
        let mut lanes: [&[E]; GROUP] = [&[]; GROUP];
        let in_order = lanes[..L::COUNT].iter_mut().enumerate().all(|(lane, values)| {
            let slice = contiguous(x, (first + lane).min(last));
            *values = slice.unwrap_or_default();
            slice.is_some()
        });
        Samples { first, lanes: in_order.then_some(lanes) }
    }
}

/// Reads stretches of up to `chunk` timesteps of some samples into the planes of an arena, plane
/// `k` from row `k * chunk` on.
pub(crate) struct TileReader {
    features: usize,
    chunk: usize,
    wanted: Vec<usize>,
    /// Which row of the arena stands at each position; empty where picking values is cheaper.
    table: Table,
}

impl TileReader {
    /// A reader of the columns `wanted`, each into the plane of its index, out of `features`, for
    /// tiles of `lanes`.
    pub fn new(features: usize, wanted: &[usize], chunk: usize, lanes: usize) -> Self {
        // Turning whole rows beats picking single values unless few columns are wanted, or there is
        // nothing to turn.
        let dense = wanted.len() * 4 >= features && lanes > 1;
        let unread = wanted.len() * chunk;
        let mut rows = vec![None; features];
        for (plane, &column) in wanted.iter().enumerate() {
            rows[column] = Some(plane * chunk);
        }
        let steps = if dense { 0..chunk } else { 0..0 };
        let row = |t: usize, first: &Option<usize>| first.map_or(unread, |row| row + t);
        let table = steps.flat_map(|t| rows.iter().map(move |first| row(t, first)));
        TileReader { features, chunk, wanted: wanted.to_vec(), table: Table::new(table, lanes) }
    }

    /// How many rows the arena has: a plane a wanted column, and one for what nobody reads.
    pub fn rows(&self) -> usize {
        self.wanted.len() * self.chunk + 1
    }

    /// Reads timesteps `start..start + steps` of some samples of `x`.
    #[inline(always)]
    pub fn read<L: Lanes, E: Element>(
        &self,
        x: &ArrayView3<'_, E>,
        samples: &Samples<'_, E>,
        start: usize,
        steps: usize,
        arena: &mut [E],
    ) {
        let Self { features, chunk, wanted, table } = self;
        let Some(mut lanes) = samples.lanes else {
            return self.read_strided(x, samples.first, L::COUNT, start..start + steps, arena);
        };
        let lanes = &mut lanes[..L::COUNT];
        for lane in lanes.iter_mut() {
            *lane = &lane[start * features..(start + steps) * features];
        }
        if table.is_empty() {
            for (plane, &column) in wanted.iter().enumerate() {
                let rows = &mut arena[plane * chunk * L::COUNT..][..steps * L::COUNT];
                pick(lanes, column, *features, rows);
            }
        } else {
            E::gather::<L>(lanes, table.of(0..steps * features), arena);
        }
    }

    /// Reads what is not in order in memory: value by value, and no other columns.
    #[inline(never)]
    fn read_strided<E: Element>(
        &self,
        x: &ArrayView3<'_, E>,
        first: usize,
        lanes: usize,
        steps: Range<usize>,
        arena: &mut [E],
    ) {
        for (plane, &column) in self.wanted.iter().enumerate() {
            let rows = &mut arena[plane * self.chunk * lanes..][..steps.len() * lanes];
            for lane in 0..lanes {
                let sample = (first + lane).min(x.dim().0 - 1);
                let values = x.slice(s![sample, steps.clone(), column]);
                for (row, value) in rows.chunks_exact_mut(lanes).zip(values) {
                    row[lane] = *value;
                }
            }
        }
    }

    /// Asks for what a later [`read`](TileReader::read) of a chunk will read, if it is contiguous.
    ///
    /// Samples are short runs in different places, which some processors do not foresee (measured:
    /// a fifth of the time of the transform went into waiting for them, and nothing elsewhere). All
    /// at once: a few lines before each stage took as long, and 1.03 times with one column; three with
    /// every step of a kernel 0.9 to 1.05 of it. A Xeon foresees: without, what lies in its common cache
    /// took 0.96, what does not 1.02.
    #[inline(always)]
    pub fn prefetch<L: Lanes, E: Element>(&self, samples: &Samples<'_, E>, start: usize) {
        for slice in samples.lanes.iter().flat_map(|lanes| &lanes[..L::COUNT]) {
            let end = ((start + self.chunk) * self.features).min(slice.len());
            L::prefetch(cast_slice(&slice[start * self.features..end]));
        }
    }
}

/// Sets the rows of a plane from one column of the lanes.
#[inline(always)]
fn pick<E: Element>(lanes: &[&[E]], column: usize, features: usize, rows: &mut [E]) {
    if let [lane] = lanes {
        for (value, x) in rows.iter_mut().zip(lane[column..].iter().step_by(features)) {
            *value = *x;
        }
        return;
    }
    for (t, row) in rows.chunks_exact_mut(lanes.len()).enumerate() {
        for (value, lane) in row.iter_mut().zip(lanes) {
            *value = lane[t * features + column];
        }
    }
}

/// The values of a sample in order, if they stand so in memory.
fn contiguous<'a, E>(x: &ArrayView3<'a, E>, sample: usize) -> Option<&'a [E]> {
    let sample: ArrayView2<'a, E> = x.index_axis_move(Axis(0), sample);
    sample.to_slice()
}

/// Bytes of a cache line: what is written past the cache at once.
pub(super) const LINE: usize = 64;

/// Bytes after which processors take two addresses for one in their hurry.
const ALIAS: usize = 4096;

/// Bytes of a sample's chunk that are asked for before they are written: all lanes' take a quarter of a
/// core's first cache.
const NARROW: usize = 1024;

/// Writes the rows of samples from the planes of an arena, chunk after chunk.
///
/// Past the cache it writes whole lines only, and keeps what is left of a chunk for the next one
/// (measured: lines written in two parts made the whole transform take 1.4 times as long). Lines go
/// there in one of two ways, as the places of the samples allow:
///
/// - straight from the registers in which they were turned, a line of each sample in turn;
/// - through a stage, from which each sample's lines are [drained](TileWriter::drain) one behind the
///   other, between other work. For samples that begin at different places of a line, and for those
///   whose lines lie a multiple of [`ALIAS`] apart, as 128 timesteps of 20 columns do: written in
///   turn, those took 3 times as long. Through the stage, all others would take 1.1 times.
///
/// Writing a chunk in parts while the next is computed, in a second arena, took 1.1 times as long; with
/// chunks half as long, so that both arenas fit in L1, 1.2 times; copying a line or two of the stage
/// with every step of a kernel, so that it computes while memory takes them, 1.07 times.
pub(crate) struct TileWriter<E> {
    width: usize,
    /// Rows before the chunk that may still have to be written.
    kept: usize,
    /// Which row of the arena stands at each position, from `kept` rows before the chunk on.
    table: Table,
    way: Way,
    /// Whether to write past the cache.
    stream: bool,
    /// For a sample alone, whose timesteps are then turned as lanes are.
    alone: Option<Level>,
    /// How many positions of the samples are written or staged.
    written: usize,
    /// A stretch of each lane.
    stage: Aligned<E>,
    /// Values of the stage that a lane has.
    room: usize,
    /// How many values each lane has staged, and how many of them are whole lines.
    staged: [Staged; GROUP],
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Straight,
    Staged,
}

#[derive(Clone, Copy, Default)]
struct Staged {
    length: usize,
    whole: usize,
}

impl<E: Element> TileWriter<E> {
    /// How many rows before the chunk the arena has to keep so that rows of `width` columns can be
    /// written past the cache.
    pub fn kept(width: usize) -> usize {
        (LINE / size_of::<E>() - 1).div_ceil(width.max(1))
    }

    /// How many values behind the last row the arena has to have, for a sample alone.
    pub const BEHIND: usize = GROUP - 1;

    /// How many values of stage a writer has.
    pub fn stage(width: usize, chunk: usize, lanes: usize) -> usize {
        Self::room(width, chunk) * lanes
    }

    /// A chunk, the part of a line that was left of the one before, and a line, so that the lanes of
    /// the stage do not lie a multiple of [`ALIAS`] apart.
    fn room(width: usize, chunk: usize) -> usize {
        let line = LINE / size_of::<E>();
        let room = (chunk * width).next_multiple_of(line) + line;
        let even = (room * size_of::<E>()).is_multiple_of(2 * LINE);
        if even { room + line } else { room }
    }

    /// A writer of rows of as many columns as `firsts`, which says where in the arena each column
    /// has its row of the chunk's first timestep, for tiles of `lanes`; the arena keeps `kept` rows
    /// before it. `alone`: for one lane, the level at which its rows are turned,
    /// [`BEHIND`](Self::BEHIND) of which are read beyond the last.
    pub fn new(
        firsts: &[usize],
        chunk: usize,
        lanes: usize,
        kept: usize,
        alone: Option<Level>,
    ) -> Self {
        let width = firsts.len();
        let table =
            (0..kept + chunk).flat_map(|t| firsts.iter().map(move |first| first + t - kept));
        TileWriter {
            width,
            kept,
            table: Table::of_runs(table, lanes, if alone.is_some() { GROUP } else { 1 }),
            way: Way::Straight,
            stream: false,
            alone,
            written: 0,
            stage: Aligned::zeroed(Self::stage(width, chunk, lanes)),
            room: Self::room(width, chunk),
            staged: [Staged::default(); GROUP],
        }
    }

    /// Writes the samples that begin from now on by stores of that kind, ordinary ones before: past the
    /// cache only if as many rows are [`kept`](Self::kept) as that takes.
    pub fn by(&mut self, kind: Kind) {
        self.stream = kind == Kind::PastCache && self.alone.is_none();
    }

    /// Begins other samples, whole outputs of them.
    pub fn reset(&mut self, samples: &[&mut [E]]) {
        self.written = 0;
        self.staged = [Staged::default(); GROUP];
        self.way = if self.stream { Self::way(samples) } else { Way::Straight };
    }

    /// Asks for where the next `rows` of `samples` go, if they go into the cache: the chunk is computed
    /// while those lines come, instead of waiting for each when it is written.
    ///
    /// Measured 1.05 times as fast with one column in f32, 1.07 with two; wide rows would take the
    /// place of what is computed with (20 columns: 0.95).
    #[inline(always)]
    pub fn prefetch<L: Lanes>(&self, rows: usize, samples: &[&mut [E]]) {
        let values = rows * self.width;
        if self.stream || values * size_of::<E>() > NARROW {
            return;
        }
        for sample in samples {
            let end = (self.written + values).min(sample.len());
            L::prefetch(cast_slice(&sample[self.written..end]));
        }
    }

    fn way(samples: &[&mut [E]]) -> Way {
        let start = |sample: &[E]| sample.as_ptr().addr();
        let aligned = samples.iter().all(|s| (start(s) - start(samples[0])) % LINE == 0);
        let mut lines: [usize; GROUP] = std::array::from_fn(|lane| {
            samples.get(lane).map_or(usize::MAX - lane, |sample| start(sample) % ALIAS / LINE)
        });
        lines.sort_unstable();
        let apart = lines.windows(2).all(|pair| pair[0] != pair[1]);
        if aligned && apart { Way::Straight } else { Way::Staged }
    }

    /// Writes what is complete of `samples`, whole outputs of up to `L::COUNT` of them. The chunk
    /// in the arena begins at row `start` of the output, which is negative while rows are trimmed,
    /// and ends before row `end`; `last`: there is no other.
    ///
    /// What was staged before must be drained.
    #[inline(always)]
    pub fn write<L: Lanes>(
        &mut self,
        arena: &[E],
        start: isize,
        end: usize,
        last: bool,
        samples: &mut [&mut [E]],
    ) {
        let line = LINE / size_of::<E>();
        let past_line = |sample: &[E], position: usize| {
            (sample.as_ptr().addr() % LINE / size_of::<E>() + position) % line
        };
        let begin = self.written;
        let mut end = end * self.width;
        if self.stream && self.way == Way::Straight && !last {
            end = end.saturating_sub(past_line(samples[0], end)).max(begin);
        }
        self.written = end;
        let first_row = (self.kept * self.width) as isize - start * self.width as isize;
        let first = (begin as isize + first_row) as usize;
        let table = self.table.of(first..first + (end - begin));
        if let Some(level) = self.alone {
            let rows = &mut samples[0][begin..end];
            return level.dispatch(Turn { arena, table, width: self.width, rows });
        }

        let mut lanes: [&mut [E]; GROUP] = Default::default();
        let lanes = &mut lanes[..L::COUNT];
        // Lanes without a sample are written to the stage, and left there.
        let mut rooms = self.stage.chunks_exact_mut(self.room);
        let mut samples = samples.iter_mut();
        for (to, staged) in lanes.iter_mut().zip(&mut self.staged) {
            let room = rooms.next().expect("a room a lane");
            *to = match (samples.next(), self.way) {
                (Some(sample), Way::Straight) => &mut sample[begin..end],
                (Some(sample), Way::Staged) => {
                    let behind = staged.length;
                    staged.length += end - begin;
                    let left = if last { 0 } else { past_line(sample, end).min(staged.length) };
                    staged.whole = staged.length - left;
                    &mut room[behind..][..end - begin]
                }
                (None, _) => &mut room[..end - begin],
            };
        }
        let stream = self.stream && self.way == Way::Straight;
        let head = if stream { (line - past_line(lanes[0], 0)) % line } else { 0 };
        let (head, body) = table.split_at(head.min(table.len()));
        E::scatter::<L>(arena, head, lanes, false);
        for lane in lanes.iter_mut() {
            *lane = &mut std::mem::take(lane)[head.len()..];
        }
        E::scatter::<L>(arena, body, lanes, stream);
    }

    /// Writes part `part` of `parts` of what is staged and complete.
    #[inline(always)]
    pub fn drain<L: Lanes>(&mut self, part: usize, parts: usize, samples: &mut [&mut [E]]) {
        if self.way == Way::Straight {
            return;
        }
        for lane in part * samples.len() / parts..(part + 1) * samples.len() / parts {
            let Staged { length, whole } = self.staged[lane];
            let room = &mut self.stage[lane * self.room..][..self.room];
            let to = &mut samples[lane][self.written - length..][..whole];
            L::copy_past_cache(cast_slice(&room[..whole]), cast_slice_mut(to));
            room.copy_within(whole..length, 0);
            self.staged[lane] = Staged { length: length - whole, whole: 0 };
        }
    }
}

/// Writes rows of one sample. A plane of one lane is a run of timesteps: rows of as many timesteps as
/// there are lanes are turned as those of as many samples (measured: 20 columns value by value took a
/// quarter of the time of the transform).
struct Turn<'a, E> {
    arena: &'a [E],
    table: Offsets<'a>,
    width: usize,
    rows: &'a mut [E],
}

impl<E: Element> Task for Turn<'_, E> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let Turn { arena, mut table, width, rows } = self;
        let mut groups = rows.chunks_exact_mut((width * L::COUNT).max(1));
        for group in &mut groups {
            let mut lanes: [&mut [E]; GROUP] = Default::default();
            for (lane, row) in lanes.iter_mut().zip(group.chunks_exact_mut(width)) {
                *lane = row;
            }
            let (own, left) = table.split_at(width * L::COUNT);
            E::scatter::<L>(arena, own.split_at(width).0, &mut lanes[..L::COUNT], false);
            table = left;
        }
        E::scatter::<f64>(arena, table, &mut [groups.into_remainder()], false);
    }
}
