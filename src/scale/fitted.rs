//! A fitted scaler that stands alone, without a pipeline.

use std::ops::Range;

use bytemuck::cast_slice;
use ndarray::{Array3, ArrayView1, ArrayView2, ArrayView3, Axis, Zip, s};
use serde::{Deserialize, Serialize};

use super::lanes::LaneStatistics;
use super::map::Map;
use super::missing::Missing;
use super::scaler::Scaler;
use super::statistics::Statistics;
use super::weights::Weights;
use crate::batch::{
    Aligned, AnyBatch, Element, GROUP, Samples, TileReader, filled, over_spans, with_batch,
};
use crate::error::{Error, Line, Result, shown};
use crate::saved::Format;
use crate::simd::{Lanes, Level, Task};

/// A scaler that knows its features.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedScaler {
    scaler: Scaler,
    missing: Missing,
    statistics: Vec<Statistics>,
    maps: Vec<Map>,
}

/// How a fitted scaler is saved.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    version: u32,
    scaler: Scaler,
    nan: Missing,
    features: Vec<Statistics>,
}

const FORMAT: Format =
    Format { name: "windrow scaler", version: 2, what: "scaler", writer: "`to_json`" };

impl FittedScaler {
    pub(super) fn fit(scaler: Scaler, missing: Missing, x: &AnyBatch<'_>) -> Result<Self> {
        let mut statistics = vec![scaler.start(); x.dim().2];
        let mut wanted: Vec<usize> = (0..statistics.len()).collect();
        while !wanted.is_empty() {
            let total = with_batch!(x, |x| pass((&scaler, missing), &statistics, &wanted, x))?;
            let mut next = Vec::new();
            for (feature, total) in wanted.into_iter().zip(total) {
                statistics[feature] = total;
                let ended = scaler.end_pass(&mut statistics[feature]);
                if !ended.map_err(|problem| unfit(&scaler, feature, problem))? {
                    next.push(feature);
                }
            }
            wanted = next;
        }
        Self::new(scaler, missing, statistics)
    }

    /// Of a scaler that takes weights.
    pub(super) fn fit_weighted(
        scaler: Scaler,
        missing: Missing,
        x: &AnyBatch<'_>,
        weights: ArrayView2<'_, f64>,
    ) -> Result<Self> {
        let weights = Weights::new(weights, x.dim())?;
        let total = with_batch!(x, |x| weighted((&scaler, missing), x, &weights))?;
        Self::new(scaler, missing, total)
    }

    fn new(scaler: Scaler, missing: Missing, statistics: Vec<Statistics>) -> Result<Self> {
        let map = |(feature, statistics): (usize, &Statistics)| {
            missing.map(&scaler, statistics).map_err(|problem| unfit(&scaler, feature, problem))
        };
        let maps = statistics.iter().enumerate().map(map).collect::<Result<_>>()?;
        Ok(FittedScaler { scaler, missing, statistics, maps })
    }

    /// Adds what another, fitted on other samples, has learned. The bits are those of a fit on all
    /// samples together, in whatever order scalers are merged.
    ///
    /// ```
    /// use ndarray::{Array3, s};
    /// use windrow::scale::StandardScaler;
    /// let x = Array3::from_shape_fn((6, 4, 2), |(s, t, f)| 0.1 * (s * t + f) as f64);
    /// let fit = |x| StandardScaler::default().fit(x);
    /// let mut scaler = fit(x.slice(s![4.., .., ..]))?;
    /// scaler.merge(&fit(x.slice(s![..4, .., ..]))?)?;
    /// assert_eq!(scaler, fit(x.view())?);
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A scaler with other options, or of another number of features; quantiles and powers, which
    /// are found in all values at once; a spread beyond f64.
    pub fn merge(&mut self, other: &FittedScaler) -> Result<()> {
        let kind = |fitted: &FittedScaler| (fitted.scaler, fitted.missing, fitted.maps.len());
        if kind(self) != kind(other) {
            let what = |fitted: &FittedScaler| {
                format!("`{}` of {}", fitted.scaler.name(), fitted.maps.len())
            };
            let (got, expected) = (what(other) + " features", what(self));
            let expected = format!("expected {expected}, with the same options");
            return Err(Error::value(Line::NONE, "the scaler to merge", got, expected));
        }
        let mut statistics = self.statistics.clone();
        for (feature, (total, part)) in statistics.iter_mut().zip(&other.statistics).enumerate() {
            total.merge(part).map_err(|problem| unfit(&self.scaler, feature, problem))?;
        }
        *self = Self::new(self.scaler, self.missing, statistics)?;
        Ok(())
    }

