//! A pipeline resolved: which series are computed from which, and what each column of the output
//! is made of. Knows no data and no shape.

use std::ops::Range;

use ndarray::ArrayView2;

use super::builder::Builder;
use super::column::{Change, Column};
use super::step::{File, Warmup};
use crate::batch::Dtype;
use crate::error::{Error, Line, Result};
use crate::kernel::{Nan, Row, Value};
use crate::scale::{Map, Missing, Norm, SampleScaler, Scaler, Statistics, Weights};

/// A series of each sample, f64: an input column, an output of a kernel, or a derived one.
pub(super) type Plane = usize;

/// A fitted map: one scaler on one column.
pub(super) type Slot = usize;

/// Most bytes of what is known of each timestep by itself.
const MOST_STATISTICS: usize = 1 << 30;

/// What memory is refused for, where a thread finds none to work in.
pub(super) const SCRATCH: &str = "what the threads work in";

/// The resolved pipeline. Planes are made once and never change: inputs first, then those of the
/// stages in order.
pub(super) struct Graph {
    pub inputs: Vec<String>,
    pub planes: usize,
    pub stages: Vec<Stage>,
    pub slots: Vec<FittedSlot>,
    pub columns: Vec<Column>,
    pub dtype: Option<Dtype>,
    pub warmup: Warmup,
}

/// A computation from planes to planes.
pub(super) struct Stage {
    pub work: Work,
    pub inputs: Vec<Plane>,
    pub outputs: Vec<Plane>,
}

pub(super) enum Work {
    /// A kernel on series that begin at timestep `begin`.
    Kernel { row: &'static Row, params: Vec<Value>, nan: Nan, begin: usize },
    /// The plane scaled and moved back: what a kernel reads of a column that is not bare.
    Derive { scales: Vec<Slot>, lag: usize },
    /// The plane with something in place of NaN, from timestep `begin` on.
    Fill { with: With, begin: usize },
    /// The plane through a map that is no straight line.
    Bend(Change),
    /// All planes divided by their norm at each timestep.
    Normalize(Norm),
    /// The plane by a line of each sample, from timestep `begin` on. The sample must be there whole.
    Sample { scaler: SampleScaler, begin: usize },
}

/// What stands in place of NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum With {
    Number(f64),
    /// The last value before, if there is one.
    Forward,
    /// The mean of the fit: the center of the slot's map.
    Mean(Slot),
}

/// Where a scaler meets a column.
pub(super) struct FittedSlot {
    /// Of the step.
    pub op: &'static str,
    pub scaler: Scaler,
    pub missing: Missing,
    /// Whether each timestep is fitted by itself.
    pub each_timestep: bool,
    pub column: Column,
    /// The first pass over the data that it is fitted in: 0, or the next after what it depends on.
    pub pass: usize,
}

impl FittedSlot {
    /// The passes that it is fitted in.
    pub fn passes(&self) -> Range<usize> {
        let passes = match self.each_timestep {
            true => self.scaler.passes_narrow(),
            false => self.scaler.passes(),
        };
        self.pass..self.pass + passes
    }

    /// What is known of no samples.
    pub fn start(&self) -> Statistics {
        match self.each_timestep {
            true => Statistics::Timesteps(Vec::new()),
            false => self.scaler.start(),
        }
    }

    /// The same, of so many timesteps.
    pub fn start_of(&self, timesteps: usize) -> Statistics {
        match self.each_timestep {
            true => Statistics::Timesteps(vec![self.scaler.start_narrow(); timesteps]),
            false => self.scaler.start(),
        }
    }

    /// The error for samples of another length.
    pub fn other_timesteps(&self, expected: usize, got: usize) -> Error {
        let (op, column) = (self.op, &self.column.name);
        let subject = format!("the number of timesteps for `{op}` of `{column}`");
        let allowed = format!("it has a map for each of {expected} timesteps");
        Error::value(Line::NONE, subject, got, allowed)
    }

