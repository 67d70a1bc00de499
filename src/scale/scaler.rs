//! Scalers that stand alone, without a pipeline.

use bytemuck::cast_slice;
use ndarray::{Array3, ArrayView3, Axis, Zip};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::lanes::LaneStatistics;
use super::saved::Format;
use super::statistics::{Scaler, Statistics, fold};
use crate::batch::{Aligned, Element, GROUP, Samples, TileReader, filled};
use crate::error::{Error, Line, Result};
use crate::simd::{Lanes, Level, Task};

/// Scales every feature to mean 0 and standard deviation 1, over all samples and timesteps.
///
/// The standard deviation is that of the population, as in scikit-learn. A constant feature is
/// only centred.
///
/// ```
/// use ndarray::array;
/// let x = array![[[1.0], [3.0]], [[5.0], [7.0]]];
/// let scaler = windrow::scale::StandardScaler.fit(x.view())?;
/// assert_eq!(scaler.transform(x.view())?[[1, 1, 0]], 3.0 / 5_f64.sqrt());
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct StandardScaler;

/// Scales every feature from its smallest and largest value to `low` and `high`.
#[derive(Debug, Clone, Copy)]
pub struct MinMaxScaler {
    /// What the smallest value becomes.
    pub low: f64,
    /// What the largest value becomes.
    pub high: f64,
}

impl Default for MinMaxScaler {
    fn default() -> Self {
        MinMaxScaler { low: 0.0, high: 1.0 }
    }
}

impl StandardScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A value that is not finite, a batch without values.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        FittedScaler::fit(Scaler::Standardize, x)
    }
}

impl MinMaxScaler {
    /// Fits every feature of a batch.
    ///
    /// # Errors
    ///
    /// A low that is not below high, a value that is not finite, a batch without values, a range
    /// beyond f64.
    pub fn fit<E: Element>(self, x: ArrayView3<'_, E>) -> Result<FittedScaler> {
        let MinMaxScaler { low, high } = self;
        let scaler = Scaler::MinMax { low, high };
        if !scaler.is_sound() {
            let (range, allowed) = (format!("[{low}, {high}]"), "allowed: a low below its high");
            return Err(Error::value(Line::NONE, "the range of `minmax`", range, allowed));
        }
        FittedScaler::fit(scaler, x)
    }
}

/// A scaler that knows its features.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedScaler {
    scaler: Scaler,
    statistics: Vec<Statistics>,
    maps: Vec<Affine>,
}

/// How a fitted scaler is saved.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    version: u32,
    scaler: Scaler,
    features: Vec<Statistics>,
}

const FORMAT: Format =
    Format { name: "windrow scaler", version: 1, what: "saved scaler", writer: "`to_json`" };

impl FittedScaler {
    fn fit<E: Element>(scaler: Scaler, x: ArrayView3<'_, E>) -> Result<Self> {
        let groups: Vec<Vec<Statistics>> = (0..x.dim().0.div_ceil(GROUP))
            .into_par_iter()
            .map(|group| Level::best().dispatch(FitGroup { scaler, x: x.view(), group }))
            .collect();
        let mut statistics = vec![Statistics::none(&scaler); x.dim().2];
        for group in groups {
            for (total, part) in statistics.iter_mut().zip(group) {
                *total = total.merge(part);
            }
        }
        for (feature, statistics) in statistics.iter().enumerate() {
            if !statistics.is_sound()
                && let Some(((sample, timestep), got)) = x
                    .index_axis(Axis(2), feature)
                    .indexed_iter()
                    .map(|(place, value)| (place, value.widen()))
                    .find(|(_, value)| !value.is_finite())
            {
                let (op, column) = (scaler.name().to_owned(), feature.to_string());
                return Err(Error::NotFinite { op, column, sample, timestep, got });
            }
        }
        Self::new(scaler, statistics)
    }

    fn new(scaler: Scaler, statistics: Vec<Statistics>) -> Result<Self> {
        let map = |(feature, statistics): (usize, &Statistics)| {
            scaler.map(statistics).map_err(|problem| Error::Unfit {
                op: scaler.name().to_owned(),
                column: feature.to_string(),
                problem,
            })
        };
        let maps = statistics.iter().enumerate().map(map).collect::<Result<_>>()?;
        Ok(FittedScaler { scaler, statistics, maps })
    }

    /// What was learned of each feature.
    pub fn statistics(&self) -> &[Statistics] {
        &self.statistics
    }

    /// The map of each feature.
    pub fn maps(&self) -> &[Affine] {
        &self.maps
    }

    /// Applies the maps, in f64, rounded once; the shape stays.
    ///
    /// # Errors
    ///
    /// Another number of features than it was fitted on; a result that does not fit in memory.
    pub fn transform<E: Element>(&self, x: ArrayView3<'_, E>) -> Result<Array3<E>> {
        self.apply(x, Affine::apply)
    }

    /// Undoes [`transform`](FittedScaler::transform), up to rounding.
    ///
    /// # Errors
    ///
    /// Another number of features than it was fitted on; a result that does not fit in memory.
    pub fn inverse_transform<E: Element>(&self, y: ArrayView3<'_, E>) -> Result<Array3<E>> {
        self.apply(y, Affine::invert)
    }

    fn apply<E: Element>(
        &self,
        x: ArrayView3<'_, E>,
        map: impl Fn(&Affine, f64) -> f64 + Sync,
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
                for ((y, x), affine) in y.iter_mut().zip(x).zip(&self.maps) {
                    *y = E::round(map(affine, x.widen()));
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
            let got = format!("{:?}", saved.scaler);
            return Err(Error::state("the scaler", got, "allowed: a low below its high"));
        }
        if let Some(feature) = saved.features.iter().position(|s| !saved.scaler.gives(s)) {
            let got = format!("{:?}", saved.features[feature]);
            let subject = format!("feature {feature}");
            return Err(Error::state(subject, got, "no fit gives such numbers"));
        }
        Self::new(saved.scaler, saved.features)
    }
}

/// Accumulates every feature of a group of samples.
struct FitGroup<'a, E> {
    scaler: Scaler,
    x: ArrayView3<'a, E>,
    group: usize,
}

impl<E: Element> Task for FitGroup<'_, E> {
    type Output = Vec<Statistics>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<Statistics> {
        const CHUNK: usize = 64;
        let (samples, timesteps, features) = self.x.dim();
        let wanted: Vec<usize> = (0..features).collect();
        let reader = TileReader::new(features, &wanted, CHUNK, L::COUNT);
        let mut arena = Aligned::<E>::zeroed(reader.rows() * L::COUNT);
        let present = GROUP.min(samples - self.group * GROUP);
        let mut lanes = vec![[Statistics::none(&self.scaler); GROUP]; features];
        for first in (0..present).step_by(L::COUNT) {
            let mut columns = vec![LaneStatistics::<L>::new(&self.scaler); features];
            let samples = Samples::new::<L>(&self.x, self.group * GROUP + first);
            for start in (0..timesteps).step_by(CHUNK) {
                let steps = CHUNK.min(timesteps - start);
                reader.read::<L, _>(&self.x, &samples, start, steps, &mut arena);
                let rows: &[E::Row<L>] = cast_slice(&arena);
                for (column, statistics) in columns.iter_mut().enumerate() {
                    statistics.push::<E>(&rows[column * CHUNK..][..steps]);
                }
            }
            for (column, lanes) in columns.into_iter().zip(&mut lanes) {
                column.finish(&mut lanes[first..first + L::COUNT]);
            }
        }
        lanes.iter_mut().map(|lanes| fold(&mut lanes[..present])).collect()
    }
}
