//! The ways to scale a column, and the map that each makes of its statistics.

use std::fmt::Display;
use std::ops::Not;

use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::exact;
use super::map::Map;
use super::missing::timed;
use super::normal;
use super::power::{self, Method, Power, PowerMap, PowerSearch};
use super::quantile::{Distribution, QuantileMap};
use super::ranks::{self, Place, Ranks};
use super::statistics::{Extent, Moments, Statistics};

/// A way to scale columns.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
#[non_exhaustive]
pub enum Scaler {
    /// To mean 0 and standard deviation 1; scikit-learn's `StandardScaler`.
    Standardize {
        /// Whether to subtract the mean.
        with_mean: bool,
        /// Whether to divide by the standard deviation.
        with_std: bool,
        /// By how much the divisor of the variance is less than the number of values.
        ddof: u64,
        /// Which columns keep their unit.
        #[serde(default, skip_serializing_if = "Constant::is_default")]
        constant: Constant,
    },
    /// From smallest and largest value to `low` and `high`; scikit-learn's `MinMaxScaler`.
    MinMax {
        /// What the smallest value becomes.
        low: f64,
        /// What the largest value becomes.
        high: f64,
        /// Whether values that the fit did not see stay within.
        clip: bool,
    },
    /// So that the largest absolute value becomes 1; scikit-learn's `MaxAbsScaler`.
    MaxAbs {
        /// Whether values that the fit did not see stay within -1 and 1.
        clip: bool,
    },
    /// To median 0 and a distance of 1 between two quantiles; scikit-learn's `RobustScaler`.
    Robust {
        /// The quantiles, in percent; the quartiles are 25 and 75.
        quantiles: [f64; 2],
        /// Whether to subtract the median.
        with_centering: bool,
        /// Whether to divide by the distance of the quantiles.
        with_scaling: bool,
        /// Whether a distance of 1 is that of the quantiles of the standard normal distribution, so
        /// that what is normal gets a deviation of 1.
        #[serde(default, skip_serializing_if = "Not::not")]
        unit_variance: bool,
        /// Whether quantiles are found in one pass, each value within a 256th part of its size.
        #[serde(default, skip_serializing_if = "Not::not")]
        approximate: bool,
    },
    /// To the share of values below; scikit-learn's `QuantileTransformer`, of all values.
    Quantile {
        /// How many quantiles, from 2 to 10,000: no more than there are values.
        quantiles: u64,
        /// What the shares are distributed as.
        output: Distribution,
        /// Whether quantiles are found in one pass, each value within a 256th part of its size.
        #[serde(default, skip_serializing_if = "Not::not")]
        approximate: bool,
    },
    /// To a power that makes values as normal as it can; scikit-learn's `PowerTransformer`.
    Power {
        /// The family of powers.
        method: Method,
        /// Whether to scale the powers to mean 0 and standard deviation 1.
        standardize: bool,
    },
}

/// Which columns count as constant, and so keep their unit where `standardize` divides by the standard
/// deviation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Constant {
    /// Those whose values are all equal.
    #[default]
    Equal,
    /// Those whose deviation may be rounding of the mean, as scikit-learn has it: a variance of at
    /// most `n * eps * variance + (n * eps * mean)²` over `n` values, `eps` being 2⁻⁵².
    Near,
}

