//! Accumulating a column of eight samples at once.

use bytemuck::cast_slice_mut;

use super::missing::Missing;
use super::statistics::{Extent, MomentsPart, Part, Statistics};
use crate::batch::{Element, GROUP};
use crate::simd::Lanes;

/// Timesteps that share an anchor. A constant, because the bits depend on it.
///
/// With differences to a value of the block, cancellation costs at most a factor of its length:
/// relative error of a block's variance is below `BLOCK * (BLOCK + 4)` roundings, however far from
/// zero the data lies.
const BLOCK: usize = 128;

/// Squares that add up to less are looked at again, value by value. Those of differences to the
/// mean add up to no less than this by [`BLOCK`] + 1, which is far above [`MomentsPart::LEAST`].
const SMALL: f64 = 1e-270;

/// What is accumulated of a column, one sample a lane.
#[derive(Clone, Copy)]
pub(crate) struct LaneStatistics<L> {
    missing: Missing,
    kind: Kind<L>,
}

#[derive(Clone, Copy)]
enum Kind<L> {
    Moments(LaneMoments<L>),
    Extent {
        count: L,
        min: L,
        max: L,
    },
    /// Values go on one by one; whether they are finite so far.
    Each {
        /// The timestep of the next row.
        at: usize,
        sound: [bool; GROUP],
    },
}

#[derive(Clone, Copy)]
struct LaneMoments<L> {
    /// Of the blocks that are complete.
    count: L,
    mean: L,
    rest: L,
    m2: L,
    /// 1 where values differ, as far as their squares do not tell.
    uneven: L,
    /// Of the current block: how many timesteps and values, and their differences to the first.
    pending: usize,
    values: L,
    anchor: L,
    sum: L,
    squares: L,
}

impl<L: Lanes> LaneStatistics<L> {
    /// What has to be known for statistics like these, of no values yet; the first will be of
    /// timestep `at`.
    pub fn new(like: &Statistics, missing: Missing, at: usize) -> Self {
        let zero = L::splat(0.0);
        let kind = match like {
            Statistics::Moments(moments) if moments.is_weighted() => {
                Kind::Each { at, sound: [true; GROUP] }
            }
            Statistics::Moments(_) => Kind::Moments(LaneMoments {
                count: zero,
                mean: zero,
                rest: zero,
                m2: zero,
                uneven: zero,
                pending: 0,
                values: zero,
                anchor: zero,
                sum: zero,
                squares: zero,
            }),
            Statistics::Extent(_) => Kind::Extent {
                count: zero,
                min: L::splat(f64::INFINITY),
                max: L::splat(f64::NEG_INFINITY),
            },
            Statistics::Ranks(_)
            | Statistics::Quantiles(_)
            | Statistics::PowerSearch(_)
            | Statistics::Power(_)
            | Statistics::Timesteps(_) => Kind::Each { at, sound: [true; GROUP] },
        };
        LaneStatistics { missing, kind }
    }

    /// Takes some timesteps of a plane, of which the first `present` lanes are samples. `whole` are
    /// the statistics that these go into.
    #[inline(always)]
    pub fn push<E: Element>(&mut self, rows: &[E::Row<L>], present: usize, whole: &mut Statistics) {
        let ignore = self.missing == Missing::Ignore;
        match &mut self.kind {
            Kind::Moments(moments) if ignore => moments.push::<E, true>(rows),
            Kind::Moments(moments) => moments.push::<E, false>(rows),
            Kind::Extent { count, min, max } => {
                let one = L::splat(1.0);
                for row in rows {
                    let x = E::load::<L>(row);
                    let skip = x.is_nan();
                    let some = if ignore { one.keep(!skip) } else { one };
                    let (low, high) = (min.min(x), max.max(x));
                    *count = *count + some;
                    *min = if ignore { L::select(skip, *min, low) } else { low };
                    *max = if ignore { L::select(skip, *max, high) } else { high };
                }
            }
            Kind::Each { at, sound } => {
                for row in rows {
                    let lanes = values(E::load::<L>(row));
                    for (x, sound) in lanes[..present].iter().zip(&mut *sound) {
                        if x.is_finite() {
                            whole.push_at(*at, *x);
                        } else if !self.missing.skips(*x) {
                            *sound = false;
                        }
                    }
                    *at += 1;
                }
            }
        }
    }

    /// Takes a row as often as the weights say: of a lane and its timestep of the plane. For
    /// statistics with weights.
    #[inline(always)]
    pub fn push_weighted(
        &mut self,
        row: L,
        present: usize,
        weight: impl Fn(usize, usize) -> f64,
        whole: &mut Statistics,
    ) {
        let Kind::Each { at, sound } = &mut self.kind else {
            unreachable!("values with weights go on one by one")
        };
        for (lane, x) in values(row)[..present].iter().enumerate() {
            let weight = weight(lane, *at);
            if weight == 0.0 || self.missing.skips(*x) {
                continue;
            }
            match x.is_finite() {
                true => whole.push_weighted(*at, *x, weight),
                false => sound[lane] = false,
            }
        }
        *at += 1;
    }

