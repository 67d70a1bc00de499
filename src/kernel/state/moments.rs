//! Variance and shape of a window.

use super::sliding::{Fold, Sliding};
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
#[derive(Clone)]
pub(crate) struct Spread<L> {
    window: Sliding<L, Moments<L>>,
    period: f64,
}

impl<L: Lanes> Spread<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Spread { window: Sliding::new(period), period: period as f64 }
    }

    /// Takes a value; gives the mean and the population variance of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<(L, L)> {
        let (Moments { sum, squares }, anchor) = self.window.step(x)?;
        let period = L::splat(self.period);
        let infinity = L::splat(f64::INFINITY);
        let mean = sum / period;
        let centred = L::splat(0.0).max(squares - sum * mean);
        // Squares that overflow are a large spread; a sum that is not finite is an infinite value.
        let overflows = squares.eq(infinity) & sum.is_finite();
        let variance = L::select(overflows, infinity, centred / period);
        Some((anchor + mean, variance))
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

/// How the last `period` values lie about their mean.
pub(crate) struct Shape<L> {
    window: Sliding<L, Powers<L>>,
    period: f64,
}

clone_in_place!(Shape<L> { window, period });

/// What [`Shape`] gives: sums of powers of the differences to the mean.
pub(crate) struct About<L> {
    pub second: L,
    #[allow(dead_code)] // for rolling_skew
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

    /// Takes a value; gives the sums of a full window, all zero if all values are equal.
    ///
    /// The anchor is a value of the window: at most `√period` standard deviations from the mean,
    /// which the fourth power turns into a loss of `period²` and no more.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<About<L>> {
        let (Powers([one, two, three, four]), _) = self.window.step(x)?;
        let mean = one / L::splat(self.period);
        let second = L::splat(0.0).max(two - one * mean);
        let third = three - mean * (L::splat(3.0) * two - L::splat(2.0) * one * mean);
        let inner = L::splat(6.0) * two - L::splat(3.0) * one * mean;
        let fourth = four - mean * (L::splat(4.0) * three - mean * inner);
        Some(About { second, third, fourth: L::splat(0.0).max(fourth) })
    }
}
