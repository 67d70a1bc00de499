//! An average with bands some deviations away.

use super::average::{self, AVERAGES, Average};
use super::moments::Spread;
use crate::kernel::{Param, Stability, choice, int, real};
use crate::simd::Lanes;

/// The period, the deviations above and below, the type of average.
pub(crate) const PARAMS: [Param; 4] = [
    int("period", &["timeperiod"], 2, 100_000, 20),
    real("deviations_up", &["nbdevup"], -3e37, 3e37, 2.0),
    real("deviations_down", &["nbdevdn"], -3e37, 3e37, 2.0),
    choice("matype", &[], AVERAGES, 0),
];

/// Bollinger's bands about an average of any type.
pub(crate) struct Bands<L> {
    spread: Spread<L>,
    /// `None` for the simple mean, which is the one that the deviation is taken from: it costs no
    /// second window.
    middle: Option<Average<L>>,
    up: f64,
    down: f64,
}

clone_in_place!(Bands<L> { spread, middle, up, down });

/// What [`Bands`] gives.
pub(crate) struct Band<L> {
    pub upper: L,
    pub middle: L,
    pub lower: L,
}

impl<L: Lanes> Bands<L> {
    /// Over a period, 1 or more; an average by number; deviations above and below it.
    pub fn new(period: usize, up: f64, down: f64, kind: u8) -> Self {
        let middle = (kind != 0).then(|| Average::new(kind, period));
        Bands { spread: Spread::new(period), middle, up, down }
    }

    /// Takes a value; gives the bands when both windows are full.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Band<L>> {
        let spread = self.spread.step(x);
        let average = match &mut self.middle {
            Some(average) => Some(average.step(x)?),
            None => None,
        };
        let (mean, variance) = spread?;
        let (middle, deviation) = (average.unwrap_or(mean), variance.sqrt());
        let upper = middle + L::splat(self.up) * deviation;
        let lower = middle - L::splat(self.down) * deviation;
        Some(Band { upper, middle, lower })
    }
}

/// How many values the bands take before they give any.
pub(crate) fn lookback(kind: u8, period: usize) -> usize {
    average::lookback(kind, period).max(period - 1)
}

/// How the bands depend on the start of the series.
pub(crate) fn stability(kind: u8, period: usize) -> Stability {
    match average::stability(kind, period) {
        // The deviation's window rounds even where the average is the value itself.
        Stability::Exact => Stability::Rounding,
        other => other,
    }
}
