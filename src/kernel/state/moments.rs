//! Variance and shape of a window.

use super::sliding::{Fold, Sliding, Sum};
use super::sparse::{Counted, Moved};
use crate::simd::Lanes;

/// Sums of the differences to the anchor and of their squares.
#[derive(Clone, Copy)]
pub(crate) struct Moments<L> {
    sum: L,
    squares: L,
}

impl<L: Lanes> Fold<L> for Moments<L> {
    #[inline(always)]
    fn single(x: L, anchor: L) -> Self {
        let d = x - anchor;
        Moments { sum: d, squares: d * d }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Moments { sum: older.sum + newer.sum, squares: older.squares + newer.squares }
    }
}

/// Mean and variance of the last `period` values.
///
/// The anchor is a value of the window, so its distance to the mean is at most `√period` standard
/// deviations: subtracting the squared mean loses that factor and no more, whatever the level of
/// the values. All values equal give zero exactly.
pub(crate) struct Spread<L> {
    window: Sliding<L, Moments<L>>,
    period: f64,
}

clone_in_place!(Spread<L> { window, period });

impl<L: Lanes> Spread<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Spread { window: Sliding::new(period), period: period as f64 }
    }

    /// Takes a value; gives the mean and the population variance of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<(L, L)> {
        let (fold, anchor) = self.window.step(x)?;
        let found = Counted { count: L::splat(self.period), fold, anchor }.raised();
        Some((found.mean(), found.second() / found.count))
    }
}

impl<L: Lanes, F: Into<Powers<L>>> Counted<L, L, F> {
    /// The same sums, as all that there may be.
    #[inline(always)]
    pub fn raised(self) -> Counted<L, L, Powers<L>> {
        Counted { count: self.count, fold: self.fold.into(), anchor: self.anchor }
    }
}

impl<L: Lanes> Counted<L, L, Powers<L>> {
    /// The mean.
    #[inline(always)]
    pub fn mean(self) -> L {
        self.anchor + self.fold.0[0] / self.count
    }

    /// How far a value lies above the mean.
    #[inline(always)]
    pub fn above(self, x: L) -> L {
        (x - self.anchor) - self.fold.0[0] / self.count
    }

    /// The sum of the squared differences to the mean.
    #[inline(always)]
    pub fn second(self) -> L {
        let Powers([sum, squares, ..]) = self.fold;
        let infinity = L::splat(f64::INFINITY);
        let centred = L::splat(0.0).max(squares - sum * (sum / self.count));
        // Squares that overflow are a large spread, unless that has to be seen from another anchor, when
        // it is NaN; a sum that is not finite is an infinite value.
        let overflows = squares.eq(infinity) & sum.is_finite();
        L::select(overflows, infinity, centred)
    }

    /// The variance, `ddof` taken off the count; NaN where that leaves nothing.
    #[inline(always)]
    pub fn variance(self, ddof: f64) -> L {
        let count = self.count - L::splat(ddof);
        let some = count.gt(L::splat(0.0));
        L::select(some, self.second() / count, L::splat(f64::NAN))
    }
}

/// Sums of the differences to the anchor, and of their second, third and fourth powers.
#[derive(Clone, Copy)]
pub(crate) struct Powers<L>([L; 4]);

impl<L: Lanes> Fold<L> for Powers<L> {
    #[inline(always)]
    fn single(x: L, anchor: L) -> Self {
        let d = x - anchor;
        let square = d * d;
        Powers([d, square, square * d, square * square])
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (older.0, newer.0);
        Powers([a + e, b + f, c + g, d + h])
    }
}

impl<L: Lanes> From<Sum<L>> for Powers<L> {
    #[inline(always)]
    fn from(Sum(sum): Sum<L>) -> Self {
        Powers([sum, L::splat(0.0), L::splat(0.0), L::splat(0.0)])
    }
}

impl<L: Lanes> From<Moments<L>> for Powers<L> {
    #[inline(always)]
    fn from(Moments { sum, squares }: Moments<L>) -> Self {
        Powers([sum, squares, L::splat(0.0), L::splat(0.0)])
    }
}

impl<L: Lanes> Moved<L, L> for Powers<L> {
    #[inline(always)]
    fn moved(self, count: L, by: L) -> Self {
        let Powers([one, two, three, four]) = self;
        let (all, [n3, n4, n6]) = (count * by, [3.0, 4.0, 6.0].map(L::splat));
        let double = one + one;
        Powers([
            one + all,
            two + by * (double + all),
            three + by * (n3 * two + by * (n3 * one + all)),
            four + by * (n4 * three + by * (n6 * two + by * (n4 * one + all))),
        ])
    }
}

impl<L: Lanes> Counted<L, L, Powers<L>> {
    /// The sums of powers of the differences to the mean, all zero if all values are equal.
    ///
    /// The anchor is a value of the window: at most `√count` standard deviations from the mean,
    /// which the fourth power turns into a loss of `count²` and no more.
    #[inline(always)]
    pub fn about(self) -> About<L> {
        let Powers([one, two, three, four]) = self.fold;
        let mean = one / self.count;
        let second = L::splat(0.0).max(two - one * mean);
        let third = three - mean * (L::splat(3.0) * two - L::splat(2.0) * one * mean);
        let inner = L::splat(6.0) * two - L::splat(3.0) * one * mean;
        let fourth = four - mean * (L::splat(4.0) * three - mean * inner);
        About { second, third, fourth: L::splat(0.0).max(fourth) }
    }
}

/// How the last `period` values lie about their mean.
pub(crate) struct Shape<L> {
    window: Sliding<L, Powers<L>>,
    period: f64,
}

clone_in_place!(Shape<L> { window, period });

/// Sums of powers of the differences to the mean.
pub(crate) struct About<L> {
    pub second: L,
    pub third: L,
    pub fourth: L,
}

impl<L: Lanes> Shape<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Shape { window: Sliding::new(period), period: period as f64 }
    }

    /// How many values the window holds.
    #[inline(always)]
    pub fn period(&self) -> f64 {
        self.period
    }

    /// Takes a value; gives the sums of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<About<L>> {
        let (fold, anchor) = self.window.step(x)?;
        Some(Counted { count: L::splat(self.period), fold, anchor }.about())
    }
}
