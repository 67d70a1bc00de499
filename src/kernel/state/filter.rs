//! Recursive filters of two timesteps' memory.

use super::ema::is_none;
use crate::simd::Lanes;

/// `y[t] = recent·y[t-1] + older·y[t-2] + gain·(x[t] + one·x[t-1] + two·x[t-2])`.
#[derive(Clone, Copy)]
pub(crate) struct Coefficients {
    /// Of the output before.
    pub recent: f64,
    /// Of the output two timesteps before.
    pub older: f64,
    /// Of the sum of inputs.
    pub gain: f64,
    /// Of the input before, in that sum.
    pub one: f64,
    /// Of the input two timesteps before.
    pub two: f64,
    /// Whether a constant comes out as itself; as zero otherwise.
    pub level: bool,
}

/// Such a filter, which takes what stands before the first value for its equal.
#[derive(Clone)]
pub(crate) struct Filter<L> {
    coefficients: Coefficients,
    /// Inputs and outputs of the last two timesteps, the newest first.
    past: Option<([L; 2], [L; 2])>,
}

impl<L: Lanes> Filter<L> {
    /// Before the first value.
    pub fn new(coefficients: Coefficients) -> Self {
        Filter { coefficients, past: None }
    }

    /// Takes a value; gives the filtered one.
    ///
    /// Sums are taken of differences to `x`, where the level passes: it stays exact, and costs no
    /// digits. Where it does not, the inputs' coefficients sum to zero, so that differences do too.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> L {
        let Coefficients { recent, older, gain, one, two, level } = self.coefficients;
        let rest = if level { x } else { L::splat(0.0) };
        let ([x1, x2], [y1, y2]) = self.past.unwrap_or(([x, x], [rest, rest]));
        // What depends on the output before comes last: each step waits for it.
        let inputs = L::splat(one) * (x1 - x) + L::splat(two) * (x2 - x);
        let known = L::splat(older) * (y2 - rest) + L::splat(gain) * inputs;
        let y = rest + (known + L::splat(recent) * (y1 - rest));
        // It stands still before the denormal numbers.
        let stands = is_none(y1 - rest) & is_none(y2 - rest) & is_none(inputs);
        let y = L::select(stands, rest, y);
        self.past = Some(([x, x1], [y, y1]));
        y
    }
}
