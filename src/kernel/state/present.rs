//! How many values a window holds.

use super::longer;
use crate::simd::Lanes;

/// Counts the values among the last `length` timesteps. Whole numbers, so that what departs can be
/// taken off without a trace.
pub(crate) struct Present<L> {
    length: usize,
    ring: Vec<L>,
    at: usize,
    count: L,
}

clone_in_place!(Present<L> { length, ring, at, count });

impl<L: Lanes> Present<L> {
    /// A window of `length` timesteps, 1 or more.
    pub fn new(length: usize) -> Self {
        Present { length, ring: Vec::new(), at: 0, count: L::splat(0.0) }
    }

    /// Takes whether a timestep has no value; gives how many of the last have one.
    #[inline(always)]
    pub fn step(&mut self, missing: L::Mask) -> L {
        if self.at == self.ring.len() {
            self.ring = longer(std::mem::take(&mut self.ring), self.length, L::splat(0.0));
        }
        let here = L::splat(1.0).keep(!missing);
        let departed = std::mem::replace(&mut self.ring[self.at], here);
        self.count = self.count + (here - departed);
        self.at = if self.at + 1 == self.length { 0 } else { self.at + 1 };
        self.count
    }
}