    /// The map that its statistics give.
    pub fn map(&self, statistics: &Statistics) -> Result<Map> {
        let map = self.missing.map(&self.scaler, statistics);
        map.map_err(|problem| match statistics.count() {
            0 if self.column.begin() > 0 => {
                self.unfit(format!("{problem} beyond its warm-up and fill"))
            }
            _ => self.unfit(problem),
        })
    }

    /// The error of a fit that failed.
    pub fn unfit(&self, problem: String) -> Error {
        let (op, column) = (self.op.to_owned(), self.column.name.clone());
        Error::Unfit { op, column, problem }
    }

    /// Whether statistics are of its kind.
    pub fn takes(&self, statistics: &Statistics) -> bool {
        matches!(statistics, Statistics::Timesteps(_)) == self.each_timestep
            && self.scaler.takes(statistics)
    }

    /// Bytes of its statistics, about.
    fn bytes(&self, timesteps: usize) -> usize {
        match self.each_timestep {
            true => self.scaler.bytes_narrow().saturating_mul(timesteps),
            false => self.scaler.bytes(),
        }
    }

    /// Bytes of what is kept of it when it is fitted, about.
    fn fitted_bytes(&self, timesteps: usize) -> usize {
        let places = if self.each_timestep { timesteps } else { 1 };
        self.scaler.fitted_bytes().saturating_mul(places)
    }
}

impl Graph {
    /// Resolves a parsed file.
    pub fn resolve(file: File) -> Result<Graph> {
        Builder::build(file)
    }

    /// How many passes over the data a fit takes.
    pub fn passes(&self) -> usize {
        self.slots.iter().map(|slot| slot.passes().end).max().unwrap_or(0)
    }

    /// The longest warm-up of the output, and of how many timesteps `trim` shortens a sample.
    pub fn trim(&self) -> usize {
        match self.warmup {
            Warmup::Trim => self.columns.iter().map(Column::warmup).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The shape of the output for an input of this shape.
    pub fn output_shape(&self, [samples, timesteps, _]: [usize; 3]) -> [usize; 3] {
        [samples, timesteps.saturating_sub(self.trim()), self.columns.len()]
    }

    /// Bytes that a thread computes planes in, so many timesteps at a time, beside the state of the
    /// kernels.
    pub fn scratch(&self, chunk: usize, timesteps: usize, lanes: usize) -> usize {
        let planes = self.planes.saturating_mul(chunk);
        planes.saturating_add(self.state(timesteps)).saturating_mul(lanes * size_of::<f64>())
    }

    /// Values that the kernels keep of a series of so many timesteps, about.
    fn state(&self, timesteps: usize) -> usize {
        let kept = |stage: &Stage| match &stage.work {
            Work::Kernel { row, params, begin, .. }
                if begin.saturating_add(row.lookback(params)) < timesteps =>
            {
                row.kept(params, timesteps)
            }
            Work::Derive { lag, .. } if *lag < timesteps => *lag,
            _ => 0,
        };
        self.stages.iter().map(kept).fold(0, usize::saturating_add)
    }

    /// Bytes of the statistics of the pass that keeps most.
    pub fn statistics(&self, timesteps: usize) -> usize {
        let mut passes = vec![0_usize; self.passes()];
        for slot in &self.slots {
            for pass in slot.passes() {
                passes[pass] = passes[pass].saturating_add(slot.bytes(timesteps));
            }
        }
        passes.into_iter().max().unwrap_or(0)
    }

    /// Bytes of all that a fit keeps, about.
    pub fn fitted_bytes(&self, timesteps: usize) -> usize {
        let bytes = self.slots.iter().map(|slot| slot.fitted_bytes(timesteps));
        bytes.fold(0, usize::saturating_add)
    }

    /// A scaler that looks at each sample by itself, if there is one: then all timesteps are worked
    /// on at once.
    pub fn whole_samples(&self) -> Option<&Scaler> {
        self.stages.iter().find_map(|stage| match &stage.work {
            Work::Sample { scaler, .. } => Some(&scaler.scaler),
            _ => None,
        })
    }

    /// Timesteps that are worked on at once, where `least` are enough for most.
    pub fn chunk(&self, least: usize, timesteps: usize) -> usize {
        if self.whole_samples().is_some() { least.max(timesteps) } else { least }
    }

    /// Refuses weights that a step does not take, or none.
    pub fn check_weights(&self) -> Result<()> {
        let takes =
            |slot: &FittedSlot| slot.scaler.name() == slot.op && slot.scaler.takes_weights();
        if self.slots.is_empty() {
            let (subject, got) = ("the list of steps with weights", "empty");
            let allowed = "`standardize` takes them, without per = \"sample\"";
            return Err(Error::value(Line::NONE, subject, got, allowed));
        }
        match self.slots.iter().find(|slot| !takes(slot)) {
            Some(slot) => Err(slot.unfit("takes no weights; `standardize` alone does".to_owned())),
            None => Ok(()),
        }
    }

    /// Weights of a batch of that shape, for a fit.
    pub fn weights<'a>(
        &self,
        weights: ArrayView2<'a, f64>,
        shape: (usize, usize, usize),
    ) -> Result<Weights<'a>> {
        self.check_weights()?;
        Weights::new(weights, shape)
    }

