//! The values of a window in order of size.

use super::clean::Clean;
use crate::simd::Lanes;

/// The last `length` values, sorted in every lane by itself.
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
    clean: Clean<L>,
}

clone_in_place!(Ranked<L> { ring, sorted, at, full, clean });

/// A sorted window.
pub(crate) struct Order<'a, L: Lanes> {
    values: &'a [L],
    spoilt: L::Mask,
}

impl<L: Lanes> Order<'_, L> {
    /// The value of that rank, 0 for the smallest; NaN if the window holds one.
    #[inline(always)]
    pub fn rank(&self, rank: usize) -> L {
        L::select(self.spoilt, L::splat(f64::NAN), self.values[rank])
    }
}

impl<L: Lanes> Ranked<L> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        let nothing = L::splat(f64::INFINITY);
        Ranked {
            ring: vec![nothing; length],
            sorted: vec![nothing; length + 1],
            at: 0,
            full: false,
            clean: Clean::new(length),
        }
    }

    /// How many values the window holds.
    pub fn length(&self) -> usize {
        self.ring.len()
    }

    /// Takes a value; gives the window once it is full.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Order<'_, L>> {
        let (infinity, nan) = (L::splat(f64::INFINITY), x.is_nan());
        let spoilt = self.clean.spoilt(x);
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
        self.full.then_some(Order { values: &self.sorted, spoilt })
    }
}