impl Constant {
    /// The names, as pipeline files write them.
    pub(crate) const NAMES: [(&'static str, Constant); 2] =
        [("equal", Constant::Equal), ("near", Constant::Near)];

    fn is_default(&self) -> bool {
        *self == Constant::default()
    }

    /// The unit of `count` values, or of such a weight, with that mean and deviation.
    fn unit(self, count: f64, mean: f64, deviation: f64) -> f64 {
        let variance = deviation * deviation;
        let rounding = count * f64::EPSILON * mean;
        let most = count * f64::EPSILON * variance + rounding * rounding;
        let near = self == Constant::Near && variance <= most;
        if near { 1.0 } else { unit(deviation) }
    }
}

impl Scaler {
    /// What a mean is read off, and nothing else is done.
    pub(crate) const MEAN: Scaler = Scaler::Standardize {
        with_mean: true,
        with_std: false,
        ddof: 0,
        constant: Constant::Equal,
    };

    /// The names of the ops, as pipeline files write them.
    pub const NAMES: [&'static str; 6] =
        ["standardize", "minmax", "maxabs", "robust", "quantile", "power"];

    /// The op's name in a pipeline file.
    pub fn name(&self) -> &'static str {
        match self {
            Scaler::Standardize { .. } => "standardize",
            Scaler::MinMax { .. } => "minmax",
            Scaler::MaxAbs { .. } => "maxabs",
            Scaler::Robust { .. } => "robust",
            Scaler::Quantile { .. } => "quantile",
            Scaler::Power { .. } => "power",
        }
    }

    /// Whether its maps are no straight lines.
    pub(crate) fn bends(&self) -> bool {
        matches!(self, Scaler::Quantile { .. } | Scaler::Power { .. })
    }

    /// Whether it looks at quantiles.
    fn has_quantiles(&self) -> bool {
        matches!(self, Scaler::Robust { .. } | Scaler::Quantile { .. })
    }

    /// Whether its quantiles are not exact.
    pub(crate) fn is_approximate(&self) -> bool {
        matches!(
            self,
            Scaler::Robust { approximate: true, .. } | Scaler::Quantile { approximate: true, .. }
        )
    }

    /// Whether values may count more or less than once in its fit.
    pub(crate) fn takes_weights(&self) -> bool {
        matches!(self, Scaler::Standardize { .. })
    }

    /// Whether its own numbers are in order: a range that goes up, and is finite.
    pub(crate) fn is_sound(&self) -> bool {
        match *self {
            Scaler::MinMax { low, high, .. } => low < high && (high - low).is_finite(),
            Scaler::Robust { quantiles: [low, high], unit_variance, .. } => {
                // The ends of a normal distribution are infinitely far.
                let ends = unit_variance && (low == 0.0 || high == 100.0);
                0.0 <= low && low < high && high <= 100.0 && !ends
            }
            Scaler::Quantile { quantiles, .. } => (2..=10_000).contains(&quantiles),
            Scaler::Standardize { .. } | Scaler::MaxAbs { .. } | Scaler::Power { .. } => true,
        }
    }

    /// What it knows of no values.
    pub fn start(&self) -> Statistics {
        match self {
            Scaler::Standardize { .. } => Statistics::Moments(Moments::default()),
            Scaler::MinMax { .. } | Scaler::MaxAbs { .. } => Statistics::Extent(Extent::default()),
            Scaler::Robust { .. } | Scaler::Quantile { .. } => {
                let digit = if self.is_approximate() { ranks::COARSE } else { ranks::DIGIT };
                Statistics::Ranks(Ranks::new(digit))
            }
            Scaler::Power { method, .. } => Statistics::PowerSearch(PowerSearch::new(*method)),
        }
    }

    /// The same in less memory, for one of many: a timestep.
    pub(crate) fn start_narrow(&self) -> Statistics {
        match self {
            Scaler::Robust { .. } => Statistics::Ranks(Ranks::new(ranks::NARROW)),
            _ => self.start(),
        }
    }

    /// How many passes over the data its statistics take, at most.
    pub fn passes(&self) -> usize {
        self.passes_of(ranks::DIGIT)
    }

    /// How many passes those take that begin in less memory.
    pub(crate) fn passes_narrow(&self) -> usize {
        self.passes_of(ranks::NARROW)
    }

    fn passes_of(&self, digit: u32) -> usize {
        match self {
            _ if self.is_approximate() => 1,
            Scaler::Robust { .. } => ranks::passes(self.percents().len(), digit),
            Scaler::Quantile { quantiles, .. } => ranks::passes(*quantiles as usize, digit),
            Scaler::Power { .. } => power::PASSES,
            _ => 1,
        }
    }

    /// Where the quantiles that it looks at stand among so many values.
    pub(super) fn places(&self, count: u64) -> Vec<Place> {
        match *self {
            _ if count == 0 => Vec::new(),
            Scaler::Quantile { quantiles, .. } => {
                let quantiles = quantiles.min(count);
                (0..quantiles).map(|index| Place::of_even(index, quantiles, count)).collect()
            }
            _ => self.percents().iter().map(|&at| Place::of_percent(at, count)).collect(),
        }
    }

    /// Ends a pass over all values; whether no other is needed.
    ///
    /// # Errors
    ///
    /// In words: this pass saw other values than those before, or some that cannot be scaled so.
    pub(crate) fn end_pass(&self, statistics: &mut Statistics) -> Result<bool, String> {
        let Statistics::Timesteps(each) = statistics else {
            return statistics.end_pass(&self.places(statistics.count()));
        };
        let mut done = true;
        for (timestep, of) in each.iter_mut().enumerate() {
            let ended = of.end_pass(&self.places(of.count()));
            done &= ended.map_err(|problem| timed(problem, timestep))?;
        }
        Ok(done)
    }

    /// Bytes that its statistics take while they are accumulated, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Scaler::Standardize { .. } => 2 * exact::BYTES,
            Scaler::MinMax { .. } | Scaler::MaxAbs { .. } => size_of::<Extent>(),
            _ if self.is_approximate() => ranks::MOST_BYTES,
            // The two neighbours of a quantile mostly begin alike.
            Scaler::Robust { .. } => self.percents().len() * ranks::BYTES,
            Scaler::Quantile { .. } => ranks::MOST_BYTES,
            Scaler::Power { .. } => 5 * exact::BYTES,
        }
    }

