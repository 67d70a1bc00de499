//! Windows that need not be full: they begin early, and pass over missing values.

use super::longer;
use super::sliding::{Fold, Item, Sliding};
use crate::simd::Lanes;

/// An item that may be missing: NaN, in whole or in part.
pub(crate) trait Partial<L: Lanes>: Item {
    /// Whether it is.
    fn missing(self) -> L::Mask;
    /// `self - other`.
    fn away(self, other: Self) -> Self;
    /// `yes` where the mask holds, `no` elsewhere.
    fn choose(mask: L::Mask, yes: Self, no: Self) -> Self;
}

impl<L: Lanes> Partial<L> for L {
    #[inline(always)]
    fn missing(self) -> L::Mask {
        self.is_nan()
    }
    #[inline(always)]
    fn away(self, other: Self) -> Self {
        self - other
    }
    #[inline(always)]
    fn choose(mask: L::Mask, yes: Self, no: Self) -> Self {
        L::select(mask, yes, no)
    }
}

impl<L: Lanes> Partial<L> for [L; 2] {
    #[inline(always)]
    fn missing(self) -> L::Mask {
        self[0].is_nan() | self[1].is_nan()
    }
    #[inline(always)]
    fn away(self, other: Self) -> Self {
        [self[0] - other[0], self[1] - other[1]]
    }
    #[inline(always)]
    fn choose(mask: L::Mask, yes: Self, no: Self) -> Self {
        [L::select(mask, yes[0], no[0]), L::select(mask, yes[1], no[1])]
    }
}

/// A fold of differences to an anchor that can be seen from another one.
pub(crate) trait Moved<L: Lanes, X: Item>: Fold<X> {
    /// The fold of `count` values once the anchor lies lower by `by`.
    fn moved(self, count: L, by: X) -> Self;
}

/// A fold, of how many values, and the anchor that their differences are taken to.
#[derive(Clone, Copy)]
pub(crate) struct Counted<L, X, F> {
    pub count: L,
    pub fold: F,
    pub anchor: X,
}

/// The fold of those of the last `length` timesteps that have a value.
///
/// As in [`Sliding`], but the first value of a block may be missing. The beginning of the window,
/// the end of a block, is therefore seen from the last value in that block, which every such end
/// contains that contains any; the rest from the first value of its own block. The two anchors, both
/// in the window, are brought together where the folds are.
struct Sparse<L, X, F> {
    length: usize,
    /// The current block up to `at`, the rest of the previous one behind it.
    values: Vec<X>,
    /// `ends[i]`: the previous block from `i` to its end, all seen from `before`.
    ends: Vec<(F, L)>,
    before: X,
    beginning: Counted<L, X, F>,
    at: usize,
    full: bool,
}

clone_in_place!(Sparse<L, X, F> { length, values, ends, before, beginning, at, full });

impl<L: Lanes, X: Partial<L>, F: Moved<L, X>> Counted<L, X, F> {
    fn none() -> Self {
        let zero = X::zero();
        Counted { count: L::splat(0.0), fold: F::single(zero, zero), anchor: zero }
    }

    /// An item as differences to the anchor, which it becomes if there was none, and as a count;
    /// zeros if it is missing.
    #[inline(always)]
    fn seen(&mut self, x: X) -> (F, L) {
        let (zero, missing) = (X::zero(), x.missing());
        self.anchor = X::choose(self.count.eq(L::splat(0.0)), x.anchor(), self.anchor);
        let away = X::choose(missing, zero, x.away(self.anchor));
        (F::single(away, zero), L::splat(1.0).keep(!missing))
    }
}

impl<L: Lanes, X: Partial<L>, F: Moved<L, X>> Sparse<L, X, F> {
    fn new(length: usize) -> Self {
        Sparse {
            length,
            values: Vec::new(),
            ends: Vec::new(),
            before: X::zero(),
            beginning: Counted::none(),
            at: 0,
            full: false,
        }
    }

    #[inline(always)]
    fn step(&mut self, x: X) -> Counted<L, X, F> {
        if self.at == 0 {
            if self.full {
                self.end_block();
            }
            self.beginning = Counted::none();
        }
        let (fold, one) = self.beginning.seen(x);
        self.beginning.fold = F::join(self.beginning.fold, fold);
        self.beginning.count = self.beginning.count + one;
        if self.at == self.values.len() {
            self.values = longer(std::mem::take(&mut self.values), self.length, X::zero());
        }
        self.values[self.at] = x;
        self.at += 1;
        if self.at == self.length {
            self.at = 0;
            self.full = true;
            return self.beginning;
        }
        if !self.full {
            return self.beginning;
        }
        let (end, count) = self.ends[self.at];
        let newer = self.beginning;
        let (nothing, zero) = (L::splat(0.0), X::zero());
        let both = count.gt(nothing) & newer.count.gt(nothing);
        let by = X::choose(both, self.before.away(newer.anchor), zero);
        Counted {
            count: count + newer.count,
            fold: F::join(end.moved(count, by), newer.fold),
            anchor: X::choose(newer.count.gt(nothing), newer.anchor, self.before),
        }
    }

    #[inline(always)]
    fn end_block(&mut self) {
        let mut end = Counted::<L, X, F>::none();
        if self.ends.is_empty() {
            self.ends = super::filled(self.length, (end.fold, end.count));
        }
        for i in (1..self.length).rev() {
            let (fold, one) = end.seen(self.values[i]);
            end.fold = F::join(fold, end.fold);
            end.count = end.count + one;
            self.ends[i] = (end.fold, end.count);
        }
        self.before = end.anchor;
    }
}

/// The fold of the last `length` timesteps, where at least so many of them have a value.
pub(crate) struct Window<L, X, F, G> {
    length: f64,
    least: f64,
    whole: Sliding<X, F>,
    /// In place of the other where fewer values will do.
    sparse: Option<Box<Sparse<L, X, G>>>,
}

clone_in_place!(Window<L, X, F, G> { length, least, whole, sparse });

impl<L, X, F, G> Window<L, X, F, G>
where
    L: Lanes,
    X: Partial<L>,
    F: Fold<X> + Into<G>,
    G: Moved<L, X>,
{
    /// A window of `length` timesteps that needs `least` values, both 1 or more.
    pub fn new(length: usize, least: usize) -> Self {
        Window {
            length: length as f64,
            least: least as f64,
            whole: Sliding::new(length),
            sparse: (least < length).then(|| Box::new(Sparse::new(length))),
        }
    }

    /// Takes a value; gives the fold once the window may have one, its count NaN where it has too
    /// few values.
    #[inline(always)]
    pub fn step(&mut self, x: X) -> Option<Counted<L, X, G>> {
        if let Some(sparse) = &mut self.sparse {
            return Some(step_apart(sparse, self.least, x));
        }
        let (fold, anchor) = self.whole.step(x)?;
        Some(Counted { count: L::splat(self.length), fold: fold.into(), anchor })
    }
}

/// Compiled once for all rows that gather the same.
#[inline(never)]
fn step_apart<L: Lanes, X: Partial<L>, F: Moved<L, X>>(
    sparse: &mut Sparse<L, X, F>,
    least: f64,
    x: X,
) -> Counted<L, X, F> {
    L::vectorize(
        #[inline(always)]
        || {
            let found = sparse.step(x);
            let enough = found.count.ge(L::splat(least));
            Counted { count: L::select(enough, found.count, L::splat(f64::NAN)), ..found }
        },
    )
}
