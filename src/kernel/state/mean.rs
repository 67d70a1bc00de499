//! Means of a window: plain, linearly weighted, triangular, Hull's, bell-shaped.

use super::recent::Recent;
use super::sliding::{Fold, Item, Sliding, Sum};
use crate::simd::Lanes;

/// The mean of the last `period` values.
pub(crate) struct Mean<L> {
    window: Sliding<L, Sum<L>>,
    period: f64,
}

clone_in_place!(Mean<L> { window, period });

impl<L: Lanes> Mean<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Mean { window: Sliding::new(period), period: period as f64 }
    }

    /// Takes a value; gives the mean of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let (sum, anchor) = self.window.step(x)?;
        Some(anchor + sum.0 / L::splat(self.period))
    }
}

/// Sum of the differences to the anchor, and their sum weighted 1, 2, 3… from the oldest on.
#[derive(Clone, Copy)]
pub(crate) struct Ramp<L> {
    count: f64,
    pub sum: L,
    pub weighted: L,
}

impl<L: Lanes> Fold<L> for Ramp<L> {
    #[inline(always)]
    fn single(x: L, anchor: L) -> Self {
        let d = x - anchor;
        Ramp { count: 1.0, sum: d, weighted: d }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        // Behind an older stretch, each weight of the newer is larger by the older's length.
        let shifted = newer.weighted + L::splat(older.count) * newer.sum;
        Ramp {
            count: older.count + newer.count,
            sum: older.sum + newer.sum,
            weighted: older.weighted + shifted,
        }
    }
}

/// The mean of the last `period` values with weights 1, 2, …, `period`, the newest heaviest.
pub(crate) struct Weighted<L> {
    window: Sliding<L, Ramp<L>>,
    weights: f64,
}

clone_in_place!(Weighted<L> { window, weights });

impl<L: Lanes> Weighted<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        let weights = period as f64 * (period as f64 + 1.0) / 2.0;
        Weighted { window: Sliding::new(period), weights }
    }

    /// Takes a value; gives the weighted mean of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let (ramp, anchor) = self.window.step(x)?;
        Some(anchor + ramp.weighted / L::splat(self.weights))
    }
}

/// A mean of means, whose weights rise and fall as a triangle over `period` values.
pub(crate) struct Triangular<L>(Mean<L>, Mean<L>);

clone_in_place!(Triangular<L> { 0, 1 });

impl<L: Lanes> Triangular<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Triangular(Mean::new(period.div_ceil(2)), Mean::new(period / 2 + 1))
    }

    /// Takes a value; gives the mean of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let mean = self.0.step(x)?;
        self.1.step(mean)
    }
}

/// Hull's: the weighted mean, over `√period`, of twice that of `period/2` less that of `period`.
pub(crate) struct Hull<L> {
    half: Weighted<L>,
    whole: Weighted<L>,
    smooth: Weighted<L>,
}

clone_in_place!(Hull<L> { half, whole, smooth });

impl<L: Lanes> Hull<L> {
    /// Over `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        Hull {
            half: Weighted::new((period / 2).max(1)),
            whole: Weighted::new(period),
            smooth: Weighted::new(period.isqrt()),
        }
    }

    /// Takes a value; gives the average when all windows are full.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let half = self.half.step(x);
        let whole = self.whole.step(x)?;
        let half = half?;
        self.smooth.step(half + (half - whole))
    }
}

/// A mean whose weights are a bell: Legoux's, `sigma` of them to the window, its top at the part
/// `offset` of it.
///
/// It costs `period` operations a step: a bell is no associative fold.
pub(crate) struct Bell<L> {
    /// They sum to 1.
    weights: Vec<f64>,
    window: Recent<L>,
}

clone_in_place!(Bell<L> { weights, window });

impl<L: Lanes> Bell<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize, sigma: f64, offset: f64) -> Self {
        let top = (offset * (period as f64 - 1.0)).floor();
        let sigma = period as f64 / sigma;
        let bell = |i: usize| libm::exp(-(i as f64 - top).powi(2) / (2.0 * sigma * sigma));
        let sum: f64 = (0..period).map(bell).sum();
        let weights = (0..period).map(|i| bell(i) / sum).collect();
        Bell { weights, window: Recent::new(period) }
    }

    /// Takes a value; gives the mean of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let window = self.window.step(x)?;
        // As in `sliding.rs`: differences, so that a constant stays what it is.
        let anchor = x.anchor();
        let mut sum = L::splat(0.0);
        for (&x, &weight) in window.iter().zip(&self.weights) {
            sum = sum + L::splat(weight) * (x - anchor);
        }
        Some(anchor + sum)
    }
}

/// Weighted sum of the differences to the anchor, and the weights' sum.
#[derive(Clone, Copy)]
pub(crate) struct Weighing<L> {
    sum: L,
    weights: L,
}

impl<L: Lanes> Fold<[L; 2]> for Weighing<L> {
    #[inline(always)]
    fn single([x, weight]: [L; 2], [anchor, _]: [L; 2]) -> Self {
        Weighing { sum: weight * (x - anchor), weights: weight }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        Weighing { sum: older.sum + newer.sum, weights: older.weights + newer.weights }
    }
}

/// The mean of the last `period` values weighted by those of another series, NaN where the weights
/// sum to zero.
pub(crate) struct WeightedBy<L> {
    window: Sliding<[L; 2], Weighing<L>>,
}

clone_in_place!(WeightedBy<L> { window });

impl<L: Lanes> WeightedBy<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        WeightedBy { window: Sliding::new(period) }
    }

    /// Takes a value and its weight; gives the mean of a full window.
    #[inline(always)]
    pub fn step(&mut self, x: L, weight: L) -> Option<L> {
        let (Weighing { sum, weights }, [anchor, _]) = self.window.step([x, weight])?;
        Some(anchor + sum / weights)
    }
}

/// How the last values lie about their mean.
///
/// It costs three operations for each value of the window: the mean moves under all of them.
pub(crate) struct Dispersion<L> {
    sum: Sliding<L, Sum<L>>,
    window: Recent<L>,
    period: f64,
}

clone_in_place!(Dispersion<L> { sum, window, period });

/// What [`Dispersion`] gives.
pub(crate) struct Dispersed<L> {
    pub mean: L,
    /// The newest value less the mean.
    pub away: L,
    /// The mean distance to the mean.
    pub deviation: L,
}

impl<L: Lanes> Dispersion<L> {
    /// A window of `period` values, 1 or more.
    pub fn new(period: usize) -> Self {
        let (sum, window) = (Sliding::new(period), Recent::new(period));
        Dispersion { sum, window, period: period as f64 }
    }

    /// Takes a value; says how a full window lies.
    ///
    /// Distances are taken of differences to the anchor: rounding of the level must not hide a
    /// small spread.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Dispersed<L>> {
        let sum = self.sum.step(x);
        let window = self.window.step(x)?;
        let (Sum(sum), anchor) = sum?;
        let period = L::splat(self.period);
        let centre = sum / period;
        let mut away = L::splat(0.0);
        for x in window {
            away = away + ((*x - anchor) - centre).abs();
        }
        let (mean, deviation) = (anchor + centre, away / period);
        Some(Dispersed { mean, away: (x - anchor) - centre, deviation })
    }
}
