//! What a scaler knows of a column, how two such merge, and what map they give.

use serde::{Deserialize, Serialize};

use super::affine::Affine;
use crate::simd::Lanes;

/// A way to scale columns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Scaler {
    /// To mean 0 and standard deviation 1 (of the population); scikit-learn's `StandardScaler`.
    Standardize,
    /// From smallest and largest value to `low` and `high`; scikit-learn's `MinMaxScaler`.
    MinMax {
        /// What the smallest value becomes.
        low: f64,
        /// What the largest value becomes.
        high: f64,
    },
}

impl Scaler {
    /// The names of the ops, as pipeline files write them.
    pub const NAMES: [&'static str; 2] = ["standardize", "minmax"];

    /// The op's name in a pipeline file.
    pub fn name(&self) -> &'static str {
        match self {
            Scaler::Standardize => "standardize",
            Scaler::MinMax { .. } => "minmax",
        }
    }

    /// Whether its own numbers are in order: a range that goes up, and is finite.
    pub(crate) fn is_sound(&self) -> bool {
        match *self {
            Scaler::Standardize => true,
            Scaler::MinMax { low, high } => low < high && (high - low).is_finite(),
        }
    }

    /// Whether a fit can have given these statistics.
    pub(crate) fn gives(&self, statistics: &Statistics) -> bool {
        let alike = match (self, *statistics) {
            (Scaler::Standardize, Statistics::Moments { count, m2, .. }) => {
                count > 1 || (count == 1 && m2 == 0.0)
            }
            (Scaler::MinMax { .. }, Statistics::Extent { count, min, max }) => {
                count > 1 || (count == 1 && min == max)
            }
            _ => false,
        };
        alike && statistics.is_sound()
    }

    /// The map for a column with these statistics.
    ///
    /// A constant column keeps its unit: its values become 0 (or `low`), and one above them 1.
    ///
    /// # Errors
    ///
    /// In words: no values, or a spread that f64 cannot hold.
    pub fn map(&self, statistics: &Statistics) -> Result<Affine, String> {
        let map = match (self, *statistics) {
            (_, Statistics::Moments { count: 0, .. } | Statistics::Extent { count: 0, .. }) => {
                return Err("has no values, only warm-up and fill".to_owned());
            }
            (Scaler::Standardize, Statistics::Moments { count, mean, m2, .. }) => {
                let deviation = (m2 / count as f64).sqrt();
                Affine { center: mean, factor: 1.0 / unit_if_zero(deviation), low: 0.0 }
            }
            (Scaler::MinMax { low, high }, Statistics::Extent { min, max, .. }) => {
                Affine { center: min, factor: (high - low) / unit_if_zero(max - min), low: *low }
            }
            _ => return Err("was saved with the statistics of another scaler".to_owned()),
        };
        if [map.center, map.factor].iter().all(|x| x.is_finite()) && map.factor != 0.0 {
            Ok(map)
        } else {
            Err(format!("has a spread that f64 cannot scale ({statistics:?})"))
        }
    }
}

fn unit_if_zero(spread: f64) -> f64 {
    if spread == 0.0 { 1.0 } else { spread }
}

/// What was accumulated of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
#[non_exhaustive]
pub enum Statistics {
    /// Mean and sum of squared differences to it.
    Moments {
        /// Number of values.
        count: u64,
        /// Their mean.
        mean: f64,
        /// What the mean loses by being rounded to f64. Far from zero that is as much as the
        /// differences of two means, and merging would carry it into `m2`.
        rest: f64,
        /// Sum of squared differences to the mean.
        m2: f64,
    },
    /// Smallest and largest value.
    Extent {
        /// Number of values.
        count: u64,
        /// The smallest.
        min: f64,
        /// The largest.
        max: f64,
    },
}

impl Statistics {
    /// What a scaler knows of no values.
    pub fn none(scaler: &Scaler) -> Statistics {
        match scaler {
            Scaler::Standardize => Statistics::Moments { count: 0, mean: 0.0, rest: 0.0, m2: 0.0 },
            Scaler::MinMax { .. } => Statistics::Extent { count: 0, min: 0.0, max: 0.0 },
        }
    }

