//! Which row of an arena stands at which position of a sample.

use std::ops::Range;

/// Where in an arena the row of each position begins.
///
/// Made once and used for every chunk, so it is looked over once: turning in registers relies on
/// [`end`](Offsets::end), and the fields are private to this file.
pub(crate) struct Table {
    offsets: Vec<u32>,
    width: usize,
    end: usize,
}

/// A stretch of a [`Table`].
#[derive(Clone, Copy)]
pub struct Offsets<'a> {
    offsets: &'a [u32],
    width: usize,
    end: usize,
}

impl Table {
    /// A table of rows of `lanes` values, by their number in the arena.
    ///
    /// # Panics
    ///
    /// If a row begins beyond the reach of u32, which plans refuse.
    pub fn new(rows: impl Iterator<Item = usize>, lanes: usize) -> Self {
        Table::of_runs(rows, lanes, 1)
    }

    /// The same, of rows from each of which on `run` are read: no row of the last run ends behind
    /// [`end`](Offsets::end) either.
    pub fn of_runs(rows: impl Iterator<Item = usize>, lanes: usize, run: usize) -> Self {
        let offset = |row: usize| u32::try_from(row * lanes).expect("checked when planned");
        let offsets: Vec<u32> = rows.map(offset).collect();
        let width = lanes * run;
        let end = offsets.iter().max().map_or(0, |&last| last as usize + width);
        Table { offsets, width, end }
    }

    /// Whether it has no position.
    pub fn is_empty(&self) -> bool {
        self.offsets.is_empty()
    }

    /// Some of its positions.
    pub fn of(&self, positions: Range<usize>) -> Offsets<'_> {
        Offsets { offsets: &self.offsets[positions], width: self.width, end: self.end }
    }
}

impl<'a> Offsets<'a> {
    /// The offset of each position.
    pub(super) fn as_slice(self) -> &'a [u32] {
        self.offsets
    }

    /// How many values from each offset on are read or written at most.
    pub(super) fn width(self) -> usize {
        self.width
    }

    /// No row that these offsets begin ends behind it.
    pub(super) fn end(self) -> usize {
        self.end
    }

    /// How many positions there are.
    pub fn len(self) -> usize {
        self.offsets.len()
    }

    /// The first `at` positions and the others.
    pub fn split_at(self, at: usize) -> (Self, Self) {
        let (left, right) = self.offsets.split_at(at);
        (Offsets { offsets: left, ..self }, Offsets { offsets: right, ..self })
    }
}
