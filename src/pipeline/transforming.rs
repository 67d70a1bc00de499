//! A transform of samples whose timesteps are not at hand all at once.

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::FittedPipeline;
use super::abreast::levels;
use super::layout::Layout;
use super::run::Engine;
use super::worker::{Shape, Worker};
use crate::batch::{Element, bytes};
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
    /// One for as many samples as there are lanes.
    workers: Vec<Worker<E, O>>,
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
        let Engine::Level(level) = engine else {
            return Err(Error::value(
                Line::NONE,
                "the engine of a transform by pieces",
                engine,
                "allowed: a level",
            ));
        };
        fitted.check_dtype::<E, O>()?;
        let graph = &fitted.pipeline().graph;
        let (features, columns) = (graph.inputs.len(), graph.columns.len());
        bytes("the output", [samples, timesteps, columns], O::DTYPE.size())?;
        // Pieces end anywhere, so nothing of them may wait for the line of cache to be full.
        let stream = false;
        let layout = Layout::new(graph, timesteps, 0);
        let levels = levels(samples, level);
        let lanes = levels.0.lanes();
        layout.check_arena(lanes, O::DTYPE)?;
        let trim = layout.trim;
        let shape = std::sync::Arc::new(Shape::new(graph, layout, fitted.maps(), levels, stream));
        let worker = || Worker::new(graph, std::sync::Arc::clone(&shape));
        let workers = std::iter::repeat_with(worker).take(samples.div_ceil(lanes)).collect();
        Ok(Transforming { workers, lanes, samples, timesteps, features, columns, trim, at: 0 })
    }

    /// How many rows the next `steps` timesteps of a sample give: fewer while they are trimmed.
    pub fn rows(&self, steps: usize) -> usize {
        self.at.saturating_add(steps).saturating_sub(self.trim.max(self.at))
    }

    /// The next timesteps of all samples, and where their rows go, in any memory order.
    ///
    /// # Errors
    ///
    /// Another number of samples or features than was said, or more timesteps; a buffer of another
    /// shape than these timesteps give.
    pub fn push(&mut self, x: ArrayView3<'_, E>, mut y: ArrayViewMut3<'_, O>) -> Result<()> {
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
        let parts = y.axis_chunks_iter_mut(Axis(0), lanes).into_par_iter();
        parts.zip(&mut self.workers).enumerate().for_each(|(index, (mut y, worker))| {
            let (first, present) = (index * lanes, y.dim().0);
            match y.as_slice_mut() {
                Some(values) => worker.carry_on(&x, first, at, values, present),
                None => {
                    let mut copy = Array3::from_elem(y.dim(), O::zeroed());
                    let values = copy.as_slice_mut().expect("just made");
                    worker.carry_on(&x, first, at, values, present);
                    y.assign(&copy);
                }
            }
        });
        self.at += steps;
        Ok(())
    }
}
