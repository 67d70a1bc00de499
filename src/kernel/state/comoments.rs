//! How two series vary together over a window.

use super::sliding::{Fold, Sliding};
use super::sparse::{Counted, Moved};
use crate::simd::Lanes;

/// Sums of the differences to the anchors, of their squares and of their products.
#[derive(Clone, Copy)]
pub(crate) struct Comoments<L> {
    x: L,
    y: L,
    xx: L,
    yy: L,
    xy: L,
}

impl<L: Lanes> Fold<[L; 2]> for Comoments<L> {
    #[inline(always)]
    fn single([x, y]: [L; 2], [at_x, at_y]: [L; 2]) -> Self {
        let (x, y) = (x - at_x, y - at_y);
        Comoments { x, y, xx: x * x, yy: y * y, xy: x * y }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Comoments {
            x: older.x + newer.x,
            y: older.y + newer.y,
            xx: older.xx + newer.xx,
            yy: older.yy + newer.yy,
            xy: older.xy + newer.xy,
        }
    }
}

impl<L: Lanes> Moved<L, [L; 2]> for Comoments<L> {
    #[inline(always)]
    fn moved(self, count: L, [p, q]: [L; 2]) -> Self {
        let Comoments { x, y, xx, yy, xy } = self;
        Comoments {
            x: x + count * p,
            y: y + count * q,
            xx: xx + p * (x + x + count * p),
            yy: yy + q * (y + y + count * q),
            xy: xy + (p * y + q * (x + count * p)),
        }
    }
}

/// Sums of squares and products of the last `period` pairs, about their means.
pub(crate) struct Joint<L> {
    window: Sliding<[L; 2], Comoments<L>>,
    period: f64,
}

clone_in_place!(Joint<L> { window, period });

/// Sums of squares and products about the means; divided by the number of pairs they are variances and covariance.
pub(crate) struct Centred<L> {
    pub xx: L,
    pub yy: L,
    pub xy: L,
}

impl<L: Lanes> Centred<L> {
    /// Pearson's correlation, from -1 to 1; 0 where either series does not move.
    #[inline(always)]
    pub fn correlation(&self) -> L {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let product = self.xx * self.yy;
        let correlation = one.min((-one).max(self.xy / product.sqrt()));
        L::select(product.eq(zero), zero, correlation)
    }
}

impl<L: Lanes> Joint<L> {
    /// A window of `period` pairs, 1 or more.
    pub fn new(period: usize) -> Self {
        Joint { window: Sliding::new(period), period: period as f64 }
    }

    /// Takes a pair; gives the sums of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L, y: L) -> Option<Centred<L>> {
        let (fold, anchor) = self.window.step([x, y])?;
        Some(Counted { count: L::splat(self.period), fold, anchor }.centred())
    }
}

impl<L: Lanes> Counted<L, [L; 2], Comoments<L>> {
    /// The sums about the means. Squares are never negative, and zero exactly where all values are
    /// equal.
    #[inline(always)]
    pub fn centred(self) -> Centred<L> {
        let Comoments { x, y, xx, yy, xy } = self.fold;
        let zero = L::splat(0.0);
        let (mean_x, mean_y) = (x / self.count, y / self.count);
        // NaN with a value that is not finite, whose product could be infinite.
        let spoilt = zero * x + zero * y;
        Centred {
            xx: zero.max(xx - x * mean_x),
            yy: zero.max(yy - y * mean_y),
            xy: xy - x * mean_y + spoilt,
        }
    }
}
