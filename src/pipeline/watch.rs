//! What a pass of a fit looks at: columns, chunk by chunk.

use std::ops::Range;

use bytemuck::{Zeroable, cast_slice};
use ndarray::ArrayView3;

use super::graph::FittedSlot;
use super::machine::{Machine, Rows};
use crate::batch::{Element, Samples};
use crate::error::Error;
use crate::scale::{Affine, LaneStatistics, Statistics, Weights, apply_all};
use crate::simd::Lanes;

/// Rows that are scaled before they are added up.
const SCALED: usize = 16;

/// A timestep, and the value that the scaler met there.
pub(super) type Fault = (usize, f64);

/// A slot, and the maps its column goes through before.
pub(super) struct Watch<'a> {
    pub slot: &'a FittedSlot,
    pub maps: Vec<Affine>,
}

/// What a pass watches.
pub(super) struct Watches<'a> {
    pub all: Vec<Watch<'a>>,
    /// Of each plane of the graph, those that watch it.
    of: Vec<Vec<usize>>,
}

impl<'a> Watches<'a> {
    /// These, in a graph of so many planes.
    pub fn new(planes: usize, all: Vec<Watch<'a>>) -> Watches<'a> {
        let mut of = vec![Vec::new(); planes];
        for (index, watch) in all.iter().enumerate() {
            of[watch.slot.column.plane].push(index);
        }
        Watches { all, of }
    }
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
        let Target { sums, present, whole, weights } = into;
        if let Some((weights, first)) = weights {
            let lag = self.slot.column.lag;
            let weight = |lane: usize, row: usize| weights.at(first + lane, row + lag);
            for row in rows {
                let scaled = apply_all(&self.maps, E::load::<L>(row));
                sums.push_weighted(scaled, present, weight, whole);
            }
            return;
        }
        if self.maps.is_empty() {
            return sums.push::<E>(rows, present, whole);
        }
        let mut scaled = [L::Row::zeroed(); SCALED];
        for rows in rows.chunks(SCALED) {
            for (scaled, row) in scaled.iter_mut().zip(rows) {
                apply_all(&self.maps, E::load::<L>(row)).store(scaled);
            }
            sums.push::<f64>(&scaled[..rows.len()], present, whole);
        }
    }

    /// The value of a lane in some row of a chunk, scaled.
    pub fn value<L: Lanes, E: Element>(&self, rows: Rows<'_, E>, row: usize, lane: usize) -> f64 {
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
        range: impl IntoIterator<Item = usize>,
        start: usize,
        lane: usize,
    ) -> Option<Fault> {
        range.into_iter().find_map(|row| {
            let got = self.value::<L, E>(rows, row, lane);
            let wrong = !got.is_finite() && !self.slot.missing.skips(got);
            wrong.then_some((start + row + self.slot.column.lag, got))
        })
    }

    /// The error for a sample that came in pieces, whose statistics f64 could not hold: the cell,
    /// if one is to blame.
    #[cold]
    pub fn blame(&self, sample: usize, fault: Option<Fault>) -> Error {
        let Some((timestep, got)) = fault else {
            let problem = "has a spread beyond f64, or below it";
            let problem = format!("{problem}, in sample {sample}, given in pieces");
            return self.slot.unfit(problem);
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
    /// Of the cells, and which sample the first lane is.
    pub weights: Option<(&'a Weights<'a>, usize)>,
}

/// Carries samples over the timesteps of `x`, the first of which is their timestep `at` of
/// `timesteps`, and shows `see` each watched chunk: the index of the watch, its rows that count,
/// and the timestep at which it begins.
#[inline(always)]
pub(super) fn watch<L: Lanes, E: Element>(
    machine: &mut Machine<E>,
    watches: &Watches<'_>,
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
                for &index in &watches.of[plane] {
                    see(index, rows, watches.all[index].rows(time, steps, timesteps), time);
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
