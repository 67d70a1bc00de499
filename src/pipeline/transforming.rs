//! A transform of samples whose timesteps are not at hand all at once.

use std::any::Any;
use std::marker::PhantomData;
use std::sync::Arc;

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::FittedPipeline;
use super::abreast::levels;
use super::graph::Graph;
use super::layout::Layout;
use super::run::Engine;
use super::worker::{Shape, Worker};
use crate::batch::{AnyBatch, AnyBatchMut, Dtype, Element, bytes, with_batch, with_batch_mut};
use crate::error::{Error, Line, Result};

/// A transform that is given its samples in pieces of time, one after the other.
///
/// Gives the bits of [`FittedPipeline::transform`] on all pieces together, at any level.
///
/// ```
/// use ndarray::{Array3, Axis, s};
/// use windrow::{Engine, Pipeline, Transforming};
///
/// let pipeline = Pipeline::from_toml(r#"
///     [input]
///     columns = ["x"]
///     [[step]]
///     op = "sma"
///     columns = "x"
///     period = 4
///     [output]
///     warmup = "trim"
/// "#)?;
/// let x = Array3::from_shape_fn((1, 50, 1), |(_, t, _)| (t * t) as f64);
/// let fitted = pipeline.fit(x.view())?;
/// let mut transforming = Transforming::<f64, f64>::new(&fitted, (1, 50), Engine::default())?;
/// let mut rows = 0;
/// let mut y = Array3::zeros(fitted.output_shape(x.dim())?);
/// for piece in x.axis_chunks_iter(Axis(1), 20) {
///     let more = transforming.rows(piece.dim().1);
///     transforming.push(piece, y.slice_mut(s![.., rows..rows + more, ..]))?;
///     rows += more;
/// }
/// let whole: Array3<f64> = fitted.transform(x.view())?;
/// assert_eq!(y, whole);
/// # Ok::<(), windrow::Error>(())
/// ```
pub struct Transforming<E, O> {
    any: AnyTransforming,
    dtypes: PhantomData<fn(E) -> O>,
}

/// The same, compiled once; see [`AnyBatch`].
struct AnyTransforming {
    /// `Vec<Worker<E, O>>`, one for as many samples as there are lanes.
    workers: Box<dyn Any + Send>,
    lanes: usize,
    samples: usize,
    timesteps: usize,
    features: usize,
    columns: usize,
    trim: usize,
    /// Timesteps that were given.
    at: usize,
}

impl<E: Element, O: Element> Transforming<E, O> {
    /// Nothing given yet of so many samples and timesteps.
    ///
    /// # Errors
    ///
    /// Those of [`FittedPipeline::transform`]; the engine `reference`, which takes whole samples
    /// only.
    pub fn new(
        fitted: &FittedPipeline,
        (samples, timesteps): (usize, usize),
        engine: Engine,
    ) -> Result<Self> {
        let any = AnyTransforming::new(fitted, (samples, timesteps), engine, (E::DTYPE, O::DTYPE))?;
        Ok(Transforming { any, dtypes: PhantomData })
    }

    /// How many rows the next `steps` timesteps of a sample give: fewer while they are trimmed.
    pub fn rows(&self, steps: usize) -> usize {
        self.any.rows(steps)
    }

    /// The next timesteps of all samples, and where their rows go, in any memory order.
    ///
    /// # Errors
    ///
    /// Another number of samples or features than was said, or more timesteps; a buffer of another
    /// shape than these timesteps give.
    pub fn push(&mut self, x: ArrayView3<'_, E>, y: ArrayViewMut3<'_, O>) -> Result<()> {
        self.any.push(&E::any(x), O::any_mut(y))
    }
}

