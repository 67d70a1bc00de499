//! The value some timesteps ago.

use crate::simd::Lanes;

/// Gives back each value after `length` timesteps.
pub(crate) struct Delay<L> {
    ring: Vec<L>,
    at: usize,
    full: bool,
}

clone_in_place!(Delay<L> { ring, at, full });

impl<L: Lanes> Delay<L> {
    /// A delay of `length` timesteps, 1 or more.
    pub fn new(length: usize) -> Self {
        Delay { ring: vec![L::splat(0.0); length], at: 0, full: false }
    }

    /// Takes a value, gives the one of `length` timesteps before.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let old = std::mem::replace(&mut self.ring[self.at], x);
        let was_full = self.full;
        self.at += 1;
        if self.at == self.ring.len() {
            self.at = 0;
            self.full = true;
        }
        was_full.then_some(old)
    }
}
