//! Variance of a window.

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
        let centred = (squares - sum * sum / period).max(L::splat(0.0));
        // Squares that overflow are a large spread; a sum that is not finite is an infinite value.
        let overflows = squares.eq(infinity) & sum.is_finite();
        let variance = L::select(overflows, infinity, centred / period);
        Some((anchor + sum / period, variance))
    }
}
