//! Saved state: a fitted pipeline as JSON, every bit kept, checked on load.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, Error as _, IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::graph::FittedSlot;
use super::seen::Seen;
use super::{FittedPipeline, Pipeline};
use crate::error::{Error, Result, listed, shown};
use crate::saved::Format;
use crate::scale::{Affine, Map, Statistics, within};

const FORMAT: Format = Format {
    name: "windrow fitted pipeline",
    version: 2,
    what: "fitted pipeline",
    writer: "`windrow fit`",
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    version: u32,
    /// The pipeline file, as it was written.
    pipeline: String,
    /// The columns of its input: there for readers, and checked.
    columns: Vec<String>,
    /// Nothing, if there was nothing to fit.
    fitted_on: Option<Seen>,
    scalers: Vec<SavedScaler>,
}

/// A scaler on a column: the names and the map are there for readers, and checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedScaler {
    op: String,
    column: String,
    pub statistics: Statistics,
    /// What the statistics give, once they are whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    map: Option<Affine>,
}

impl SavedScaler {
    pub fn new(slot: &FittedSlot, statistics: &Statistics) -> SavedScaler {
        let (op, column) = (slot.op.to_owned(), slot.column.name.clone());
        SavedScaler { op, column, statistics: statistics.clone(), map: None }
    }

    fn name(&self) -> String {
        format!("`{}` on `{}`", shown(&self.op), shown(&self.column))
    }
}

impl FittedPipeline {
    /// As JSON, from which [`from_json`](FittedPipeline::from_json) restores every bit.
    pub fn to_json(&self) -> String {
        let slots = self.pipeline().graph.slots.iter().zip(&self.statistics).zip(self.maps());
        let scaler = |((slot, statistics), map): ((&FittedSlot, &Statistics), &Map)| SavedScaler {
            map: written(map),
            ..SavedScaler::new(slot, statistics)
        };
        let saved = Saved {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            pipeline: self.pipeline().to_toml().to_owned(),
            columns: self.pipeline().input_columns().to_vec(),
            fitted_on: self.fitted_on,
            scalers: slots.map(scaler).collect(),
        };
        serde_json::to_string_pretty(&saved).expect("finite numbers and plain names")
    }

    /// Restores a fitted pipeline.
    ///
    /// # Errors
    ///
    /// Text that is not saved state of this version; a pipeline that does not parse; scalers that
    /// are not those of the pipeline, or whose numbers no fit gives.
    pub fn from_json(text: &str) -> Result<FittedPipeline> {
        let (pipeline, saved): (Pipeline, Saved) = read::<Ended, _>(&FORMAT, text)?;
        check_columns(&pipeline, &saved.columns)?;
        let gives = |slot: &FittedSlot, saved: &SavedScaler| {
            slot.takes(&saved.statistics) && slot.scaler.gives(&saved.statistics)
        };
        check_scalers(&pipeline, &saved.scalers, gives)?;
        let mut maps = Vec::new();
        for (slot, scaler) in pipeline.graph.slots.iter().zip(&saved.scalers) {
            let map = slot.map(&scaler.statistics)?;
            let expected = written(&map);
            if scaler.map != expected {
                let subject = format!("the map of {}", scaler.name());
                let text =
                    |map: Option<Affine>| map.map_or("none".to_owned(), |map| map.to_string());
                let expected = format!("its statistics give {}", text(expected));
                return Err(Error::state(subject, text(scaler.map), expected));
            }
            maps.push(map);
        }
        let statistics = saved.scalers.into_iter().map(|scaler| scaler.statistics).collect();
        Ok(FittedPipeline::new(pipeline, (statistics, maps, saved.fitted_on)))
    }
}

/// A map as it is written: none of no values, nor where the statistics say all.
fn written(map: &Map) -> Option<Affine> {
    map.affine().filter(|_| !map.is_empty()).copied()
}

/// What is looked at before memory is taken for a saved state, whose scalers are `S`.
#[derive(Deserialize)]
struct Begun<S> {
    pipeline: String,
    columns: Option<Length<IgnoredAny>>,
    #[serde(bound(deserialize = "S: Deserialize<'de>"))]
    scalers: Option<Length<S>>,
}

