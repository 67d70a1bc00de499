//! A column through its own quantiles: to equal shares, or to a bell curve.

use serde::{Deserialize, Serialize};

use super::normal;
use super::ranks::between;

/// What a column is distributed as, once it went through its quantiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Evenly from 0 to 1.
    #[default]
    Uniform,
    /// As the standard normal distribution.
    Normal,
}

impl Distribution {
    /// The names, as pipeline files write them.
    pub(crate) const NAMES: [(&'static str, Distribution); 2] =
        [("uniform", Distribution::Uniform), ("normal", Distribution::Normal)];
}

/// Shares nearer to 0 or 1 than this are the smallest and the largest value of the fit.
const BOUND: f64 = 1e-7;

/// The share of values below a value, read between quantiles that are evenly spread.
///
/// What is at or beyond the smallest and the largest value of the fit becomes 0 and 1. A value that
/// is several quantiles is in their middle. As scikit-learn's `QuantileTransformer`, but for two
/// things. Its quantiles are rounded, so that one may lie just beside the value that it is, and the
/// middle of equal ones is half a step off. And to a normal distribution, whatever is within 1e-7 of
/// the smallest or largest value is an end there, in any unit of the data.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileMap {
    /// Ascending, from the smallest value to the largest.
    quantiles: Vec<f64>,
    output: Distribution,
}

impl QuantileMap {
    pub(super) fn new(quantiles: &[f64], output: Distribution) -> QuantileMap {
        QuantileMap { quantiles: quantiles.to_vec(), output }
    }

    pub(super) fn apply(&self, x: f64) -> f64 {
        self.distributed(self.share(x))
    }

    /// Which share of the values is below.
    fn share(&self, x: f64) -> f64 {
        if let Some(end) = self.at_end(x) {
            return end;
        }
        if x.is_nan() || self.quantiles.is_empty() {
            return f64::NAN;
        }
        let steps = (self.quantiles.len() - 1) as f64;
        let above = self.quantiles.partition_point(|quantile| *quantile <= x);
        let low = self.quantiles[above - 1];
        if low == x {
            let equal = self.quantiles.partition_point(|quantile| *quantile < x);
            return (equal + above - 1) as f64 / 2.0 / steps;
        }
        let high = self.quantiles[above];
        ((above - 1) as f64 + part(x, low, high)) / steps
    }

    fn at_end(&self, x: f64) -> Option<f64> {
        let (first, last) = (self.quantiles.first()?, self.quantiles.last()?);
        match x {
            _ if x <= *first => Some(0.0),
            _ if x >= *last => Some(1.0),
            _ => None,
        }
    }

    fn distributed(&self, share: f64) -> f64 {
        match self.output {
            Distribution::Uniform => share,
            _ if share.is_nan() => share,
            Distribution::Normal => {
                let end = BOUND - f64::EPSILON;
                normal::quantile(share.clamp(end, 1.0 - end))
            }
        }
    }

    pub(super) fn invert(&self, y: f64) -> f64 {
        let (share, bound) = match self.output {
            Distribution::Uniform => (y, 0.0),
            Distribution::Normal => (normal::share_below(y), BOUND),
        };
        let Some((&first, &last)) = self.quantiles.first().zip(self.quantiles.last()) else {
            return f64::NAN;
        };
        match share {
            _ if share.is_nan() => share,
            _ if share <= bound => first,
            _ if share >= 1.0 - bound => last,
            _ => {
                let place = share * (self.quantiles.len() - 1) as f64;
                let below = place.floor();
                let low = self.quantiles[below as usize];
                let high = *self.quantiles.get(below as usize + 1).unwrap_or(&last);
                between(low, high, place - below)
            }
        }
    }

    /// [`apply`](QuantileMap::apply) as scikit-learn writes it: the mean of two interpolations, one
    /// from the left and one from the right, which differ where quantiles are equal.
    pub(super) fn reference(&self, x: f64) -> f64 {
        if let Some(end) = self.at_end(x) {
            return self.distributed(end);
        }
        let steps = (self.quantiles.len() - 1) as f64;
        let shares: Vec<f64> = (0..self.quantiles.len()).map(|i| i as f64 / steps).collect();
        let turned = |values: &[f64]| -> Vec<f64> { values.iter().rev().map(|x| -x).collect() };
        let left = interpolate(x, &self.quantiles, &shares);
        let right = interpolate(-x, &turned(&self.quantiles), &turned(&shares));
        self.distributed((left - right) / 2.0)
    }
}

/// NumPy's `interp`, for `x` within.
fn interpolate(x: f64, from: &[f64], to: &[f64]) -> f64 {
    let Some(below) = from.iter().rposition(|from| *from <= x) else { return f64::NAN };
    if from[below] == x {
        return to[below];
    }
    to[below] + (to[below + 1] - to[below]) * part(x, from[below], from[below + 1])
}

/// How far `x` is on the way from `low` to `high`, whose difference may be beyond f64.
fn part(x: f64, low: f64, high: f64) -> f64 {
    match high - low {
        gap if gap.is_infinite() => (x / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0),
        gap => (x - low) / gap,
    }
}
