//! Saved state: a fitted pipeline as JSON, every bit kept, checked on load.

use serde::{Deserialize, Serialize};

use super::graph::FittedSlot;
use super::seen::Seen;
use super::{FittedPipeline, Pipeline};
use crate::error::{Error, Result};
use crate::scale::{Affine, Format, Map, Statistics};

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
        format!("`{}` on `{}`", self.op, self.column)
    }
}

impl FittedPipeline {
    /// As JSON, from which [`from_json`](FittedPipeline::from_json) restores every bit.
    pub fn to_json(&self) -> String {
        let slots = self.pipeline().graph.slots.iter().zip(&self.statistics).zip(self.maps());
        let scaler = |((slot, statistics), map): ((&FittedSlot, &Statistics), &Map)| SavedScaler {
            map: shown(map),
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
        let saved: Saved = FORMAT.read(text)?;
        let pipeline = parse_pipeline(&saved.pipeline)?;
        check_columns(&pipeline, &saved.columns)?;
        let gives = |slot: &FittedSlot, saved: &SavedScaler| {
            slot.takes(&saved.statistics) && slot.scaler.gives(&saved.statistics)
        };
        check_scalers(&pipeline, &saved.scalers, gives)?;
        for (slot, scaler) in pipeline.graph.slots.iter().zip(&saved.scalers) {
            let expected = shown(&slot.map(&scaler.statistics)?);
            if scaler.map != expected {
                let subject = format!("the map of {}", scaler.name());
                let text =
                    |map: Option<Affine>| map.map_or("none".to_owned(), |map| format!("{map:?}"));
                let expected = format!("its statistics give {}", text(expected));
                return Err(Error::state(subject, text(scaler.map), expected));
            }
        }
        let statistics = saved.scalers.into_iter().map(|scaler| scaler.statistics).collect();
        FittedPipeline::new(pipeline, statistics, saved.fitted_on)
    }
}

/// A map as it is written: none of no values, nor where the statistics say all.
fn shown(map: &Map) -> Option<Affine> {
    map.affine().filter(|_| !map.is_empty()).copied()
}

pub(super) fn parse_pipeline(text: &str) -> Result<Pipeline> {
    let unusable =
        |error| Error::state("the pipeline", format!("not usable ({error})"), "fit again");
    Pipeline::from_toml(text).map_err(unusable)
}

/// Refuses other columns than those of the pipeline's input.
pub(super) fn check_columns(pipeline: &Pipeline, columns: &[String]) -> Result<()> {
    if pipeline.input_columns() == columns {
        return Ok(());
    }
    let allowed = format!("the pipeline's input has {}", pipeline.input_columns().join(", "));
    Err(Error::state("the list of columns", columns.join(", "), allowed))
}

/// Refuses scalers that are not those of the pipeline, or do not stand as they `can`.
pub(super) fn check_scalers(
    pipeline: &Pipeline,
    scalers: &[SavedScaler],
    can: impl Fn(&FittedSlot, &SavedScaler) -> bool,
) -> Result<()> {
    let slots = &pipeline.graph.slots;
    if slots.len() != scalers.len() {
        let expected = format!("its pipeline scales {} columns", slots.len());
        let got = format!("{} long", scalers.len());
        return Err(Error::state("the list of scalers", got, expected));
    }
    for (slot, scaler) in slots.iter().zip(scalers) {
        let (op, column) = (slot.op, &slot.column.name);
        if scaler.op != op || scaler.column != *column {
            let expected = format!("the pipeline has `{op}` on `{column}` there");
            return Err(Error::state("a scaler", scaler.name(), expected));
        }
        if !can(slot, scaler) {
            let got = format!("{:?}", scaler.statistics);
            return Err(Error::state(scaler.name(), got, "no fit gives such numbers"));
        }
    }
    Ok(())
}