/// A scaler that no values are added to: one under way takes far more memory than its text.
#[derive(Deserialize)]
struct Ended {
    #[serde(rename = "statistics")]
    _statistics: EndedStatistics,
}

/// Of one timestep, or of each.
struct EndedStatistics;

impl<'de> Deserialize<'de> for EndedStatistics {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let text = text.get();
        let read = match text.starts_with('[') {
            true => serde_json::from_str::<Length<EndedKind>>(text).map(drop),
            false => serde_json::from_str::<EndedKind>(text).map(drop),
        };
        read.map(|()| EndedStatistics).map_err(within)
    }
}

#[derive(Deserialize)]
struct EndedKind {
    #[serde(rename = "counts")]
    _counts: Option<UnderWay>,
    #[serde(rename = "logs")]
    _logs: Option<UnderWay>,
}

/// Refused.
struct UnderWay;

impl<'de> Deserialize<'de> for UnderWay {
    fn deserialize<D: Deserializer<'de>>(_: D) -> std::result::Result<UnderWay, D::Error> {
        Err(D::Error::custom("statistics of a fit under way"))
    }
}

/// How long a list is; nothing of it is kept.
struct Length<T>(usize, PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Length<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Count<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Count<T> {
            type Value = usize;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> std::result::Result<usize, A::Error> {
                let mut length = 0;
                while list.next_element::<T>()?.is_some() {
                    length += 1;
                }
                Ok(length)
            }
        }
        Ok(Length(deserializer.deserialize_seq(Count(PhantomData::<T>))?, PhantomData))
    }
}

/// A saved state, and its pipeline. A text whose lists are longer than those of its pipeline takes
/// no memory for them.
pub(super) fn read<S: DeserializeOwned, T: DeserializeOwned>(
    format: &Format,
    text: &str,
) -> Result<(Pipeline, T)> {
    let begun: Begun<S> = format.read(text)?;
    let unusable =
        |error| Error::state("the pipeline", format!("not usable ({error})"), "fit again");
    let pipeline = Pipeline::from_toml(&begun.pipeline).map_err(unusable)?;
    let (inputs, slots) = (pipeline.input_columns(), pipeline.graph.slots.len());
    let refuse = |list: &str, length: usize, allowed: String| {
        Err(Error::state(format!("the list of {list}"), format!("{length} long"), allowed))
    };
    match (begun.columns, begun.scalers) {
        (Some(Length(length, _)), _) if length != inputs.len() => {
            refuse("columns", length, format!("the pipeline's input has {}", listed(inputs)))
        }
        (_, Some(Length(length, _))) if length != slots => {
            refuse("scalers", length, format!("its pipeline scales {slots} columns"))
        }
        _ => Ok((pipeline, format.read(text)?)),
    }
}

/// Refuses other columns than those of the pipeline's input.
pub(super) fn check_columns(pipeline: &Pipeline, columns: &[String]) -> Result<()> {
    if pipeline.input_columns() == columns {
        return Ok(());
    }
    let allowed = format!("the pipeline's input has {}", listed(pipeline.input_columns()));
    Err(Error::state("the list of columns", listed(columns), allowed))
}

/// Refuses scalers that are not those of the pipeline, or do not stand as they `can`.
pub(super) fn check_scalers(
    pipeline: &Pipeline,
    scalers: &[SavedScaler],
    can: impl Fn(&FittedSlot, &SavedScaler) -> bool,
) -> Result<()> {
    for (slot, scaler) in pipeline.graph.slots.iter().zip(scalers) {
        let (op, column) = (slot.op, &slot.column.name);
        if scaler.op != op || scaler.column != *column {
            let expected = format!("the pipeline has `{op}` on `{column}` there");
            return Err(Error::state("a scaler", scaler.name(), expected));
        }
        if !can(slot, scaler) {
            let got = format!("of {}", shown(&scaler.statistics.to_string()));
            return Err(Error::state(scaler.name(), got, "no fit gives such numbers"));
        }
    }
    Ok(())
}
