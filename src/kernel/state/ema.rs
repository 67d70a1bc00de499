//! Exponential smoothing: `y += k·(x − y)`, seeded with a mean.

use crate::simd::Lanes;

/// An exponential average whose first value is the mean of the first `period` inputs.
///
/// Both forms leave a constant series exactly as it is: the mean is taken of differences to the
/// first value, and the step adds a multiple of `x − y`. A period of 1 gives the input back.
#[derive(Clone)]
pub(crate) struct Ema<L> {
    period: usize,
    seen: usize,
    factor: f64,
    first: L,
    value: L,
}

impl<L: Lanes> Ema<L> {
    /// The usual one: `k = 2/(period + 1)`.
    pub fn new(period: usize) -> Self {
        Self::with_factor(period, 2.0 / (period as f64 + 1.0))
    }

    /// Wilder's: `k = 1/period`.
    pub fn wilder(period: usize) -> Self {
        Self::with_factor(period, 1.0 / period as f64)
    }

    /// Any `k` from 0 to 1.
    pub fn with_factor(period: usize, factor: f64) -> Self {
        Ema { period, seen: 0, factor, first: L::splat(0.0), value: L::splat(0.0) }
    }

    /// Takes a value; gives the average from the `period`-th on.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        if self.seen >= self.period {
            self.value = self.value + L::splat(self.factor) * (x - self.value);
            return Some(self.value);
        }
        if self.period == 1 {
            // `y + (x - y)` is not always `x`. Nothing is counted as seen, so that the way above
            // needs no test of its own.
            return Some(x);
        }
        if self.seen == 0 {
            self.first = x;
        }
        // While seeding, `value` is the sum of differences to the first.
        self.value = self.value + (x - self.first);
        self.seen += 1;
        if self.seen < self.period {
            return None;
        }
        self.value = self.first + self.value / L::splat(self.period as f64);
        Some(self.value)
    }
}
