//! A fit of more samples than are at hand at once: pass by pass, and in each block by block.

use ndarray::ArrayView3;

use std::sync::Arc;

use super::abreast::levels;
use super::fit::{Alone, Fault, Passes, Watch, accumulate, machine, watch, watches};
use super::graph::Graph;
use super::machine::Machine;
use super::run::{Engine, Run};
use super::{FittedPipeline, Pipeline};
use crate::batch::{Element, GROUP, Samples};
use crate::error::{Error, Line, Result};
use crate::scale::{Affine, LaneStatistics};
use crate::simd::Level;

/// A fit that is given its samples in blocks, the same ones in every pass.
///
/// Gives the bits of [`Pipeline::fit`] on all blocks together, at any level.
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
#[derive(Debug)]
pub struct Fitting {
    pipeline: Pipeline,
    passes: Passes,
}

impl Fitting {
    /// Samples of a block, or a multiple of it, except in the last block of a pass.
    pub const BLOCK: usize = GROUP;

    /// Nothing seen yet.
    pub fn new(pipeline: &Pipeline) -> Fitting {
        Fitting { passes: Passes::new(&pipeline.graph), pipeline: pipeline.clone() }
    }

    /// Whether another pass over the samples is needed.
    pub fn wants_pass(&self) -> bool {
        self.passes.pass < self.pipeline.graph.passes()
    }

    /// The next samples of this pass.
    ///
    /// # Errors
    ///
    /// Those of [`Pipeline::fit`]; a block after one that is no multiple of
    /// [`BLOCK`](Fitting::BLOCK); the engine `reference`, which fits whole batches only.
    pub fn push<E: Element>(&mut self, x: ArrayView3<'_, E>, run: &Run<'_>) -> Result<()> {
        self.pipeline.check_features(x.dim())?;
        self.check_group(self.passes.seen.is_multiple_of(Self::BLOCK))?;
        let level = level(run.engine)?;
        self.passes.push(&self.pipeline.graph, &x, level, run)
    }

    /// Begins the next sample of this pass, of so many timesteps, which come piece by piece.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Fitting::push).
    pub fn sample<E: Element>(&self, timesteps: usize, engine: Engine) -> Result<FittingSample<E>> {
        let Passes { pass, maps, .. } = &self.passes;
        let graph = Arc::clone(&self.pipeline.graph);
        self.pipeline.check_features((1, timesteps, graph.inputs.len()))?;
        let watches = watches(&graph, *pass, maps);
        let sums: Vec<LaneStatistics<f64>> = watches.iter().map(Watch::begin).collect();
        Ok(FittingSample {
            machine: machine(&graph, &watches, maps, levels(1, level(engine)?), timesteps),
            faults: vec![None; sums.len()],
            sums,
            pass: *pass,
            maps: maps.clone(),
            timesteps,
            at: 0,
            graph,
        })
    }

    /// The next sample of this pass, of which all pieces were given.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Fitting::push), of this sample or one of the few before it that are folded
    /// together; a sample of another pass or pipeline; timesteps that were not given.
    pub fn push_sample<E: Element>(&mut self, sample: FittingSample<E>) -> Result<()> {
        let own = Arc::ptr_eq(&sample.graph, &self.pipeline.graph);
        if !own || sample.pass != self.passes.pass {
            let allowed = "expected one that this fit began, in this pass";
            return Err(Error::value(Line::NONE, "the sample", "of another fit", allowed));
        }
        if sample.at < sample.timesteps {
            let allowed = format!("expected all {}", sample.timesteps);
            return Err(Error::value(Line::NONE, "the timesteps given", sample.at, allowed));
        }
        self.check_group(
            self.passes.awaits_samples() || self.passes.seen.is_multiple_of(Self::BLOCK),
        )?;
        self.passes.push_alone(&self.pipeline.graph, sample.end())
    }

