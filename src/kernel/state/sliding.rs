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

use super::{filled, longer};
use crate::simd::Lanes;

/// What a window holds of a timestep: a value, or some of them.
pub(crate) trait Item: Copy + Send + 'static {
    /// What stands there before any.
    fn zero() -> Self;
    /// The item as an anchor: one that is not finite would turn every difference into NaN.
    fn anchor(self) -> Self;
}

impl<L: Lanes> Item for L {
    #[inline(always)]
    fn zero() -> Self {
        L::splat(0.0)
    }
    #[inline(always)]
    fn anchor(self) -> Self {
        L::select(self.is_finite(), self, L::splat(0.0))
    }
}

impl<L: Lanes, const N: usize> Item for [L; N] {
    #[inline(always)]
    fn zero() -> Self {
        [L::zero(); N]
    }
    #[inline(always)]
    fn anchor(self) -> Self {
        let mut anchors = self;
        for anchor in &mut anchors {
            *anchor = anchor.anchor();
        }
        anchors
    }
}

/// What a window accumulates: associative, older values on the left.
pub(crate) trait Fold<X: Item>: Copy + Send + 'static {
    /// The fold of a single item, seen from the anchor.
    fn single(x: X, anchor: X) -> Self;
    /// The fold of two neighbouring stretches.
    fn join(older: Self, newer: Self) -> Self;
}

/// The fold of the last `length` values.
pub(crate) struct Sliding<X, F> {
    length: usize,
    /// The current block up to `at`, the rest of the previous one behind it.
    values: Vec<X>,
    /// `ends[i]`: the fold of the previous block from `i` to its end.
    ends: Vec<F>,
    beginning: F,
    anchor: X,
    at: usize,
    full: bool,
}

clone_in_place!(Sliding<X, F> { length, values, ends, beginning, anchor, at, full });

impl<X: Item, F: Fold<X>> Sliding<X, F> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        let zero = X::zero();
        let none = F::single(zero, zero);
        Sliding {
            length,
            values: Vec::new(),
            ends: Vec::new(),
            beginning: none,
            anchor: zero,
            at: 0,
            full: false,
        }
    }

    /// Takes a value; gives the fold of the window, once it is full, and its anchor.
    #[inline(always)]
    pub fn step(&mut self, x: X) -> Option<(F, X)> {
        let fold = self.push(x);
        // No `then` with a closure: one that is not inlined runs without the level's instructions.
        if self.full { Some(fold) } else { None }
    }

    /// Whether it has taken as many values as it holds.
    #[inline(always)]
    pub fn full(&self) -> bool {
        self.full
    }

    /// Takes a value; gives the fold of the window, or of as many values as there were, and its
    /// anchor.
    #[inline(always)]
    pub fn push(&mut self, x: X) -> (F, X) {
        if self.at == 0 {
            self.begin_block(x);
        } else {
            self.beginning = F::join(self.beginning, F::single(x, self.anchor));
        }
        if self.at == self.values.len() {
            self.values = longer(std::mem::take(&mut self.values), self.length, X::zero());
        }
        self.values[self.at] = x;
        self.at += 1;
        if self.at == self.length {
            // The window is the whole block.
            self.at = 0;
            self.full = true;
            return (self.beginning, self.anchor);
        }
        if !self.full {
            return (self.beginning, self.anchor);
        }
        (F::join(self.ends[self.at], self.beginning), self.anchor)
    }

    #[inline(always)]
    fn begin_block(&mut self, x: X) {
        self.anchor = x.anchor();
        self.beginning = F::single(x, self.anchor);
        if self.full {
            let last = self.length - 1;
            if self.ends.len() < self.length {
                self.ends = filled(self.length, self.beginning);
            }
            let mut end = F::single(self.values[last], self.anchor);
            self.ends[last] = end;
            for i in (1..last).rev() {
                end = F::join(F::single(self.values[i], self.anchor), end);
                self.ends[i] = end;
            }
        }
    }
}

/// A single fold that grows from the first value on.
#[derive(Clone)]
pub(crate) struct Growing<X, F> {
    /// The fold so far and its anchor.
    fold: Option<(F, X)>,
}

impl<X: Item, F: Fold<X>> Growing<X, F> {
    /// Before any value.
    pub fn new() -> Self {
        Growing { fold: None }
    }

    /// Takes a value; gives the fold of all, and its anchor.
    #[inline(always)]
    pub fn step(&mut self, x: X) -> (F, X) {
        let (fold, anchor) = match self.fold {
            Some((fold, anchor)) => (F::join(fold, F::single(x, anchor)), anchor),
            None => (F::single(x, x.anchor()), x.anchor()),
        };
        self.fold = Some((fold, anchor));
        (fold, anchor)
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

/// Sum of the values themselves: no anchor can make it overflow, nor a small sum lose digits to it.
#[derive(Clone, Copy)]
pub(crate) struct Plain<L>(pub L);

impl<L: Lanes> Fold<L> for Plain<L> {
    #[inline(always)]
    fn single(x: L, _: L) -> Self {
        Plain(x)
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Plain(older.0 + newer.0)
    }
}

/// Sums of several series, as [`Plain`].
#[derive(Clone, Copy)]
pub(crate) struct Sums<L, const N: usize>(pub [L; N]);

impl<L: Lanes, const N: usize> Fold<[L; N]> for Sums<L, N> {
    #[inline(always)]
    fn single(values: [L; N], _: [L; N]) -> Self {
        Sums(values)
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        let mut sums = newer;
        for i in 0..N {
            sums.0[i] = older.0[i] + newer.0[i];
        }
        sums
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

/// The largest of one series and the smallest of another, NaN each if there is one.
#[derive(Clone, Copy)]
pub(crate) struct Extent<L> {
    pub highest: L,
    pub lowest: L,
}

impl<L: Lanes> Fold<[L; 2]> for Extent<L> {
    #[inline(always)]
    fn single([high, low]: [L; 2], _: [L; 2]) -> Self {
        Extent { highest: high, lowest: low }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Extent { highest: older.highest.max(newer.highest), lowest: older.lowest.min(newer.lowest) }
    }
}

impl<L: Lanes> Extent<L> {
    /// Half way between the two.
    #[inline(always)]
    pub fn middle(self) -> L {
        (self.highest + self.lowest) / L::splat(2.0)
    }
}
