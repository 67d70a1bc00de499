//! What a run would do, as data.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use super::abreast::levels;
use super::column::{Change, Column};
use super::graph::{Graph, Plane, Slot, Stage, Work};
use super::layout::Layout;
use crate::batch::{Dtype, bytes};
use crate::error::{Error, Result, listed, printable, shown};
use crate::simd::Level;

/// What a run of a pipeline would do; runs nothing.
///
/// Prints as text, serialises, compares.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The columns of the input, and whether each is read.
    pub inputs: Vec<PlanInput>,
    /// The computations, in order.
    pub computes: Vec<String>,
    /// Passes over the data that a fit takes.
    pub fit_passes: usize,
    /// The columns of the output.
    pub columns: Vec<PlanColumn>,
    /// Leading timesteps that the output leaves out.
    pub trim: usize,
    /// Sizes, where the shape of the input is known.
    pub size: Option<PlanSize>,
}

/// A column of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanInput {
    /// Its name.
    pub name: String,
    /// Whether anything of the output is computed from it.
    pub read: bool,
}

/// A column of the output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanColumn {
    /// Its name.
    pub name: String,
    /// How many leading timesteps are without a value of its own for lack of history: NaN, or the
    /// number that `[output] warmup` puts there. A number that a lag fills in is none of them, unless
    /// such a timestep follows.
    pub warmup: usize,
    /// Of how many leading timesteps the cells are no values of its own, but warm-up or fill.
    pub begin: usize,
    /// Whether its cells depend on later timesteps of their sample, as a scaler with
    /// `per = "sample"` makes them.
    pub looks_ahead: bool,
}

/// Sizes of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlanSize {
    /// The input's shape.
    pub input: [usize; 3],
    /// The output's shape.
    pub output: [usize; 3],
    /// The output's dtype.
    pub dtype: String,
    /// Bytes of the input.
    pub input_bytes: usize,
    /// Bytes of the output.
    pub output_bytes: usize,
    /// Timesteps that are worked on at once.
    pub chunk: usize,
    /// Bytes of scratch a thread works in, about.
    pub scratch_bytes: usize,
    /// Bytes that all statistics of a fit take, about; each thread has its own, and some are merged.
    pub fit_bytes: usize,
    /// Bytes that what was fitted takes, about.
    pub fitted_bytes: usize,
    /// Bytes that the engine `reference` works in, about.
    pub reference_bytes: usize,
    /// Whether samples must be given whole, not in pieces of time.
    pub whole_samples: bool,
}

pub(super) fn check_features(graph: &Graph, shape: [usize; 3]) -> Result<()> {
    let expected = graph.inputs.len();
    if shape[2] == expected {
        return Ok(());
    }
    Err(Error::Shape {
        subject: "the batch".to_owned(),
        got: format!("({}, {}, {})", shape[0], shape[1], shape[2]),
        expected: format!(
            "(samples, timesteps, {expected}): the pipeline names the columns {}",
            listed(&graph.inputs)
        ),
    })
}

impl Plan {
    pub(super) fn new(
        graph: &Graph,
        shape: Option<[usize; 3]>,
        dtype: Option<Dtype>,
    ) -> Result<Plan> {
        let output = graph.needed(graph.columns.iter().map(|column| column.plane));
        let fit = graph.needed(graph.slots.iter().map(|slot| slot.column.plane));
        let inputs = graph.inputs.iter().enumerate();
        let (trim, ahead) = (graph.trim(), graph.looks_ahead());
        Ok(Plan {
            inputs: inputs
                .map(|(i, name)| PlanInput { name: name.clone(), read: output[i] || fit[i] })
                .collect(),
            computes: computes(graph, &output),
            fit_passes: graph.passes(),
            columns: graph
                .columns
                .iter()
                .map(|column| PlanColumn {
                    name: column.name.clone(),
                    warmup: column.warmup().saturating_sub(trim),
                    begin: column.begin().saturating_sub(trim),
                    looks_ahead: ahead[column.plane],
                })
                .collect(),
            trim,
            size: shape.map(|shape| PlanSize::new(graph, shape, dtype)).transpose()?,
        })
    }
}

/// What planes are called: as the column that shows one, or as what it was made of.
struct Names<'a> {
    graph: &'a Graph,
    /// The columns by what makes them: a plane, how far they look back and how they are scaled.
    columns: HashMap<(Plane, usize, &'a [Slot]), &'a str>,
    /// What computes each plane, if it is no input.
    stages: HashMap<Plane, &'a Stage>,
}

impl<'a> Names<'a> {
    fn new(graph: &'a Graph) -> Self {
        let columns = graph.columns.iter();
        let key = |column: &'a Column| (column.plane, column.lag, &*column.scales);
        let outputs = |stage: &'a Stage| stage.outputs.iter().map(move |&plane| (plane, stage));
        Names {
            graph,
            columns: columns.map(|column| (key(column), column.name.as_str())).collect(),
            stages: graph.stages.iter().flat_map(outputs).collect(),
        }
    }

