//! A fit of more samples than are at hand at once: pass by pass, and in each block by block.

use std::marker::PhantomData;
use std::sync::Arc;

use ndarray::{ArrayView2, ArrayView3, Axis};

use super::abreast::levels;
use super::fit::{Passes, machine, watches};
use super::graph::Graph;
use super::machine::Machine;
use super::run::{Engine, Run};
use super::seen::Hash;
use super::watch::{Fault, Target, Watches, accumulate, watch};
use super::{FittedPipeline, Pipeline};
use crate::batch::{AnyBatch, Dtype, Element, GROUP, Samples};
use crate::error::{Error, Line, Result};
use crate::scale::{LaneStatistics, Map, Statistics};
use crate::simd::Level;

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

    /// The pass under way, from 1 on, and how many there are at most; one more than these after the
    /// last.
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
    /// batches only; no pass that is [wanted](Fitting::wants_pass). After an error the block does not
    /// count.
    pub fn push<E: Element>(&mut self, x: ArrayView3<'_, E>, run: &Run<'_>) -> Result<()> {
        self.push_any(&E::any(x), None, run)
    }

    /// The next samples of this pass, whose cells count as often as weights say: (samples, 1) or
    /// (samples, timesteps).
    ///
    /// # Errors
    ///
    /// Those of [`push`](Fitting::push) and [`Pipeline::fit_weighted`]; samples without weights
    /// before.
    pub fn push_weighted<E: Element>(
        &mut self,
        x: ArrayView3<'_, E>,
        weights: ArrayView2<'_, f64>,
        run: &Run<'_>,
    ) -> Result<()> {
        self.push_any(&E::any(x), Some(weights), run)
    }

    fn push_any(
        &mut self,
        x: &AnyBatch<'_>,
        weights: Option<ArrayView2<'_, f64>>,
        run: &Run<'_>,
    ) -> Result<()> {
        self.pipeline.check_features(x.dim())?;
        let level = level(run.engine)?;
        self.passes.push(&self.pipeline.graph, x, weights, level, run)
    }

    /// Begins the next sample of this pass, of so many timesteps, which come piece by piece.
    ///
    /// # Errors
    ///
    /// Those of [`push`](Fitting::push).
    pub fn sample<E: Element>(&self, timesteps: usize, engine: Engine) -> Result<FittingSample<E>> {
        let any = self.sample_any(timesteps, engine, E::DTYPE)?;
        Ok(FittingSample { any, dtype: PhantomData })
    }

    fn sample_any(&self, timesteps: usize, engine: Engine, dtype: Dtype) -> Result<AnySample> {
        let Passes { pass, maps, .. } = &self.passes;
        let graph = Arc::clone(&self.pipeline.graph);
        self.passes.check_under_way(&graph)?;
        self.pipeline.check_features((1, timesteps, graph.inputs.len()))?;
        graph.check_pieces()?;
        self.passes.check_timesteps(&graph, timesteps)?;
        let watches = watches(&graph, *pass, maps);
        let statistics = self.passes.fresh(&graph, timesteps);
        let sums: Vec<LaneStatistics<f64>> =
            watches.all.iter().zip(&statistics).map(|(watch, like)| watch.begin(like)).collect();
        let levels = levels(1, level(engine)?);
        let machine = match dtype {
            Dtype::F32 => AnyMachine::F32(machine(&graph, &watches, maps, levels, timesteps)?),
            Dtype::F64 => AnyMachine::F64(machine(&graph, &watches, maps, levels, timesteps)?),
        };
        Ok(AnySample {
            machine,
            faults: vec![None; sums.len()],
            sums,
            statistics,
            hash: Hash::new(),
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
    /// Those of [`push`](Fitting::push); a spread whose square is beyond f64, or so far below it that
    /// digits are lost (about 1e-140), which a sample given whole may have; a sample of another pass
    /// or pipeline; timesteps that were not given.
    pub fn push_sample<E: Element>(&mut self, sample: FittingSample<E>) -> Result<()> {
        self.push_any_sample(sample.any, E::DTYPE)
    }

    fn push_any_sample(&mut self, sample: AnySample, dtype: Dtype) -> Result<()> {
        let own = Arc::ptr_eq(&sample.graph, &self.pipeline.graph);
        if !own || sample.pass != self.passes.pass {
            let allowed = "expected one that this fit began, in this pass";
            return Err(Error::value(Line::NONE, "the sample", "of another fit", allowed));
        }
        if sample.at < sample.timesteps {
            let allowed = format!("expected all {}", sample.timesteps);
            return Err(Error::value(Line::NONE, "the timesteps given", sample.at, allowed));
        }
        self.passes.check_dtype(dtype)?;
        let AnySample { mut statistics, sums, faults, graph, maps, hash, .. } = sample;
        let watches = watches(&graph, self.passes.pass, &maps);
        for (index, sums) in sums.into_iter().enumerate() {
            let [part, ..] = sums.finish();
            if !part.is_sound() {
                return Err(watches.all[index].blame(self.passes.samples(), faults[index]));
            }
            statistics[index].push(part);
        }
        self.passes.add(&graph, &statistics, &hash.seen(dtype))
    }

    /// All samples of this pass were given.
    ///
    /// # Errors
    ///
    /// Samples from which a scaler cannot be fitted, after which the fit stands as before; other
    /// samples than in the first pass, which are forgotten, so that the pass can be given again; no
    /// pass that is [wanted](Fitting::wants_pass).
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
        Ok(FittedPipeline::new(self.pipeline, self.passes.finish()))
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
    any: AnySample,
    dtype: PhantomData<fn(E)>,
}

/// The same, compiled once; see [`AnyBatch`].
struct AnySample {
    graph: Arc<Graph>,
    pass: usize,
    maps: Vec<Option<Map>>,
    machine: AnyMachine,
    sums: Vec<LaneStatistics<f64>>,
    /// Of this sample, those that take value by value.
    statistics: Vec<Statistics>,
    hash: Hash,
    faults: Vec<Option<Fault>>,
    timesteps: usize,
    /// Timesteps that were given.
    at: usize,
}

enum AnyMachine {
    F32(Machine<f32>),
    F64(Machine<f64>),
}

impl<E: Element> FittingSample<E> {
    /// The next timesteps, (1, timesteps, features).
    ///
    /// # Errors
    ///
    /// Another shape, or more timesteps than were said.
    pub fn push(&mut self, x: ArrayView3<'_, E>) -> Result<()> {
        self.any.push(&E::any(x))
    }
}

impl AnySample {
    fn push(&mut self, x: &AnyBatch<'_>) -> Result<()> {
        let (got, left) = (x.dim(), self.timesteps - self.at);
        let features = self.graph.inputs.len();
        if (got.0, got.2) != (1, features) || got.1 > left {
            return Err(Error::Shape {
                subject: "the piece".to_owned(),
                got: format!("{got:?}"),
                expected: format!("(1, at most {left}, {features})"),
            });
        }
        let Self { graph, pass, maps, machine, sums, statistics, faults, hash, .. } = self;
        let watches = &watches(graph, *pass, maps);
        let into = Sums { watches, sums, statistics, faults, hash };
        let span = (self.at, self.timesteps);
        match (machine, x) {
            (AnyMachine::F32(machine), AnyBatch::F32(x)) => into.push(machine, x, span),
            (AnyMachine::F64(machine), AnyBatch::F64(x)) => into.push(machine, x, span),
            _ => unreachable!("pieces are of the type of the sample"),
        }
        self.at += got.1;
        Ok(())
    }
}

/// Where a piece goes.
struct Sums<'a> {
    watches: &'a Watches<'a>,
    sums: &'a mut [LaneStatistics<f64>],
    statistics: &'a mut [Statistics],
    faults: &'a mut [Option<Fault>],
    hash: &'a mut Hash,
}

impl Sums<'_> {
    fn push<E: Element>(
        self,
        machine: &mut Machine<E>,
        x: &ArrayView3<'_, E>,
        span: (usize, usize),
    ) {
        let Sums { watches, sums, statistics, faults, hash } = self;
        // A sample alone goes by one lane; see `abreast`.
        let samples = Samples::new::<f64>(x, 0);
        watch::<f64, E>(
            machine,
            watches,
            x,
            &samples,
            span,
            #[inline(always)]
            |index, rows, range, start| {
                let watch = &watches.all[index];
                let (sums, whole) = (&mut sums[index], &mut statistics[index]);
                accumulate::<f64, E>(
                    watch,
                    rows,
                    range.clone(),
                    Target { sums, present: 1, whole, weights: None },
                );
                // It cannot be looked for later: the piece is gone then.
                if !sums.is_sound() && faults[index].is_none() {
                    faults[index] = watch.fault::<f64, E>(rows, range, start, 0);
                }
            },
        );
        hash.push(x.index_axis(Axis(0), 0));
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
