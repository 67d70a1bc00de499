//! The range of a bar and of a window, and the price that stands for a bar.

use crate::simd::Lanes;

/// A range no larger than this part of its two ends is rounding, not movement.
const FLAT: f64 = 1e-14;

/// Whether the highest and the lowest of a window are the same up to rounding; not if one is NaN.
#[inline(always)]
pub(crate) fn flat<L: Lanes>(highest: L, lowest: L) -> L::Mask {
    (L::splat(FLAT) * (highest.abs() + lowest.abs())).ge((highest - lowest).abs())
}

/// The range of a bar, yesterday's close included; from the second bar on.
#[derive(Clone)]
pub(crate) struct TrueRange<L> {
    close: Option<L>,
}

impl<L: Lanes> TrueRange<L> {
    /// Before the first bar.
    pub fn new() -> Self {
        TrueRange { close: None }
    }

    /// Takes a bar; gives its true range.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L, close: L) -> Option<L> {
        let before = self.close.replace(close)?;
        Some((high - low).max((before - high).abs()).max((before - low).abs()))
    }
}

/// One price for a bar.
#[inline(always)]
pub(crate) fn typical<L: Lanes>(high: L, low: L, close: L) -> L {
    (high + low + close) / L::splat(3.0)
}
