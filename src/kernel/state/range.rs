//! What a bar moved: true range and directional movement.

use super::ema::only_some;
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

/// By how much a bar went beyond the one before, upward and downward: the larger of the two, the
/// other is zero.
#[derive(Clone)]
pub(crate) struct Movement<L> {
    before: Option<(L, L)>,
}

impl<L: Lanes> Movement<L> {
    /// Before the first bar.
    pub fn new() -> Self {
        Movement { before: None }
    }

    /// Takes a bar; gives its upward and downward movement.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L) -> Option<(L, L)> {
        let (last_high, last_low) = self.before.replace((high, low))?;
        let zero = L::splat(0.0);
        let (up, down) = (high - last_high, last_low - low);
        let plus = L::select(up.gt(down) & up.gt(zero), up, zero);
        let minus = L::select(down.gt(up) & down.gt(zero), down, zero);
        Some((plus, minus))
    }
}

/// Wilder's running total: the first `period` values summed, then `y += x − y/period`.
#[derive(Clone)]
pub(crate) struct Total<L> {
    count: usize,
    seen: usize,
    factor: f64,
    value: L,
}

impl<L: Lanes> Total<L> {
    /// Of a period, whose first total is that of `count` values.
    pub fn new(period: usize, count: usize) -> Self {
        Total { count, seen: 0, factor: 1.0 / period as f64, value: L::splat(0.0) }
    }

    /// Takes a value; gives the total from the `count`-th on.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        if self.seen >= self.count {
            let difference = x - self.value * L::splat(self.factor);
            self.value = self.value + only_some(difference, difference);
            return Some(self.value);
        }
        self.value = self.value + x;
        self.seen += 1;
        (self.seen == self.count).then_some(self.value)
    }
}
