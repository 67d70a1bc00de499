//! The last values themselves, for windows that are no fold.

use super::clean::Clean;
use crate::simd::Lanes;

/// The last `length` values, oldest first.
///
/// Each is written twice, a length apart, so that the window is one slice wherever it ends.
pub(crate) struct Recent<L> {
    values: Vec<L>,
    at: usize,
    full: bool,
}

clone_in_place!(Recent<L> { values, at, full });

impl<L: Lanes> Recent<L> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        Recent { values: vec![L::splat(0.0); 2 * length], at: 0, full: false }
    }

    /// Takes a value; gives the window once it is full.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<&[L]> {
        let length = self.values.len() / 2;
        self.full |= self.at + 1 == length;
        let full = self.full;
        let window = self.push(x);
        full.then_some(window)
    }

    /// Takes a value; gives the window, zero where there was no value yet.
    #[inline(always)]
    pub fn push(&mut self, x: L) -> &[L] {
        let length = self.values.len() / 2;
        self.values[self.at] = x;
        self.values[self.at + length] = x;
        let end = self.at + length + 1;
        self.at = if self.at + 1 == length { 0 } else { self.at + 1 };
        &self.values[end - length..end]
    }
}

/// How many of the last values are smaller than the newest.
pub(crate) struct Rank<L> {
    /// The value itself, which is not smaller, among those before it.
    window: Recent<L>,
    clean: Clean<L>,
}

clone_in_place!(Rank<L> { window, clean });

impl<L: Lanes> Rank<L> {
    /// Among the `period` values before it, 1 or more.
    pub fn new(period: usize) -> Self {
        Rank { window: Recent::new(period + 1), clean: Clean::new(period + 1) }
    }

    /// Takes a value; gives its rank from 0 to 100, NaN if there is one among the values.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let spoilt = self.clean.spoilt(x);
        let window = self.window.step(x)?;
        let (mut smaller, one) = (L::splat(0.0), L::splat(1.0));
        for value in window {
            smaller = smaller + one.keep(x.gt(*value));
        }
        let period = L::splat(window.len() as f64 - 1.0);
        let rank = smaller / period * L::splat(100.0);
        Some(L::select(spoilt, L::splat(f64::NAN), rank))
    }
}
