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
        self.values[self.at] = x;
        self.values[self.at + length] = x;
        self.at += 1;
        let end = self.at + length;
        if self.at == length {
            self.at = 0;
            self.full = true;
        }
        self.full.then(|| &self.values[end - length..end])
    }
}