    /// Whether every sum is finite so far: as long as it is, so was every value.
    #[inline(always)]
    pub fn is_sound(&self) -> bool {
        match &self.kind {
            Kind::Moments(moments) => {
                let sums = moments.m2 + moments.squares + moments.mean + moments.sum;
                !L::any(!sums.is_finite())
            }
            // Without a value they are infinite, which costs a look.
            Kind::Extent { min, max, .. } => !L::any(!(*max - *min).is_finite()),
            Kind::Each { sound, .. } => sound.iter().all(|sound| *sound),
        }
    }

    /// The part of each lane.
    #[inline(always)]
    pub fn finish(self) -> [Part; GROUP] {
        match self.kind {
            Kind::Moments(mut moments) => {
                moments.close_block();
                let (count, m2) = (values(moments.count), values(moments.m2));
                let (mean, rest) = (values(moments.mean), values(moments.rest));
                let uneven = values(moments.uneven);
                std::array::from_fn(|lane| {
                    let (mean, rest, m2) = (mean[lane], rest[lane], m2[lane]);
                    let (count, uneven) = (count[lane] as u64, uneven[lane] > 0.0);
                    Part::Moments(MomentsPart { count, mean, rest, m2, uneven })
                })
            }
            Kind::Extent { count, min, max } => {
                // Zero has one sign, so that the order of values does not show.
                let (min, max) = (values(min + L::splat(0.0)), values(max + L::splat(0.0)));
                let count = values(count);
                std::array::from_fn(|lane| {
                    let (count, min, max) = (count[lane] as u64, min[lane], max[lane]);
                    Part::Extent(Extent { count, min, max })
                })
            }
            Kind::Each { sound, .. } => sound.map(|sound| Part::Pushed { sound }),
        }
    }
}

impl<L: Lanes> LaneMoments<L> {
    #[inline(always)]
    fn push<E: Element, const IGNORE: bool>(&mut self, mut rows: &[E::Row<L>]) {
        let zero = L::splat(0.0);
        while let Some(first) = rows.first() {
            if self.pending == 0 {
                self.anchor = E::load(first);
                (self.values, self.sum, self.squares) = (zero, zero, zero);
            }
            let (block, rest) = rows.split_at(rows.len().min(BLOCK - self.pending));
            if IGNORE {
                self.push_some::<E>(block);
            } else {
                let (mut sum, mut squares) = (self.sum, self.squares);
                for row in block {
                    let difference = E::load::<L>(row) - self.anchor;
                    sum = sum + difference;
                    squares = squares + difference * difference;
                }
                (self.sum, self.squares) = (sum, squares);
                self.values = self.values + L::splat(block.len() as f64);
            }
            if L::any(L::splat(SMALL).gt(self.squares)) {
                self.compare::<E>(block);
            }
            self.pending += block.len();
            rows = rest;
            if self.pending == BLOCK {
                self.close_block();
            }
        }
    }

    /// The values of a block that are not NaN; the first of them is the anchor.
    #[inline(always)]
    fn push_some<E: Element>(&mut self, block: &[E::Row<L>]) {
        for row in block {
            let x = E::load::<L>(row);
            let here = !x.is_nan();
            let begun = self.values.gt(L::splat(0.0));
            self.anchor = L::select(begun, self.anchor, x);
            let difference = (x - self.anchor).keep(here);
            self.values = self.values + L::splat(1.0).keep(here);
            self.sum = self.sum + difference;
            self.squares = self.squares + difference * difference;
        }
    }

    /// Finds values that differ from the anchor, where their squares may have underflowed.
    #[inline(always)]
    fn compare<E: Element>(&mut self, block: &[E::Row<L>]) {
        for row in block {
            let x = E::load::<L>(row);
            let same = x.eq(self.anchor) | x.is_nan();
            self.uneven = L::select(same, self.uneven, L::splat(1.0));
        }
    }

    /// Merges the current block into the rest, after Chan, Golub and LeVeque (1979): equal means stay
    /// as they are, so that a constant column has `m2` exactly 0.
    #[inline(always)]
    fn close_block(&mut self) {
        let (n, zero) = (self.values, L::splat(0.0));
        if self.pending == 0 || !L::any(n.gt(zero)) {
            self.pending = 0;
            return;
        }
        let (mean, rest) = moved(self.anchor, zero, self.sum / n);
        let m2 = (self.squares - self.sum * self.sum / n).max(zero);
        let total = self.count + n;
        let share = n / total;
        let shift = (mean - self.mean) + (rest - self.rest);
        let (moved_mean, moved_rest) = moved(self.mean, self.rest, shift * share);
        let both = self.m2 + m2 + shift * shift * (self.count * share);
        let (first, none) = (self.count.eq(zero), n.eq(zero));
        let even = first | none | shift.eq(zero);
        self.uneven = L::select(even, self.uneven, L::splat(1.0));
        let pick = |own: L, block: L, both: L| L::select(none, own, L::select(first, block, both));
        self.mean = pick(self.mean, mean, moved_mean);
        self.rest = pick(self.rest, rest, moved_rest);
        self.m2 = pick(self.m2, m2, both);
        (self.count, self.pending) = (total, 0);
        self.values = zero;
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
