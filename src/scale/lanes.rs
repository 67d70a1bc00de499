//! Accumulating a column of eight samples at once.

use bytemuck::cast_slice_mut;

use super::statistics::{Scaler, Statistics, moved};
use crate::batch::{Element, GROUP};
use crate::simd::Lanes;

/// Timesteps that share an anchor. A constant, because the bits depend on it.
///
/// With differences to a value of the block, cancellation costs at most a factor of its length:
/// relative error of a block's variance is below `BLOCK * (BLOCK + 4)` roundings, however far from
/// zero the data lies.
const BLOCK: usize = 128;

/// The statistics of a column, one set a lane.
#[derive(Clone, Copy)]
pub(crate) enum LaneStatistics<L> {
    Moments(LaneMoments<L>),
    Extent { count: usize, min: L, max: L },
}

#[derive(Clone, Copy)]
pub(crate) struct LaneMoments<L> {
    /// Of the blocks that are complete.
    count: usize,
    mean: L,
    rest: L,
    m2: L,
    /// Of the current block: how many values, and their differences to the first.
    pending: usize,
    anchor: L,
    sum: L,
    squares: L,
}

impl<L: Lanes> LaneStatistics<L> {
    /// What `scaler` has to know, of no values yet.
    pub fn new(scaler: &Scaler) -> Self {
        let zero = L::splat(0.0);
        match scaler {
            Scaler::Standardize => LaneStatistics::Moments(LaneMoments {
                count: 0,
                mean: zero,
                rest: zero,
                m2: zero,
                pending: 0,
                anchor: zero,
                sum: zero,
                squares: zero,
            }),
            Scaler::MinMax { .. } => LaneStatistics::Extent {
                count: 0,
                min: L::splat(f64::INFINITY),
                max: L::splat(f64::NEG_INFINITY),
            },
        }
    }

    /// Takes some timesteps of a plane.
    #[inline(always)]
    pub fn push<E: Element>(&mut self, rows: &[E::Row<L>]) {
        match self {
            LaneStatistics::Moments(moments) => moments.push::<E>(rows),
            LaneStatistics::Extent { count, min, max } => {
                *count += rows.len();
                for row in rows {
                    let x = E::load::<L>(row);
                    *min = min.min(x);
                    *max = max.max(x);
                }
            }
        }
    }

    /// The statistics of each lane.
    #[inline(always)]
    pub fn finish(self, lanes: &mut [Statistics]) {
        match self {
            LaneStatistics::Moments(mut moments) => {
                moments.close_block();
                let (mean, rest) = (values(moments.mean), values(moments.rest));
                let m2 = values(moments.m2);
                for (lane, statistics) in lanes.iter_mut().enumerate() {
                    let count = moments.count as u64;
                    let (mean, rest, m2) = (mean[lane], rest[lane], m2[lane]);
                    *statistics = Statistics::Moments { count, mean, rest, m2 };
                }
            }
            LaneStatistics::Extent { count, min, max } => {
                let (min, max) = (values(min), values(max));
                for (lane, statistics) in lanes.iter_mut().enumerate() {
                    let count = count as u64;
                    *statistics = Statistics::Extent { count, min: min[lane], max: max[lane] };
                }
            }
        }
    }
}

impl<L: Lanes> LaneMoments<L> {
    #[inline(always)]
    fn push<E: Element>(&mut self, mut rows: &[E::Row<L>]) {
        while let Some(first) = rows.first() {
            if self.pending == 0 {
                self.anchor = E::load(first);
                self.sum = L::splat(0.0);
                self.squares = L::splat(0.0);
            }
            let (block, rest) = rows.split_at(rows.len().min(BLOCK - self.pending));
            let (mut sum, mut squares) = (self.sum, self.squares);
            for row in block {
                let difference = E::load::<L>(row) - self.anchor;
                sum = sum + difference;
                squares = squares + difference * difference;
            }
            (self.sum, self.squares) = (sum, squares);
            self.pending += block.len();
            rows = rest;
            if self.pending == BLOCK {
                self.close_block();
            }
        }
    }

    /// Merges the current block into the rest, as [`Statistics::merge`] does.
    #[inline(always)]
    fn close_block(&mut self) {
        if self.pending == 0 {
            return;
        }
        let n = L::splat(self.pending as f64);
        let (mean, rest) = moved(self.anchor, L::splat(0.0), self.sum / n);
        let m2 = (self.squares - self.sum * self.sum / n).max(L::splat(0.0));
        let total = self.count + self.pending;
        let share = self.pending as f64 / total as f64;
        let shift = (mean - self.mean) + (rest - self.rest);
        if self.count == 0 {
            (self.mean, self.rest, self.m2) = (mean, rest, m2);
        } else {
            (self.mean, self.rest) = moved(self.mean, self.rest, shift * L::splat(share));
            self.m2 = self.m2 + m2 + shift * shift * L::splat(self.count as f64 * share);
        }
        (self.count, self.pending) = (total, 0);
    }
}

fn values<L: Lanes>(lanes: L) -> [f64; GROUP] {
    let mut values = [0.0; GROUP];
    lanes.store(&mut cast_slice_mut(&mut values[..L::COUNT])[0]);
    values
}
