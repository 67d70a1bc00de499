//! What a scaler knows of a column, and how two such merge.

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::exact::{self, Exact};
use super::power::{Power, PowerSearch};
use super::ranks::{Place, Quantiles, Ranks};

/// What was accumulated of a column.
///
/// Merging is exact: in whatever order and grouping samples come together, the bits are the same.
/// In JSON each kind is known by its fields.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Statistics {
    /// Of [`Scaler::Standardize`](super::Scaler::Standardize).
    Moments(Moments),
    /// Of scalers that look at the smallest and largest value.
    Extent(Extent),
    /// Of scalers that look at quantiles, before the last pass over the values.
    Ranks(Ranks),
    /// After it.
    Quantiles(Quantiles),
    /// Of [`Scaler::Power`](super::Scaler::Power), before the last pass over the values.
    PowerSearch(PowerSearch),
    /// After it.
    Power(Power),
}

/// The sums that mean and variance are made of.
///
/// Each sample is accumulated in f64, against anchors of its own, with a relative error of its
/// variance far below 1e-13; from there on nothing is rounded until the mean or deviation is read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    count: u64,
    sum: Exact,
    squares: Exact,
}

/// Smallest and largest value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extent {
    /// Number of values.
    pub count: u64,
    /// The smallest; 0 of no values.
    pub min: f64,
    /// The largest; 0 of no values.
    pub max: f64,
}

/// Fields that only one kind of statistics has.
#[derive(Deserialize)]
struct Kind {
    min: Option<IgnoredAny>,
    counts: Option<IgnoredAny>,
    quantiles: Option<IgnoredAny>,
    logs: Option<IgnoredAny>,
    lambda: Option<IgnoredAny>,
}

/// What serde derives for `untagged` keeps all it reads, in up to forty times the memory of the text.
impl<'de> Deserialize<'de> for Statistics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Statistics, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let text = text.get();
        let read = || {
            Ok(match serde_json::from_str(text)? {
                Kind { logs: Some(_), .. } => Statistics::PowerSearch(serde_json::from_str(text)?),
                Kind { lambda: Some(_), .. } => Statistics::Power(serde_json::from_str(text)?),
                Kind { counts: Some(_), .. } => Statistics::Ranks(serde_json::from_str(text)?),
                Kind { quantiles: Some(_), .. } => {
                    Statistics::Quantiles(serde_json::from_str(text)?)
                }
                Kind { min: Some(_), .. } => Statistics::Extent(serde_json::from_str(text)?),
                _ => Statistics::Moments(serde_json::from_str(text)?),
            })
        };
        read().map_err(|error: serde_json::Error| {
            // The place would be one in this text; who calls adds that in the whole.
            let problem = error.to_string();
            let problem = problem.rsplit_once(" at line ").map_or(&*problem, |(what, _)| what);
            D::Error::custom(problem)
        })
    }
}

impl Statistics {
    /// Number of values.
    pub fn count(&self) -> u64 {
        match self {
            Statistics::Moments(moments) => moments.count,
            Statistics::Extent(extent) => extent.count,
            Statistics::Ranks(ranks) => ranks.count,
            Statistics::Quantiles(quantiles) => quantiles.count,
            Statistics::PowerSearch(search) => search.count,
            Statistics::Power(power) => power.count,
        }
    }

    /// What is to be accumulated in this pass, of no values yet.
    pub(crate) fn fresh(&self) -> Statistics {
        match self {
            Statistics::Moments(_) => Statistics::Moments(Moments::default()),
            Statistics::Extent(_) => Statistics::Extent(Extent::default()),
            Statistics::Ranks(ranks) => Statistics::Ranks(ranks.fresh()),
            Statistics::PowerSearch(search) => Statistics::PowerSearch(search.fresh()),
            Statistics::Quantiles(_) | Statistics::Power(_) => self.clone(),
        }
    }

    /// Whether they are those of some finite values; `places` are those of the wanted
    /// quantiles.
    pub(super) fn is_sound(&self, places: &[Place]) -> bool {
        match self {
            Statistics::Moments(moments) => moments.is_sound(),
            Statistics::Extent(extent) => extent.is_sound(),
            Statistics::Ranks(ranks) => ranks.is_sound(places),
            Statistics::Quantiles(quantiles) => quantiles.is_sound(places),
            Statistics::PowerSearch(search) => search.is_sound(),
            Statistics::Power(power) => power.is_sound(),
        }
    }

    /// Whether they can be those after `done` passes.
    pub(crate) fn stands(&self, done: usize) -> bool {
        match self {
            Statistics::Moments(_) | Statistics::Extent(_) => true,
            Statistics::Ranks(ranks) => ranks.stands(done),
            Statistics::PowerSearch(search) => search.stands(done),
            Statistics::Quantiles(_) | Statistics::Power(_) => done > 0,
        }
    }

    /// Whether nothing is to be added after `done` passes; none of scalers that have yet to begin.
    pub(crate) fn is_whole(&self, done: Option<usize>) -> bool {
        let under_way = matches!(self, Statistics::Ranks(_) | Statistics::PowerSearch(_));
        done.is_some_and(|done| done > 0) && !under_way
    }

