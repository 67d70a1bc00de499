//! Saved state: a fitted pipeline as JSON, every bit kept, checked on load.

use serde::{Deserialize, Serialize};

use super::{FittedPipeline, Pipeline};
use crate::error::{Error, Result};
use crate::scale::{Format, Statistics};

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
    scalers: Vec<SavedScaler>,
}

/// A scaler on a column: the names are there for readers, and checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedScaler {
    op: String,
    column: String,
    statistics: Statistics,
}

impl FittedPipeline {
    /// As JSON, from which [`from_json`](FittedPipeline::from_json) restores every bit.
    pub fn to_json(&self) -> String {
        let slots = self.pipeline().graph.slots.iter().zip(&self.statistics);
        let scalers = slots.map(|(slot, statistics)| SavedScaler {
            op: slot.scaler.name().to_owned(),
            column: slot.column.name.clone(),
            statistics: statistics.clone(),
        });
        let saved = Saved {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            pipeline: self.pipeline().to_toml().to_owned(),
            scalers: scalers.collect(),
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
        let pipeline = Pipeline::from_toml(&saved.pipeline).map_err(|error| {
            Error::state("the pipeline", format!("not usable ({error})"), "fit again")
        })?;
        let slots = &pipeline.graph.slots;
        if slots.len() != saved.scalers.len() {
            let expected = format!("its pipeline scales {} columns", slots.len());
            return Err(Error::state(
                "the list of scalers",
                format!("{} long", saved.scalers.len()),
                expected,
            ));
        }
        for (slot, scaler) in slots.iter().zip(&saved.scalers) {
            let (op, column) = (slot.scaler.name(), &slot.column.name);
            if scaler.op != op || scaler.column != *column {
                let got = format!("`{}` on `{}`", scaler.op, scaler.column);
                return Err(Error::state(
                    "a scaler",
                    got,
                    format!("the pipeline has `{op}` on `{column}` there"),
                ));
            }
            if !slot.scaler.gives(&scaler.statistics) {
                let got = format!("{:?}", scaler.statistics);
                return Err(Error::state(
                    format!("`{op}` on `{column}`"),
                    got,
                    "no fit gives such numbers",
                ));
            }
        }
        let statistics = saved.scalers.into_iter().map(|scaler| scaler.statistics).collect();
        FittedPipeline::new(pipeline, statistics)
    }
}
