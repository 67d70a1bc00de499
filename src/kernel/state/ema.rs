//! Exponential smoothing: `y += k·(x − y)`, seeded with a mean.

use crate::simd::Lanes;

/// Differences below this count as none: far below the rounding of any series that is not itself
/// as small, and far above the denormal numbers, on which processors are slow.
const NONE: f64 = f64::from_bits((1023 - 960) << 52);

/// `value` moved towards `target` by a part of the difference.
///
/// A series that ends in zeros would let the value decay into denormal numbers for ever (measured:
/// 7 to 14 times as slow from there on); it stands still before.
#[inline(always)]
pub(crate) fn approach<L: Lanes>(value: L, target: L, part: L) -> L {
    let difference = target - value;
    value + only_some(difference, part * difference)
}

/// `step`, or zero where the difference that it came from counts as none.
#[inline(always)]
pub(crate) fn only_some<L: Lanes>(difference: L, step: L) -> L {
    L::select(difference.abs().ge(L::splat(NONE)), step, L::splat(0.0))
}

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
            self.value = approach(self.value, x, L::splat(self.factor));
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