    fn of(&self, mut plane: Plane) -> &'a str {
        while let Some(stage) = self.stages.get(&plane) {
            if let Some(name) = self.columns.get(&(plane, 0, &[][..])) {
                return name;
            }
            let input = stage.inputs[0];
            match &stage.work {
                Work::Kernel { row, .. } => return row.name,
                Work::Derive { scales, lag } => {
                    if let Some(name) = self.columns.get(&(input, *lag, scales)) {
                        return name;
                    }
                }
                _ => {}
            }
            plane = input;
        }
        &self.graph.inputs[plane]
    }
}

fn computes(graph: &Graph, needed: &[bool]) -> Vec<String> {
    let names = Names::new(graph);
    let stages = graph.stages.iter().filter(|stage| needed[stage.outputs[0]]);
    let kernels = stages.filter_map(|stage| match &stage.work {
        Work::Kernel { row, params, .. } => {
            let params: Vec<String> = row
                .params
                .iter()
                .zip(params)
                .map(|(param, value)| format!("{} {}", param.name, param.show(*value)))
                .collect();
            let inputs: Vec<&str> = stage.inputs.iter().map(|&plane| names.of(plane)).collect();
            let computes = format!("{} of {}", row.name, inputs.join(", "));
            Some(match params.is_empty() {
                true => computes,
                false => format!("{computes} ({})", params.join(", ")),
            })
        }
        Work::Bend(Change::Known(_)) => Some(format!("log1p of {}", names.of(stage.inputs[0]))),
        Work::Normalize(norm) => {
            Some(format!("normalize({}, {} columns)", norm.name(), stage.inputs.len()))
        }
        Work::Sample { scaler, .. } => {
            let (op, name) = (scaler.scaler.name(), names.of(stage.outputs[0]));
            Some(format!("{op} of {name} (each sample by itself, which looks ahead)"))
        }
        Work::Bend(_) | Work::Derive { .. } | Work::Fill { .. } => None,
    });
    let scalers = graph.slots.iter().map(|slot| {
        let (op, passes) = (slot.op, slot.passes());
        let passes = match passes.len() {
            1 => format!("pass {}", passes.end),
            _ => format!("passes {} to {}", passes.start + 1, passes.end),
        };
        let each = if slot.each_timestep { " at each timestep" } else { "" };
        format!("{op} of {}{each} (fit {passes})", slot.column.name)
    });
    kernels.chain(scalers).collect()
}

impl PlanSize {
    fn new(graph: &Graph, input: [usize; 3], dtype: Option<Dtype>) -> Result<PlanSize> {
        check_features(graph, input)?;
        let in_dtype = dtype.unwrap_or(Dtype::F32);
        let dtype = graph.dtype.unwrap_or(in_dtype);
        let output = graph.output_shape(input);
        let levels = levels(input[0], Level::best());
        let layout = Layout::new(graph, input[1], 0, levels);
        Ok(PlanSize {
            input,
            output,
            dtype: dtype.name().to_owned(),
            input_bytes: bytes("the input", input, in_dtype.size())?,
            output_bytes: bytes("the output", output, dtype.size())?,
            chunk: layout.chunk,
            scratch_bytes: layout.scratch(graph, levels.0.lanes(), dtype),
            fit_bytes: graph.statistics(input[1]),
            fitted_bytes: graph.fitted_bytes(input[1]),
            reference_bytes: graph.planes.saturating_mul(input[1]).saturating_mul(size_of::<f64>()),
            whole_samples: graph.whole_samples().is_some(),
        })
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inputs: Vec<String> = self
            .inputs
            .iter()
            .map(|input| (shown(&input.name), input.read))
            .map(|(name, read)| if read { name } else { format!("({name})") })
            .collect();
        writeln!(f, "reads     {}", inputs.join(", "))?;
        for (i, line) in self.computes.iter().enumerate() {
            // It may be long by its parameters.
            let line = printable(line);
            writeln!(f, "{}{line}", if i == 0 { "computes  " } else { "          " })?;
        }
        match self.fit_passes {
            0 => writeln!(f, "fit       nothing")?,
            1 => writeln!(f, "fit       1 pass over the data")?,
            passes => writeln!(f, "fit       {passes} passes over the data")?,
        }
        if self.trim > 0 {
            writeln!(f, "trims     the first {} timesteps of every sample", self.trim)?;
        }
        if let Some(size) = &self.size {
            let [n, t, c] = size.input;
            writeln!(f, "input     ({n}, {t}, {c}), {} bytes", size.input_bytes)?;
            let [n, t, c] = size.output;
            writeln!(f, "output    ({n}, {t}, {c}) {}, {} bytes", size.dtype, size.output_bytes)?;
            writeln!(
                f,
                "scratch   {} bytes a thread, {} timesteps at a time",
                size.scratch_bytes, size.chunk
            )?;
        }
        writeln!(f, "columns   {:>4}  {:>7}  name", "", "warm-up")?;
        for (i, column) in self.columns.iter().enumerate() {
            let ahead = if column.looks_ahead { "  (looks ahead)" } else { "" };
            let name = shown(&column.name);
            writeln!(f, "          {i:>4}  {:>7}  {name}{ahead}", column.warmup)?;
        }
        Ok(())
    }
}
