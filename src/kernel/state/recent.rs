//! The last values themselves, for windows that are no fold.

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
