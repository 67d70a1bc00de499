//! Accumulating a column of eight samples at once.

use bytemuck::cast_slice_mut;

use super::statistics::{Extent, MomentsPart, Part, Statistics};
use crate::batch::{Element, GROUP};
use crate::simd::Lanes;

/// Timesteps that share an anchor. A constant, because the bits depend on it.
///
/// With differences to a value of the block, cancellation costs at most a factor of its length:
/// relative error of a block's variance is below `BLOCK * (BLOCK + 4)` roundings, however far from
/// zero the data lies.
const BLOCK: usize = 128;

/// What is accumulated of a column, one sample a lane.
#[derive(Clone, Copy)]
pub(crate) enum LaneStatistics<L> {
    Moments(LaneMoments<L>),
    Extent {
        count: usize,
        min: L,
        max: L,
    },
    /// Values go on one by one; whether they are finite so far.
    Each {
        sound: [bool; GROUP],
    },
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
    /// What has to be known for statistics like these, of no values yet.
    pub fn new(like: &Statistics) -> Self {
        let zero = L::splat(0.0);
        match like {
            Statistics::Moments(_) => LaneStatistics::Moments(LaneMoments {
                count: 0,
                mean: zero,
                rest: zero,
                m2: zero,
                pending: 0,
                anchor: zero,
                sum: zero,
                squares: zero,
            }),
            Statistics::Extent(_) => LaneStatistics::Extent {
                count: 0,
                min: L::splat(f64::INFINITY),
                max: L::splat(f64::NEG_INFINITY),
            },
            Statistics::Ranks(_) | Statistics::Quantiles(_) => {
                LaneStatistics::Each { sound: [true; GROUP] }
            }
        }
    }

    /// Takes some timesteps of a plane, of which the first `present` lanes are samples. `whole` are
    /// the statistics that these go into.
    #[inline(always)]
    pub fn push<E: Element>(&mut self, rows: &[E::Row<L>], present: usize, whole: &mut Statistics) {
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
            LaneStatistics::Each { sound } => {
                for row in rows {
                    let lanes = values(E::load::<L>(row));
                    for (x, sound) in lanes[..present].iter().zip(&mut *sound) {
                        *sound &= x.is_finite();
                        whole.push_value(*x);
                    }
                }
            }
        }
    }

    /// The part of each lane.
    #[inline(always)]
    pub fn finish(self) -> [Part; GROUP] {
        match self {
            LaneStatistics::Moments(mut moments) => {
                moments.close_block();
                let (mean, rest) = (values(moments.mean), values(moments.rest));
                let m2 = values(moments.m2);
                std::array::from_fn(|lane| {
                    let (mean, rest, m2) = (mean[lane], rest[lane], m2[lane]);
                    Part::Moments(MomentsPart { count: moments.count as u64, mean, rest, m2 })
                })
            }
            LaneStatistics::Extent { count, min, max } => {
                // Zero has one sign, so that the order of values does not show.
                let (min, max) = (values(min + L::splat(0.0)), values(max + L::splat(0.0)));
                std::array::from_fn(|lane| {
                    Part::Extent(Extent { count: count as u64, min: min[lane], max: max[lane] })
                })
            }
            LaneStatistics::Each { sound } => sound.map(|sound| Part::Pushed { sound }),
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

    /// Merges the current block into the rest, after Chan, Golub and LeVeque (1979): equal means stay
    /// as they are, so that a constant column has `m2` exactly 0.
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

/// `mean + rest` moved by `step`, rounded, and what the rounding lost (Knuth's sum of two).
#[inline(always)]
fn moved<L: Lanes>(mean: L, rest: L, step: L) -> (L, L) {
    let (sum, lost) = two_sum(mean, step);
    two_sum(sum, lost + rest)
}

#[inline(always)]
fn two_sum<L: Lanes>(a: L, b: L) -> (L, L) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

fn values<L: Lanes>(lanes: L) -> [f64; GROUP] {
    let mut values = [0.0; GROUP];
    lanes.store(&mut cast_slice_mut(&mut values[..L::COUNT])[0]);
    values
}
