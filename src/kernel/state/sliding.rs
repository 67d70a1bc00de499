//! Windows that never subtract a departed value.
//!
//! Time is cut into blocks as long as the window, so that every window is the end of one block and
//! the beginning of the next. The beginning is folded as values come; the ends of a whole block
//! are folded when it is complete. A value is thus one join of two folds, whatever the window's
//! length; nothing is ever taken out of a fold, so an outlier, a NaN or an infinity is gone when
//! its window is. Van Herk and Gil-Werman found it for minima; it holds for any associative fold.
//!
//! Sums are taken of differences to an anchor, the first value of the current block: every window
//! that ends in the block contains it, so differences are no larger than the window's spread, and
//! a constant window gives zero exactly.

use crate::simd::Lanes;

/// What a window accumulates: associative, older values on the left.
pub(crate) trait Fold<L: Lanes>: Copy + Send + 'static {
    /// The fold of a single value, seen from the anchor.
    fn single(x: L, anchor: L) -> Self;
    /// The fold of two neighbouring stretches.
    fn join(older: Self, newer: Self) -> Self;
}

/// The fold of the last `length` values.
pub(crate) struct Sliding<L, F> {
    /// The current block up to `at`, the rest of the previous one behind it.
    values: Vec<L>,
    /// `ends[i]`: the fold of the previous block from `i` to its end.
    ends: Vec<F>,
    beginning: F,
    anchor: L,
    at: usize,
    full: bool,
}

clone_in_place!(Sliding<L, F> { values, ends, beginning, anchor, at, full });

impl<L: Lanes, F: Fold<L>> Sliding<L, F> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        let zero = L::splat(0.0);
        let none = F::single(zero, zero);
        Sliding {
            values: vec![zero; length],
            ends: vec![none; length],
            beginning: none,
            anchor: zero,
            at: 0,
            full: false,
        }
    }

    /// Takes a value; gives the fold of the window, once it is full, and its anchor.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<(F, L)> {
        let length = self.values.len();
        if self.at == 0 {
            self.begin_block(x);
        } else {
            self.beginning = F::join(self.beginning, F::single(x, self.anchor));
        }
        self.values[self.at] = x;
        self.at += 1;
        if self.at == length {
            // The window is the whole block.
            self.at = 0;
            self.full = true;
            return Some((self.beginning, self.anchor));
        }
        self.full.then(|| (F::join(self.ends[self.at], self.beginning), self.anchor))
    }

    #[inline(always)]
    fn begin_block(&mut self, x: L) {
        // An anchor that is not finite would turn every difference into NaN.
        self.anchor = L::select(x.is_finite(), x, L::splat(0.0));
        self.beginning = F::single(x, self.anchor);
        if self.full {
            let last = self.values.len() - 1;
            let mut end = F::single(self.values[last], self.anchor);
            self.ends[last] = end;
            for i in (1..last).rev() {
                end = F::join(F::single(self.values[i], self.anchor), end);
                self.ends[i] = end;
            }
        }
    }
}

/// Sum of the differences to the anchor.
#[derive(Clone, Copy)]
pub(crate) struct Sum<L>(pub L);

impl<L: Lanes> Fold<L> for Sum<L> {
    #[inline(always)]
    fn single(x: L, anchor: L) -> Self {
        Sum(x - anchor)
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Sum(older.0 + newer.0)
    }
}

/// The largest value; NaN if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Highest<L>(pub L);

impl<L: Lanes> Fold<L> for Highest<L> {
    #[inline(always)]
    fn single(x: L, _: L) -> Self {
        Highest(x)
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Highest(older.0.max(newer.0))
    }
}

/// The smallest value; NaN if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Lowest<L>(pub L);

impl<L: Lanes> Fold<L> for Lowest<L> {
    #[inline(always)]
    fn single(x: L, _: L) -> Self {
        Lowest(x)
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Lowest(older.0.min(newer.0))
    }
}
