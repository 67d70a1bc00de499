//! A fit of more samples than are at hand at once: pass by pass, and in each block by block.

use ndarray::ArrayView3;

use super::fit::Passes;
use super::run::{Engine, Run};
use super::{FittedPipeline, Pipeline};
use crate::batch::{Element, GROUP};
use crate::error::{Error, Line, Result};

/// A fit that is given its samples in blocks, the same ones in every pass.
///
/// Gives the bits of [`Pipeline::fit`] on all blocks together, at any level, whatever the blocks and
/// their order. A fit of a part of the samples can be kept as JSON and [merged](Fitting::merge).
///
/// ```
/// use ndarray::{Array3, Axis};
/// use windrow::{Engine, Fitting, Pipeline, Run};
///
/// let pipeline = Pipeline::from_toml(r#"
///     [input]
///     columns = ["x"]
///     [[step]]
///     op = "standardize"
/// "#)?;
/// let x = Array3::from_shape_fn((40, 5, 1), |(s, t, _)| (s * 7 + t) as f64);
/// let mut fitting = Fitting::new(&pipeline);
/// while fitting.wants_pass() {
///     for block in x.axis_chunks_iter(Axis(0), 16) {
///         fitting.push(block, &Run::new(Engine::default()))?;
///     }
///     fitting.end_pass()?;
/// }
/// assert_eq!(fitting.finish()?.to_json(), pipeline.fit(x.view())?.to_json());
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fitting {
    pub(super) pipeline: Pipeline,
    pub(super) passes: Passes,
}

impl Fitting {
    /// How many samples advance together: blocks of a multiple of it leave nobody idle.
    pub const BLOCK: usize = GROUP;

    /// Nothing seen yet.
    pub fn new(pipeline: &Pipeline) -> Fitting {
        Fitting { passes: Passes::new(&pipeline.graph), pipeline: pipeline.clone() }
    }

    /// The pipeline that is fitted.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The pass under way, from 1 on, and how many there are at most.
    pub fn pass(&self) -> (usize, usize) {
        (self.passes.pass + 1, self.pipeline.graph.passes())
    }

    /// Whether another pass over the samples is needed.
    pub fn wants_pass(&self) -> bool {
        self.passes.pass < self.pipeline.graph.passes()
    }

    /// The next samples of this pass.
    ///
    /// # Errors
    ///
    /// Those of [`Pipeline::fit`]; a block of another dtype; the engine `reference`, which fits whole
    /// batches only.
    pub fn push<E: Element>(&mut self, x: ArrayView3<'_, E>, run: &Run<'_>) -> Result<()> {
        self.pipeline.check_features(x.dim())?;
        match run.engine {
            Engine::Level(level) => self.passes.push(&self.pipeline.graph, &x, level, run),
            Engine::Reference => Err(Error::value(
                Line::NONE,
                "the engine of a fit by blocks",
                run.engine,
                "allowed: a level",
            )),
        }
    }

    /// All samples of this pass were given.
    ///
    /// # Errors
    ///
    /// Samples from which a scaler cannot be fitted; other samples than in the first pass.
    pub fn end_pass(&mut self) -> Result<()> {
        self.passes.end(&self.pipeline.graph)
    }

    /// What was fitted.
    ///
    /// # Errors
    ///
    /// Passes that are still to come.
    pub fn finish(self) -> Result<FittedPipeline> {
        if self.wants_pass() {
            let (got, passes) = (self.passes.pass, self.pipeline.graph.passes());
            let allowed = format!("the pipeline needs {passes}");
            return Err(Error::value(Line::NONE, "the number of passes", got, allowed));
        }
        FittedPipeline::new(self.pipeline, self.passes.statistics, self.passes.first)
    }
}