    /// Whether every number is finite, and none contradicts another.
    pub fn is_sound(&self) -> bool {
        match *self {
            Statistics::Moments { mean, rest, m2, .. } => {
                mean.is_finite() && rest.is_finite() && m2.is_finite() && m2 >= 0.0
            }
            Statistics::Extent { count, min, max } => {
                count == 0 || (min.is_finite() && max.is_finite() && min <= max)
            }
        }
    }

    /// The statistics of both together; the order matters to the last bits only.
    ///
    /// Moments after Chan, Golub and LeVeque (1979): equal means stay as they are, so that a
    /// constant column has `m2` exactly 0.
    ///
    /// # Panics
    ///
    /// If they are of two kinds.
    pub fn merge(self, other: Statistics) -> Statistics {
        use Statistics::{Extent, Moments};
        match (self, other) {
            (a, Moments { count: 0, .. } | Extent { count: 0, .. }) => a,
            (Moments { count: 0, .. } | Extent { count: 0, .. }, b) => b,
            (
                Moments { count: n, mean, rest, m2 },
                Moments { count: n_b, mean: mean_b, rest: rest_b, m2: m2_b },
            ) => {
                let share = if n == n_b { 0.5 } else { n_b as f64 / (n + n_b) as f64 };
                let shift = (mean_b - mean) + (rest_b - rest);
                let (mean, rest) = moved(mean, rest, shift * share);
                let m2 = m2 + m2_b + shift * shift * (n as f64 * share);
                Moments { count: n + n_b, mean, rest, m2 }
            }
            (Extent { count, min, max }, Extent { count: count_b, min: min_b, max: max_b }) => {
                let (min, max) = (pick(min, min_b, min_b < min), pick(max, max_b, max_b > max));
                Extent { count: count + count_b, min, max }
            }
            _ => panic!("statistics of two kinds: {self:?} and {other:?}"),
        }
    }
}

/// `mean + rest` moved by `step`, rounded, and what the rounding lost (Knuth's sum of two).
#[inline(always)]
pub(super) fn moved<L: Lanes>(mean: L, rest: L, step: L) -> (L, L) {
    let (sum, lost) = two_sum(mean, step);
    two_sum(sum, lost + rest)
}

#[inline(always)]
fn two_sum<L: Lanes>(a: L, b: L) -> (L, L) {
    let sum = a + b;
    let part = sum - a;
    (sum, (a - (sum - part)) + (b - part))
}

/// `b` if `wins` or NaN, `a` otherwise: a NaN on either side stays.
fn pick(a: f64, b: f64, wins: bool) -> f64 {
    if wins || b.is_nan() { b } else { a }
}

/// Folds the statistics of a group's samples, neighbours first, in an order that only their number
/// decides.
pub(crate) fn fold(samples: &mut [Statistics]) -> Statistics {
    let mut width = 1;
    while width < samples.len() {
        for i in (0..samples.len() - width).step_by(2 * width) {
            samples[i] = samples[i].merge(samples[i + width]);
        }
        width *= 2;
    }
    samples[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fold_of_single_values_is_their_statistics() {
        for n in 1..=8 {
            let mut one: Vec<_> = (0..n)
                .map(|i| Statistics::Moments { count: 1, mean: f64::from(i), rest: 0.0, m2: 0.0 })
                .collect();
            let Statistics::Moments { count, mean, m2, .. } = fold(&mut one) else {
                unreachable!()
            };
            let expected: f64 =
                (0..n).map(|i| (f64::from(i) - f64::from(n - 1) / 2.0).powi(2)).sum();
            assert_eq!(count, n as u64);
            assert!((mean - f64::from(n - 1) / 2.0).abs() < 1e-15 && (m2 - expected).abs() < 1e-13);
        }
    }

    #[test]
    fn a_nan_survives_every_merge() {
        let extent = |min, max| Statistics::Extent { count: 1, min, max };
        let good = extent(1.0, 2.0);
        let bad = extent(f64::NAN, f64::NAN);
        assert!(!good.merge(bad).is_sound() && !bad.merge(good).is_sound());
    }
}
