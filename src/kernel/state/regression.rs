//! The straight line nearest to a window.

use super::mean::Ramp;
use super::sliding::Sliding;
use crate::simd::Lanes;

/// The least-squares line through the last `period` values, one timestep apart.
pub(crate) struct Regression<L> {
    window: Sliding<L, Ramp<L>>,
    period: f64,
}

clone_in_place!(Regression<L> { window, period });

/// A line: the mean of the window, which it passes at the window's middle, and its slope.
#[derive(Clone, Copy)]
pub(crate) struct Line<L> {
    pub mean: L,
    /// Rise a timestep.
    pub slope: L,
    period: f64,
}

impl<L: Lanes> Line<L> {
    /// The line so many timesteps after the newest value, 0 at it.
    #[inline(always)]
    pub fn ahead(&self, steps: f64) -> L {
        self.mean + self.slope * L::splat((self.period - 1.0) / 2.0 + steps)
    }

    /// The line at the oldest value.
    #[inline(always)]
    pub fn start(&self) -> L {
        self.mean - self.slope * L::splat((self.period - 1.0) / 2.0)
    }
}

impl<L: Lanes> Regression<L> {
    /// A window of `period` values, 2 or more.
    pub fn new(period: usize) -> Self {
        Regression { window: Sliding::new(period), period: period as f64 }
    }

    /// Takes a value; gives the line through a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Line<L>> {
        let (Ramp { sum, weighted, .. }, anchor) = self.window.step(x)?;
        let period = self.period;
        // The weights 1, 2, ... have their mean at (period + 1)/2, and squares about it that sum to
        // period·(period² - 1)/12.
        let rise = weighted - L::splat((period + 1.0) / 2.0) * sum;
        let slope = rise / L::splat(period * (period * period - 1.0) / 12.0);
        Some(Line { mean: anchor + sum / L::splat(period), slope, period })
    }
}