    /// Refuses to fit more timesteps by themselves than memory should be taken for.
    pub fn check_statistics(&self, timesteps: usize) -> Result<()> {
        let each = self.slots.iter().filter(|slot| slot.each_timestep);
        let bytes = each.map(|slot| slot.bytes(timesteps)).fold(0, usize::saturating_add);
        if bytes <= MOST_STATISTICS {
            return Ok(());
        }
        Err(Error::TooLarge {
            subject: "what a fit learns of each timestep".to_owned(),
            bytes: bytes as u128,
            problem: "more than a thread works in",
        })
    }

    /// Refuses samples that come in pieces of time where they are needed whole.
    pub fn check_pieces(&self) -> Result<()> {
        let Some(scaler) = self.whole_samples() else { return Ok(()) };
        let subject = format!("`per` of `{}`", scaler.name());
        let allowed = "such a pipeline needs whole samples, not pieces of time";
        Err(Error::value(Line::NONE, subject, "\"sample\"", allowed))
    }

    /// Refuses samples of another length than those that a scaler was fitted on timestep by timestep.
    pub fn check_timesteps<'a>(
        &self,
        fitted: impl Iterator<Item = Option<&'a Map>>,
        timesteps: usize,
    ) -> Result<()> {
        for (slot, map) in self.slots.iter().zip(fitted) {
            if let Some(expected) = map.and_then(Map::timesteps)
                && expected != timesteps
            {
                return Err(slot.other_timesteps(expected, timesteps));
            }
        }
        Ok(())
    }

    /// The planes whose values depend on later timesteps of their sample.
    pub fn looks_ahead(&self) -> Vec<bool> {
        let mut ahead = vec![false; self.planes];
        for stage in &self.stages {
            let own = matches!(stage.work, Work::Sample { .. });
            let looks = own || stage.inputs.iter().any(|&plane| ahead[plane]);
            stage.outputs.iter().for_each(|&plane| ahead[plane] = looks);
        }
        ahead
    }

    /// The planes that must be computed so that those of `wanted` are.
    pub fn needed(&self, wanted: impl Iterator<Item = Plane>) -> Vec<bool> {
        let mut needed = vec![false; self.planes];
        wanted.for_each(|plane| needed[plane] = true);
        for stage in self.stages.iter().rev() {
            if stage.outputs.iter().any(|&plane| needed[plane]) {
                stage.inputs.iter().for_each(|&plane| needed[plane] = true);
            }
        }
        needed
    }
}
