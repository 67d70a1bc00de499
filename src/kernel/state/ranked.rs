//! The values of a window in order of size.

use bytemuck::{Zeroable, cast_slice};

use super::present::Present;
use crate::simd::Lanes;

/// Those of the last `length` timesteps that have a value, sorted in every lane by itself.
///
/// A step takes the departed value out and puts the new one in, in one pass without branches: about
/// ten operations a value of the window.
pub(crate) struct Ranked<L> {
    /// In order of time; the oldest at `at`.
    ring: Vec<L>,
    /// Ends in an infinity behind all values.
    sorted: Vec<L>,
    at: usize,
    full: bool,
    present: Present<L>,
    least: f64,
}

clone_in_place!(Ranked<L> { ring, sorted, at, full, present, least });

/// A sorted window.
pub(crate) struct Order<'a, L: Lanes> {
    values: &'a [L],
    count: L,
    enough: L::Mask,
}

impl<L: Lanes> Order<'_, L> {
    /// The value of that rank in a window that has all its values, 0 for the smallest; NaN if it has
    /// not.
    #[inline(always)]
    pub fn rank(&self, rank: usize) -> L {
        L::select(self.enough, self.values[rank], L::splat(f64::NAN))
    }

    /// The value a part of the way from the smallest to the largest, which may lie between two; NaN
    /// if the window has too few.
    #[inline(always)]
    pub fn quantile(&self, part: f64) -> L {
        let length = self.values.len() - 1;
        let (lower, between) = place(part, length);
        let below = self.values[lower];
        let mut value = below;
        if between > 0.0 {
            let above = self.values[lower + 1];
            // Two infinities have no difference.
            let same = below.eq(above);
            value = L::select(same, below, below + (above - below) * L::splat(between));
        }
        if L::any(self.enough & L::splat(length as f64).gt(self.count)) {
            value = quantile_apart(self.values, self.count, part);
        }
        L::select(self.enough, value, L::splat(f64::NAN))
    }
}

/// The rank below a part of the way through so many values, and how far from it to the next.
#[inline(always)]
fn place(part: f64, count: usize) -> (usize, f64) {
    let place = part * (count - 1) as f64;
    (place as usize, place.fract())
}

/// Where lanes hold different numbers of values, each looks at other ranks.
#[inline(never)]
fn quantile_apart<L: Lanes>(values: &[L], count: L, part: f64) -> L {
    let pick = |x: L, lane: usize| -> f64 {
        let mut row = [L::Row::zeroed()];
        x.store(&mut row[0]);
        cast_slice::<_, f64>(&row)[lane]
    };
    let mut found = [L::Row::zeroed()];
    for lane in 0..L::COUNT {
        let count = pick(count, lane) as usize;
        if count == 0 {
            continue;
        }
        let (lower, between) = place(part, count);
        let below = pick(values[lower], lane);
        let mut value = below;
        if between > 0.0 {
            let above = pick(values[lower + 1], lane);
            value = if below == above { below } else { below + (above - below) * between };
        }
        bytemuck::cast_slice_mut::<_, f64>(&mut found)[lane] = value;
    }
    L::load(&found[0])
}

impl<L: Lanes> Ranked<L> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        Self::of_part(length, length)
    }

    /// A window of `length` timesteps that needs `least` values, both 1 or more.
    pub fn of_part(length: usize, least: usize) -> Self {
        let nothing = L::splat(f64::INFINITY);
        Ranked {
            ring: vec![nothing; length],
            sorted: vec![nothing; length + 1],
            at: 0,
            full: least < length,
            present: Present::new(length),
            least: least as f64,
        }
    }

    /// How many timesteps the window holds.
    pub fn length(&self) -> usize {
        self.ring.len()
    }

    /// Takes a value; gives the window once it may be long enough.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Order<'_, L>> {
        let (infinity, nan) = (L::splat(f64::INFINITY), x.is_nan());
        let count = self.present.step(nan);
        // NaN has no rank, so infinity stands for it. One sign of zero: equal values must have
        // equal bits.
        let new = L::select(nan, infinity, x + L::splat(0.0));
        let length = self.ring.len();
        let old = std::mem::replace(&mut self.ring[self.at], new);
        let sorted = &mut self.sorted[..=length];
        let mut here = sorted[0];
        let mut before = -infinity;
        for i in 0..length {
            let next = sorted[i + 1];
            // From the departed value on, all move down a place.
            let left = L::select(here.ge(old), next, here);
            let lower = L::select(left.gt(new), new, left);
            sorted[i] = L::select(before.gt(lower), before, lower);
            before = left;
            here = next;
        }
        self.at += 1;
        if self.at == length {
            self.at = 0;
            self.full = true;
        }
        if !self.full {
            return None;
        }
        let enough = count.ge(L::splat(self.least));
        Some(Order { values: &self.sorted, count, enough })
    }
}
