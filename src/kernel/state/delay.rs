//! The value some timesteps ago.

use super::sliding::Item;

/// Gives back each value, or values, after `length` timesteps.
pub(crate) struct Delay<X> {
    ring: Vec<X>,
    at: usize,
    full: bool,
}

clone_in_place!(Delay<X> { ring, at, full });

impl<X: Item> Delay<X> {
    /// A delay of `length` timesteps, 1 or more.
    pub fn new(length: usize) -> Self {
        Delay { ring: vec![X::zero(); length], at: 0, full: false }
    }

    /// Takes a value, gives the one of `length` timesteps before.
    #[inline(always)]
    pub fn step(&mut self, x: X) -> Option<X> {
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

/// Timesteps to pass over.
#[derive(Clone, Copy)]
pub(crate) struct Wait(pub usize);

impl Wait {
    /// Whether they are over; counts down.
    #[inline(always)]
    pub fn over(&mut self) -> bool {
        let over = self.0 == 0;
        self.0 = self.0.saturating_sub(1);
        over
    }
}