    /// Bytes that they take at the end, with the map, at most: saved ones may be of any kind.
    pub(crate) fn fitted_bytes(&self) -> usize {
        let sums = 2 * exact::BYTES + size_of::<Map>() + size_of::<Statistics>();
        match *self {
            Scaler::Quantile { quantiles, .. } => sums + 2 * size_of::<f64>() * quantiles as usize,
            _ => sums,
        }
    }

    /// Bytes that its statistics of one of many timesteps take, about.
    pub(crate) fn bytes_narrow(&self) -> usize {
        match self {
            Scaler::Robust { .. } => 2 * self.percents().len() * ranks::NARROW_BYTES,
            _ => self.bytes(),
        }
    }

    /// The quantiles that it looks at, in percent.
    fn percents(&self) -> Vec<f64> {
        match *self {
            Scaler::Robust { quantiles: [low, high], .. } => {
                let mut percents = vec![low, 50.0, high];
                percents.sort_by(f64::total_cmp);
                percents
            }
            _ => Vec::new(),
        }
    }

    /// Whether a fit under way can have these statistics.
    pub(crate) fn takes(&self, statistics: &Statistics) -> bool {
        match statistics {
            Statistics::Timesteps(each) => each.iter().all(|of| self.takes_one(of)),
            _ => self.takes_one(statistics),
        }
    }

    fn takes_one(&self, statistics: &Statistics) -> bool {
        let alike = match statistics {
            Statistics::Quantiles(_) => self.has_quantiles(),
            Statistics::Ranks(ranks) => {
                self.has_quantiles() && ranks.is_coarse() == self.is_approximate()
            }
            Statistics::PowerSearch(search) => {
                matches!(self, Scaler::Power { method, .. } if *method == search.method)
            }
            Statistics::Power(_) => matches!(self, Scaler::Power { .. }),
            _ => std::mem::discriminant(&self.start()) == std::mem::discriminant(statistics),
        };
        alike && statistics.is_sound(&self.places(statistics.count()))
    }

    /// Whether a fit can have given these statistics.
    pub(crate) fn gives(&self, statistics: &Statistics) -> bool {
        self.takes(statistics) && !statistics.is_under_way()
    }

