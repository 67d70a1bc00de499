//! What a scaler knows of a column, and how two such merge.

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::exact::{self, Exact, Total};
use super::missing::timed;
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
    /// Of each timestep by itself; none before the first sample.
    Timesteps(Vec<Statistics>),
}

/// The sums that mean and variance are made of.
///
/// Each sample is accumulated in f64, against anchors of its own, with a relative error of its
/// variance far below 1e-13; from there on nothing is rounded until the mean or deviation is read.
/// With weights nothing is rounded before.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moments {
    count: u64,
    sum: Exact,
    squares: Exact,
    /// The sum of the weights, where values have some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weight: Option<Exact>,
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
            if text.starts_with('[') {
                let each: Vec<OfTimestep> = serde_json::from_str(text)?;
                return Ok(Statistics::Timesteps(each.into_iter().map(|of| of.0).collect()));
            }
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
        read().map_err(within)
    }
}

/// An error in a part of a text. The place would be one in that part; who calls adds that in the
/// whole.
pub(crate) fn within<E: serde::de::Error>(error: serde_json::Error) -> E {
    let problem = error.to_string();
    E::custom(problem.rsplit_once(" at line ").map_or(&*problem, |(what, _)| what))
}

/// Statistics of one of many timesteps, which are refused before the next is read where they would
/// take more memory than such a fit takes.
struct OfTimestep(Statistics);