    /// Adds those of other values.
    ///
    /// # Errors
    ///
    /// In words: statistics of another kind, quantiles or powers that are found, and so have
    /// lost what they were found from, or of another pass.
    pub fn merge(&mut self, other: &Statistics) -> Result<(), String> {
        match (self, other) {
            (Statistics::Moments(a), Statistics::Moments(b)) => a.merge(b),
            (Statistics::Extent(a), Statistics::Extent(b)) => a.merge(*b),
            (Statistics::Ranks(a), Statistics::Ranks(b)) if a.goes_with(b) => a.merge(b),
            (Statistics::Quantiles(_), Statistics::Quantiles(_)) => {
                return Err("has quantiles, which are of all values at once".to_owned());
            }
            (Statistics::PowerSearch(a), Statistics::PowerSearch(b)) if a.goes_with(b) => {
                a.merge(b);
            }
            (Statistics::Power(_), Statistics::Power(_)) => {
                return Err("has a power, which is of all values at once".to_owned());
            }
            (Statistics::Ranks(_), Statistics::Ranks(_))
            | (Statistics::PowerSearch(_), Statistics::PowerSearch(_)) => {
                return Err("is in another pass".to_owned());
            }
            _ => return Err("has statistics of another kind".to_owned()),
        }
        Ok(())
    }

    /// Adds a part of the data.
    pub(crate) fn push(&mut self, part: Part) {
        match (self, part) {
            (Statistics::Moments(moments), Part::Moments(part)) => moments.push(part),
            (Statistics::Extent(extent), Part::Extent(part)) => extent.merge(part),
            (_, Part::Pushed { .. }) => {}
            (a, b) => panic!("statistics of two kinds: {a:?} and {b:?}"),
        }
    }

    /// Adds a finite value, by the definition.
    pub(crate) fn push_value(&mut self, x: f64) {
        match self {
            Statistics::Moments(moments) => {
                moments.count += 1;
                moments.sum.add(x);
                moments.squares.add_product(1, x, x);
            }
            Statistics::Extent(extent) => {
                extent.merge(Extent { count: 1, min: x + 0.0, max: x + 0.0 });
            }
            Statistics::Ranks(ranks) => ranks.push(x),
            Statistics::PowerSearch(search) => search.push(x),
            Statistics::Quantiles(_) | Statistics::Power(_) => {}
        }
    }

    /// Ends a pass over all values; whether no other is needed.
    ///
    /// # Errors
    ///
    /// In words: this pass saw other values than those before, or some that cannot be scaled so.
    pub(super) fn end_pass(&mut self, places: &[Place]) -> Result<bool, String> {
        let found = match self {
            Statistics::Ranks(ranks) => ranks.end_pass(places)?.map(Statistics::Quantiles),
            Statistics::PowerSearch(search) => search.end_pass()?.map(Statistics::Power),
            _ => return Ok(true),
        };
        let done = found.is_some();
        if let Some(found) = found {
            *self = found;
        }
        Ok(done)
    }
}

impl Moments {
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean, rounded once; NaN of no values.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { exact::mean(&self.sum, self.count) }
    }

    /// Their standard deviation, rounded once: the root of the squared differences to the mean,
    /// divided by the count less `ddof`. NaN of too few values.
    pub fn deviation(&self, ddof: u64) -> f64 {
        if self.count <= ddof {
            return f64::NAN;
        }
        exact::deviation(&self.sum, &self.squares, self.count, ddof)
    }

    fn is_sound(&self) -> bool {
        match self.count {
            0 => self.sum == Exact::new() && self.squares == Exact::new(),
            count => exact::agree(&self.sum, &self.squares, count),
        }
    }

    fn merge(&mut self, other: &Moments) {
        // Saved counts may say anything.
        self.count = self.count.saturating_add(other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    fn push(&mut self, MomentsPart { count, mean, rest, m2 }: MomentsPart) {
        // Where squares underflow, so that their sum is too small for the mean's rest, that goes.
        let rest = if m2 < 1e-280 { 0.0 } else { rest };
        let times = count as f64;
        let (lost, within) = (times * rest, m2 + times * (rest * rest));
        self.count = self.count.saturating_add(count);
        self.sum.add_times(count, mean);
        self.squares.add_product(count, mean, mean);
        if m2 > 0.0 {
            self.sum.add(lost);
            self.squares.add_product(2, mean, lost);
            self.squares.add(within);
        }
    }
}

impl Extent {
    fn is_sound(&self) -> bool {
        match self.count {
            0 => (self.min, self.max) == (0.0, 0.0),
            1 => self.min.is_finite() && self.min == self.max,
            _ => self.min.is_finite() && self.max.is_finite() && self.min <= self.max,
        }
    }

    fn merge(&mut self, other: Extent) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = other;
            return;
        }
        self.count = self.count.saturating_add(other.count);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// The statistics of one sample of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
    Moments(MomentsPart),
    Extent(Extent),
    /// Of statistics that take value by value, and have them already.
    Pushed {
        sound: bool,
    },
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct MomentsPart {
    /// Number of values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// What the mean loses by being rounded to f64.
    pub rest: f64,
    /// Sum of squared differences to the mean.
    pub m2: f64,
}

impl Part {
    /// Whether every number is finite.
    pub fn is_sound(&self) -> bool {
        match *self {
            Part::Moments(MomentsPart { mean, rest, m2, .. }) => {
                mean.is_finite() && rest.is_finite() && m2.is_finite()
            }
            Part::Extent(extent) => extent.count == 0 || extent.is_sound(),
            Part::Pushed { sound } => sound,
        }
    }
}