    /// The map for a column with these statistics.
    ///
    /// A constant column keeps its unit: its values become 0 (or `low`), and one above them 1.
    ///
    /// # Errors
    ///
    /// In words: too few values, or a spread that f64 cannot hold.
    pub fn map(&self, statistics: &Statistics) -> Result<Map, String> {
        if statistics.count() == 0 {
            return Err(EMPTY.to_owned());
        }
        let map = match (*self, statistics) {
            (Scaler::Standardize { with_std, ddof, .. }, Statistics::Moments(moments)) => {
                let (count, mean) = (moments.count(), moments.mean());
                if moments.is_weighted() && with_std && !moments.total().exceeds(ddof) {
                    return Err(format!("has weights of {ddof} or less in all; `ddof` = {ddof}"));
                }
                let deviation = |ddof| moments.deviation(ddof);
                return self.standard(count, moments.weight(), mean, deviation).map(Map::Affine);
            }
            (Scaler::MinMax { low, high, clip }, Statistics::Extent(Extent { min, max, .. })) => {
                let factor = (high - low) / unit(max - min);
                Affine { center: *min, factor, low, clip: clip.then_some([low, high]) }
            }
            (Scaler::MaxAbs { clip }, Statistics::Extent(Extent { min, max, .. })) => {
                let factor = 1.0 / unit(max.max(-min));
                Affine { clip: clip.then_some([-1.0, 1.0]), ..Affine::new(0.0, factor) }
            }
            (
                Scaler::Robust {
                    quantiles: [low, high],
                    with_centering,
                    with_scaling,
                    unit_variance,
                    ..
                },
                Statistics::Quantiles(quantiles),
            ) => {
                let percents = self.percents();
                let at = |percent: f64| {
                    let place = percents.iter().position(|other| *other == percent);
                    quantiles.quantiles[place.expect("one of its own")]
                };
                let center = if with_centering { at(50.0) } else { 0.0 };
                let normal = |percent: f64| normal::quantile(percent / 100.0);
                let one = if unit_variance { normal(high) - normal(low) } else { 1.0 };
                let unit = if with_scaling { unit((at(high) - at(low)) / one) } else { 1.0 };
                Affine::new(center, 1.0 / unit)
            }
            (Scaler::Quantile { output, .. }, Statistics::Quantiles(found)) => {
                return Ok(Map::Quantile(QuantileMap::new(&found.quantiles, output).into()));
            }
            (Scaler::Power { method, standardize }, Statistics::Power(power)) => {
                let Power { lambda, anchor, mean, deviation, .. } = *power;
                if method == Method::BoxCox && anchor.is_some_and(|anchor| anchor <= 0.0) {
                    return Err("was saved with the anchor of another method".to_owned());
                }
                let (anchor, then) = match standardize {
                    true => (anchor, Affine::new(mean, 1.0 / unit(deviation))),
                    false => (None, Affine::new(0.0, 1.0)),
                };
                let then = checked(then, statistics)?;
                return Ok(Map::Power(PowerMap { method, lambda, anchor, then }));
            }
            _ => return Err("was saved with the statistics of another scaler".to_owned()),
        };
        checked(map, statistics).map(Map::Affine)
    }

    /// The line of `standardize` for so many values of that weight with this mean, and with the
    /// deviation of that `ddof`.
    ///
    /// # Errors
    ///
    /// As [`map`](Scaler::map).
    pub(super) fn standard(
        &self,
        count: u64,
        weight: f64,
        mean: f64,
        deviation: impl FnOnce(u64) -> f64,
    ) -> Result<Affine, String> {
        let Scaler::Standardize { with_mean, with_std, ddof, constant } = *self else {
            return Err("has no mean".to_owned());
        };
        let deviation = if with_std { deviation(ddof) } else { 1.0 };
        if with_std && count <= ddof && deviation.is_nan() {
            let least = ddof.saturating_add(1);
            return Err(format!("has {count} values; `ddof` = {ddof} needs {least}"));
        }
        if count == 0 {
            return Err(EMPTY.to_owned());
        }
        let center = if with_mean { mean } else { 0.0 };
        let unit = constant.unit(weight, mean, deviation);
        let of = format_args!("mean {mean:?}, deviation {deviation:?}");
        checked(Affine::new(center, 1.0 / unit), of)
    }
}

const EMPTY: &str = "has no values";

/// The map, if f64 can hold it: a factor below the normal numbers has lost bits.
fn checked(map: Affine, of: impl Display) -> Result<Affine, String> {
    match map.center.is_finite() && map.factor.is_normal() {
        true => Ok(map),
        false => Err(format!("has a spread that f64 cannot scale ({of})")),
    }
}

/// The spread as a unit: 1 if there is none.
fn unit(spread: f64) -> f64 {
    if spread == 0.0 { 1.0 } else { spread }
}