    fn check_group(&self, begins: bool) -> Result<()> {
        if begins {
            return Ok(());
        }
        let allowed = format!("allowed: a multiple of {}, then more", Self::BLOCK);
        let seen = self.passes.seen;
        Err(Error::value(Line::NONE, "the samples of earlier blocks", seen, allowed))
    }

    /// All samples of this pass were given.
    ///
    /// # Errors
    ///
    /// Samples from which a scaler cannot be fitted.
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
        FittedPipeline::new(self.pipeline, self.passes.statistics)
    }
}

/// A sample of a fit that is given in pieces of time, as when it is larger than memory.
///
/// ```
/// use ndarray::{Array3, Axis};
/// use windrow::{Engine, Fitting, Pipeline};
///
/// let pipeline = Pipeline::from_toml(r#"
///     [input]
///     columns = ["x"]
///     [[step]]
///     op = "standardize"
/// "#)?;
/// let x = Array3::from_shape_fn((1, 500, 1), |(_, t, _)| (t * t) as f64);
/// let mut fitting = Fitting::new(&pipeline);
/// while fitting.wants_pass() {
///     let mut sample = fitting.sample(500, Engine::default())?;
///     for piece in x.axis_chunks_iter(Axis(1), 70) {
///         sample.push(piece)?;
///     }
///     fitting.push_sample(sample)?;
///     fitting.end_pass()?;
/// }
/// assert_eq!(fitting.finish()?.to_json(), pipeline.fit(x.view())?.to_json());
/// # Ok::<(), windrow::Error>(())
/// ```
pub struct FittingSample<E> {
    graph: Arc<Graph>,
    pass: usize,
    maps: Vec<Option<Affine>>,
    machine: Machine<E>,
    sums: Vec<LaneStatistics<f64>>,
    faults: Vec<Option<Fault>>,
    timesteps: usize,
    /// Timesteps that were given.
    at: usize,
}

impl<E: Element> FittingSample<E> {
    /// The next timesteps, (1, timesteps, features).
    ///
    /// # Errors
    ///
    /// Another shape, or more timesteps than were said.
    pub fn push(&mut self, x: ArrayView3<'_, E>) -> Result<()> {
        let Self { graph, pass, maps, machine, sums, faults, timesteps, at } = self;
        let (got, left) = (x.dim(), *timesteps - *at);
        if (got.0, got.2) != (1, graph.inputs.len()) || got.1 > left {
            return Err(Error::Shape {
                subject: "the piece".to_owned(),
                got: format!("{got:?}"),
                expected: format!("(1, at most {left}, {})", graph.inputs.len()),
            });
        }
        let watches = watches(graph, *pass, maps);
        // A sample alone goes by one lane; see `abreast`.
        let samples = Samples::new::<f64>(&x, 0);
        watch::<f64, E>(
            machine,
            &watches,
            &x,
            &samples,
            (*at, *timesteps),
            #[inline(always)]
            |index, rows, range, start| {
                let watch = &watches[index];
                // It cannot be looked for later: the piece is gone then.
                if faults[index].is_none() {
                    faults[index] = watch.fault::<f64, E>(rows, range.clone(), start, 0);
                }
                accumulate::<f64, E>(watch, rows, range, &mut sums[index]);
            },
        );
        *at += got.1;
        Ok(())
    }

    fn end(self) -> Alone {
        let finish = |(watch, sums): (&Watch<'_>, LaneStatistics<f64>)| {
            let mut lane = [watch.nothing()];
            sums.finish(&mut lane);
            lane[0]
        };
        let watches = watches(&self.graph, self.pass, &self.maps);
        let statistics = watches.iter().zip(self.sums).map(finish).collect();
        Alone { statistics, faults: self.faults }
    }
}

/// The level of an engine that computes part by part.
fn level(engine: Engine) -> Result<Level> {
    match engine {
        Engine::Level(level) => Ok(level),
        Engine::Reference => Err(Error::value(
            Line::NONE,
            "the engine of a fit by blocks",
            engine,
            "allowed: a level",
        )),
    }
}