    /// What was learned of each feature.
    pub fn statistics(&self) -> &[Statistics] {
        &self.statistics
    }

    /// The map of each feature.
    pub fn maps(&self) -> &[Map] {
        &self.maps
    }

    /// Applies the maps, in f64, rounded once; the shape stays.
    ///
    /// # Errors
    ///
    /// Another number of features than it was fitted on; a result that does not fit in memory.
    pub fn transform<E: Element>(&self, x: ArrayView3<'_, E>) -> Result<Array3<E>> {
        self.apply(x, Map::apply)
    }

    /// Undoes [`transform`](FittedScaler::transform), up to rounding.
    ///
    /// # Errors
    ///
    /// Another number of features than it was fitted on; a result that does not fit in memory.
    pub fn inverse_transform<E: Element>(&self, y: ArrayView3<'_, E>) -> Result<Array3<E>> {
        self.apply(y, Map::invert)
    }

    fn apply<E: Element>(
        &self,
        x: ArrayView3<'_, E>,
        map: impl Fn(&Map, f64) -> f64 + Sync,
    ) -> Result<Array3<E>> {
        let (samples, timesteps, features) = x.dim();
        if features != self.maps.len() {
            return Err(Error::Shape {
                subject: "the batch".to_owned(),
                got: format!("({samples}, {timesteps}, {features})"),
                expected: format!("{} features, as in the fit", self.maps.len()),
            });
        }
        let mut y = filled("the scaled batch", [samples, timesteps, features], E::zeroed())?;
        Zip::from(y.outer_iter_mut()).and(x.outer_iter()).par_for_each(|mut y, x| {
            for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
                for ((y, x), own) in y.iter_mut().zip(x).zip(&self.maps) {
                    *y = E::round(map(own, x.widen()));
                }
            }
        });
        Ok(y)
    }

    /// As JSON, from which [`from_json`](FittedScaler::from_json) restores every bit.
    pub fn to_json(&self) -> String {
        let saved = Saved {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            scaler: self.scaler,
            nan: self.missing,
            features: self.statistics.clone(),
        };
        serde_json::to_string_pretty(&saved).expect("finite numbers and plain names")
    }

    /// Restores a scaler.
    ///
    /// # Errors
    ///
    /// Text that is not a scaler of this version, or numbers that no fit gives.
    pub fn from_json(text: &str) -> Result<Self> {
        let saved: Saved = FORMAT.read(text)?;
        if !saved.scaler.is_sound() {
            let got = format!("`{}` with numbers out of range", saved.scaler.name());
            return Err(Error::state(
                "the scaler",
                got,
                "allowed: a low below its high, 2 to 10000 quantiles",
            ));
        }
        let gives =
            |of: &Statistics| !matches!(of, Statistics::Timesteps(_)) && saved.scaler.gives(of);
        if let Some(feature) = saved.features.iter().position(|of| !gives(of)) {
            let got = format!("of {}", shown(&saved.features[feature].to_string()));
            let subject = format!("feature {feature}");
            return Err(Error::state(subject, got, "no fit gives such numbers"));
        }
        Self::new(saved.scaler, saved.nan, saved.features)
    }
}

fn unfit(scaler: &Scaler, feature: usize, problem: String) -> Error {
    Error::Unfit { op: scaler.name().to_owned(), column: feature.to_string(), problem }
}

/// What a pass over a batch gives the wanted features.
fn pass<E: Element>(
    (scaler, missing): (&Scaler, Missing),
    statistics: &[Statistics],
    wanted: &[usize],
    x: &ArrayView3<'_, E>,
) -> Result<Vec<Statistics>> {
    let fresh: Vec<_> = wanted.iter().map(|&feature| statistics[feature].fresh()).collect();
    let work = |groups: Range<usize>, statistics: &mut Vec<Statistics>| {
        for group in groups {
            let x = x.view();
            Level::best().dispatch(FitGroup { scaler, missing, wanted, statistics, x, group })?;
        }
        Ok(())
    };
    let merge = |total: &mut Vec<Statistics>, part: &Vec<Statistics>| {
        for ((total, part), &feature) in total.iter_mut().zip(part).zip(wanted) {
            total.merge(part).map_err(|problem| unfit(scaler, feature, problem))?;
        }
        Ok(())
    };
    let (samples, timesteps, features) = x.dim();
    over_spans(samples.div_ceil(GROUP), GROUP * timesteps * features, fresh, work, merge)
}

