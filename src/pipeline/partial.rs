//! A fit under way: kept as JSON, and merged with fits of other samples.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::fit::Passes;
use super::graph::FittedSlot;
use super::saved::{self, SavedScaler, check_columns, check_scalers};
use super::seen::Seen;
use super::{Fitting, Pipeline};
use crate::error::{Error, Line, Result};
use crate::saved::Format;

const FORMAT: Format = Format {
    name: "windrow partial fit",
    version: 1,
    what: "partial fit",
    writer: "`windrow fit --partial`",
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    format: String,
    version: u32,
    pipeline: String,
    columns: Vec<String>,
    /// The pass under way, from 1 on.
    pass: usize,
    /// What it has seen, and what the first pass saw.
    seen: Option<Seen>,
    first: Option<Seen>,
    scalers: Vec<SavedScaler>,
}

impl Fitting {
    /// What this pass has seen, in words that differ for other samples; nothing if nothing.
    pub fn seen(&self) -> Option<String> {
        self.passes.seen.map(|seen| seen.to_string())
    }

    /// Adds what another fit of the same pipeline has seen in the same pass, of other samples.
    ///
    /// In whatever order fits are merged, the bits are those of one fit on all samples.
    ///
    /// # Errors
    ///
    /// A fit of another pipeline, pass or dtype; one whose earlier passes saw other samples; one
    /// that has [seen](Fitting::seen) the same samples in this pass. Of more than two fits that is for
    /// the caller to compare.
    pub fn merge(&mut self, other: &Fitting) -> Result<()> {
        let refuse = |what: &str, got: String, allowed: String| {
            Err(Error::value(Line::NONE, format!("the {what} of the fit to merge"), got, allowed))
        };
        let (a, b) = (&self.passes, &other.passes);
        if self.pipeline.to_toml() != other.pipeline.to_toml() {
            let allowed = "all must be fits of one pipeline file".to_owned();
            return refuse("pipeline", "another".to_owned(), allowed);
        }
        if a.pass != b.pass {
            let allowed = format!("the others are in pass {}", a.pass + 1);
            return refuse("pass", (b.pass + 1).to_string(), allowed);
        }
        let shown = |seen: Option<Seen>| seen.map_or("nothing".to_owned(), |seen| seen.to_string());
        let slots = &self.pipeline.graph.slots;
        let whole =
            |slot: usize| a.maps[slot].is_some() && a.statistics[slot] != b.statistics[slot];
        if a.first != b.first || (0..slots.len()).any(whole) {
            let allowed = format!("it must be that of the others, {}", shown(a.first));
            return refuse("first pass", shown(b.first), allowed);
        }
        let mut seen = a.seen;
        match (&mut seen, b.seen) {
            (_, None) => {}
            (None, more) => seen = more,
            (_, Some(more)) if a.seen == b.seen => {
                let allowed = "the same are merged already".to_owned();
                return refuse("data", more.to_string(), allowed);
            }
            (Some(seen), Some(more)) if seen.dtype != more.dtype => {
                let allowed = format!("the others have {}", seen.dtype);
                return refuse("dtype", more.dtype.to_string(), allowed);
            }
            (Some(seen), Some(more)) => seen.merge(&more),
        }
        let mut statistics = a.statistics.clone();
        for slot in a.slots(&self.pipeline.graph) {
            let merged = statistics[slot].merge(&b.statistics[slot]);
            merged.map_err(|problem| slots[slot].unfit(problem))?;
        }
        (self.passes.statistics, self.passes.seen) = (statistics, seen);
        Ok(())
    }

    /// As JSON, from which [`from_json`](Fitting::from_json) goes on, or finishes after the last pass.
    pub fn to_json(&self) -> String {
        let Passes { pass, seen, first, statistics, .. } = &self.passes;
        let slots = self.pipeline.graph.slots.iter().zip(statistics);
        let saved = Saved {
            format: FORMAT.name.to_owned(),
            version: FORMAT.version,
            pipeline: self.pipeline.to_toml().to_owned(),
            columns: self.pipeline.input_columns().to_vec(),
            pass: pass + 1,
            seen: *seen,
            first: *first,
            scalers: slots.map(|(slot, statistics)| SavedScaler::new(slot, statistics)).collect(),
        };
        serde_json::to_string(&saved).expect("finite numbers and plain names")
    }

    /// Restores a fit under way.
    ///
    /// # Errors
    ///
    /// Text that is not a partial fit of this version; a pipeline that does not parse; scalers that
    /// are not those of the pipeline, or whose numbers no fit gives in that pass.
    pub fn from_json(text: &str) -> Result<Fitting> {
        let (pipeline, saved): (Pipeline, Saved) = saved::read::<IgnoredAny, _>(&FORMAT, text)?;
        check_columns(&pipeline, &saved.columns)?;
        let passes = pipeline.graph.passes();
        let Some(pass) = saved.pass.checked_sub(1).filter(|pass| *pass <= passes) else {
            let allowed = format!("the pipeline needs {passes}");
            return Err(Error::state("the pass", saved.pass.to_string(), allowed));
        };
        if pass == 0 && saved.first.is_some() {
            let got = "written down".to_owned();
            return Err(Error::state("an earlier pass", got, "there is none before the first"));
        }
        check_scalers(&pipeline, &saved.scalers, |slot, saved| stands(slot, saved, pass))?;
        let mut restored = Passes::new(&pipeline.graph);
        restored.statistics = saved.scalers.into_iter().map(|scaler| scaler.statistics).collect();
        (restored.pass, restored.seen, restored.first) = (pass, saved.seen, saved.first);
        restored.find_maps(&pipeline.graph)?;
        if pass == passes && (saved.seen.is_some() || restored.maps.contains(&None)) {
            let got = "under way".to_owned();
            let allowed = format!("the pipeline needs {passes}, and they are over");
            return Err(Error::state("a pass", got, allowed));
        }
        Ok(Fitting { pipeline, passes: restored })
    }
}

/// Whether a fit can have these statistics in that pass.
fn stands(slot: &FittedSlot, saved: &SavedScaler, pass: usize) -> bool {
    match pass.checked_sub(slot.pass) {
        None => saved.statistics == slot.start(),
        Some(done) => slot.takes(&saved.statistics) && saved.statistics.stands(done),
    }
}