impl<'de> Deserialize<'de> for OfTimestep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OfTimestep, D::Error> {
        match Statistics::deserialize(deserializer)? {
            Statistics::Timesteps(_) => Err(D::Error::custom("timesteps of a timestep")),
            Statistics::Ranks(ranks) if !ranks.is_narrow() => {
                Err(D::Error::custom("counts of a timestep that are those of a whole column"))
            }
            of => Ok(OfTimestep(of)),
        }
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
            Statistics::Timesteps(each) => {
                each.iter().fold(0, |sum, of| sum.saturating_add(of.count()))
            }
        }
    }

    /// What is to be accumulated in this pass, of no values yet.
    pub(crate) fn fresh(&self) -> Statistics {
        match self {
            Statistics::Moments(_) => Statistics::Moments(Moments::default()),
            Statistics::Extent(_) => Statistics::Extent(Extent::default()),
            Statistics::Ranks(ranks) => Statistics::Ranks(ranks.fresh()),
            Statistics::PowerSearch(search) => Statistics::PowerSearch(search.fresh()),
            Statistics::Timesteps(each) => {
                Statistics::Timesteps(each.iter().map(Statistics::fresh).collect())
            }
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
            // They are asked one by one, and are not of others.
            Statistics::Timesteps(_) => false,
        }
    }

    /// Whether they can be those after `done` passes.
    pub(crate) fn stands(&self, done: usize) -> bool {
        match self {
            Statistics::Moments(_) | Statistics::Extent(_) => true,
            Statistics::Ranks(ranks) => ranks.stands(done),
            Statistics::PowerSearch(search) => search.stands(done),
            Statistics::Quantiles(_) | Statistics::Power(_) => done > 0,
            Statistics::Timesteps(each) => each.iter().all(|of| of.stands(done)),
        }
    }

    /// Whether some of them are before the last pass over the values.
    pub(super) fn is_under_way(&self) -> bool {
        match self {
            Statistics::Timesteps(each) => each.iter().any(Statistics::is_under_way),
            _ => matches!(self, Statistics::Ranks(_) | Statistics::PowerSearch(_)),
        }
    }

    /// Whether nothing is to be added after `done` passes; none of scalers that have yet to begin.
    pub(crate) fn is_whole(&self, done: Option<usize>) -> bool {
        done.is_some_and(|done| done > 0) && !self.is_under_way()
    }

    /// Adds those of other values.
    ///
    /// # Errors
    ///
    /// In words: statistics of another kind, quantiles or powers that are found, and so have
    /// lost what they were found from, or of another pass.
    pub fn merge(&mut self, other: &Statistics) -> Result<(), String> {
        match (self, other) {
            (Statistics::Moments(a), Statistics::Moments(b)) => return a.merge(b),
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
            (Statistics::Timesteps(a), Statistics::Timesteps(b)) => return merge_each(a, b),
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

    /// Adds a finite value at a timestep, by the definition.
    pub(crate) fn push_at(&mut self, timestep: usize, x: f64) {
        match self {
            Statistics::Timesteps(each) => each[timestep].push_value(x),
            _ => self.push_value(x),
        }
    }

    /// Adds a finite value at a timestep as often as its weight says.
    pub(crate) fn push_weighted(&mut self, timestep: usize, x: f64, weight: f64) {
        match self {
            Statistics::Moments(moments) => moments.push_weighted(x, weight),
            Statistics::Timesteps(each) => each[timestep].push_weighted(timestep, x, weight),
            other => unreachable!("weights of {other:?}"),
        }
    }

    /// The same, of values that have weights.
    pub(crate) fn weighted(mut self) -> Statistics {
        match &mut self {
            Statistics::Moments(moments) => moments.weight = Some(Exact::new()),
            Statistics::Timesteps(each) => {
                each.iter_mut().for_each(|of| *of = of.clone().weighted());
            }
            _ => {}
        }
        self
    }

    /// Adds a finite value, by the definition.
    pub(crate) fn push_value(&mut self, x: f64) {
        match self {
            Statistics::Moments(moments) => moments.push_value(x),
            Statistics::Extent(extent) => {
                extent.merge(Extent { count: 1, min: x + 0.0, max: x + 0.0 });
            }
            Statistics::Ranks(ranks) => ranks.push(x),
            Statistics::PowerSearch(search) => search.push(x),
            Statistics::Quantiles(_) | Statistics::Power(_) => {}
            Statistics::Timesteps(_) => unreachable!("values of a timestep"),
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

/// Adds those of other samples, timestep by timestep.
fn merge_each(a: &mut Vec<Statistics>, b: &[Statistics]) -> Result<(), String> {
    if a.is_empty() {
        a.extend_from_slice(b);
        return Ok(());
    }
    if !b.is_empty() && a.len() != b.len() {
        let (a, b) = (a.len(), b.len());
        return Err(format!("has {b} timesteps in some samples and {a} in others"));
    }
    for (timestep, (a, b)) in a.iter_mut().zip(b).enumerate() {
        // Some timesteps are done before others.
        let done = matches!(a, Statistics::Quantiles(_)) && a == b;
        if !done {
            a.merge(b).map_err(|problem| timed(problem, timestep))?;
        }
    }
    Ok(())
}

impl Moments {
    /// Number of values.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean: that of these sums, rounded once; NaN of no values.
    pub fn mean(&self) -> f64 {
        if self.count == 0 { f64::NAN } else { exact::mean(&self.sum, &self.total()) }
    }

    /// By what the sums are divided: the number of values, or the sum of their weights.
    pub(super) fn total(&self) -> Total {
        match &self.weight {
            None => Total::of_count(self.count),
            Some(weight) => Total::of_weights(weight),
        }
    }

    /// The sum and the sum of squares.
    pub(super) fn sums(&self) -> [&Exact; 2] {
        [&self.sum, &self.squares]
    }

    /// The sum of the weights: without, the number of values.
    pub fn weight(&self) -> f64 {
        match &self.weight {
            None => self.count as f64,
            Some(weight) => exact::mean(weight, &Total::of_count(1)),
        }
    }

    /// Whether its values have weights.
    pub fn is_weighted(&self) -> bool {
        self.weight.is_some()
    }

    /// Their standard deviation: that of these sums, rounded once. The root of the squared differences
    /// to the mean, divided by the count, or the sum of weights, less `ddof`. NaN of too few values.
    pub fn deviation(&self, ddof: u64) -> f64 {
        let total = self.total();
        if !total.exceeds(ddof) {
            return f64::NAN;
        }
        exact::deviation(&self.sum, &self.squares, &total, ddof)
    }

    fn is_sound(&self) -> bool {
        let zero = Exact::new();
        let weight = self.weight.as_ref();
        match self.count {
            0 => {
                [Some(&self.sum), Some(&self.squares), weight].iter().flatten().all(|x| **x == zero)
            }
            _ => {
                weight.is_none_or(Exact::is_positive)
                    && exact::agree(&self.sum, &self.squares, &self.total())
            }
        }
    }

    /// Adds a finite value.
    fn push_value(&mut self, x: f64) {
        self.count += 1;
        self.sum.add(x);
        self.squares.add_product(1, x, x);
    }

    /// Adds a finite value as often as its weight says, which is not zero.
    fn push_weighted(&mut self, x: f64, weight: f64) {
        self.count += 1;
        self.sum.add_weighted(weight, x, 1.0);
        self.squares.add_weighted(weight, x, x);
        self.weight.get_or_insert_with(Exact::new).add(weight);
    }

    fn merge(&mut self, other: &Moments) -> Result<(), String> {
        match (&mut self.weight, &other.weight) {
            _ if other.count == 0 => return Ok(()),
            (own, more) if self.count == 0 => own.clone_from(more),
            (None, None) => {}
            (Some(own), Some(more)) => own.merge(more),
            _ => return Err("has weights in some samples and none in others".to_owned()),
        }
        // Saved counts may say anything.
        self.count = self.count.saturating_add(other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        Ok(())
    }

    // One part by one: those of eight samples at once, term by term in registers as long as they belong
    // to one place, took 1.0 to 1.1 times as long.
    fn push(&mut self, MomentsPart { count, mean, rest, m2, .. }: MomentsPart) {
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
    /// Whether values differ, where `m2` is too small to tell.
    pub uneven: bool,
}

impl MomentsPart {
    /// Below it `m2` has lost digits to underflow, if it is not that of equal values.
    pub const LEAST: f64 = 1e-280;
}

impl Part {
    /// Whether f64 could hold every sum: all are finite, and no square is lost that counts.
    pub fn is_sound(&self) -> bool {
        match *self {
            Part::Moments(MomentsPart { mean, rest, m2, uneven, .. }) => {
                let lost = uneven && m2 < MomentsPart::LEAST;
                mean.is_finite() && rest.is_finite() && m2.is_finite() && !lost
            }
            Part::Extent(extent) => extent.count == 0 || extent.is_sound(),
            Part::Pushed { sound } => sound,
        }
    }
}
