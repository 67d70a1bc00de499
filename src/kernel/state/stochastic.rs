//! Where a price stands between the extremes of a window.

use super::average::{self, Average};
use super::range::flat;
use super::sliding::{Extent, Sliding};
use crate::kernel::Stability;
use crate::simd::Lanes;

/// The place of the close between the lowest low and the highest high of the last bars, from 0 to
/// 100.
pub(crate) struct Position<L> {
    window: Sliding<[L; 2], Extent<L>>,
    flat: f64,
}

clone_in_place!(Position<L> { window, flat });

impl<L: Lanes> Position<L> {
    /// Among `period` bars, 1 or more; `flat` where they are all the same.
    pub fn new(period: usize, flat: f64) -> Self {
        Position { window: Sliding::new(period), flat }
    }

    /// Takes a bar; gives the place of its close.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L, close: L) -> Option<L> {
        let (Extent { highest, lowest }, _) = self.window.step([high, low])?;
        // A NaN close over a flat range stays NaN.
        let flat = flat(highest, lowest) & !close.is_nan();
        let place = (close - lowest) / (highest - lowest) * L::splat(100.0);
        Some(L::select(flat, L::splat(self.flat), place))
    }
}

/// An average of a [`Position`], and an average of that.
pub(crate) struct Stochastic<L> {
    position: Position<L>,
    k: Average<L>,
    d: Average<L>,
}

clone_in_place!(Stochastic<L> { position, k, d });

/// The type of an average, by number, and its period.
pub(crate) type Smooth = (u8, usize);

impl<L: Lanes> Stochastic<L> {
    /// Among `period` bars, 1 or more, and the averages.
    pub fn new(period: usize, k: Smooth, d: Smooth) -> Self {
        Stochastic {
            position: Position::new(period, 0.0),
            k: Average::new(k.0, k.1),
            d: Average::new(d.0, d.1),
        }
    }

    /// Takes a bar; gives both averages.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L, close: L) -> Option<(L, L)> {
        let k = self.k.step(self.position.step(high, low, close)?)?;
        Some((k, self.d.step(k)?))
    }
}

/// How many bars both averages take before they give a value.
pub(crate) fn lookback(period: usize, k: Smooth, d: Smooth) -> usize {
    period - 1 + average::lookback(k.0, k.1) + average::lookback(d.0, d.1)
}

/// How they depend on the start of the series.
pub(crate) fn stability(k: Smooth, d: Smooth) -> Stability {
    average::stability(k.0, k.1).max(average::stability(d.0, d.1))
}