/// Accumulates the wanted features of a group of samples.
struct FitGroup<'s, 'a, E> {
    scaler: &'s Scaler,
    missing: Missing,
    wanted: &'s [usize],
    /// Of each.
    statistics: &'s mut [Statistics],
    x: ArrayView3<'a, E>,
    group: usize,
}

impl<E: Element> Task for FitGroup<'_, '_, E> {
    type Output = Result<()>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Result<()> {
        const CHUNK: usize = 64;
        let (samples, timesteps, features) = self.x.dim();
        let reader = TileReader::new(features, self.wanted, CHUNK, L::COUNT);
        let mut arena = Aligned::<E>::zeroed(reader.rows() * L::COUNT);
        let end = samples.min((self.group + 1) * GROUP);
        for first in (self.group * GROUP..end).step_by(L::COUNT) {
            let present = L::COUNT.min(end - first);
            let new = |of: &Statistics| LaneStatistics::<L>::new(of, self.missing, 0);
            let mut columns: Vec<LaneStatistics<L>> = self.statistics.iter().map(new).collect();
            let samples = Samples::new::<L>(&self.x, first);
            for start in (0..timesteps).step_by(CHUNK) {
                let steps = CHUNK.min(timesteps - start);
                reader.read::<L, _>(&self.x, &samples, start, steps, &mut arena);
                let rows: &[E::Row<L>] = cast_slice(&arena);
                let columns = columns.iter_mut().zip(&mut *self.statistics).enumerate();
                for (place, (column, statistics)) in columns {
                    column.push::<E>(&rows[place * CHUNK..][..steps], present, statistics);
                }
            }
            for (place, column) in columns.into_iter().enumerate() {
                for (sample, part) in (first..first + present).zip(column.finish()) {
                    let (feature, statistics) = (self.wanted[place], &mut self.statistics[place]);
                    match part.is_sound() {
                        true => statistics.push(part),
                        false => {
                            let values = self.x.slice(s![sample, .., feature]);
                            let of = (self.scaler, self.missing);
                            push_values(of, statistics, values, sample, feature)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a batch gives each feature, value by value as weights say.
fn weighted<E: Element>(
    of: (&Scaler, Missing),
    x: &ArrayView3<'_, E>,
    weights: &Weights<'_>,
) -> Result<Vec<Statistics>> {
    let (samples, timesteps, features) = x.dim();
    let fresh = vec![of.0.start().weighted(); features];
    let work = |span: Range<usize>, statistics: &mut Vec<Statistics>| {
        for sample in span {
            for (timestep, row) in x.index_axis(Axis(0), sample).outer_iter().enumerate() {
                let weight = weights.at(sample, timestep);
                for (feature, value) in row.iter().enumerate() {
                    let got = value.widen();
                    if weight != 0.0 && counts(of, got, [sample, timestep, feature])? {
                        statistics[feature].push_weighted(timestep, got, weight);
                    }
                }
            }
        }
        Ok(())
    };
    let merge = |total: &mut Vec<Statistics>, part: &Vec<Statistics>| {
        for (feature, (total, part)) in total.iter_mut().zip(part).enumerate() {
            total.merge(part).map_err(|problem| unfit(of.0, feature, problem))?;
        }
        Ok(())
    };
    over_spans(samples, timesteps * features, fresh, work, merge)
}

/// Whether a value counts, at that sample, timestep and feature.
fn counts(
    (scaler, missing): (&Scaler, Missing),
    got: f64,
    [sample, timestep, feature]: [usize; 3],
) -> Result<bool> {
    if missing.skips(got) {
        return Ok(false);
    }
    if !got.is_finite() {
        let (op, column) = (scaler.name().to_owned(), feature.to_string());
        return Err(Error::NotFinite { op, column, sample, timestep, got });
    }
    Ok(true)
}

/// Adds the values of a sample that f64 cannot accumulate.
#[cold]
fn push_values<E: Element>(
    of: (&Scaler, Missing),
    statistics: &mut Statistics,
    values: ArrayView1<'_, E>,
    sample: usize,
    feature: usize,
) -> Result<()> {
    for (timestep, value) in values.iter().enumerate() {
        let got = value.widen();
        if counts(of, got, [sample, timestep, feature])? {
            statistics.push_value(got);
        }
    }
    Ok(())
}