impl AnyTransforming {
    fn new(
        fitted: &FittedPipeline,
        (samples, timesteps): (usize, usize),
        engine: Engine,
        (input, output): (Dtype, Dtype),
    ) -> Result<Self> {
        let Engine::Level(level) = engine else {
            return Err(Error::value(
                Line::NONE,
                "the engine of a transform by pieces",
                engine,
                "allowed: a level",
            ));
        };
        fitted.check_dtypes(input, output)?;
        fitted.check_timesteps(timesteps)?;
        fitted.pipeline().graph.check_pieces()?;
        let graph = &fitted.pipeline().graph;
        let (features, columns) = (graph.inputs.len(), graph.columns.len());
        bytes("the output", [samples, timesteps, columns], output.size())?;
        let levels = levels(samples, level);
        // Pieces end anywhere, so nothing of them may wait for the line of cache to be full.
        let kept = 0;
        let layout = Layout::new(graph, timesteps, kept, levels);
        let lanes = levels.0.lanes();
        layout.check_scratch(graph, lanes, output, samples.div_ceil(lanes))?;
        let trim = layout.trim;
        let shape = Arc::new(Shape::new(graph, layout, fitted.maps(), levels));
        let count = samples.div_ceil(lanes);
        let workers = match (input, output) {
            (Dtype::F32, Dtype::F32) => workers::<f32, f32>(graph, &shape, count),
            (Dtype::F32, Dtype::F64) => workers::<f32, f64>(graph, &shape, count),
            (Dtype::F64, Dtype::F32) => workers::<f64, f32>(graph, &shape, count),
            (Dtype::F64, Dtype::F64) => workers::<f64, f64>(graph, &shape, count),
        };
        let at = 0;
        Ok(AnyTransforming { workers, lanes, samples, timesteps, features, columns, trim, at })
    }

    fn rows(&self, steps: usize) -> usize {
        self.at.saturating_add(steps).saturating_sub(self.trim.max(self.at))
    }

    fn push(&mut self, x: &AnyBatch<'_>, y: AnyBatchMut<'_>) -> Result<()> {
        let Self { samples, timesteps, features, columns, at, lanes, .. } = *self;
        let left = timesteps - at;
        let (got, steps) = (x.dim(), x.dim().1);
        if (got.0, got.2) != (samples, features) || steps > left {
            return Err(Error::Shape {
                subject: "the piece".to_owned(),
                got: format!("{got:?}"),
                expected: format!("({samples}, at most {left}, {features})"),
            });
        }
        let expected = (samples, self.rows(steps), columns);
        if y.dim() != expected {
            return Err(Error::Shape {
                subject: "the output buffer".to_owned(),
                got: format!("{:?}", y.dim()),
                expected: format!("{expected:?}"),
            });
        }
        with_batch!(x, |x| with_batch_mut!(y, |y| carry_on(&mut *self.workers, lanes, at, x, y)));
        self.at += steps;
        Ok(())
    }
}

fn workers<E: Element, O: Element>(
    graph: &Graph,
    shape: &Arc<Shape>,
    count: usize,
) -> Box<dyn Any + Send> {
    let worker = || Worker::<E, O>::new(graph, Arc::clone(shape));
    Box::new(std::iter::repeat_with(worker).take(count).collect::<Vec<_>>())
}

/// Carries the workers over a piece that begins at timestep `at`.
fn carry_on<E: Element, O: Element>(
    workers: &mut (dyn Any + Send),
    lanes: usize,
    at: usize,
    x: &ArrayView3<'_, E>,
    mut y: ArrayViewMut3<'_, O>,
) {
    let workers: &mut Vec<Worker<E, O>> = workers.downcast_mut().expect("made for these dtypes");
    let parts = y.axis_chunks_iter_mut(Axis(0), lanes).into_par_iter();
    parts.zip(workers).enumerate().for_each(|(index, (mut y, worker))| {
        let (first, present) = (index * lanes, y.dim().0);
        match y.as_slice_mut() {
            Some(values) => worker.carry_on(x, first, at, values, present),
            None => {
                let mut copy = Array3::from_elem(y.dim(), O::zeroed());
                let values = copy.as_slice_mut().expect("just made");
                worker.carry_on(x, first, at, values, present);
                y.assign(&copy);
            }
        }
    });
}
