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

/// `step`, or zero where the difference that it came from counts as none; NaN stays.
#[inline(always)]
fn only_some<L: Lanes>(difference: L, step: L) -> L {
    L::select(is_none(difference), L::splat(0.0), step)
}

/// Whether a difference counts as none, which NaN does not: what is unknown may not come to a rest.
#[inline(always)]
pub(crate) fn is_none<L: Lanes>(difference: L) -> L::Mask {
    L::splat(NONE).gt(difference.abs())
}

/// `value`, or zero where it counts as none; NaN stays.
#[inline(always)]
pub(crate) fn settled<L: Lanes>(value: L) -> L {
    only_some(value, value)
}

/// How often an average looks whether it has decayed: between two looks it cannot come from
/// [`NONE`] to the denormal numbers, as it keeps a third of itself at least.
const LOOK: usize = 32;

/// `value`, or zero if it has decayed below [`NONE`] by the `seen`-th timestep; NaN stays.
#[inline(always)]
pub(crate) fn settle<L: Lanes>(value: L, seen: usize) -> L {
    if seen.is_multiple_of(LOOK) { settled(value) } else { value }
}

/// An exponential average whose first value is the mean of the first `period` inputs.
///
/// A constant series stays exactly what it is: both the mean and the average move by a part of the
/// difference to the input. A period of 1 gives the input back. A value that has decayed below
/// [`NONE`] becomes zero.
#[derive(Clone)]
pub(crate) struct Ema<L> {
    period: usize,
    seen: usize,
    factor: f64,
    /// The mean so far while seeding: a sum of differences to the first value, which has to be kept
    /// too, left too few registers for the averages of one kernel (MACD took twice as long).
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

    /// The usual `k`, begun with the first value.
    pub fn unseeded(period: usize) -> Self {
        Self::with_factor(1, 2.0 / (period as f64 + 1.0))
    }

    /// Any `k` from 0 to 1, seeded with the mean of `period` values.
    pub fn with_factor(period: usize, factor: f64) -> Self {
        Ema { period, seen: 0, factor, value: L::splat(0.0) }
    }

    /// Takes a value; gives the average when it is seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        self.seen += 1;
        if self.seen > self.period {
            if self.factor == 1.0 {
                // `y + (x - y)` is not always `x`.
                return Some(x);
            }
            // Not `approach`, whose test in every step took a quarter of the time of MACD.
            self.value = self.value + L::splat(self.factor) * (x - self.value);
            self.value = settle(self.value, self.seen);
            return Some(self.value);
        }
        self.value = self.value + (x - self.value) / L::splat(self.seen as f64);
        (self.seen == self.period).then_some(self.value)
    }
}
