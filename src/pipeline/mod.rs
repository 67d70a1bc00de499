//! Pipelines: read from text, resolved, planned, fitted, run.
//!
//! The way of a pipeline: `text` reads TOML, `step` checks every key, `builder` resolves names into
//! the planes and columns of a `graph`, `layout` lays them out for a shape, `machine` computes
//! planes chunk by chunk, `worker` finishes and writes them, `fused` spreads the work over threads,
//! and `fit` takes statistics from the planes that it has `watch`ed. `fitting` and `transforming` do so for batches that
//! come in parts. `naive` does the same by the textbook definitions, step by step.

mod abreast;
mod builder;
mod column;
mod columns;
mod fit;
mod fitted;
mod fitting;
mod fused;
mod graph;
mod inverse;
mod layout;
mod machine;
mod naive;
mod partial;
mod plan;
mod run;
mod saved;
mod scaling;
mod seen;
mod step;
mod text;
mod transforming;
mod watch;
mod worker;

use std::sync::Arc;

use ndarray::{ArrayView2, ArrayView3};

pub use self::fitted::FittedPipeline;
pub use self::fitting::{Fitting, FittingSample};
use self::graph::Graph;
pub use self::plan::{Plan, PlanColumn, PlanInput, PlanSize};
pub use self::run::{Engine, Run};
use self::step::{File, OTHERS};
pub use self::transforming::Transforming;
use crate::batch::{AnyBatch, Dtype, Element, with_batch};
use crate::error::Result;

/// Input columns, steps in order, and an output: what a pipeline file says, checked.
///
/// ```
/// let pipeline = windrow::Pipeline::from_toml(r#"
///     [input]
///     columns = ["close", "volume"]
///     [[step]]
///     op = "sma"
///     columns = "close"
///     period = 3
/// "#)?;
/// let x = ndarray::Array3::from_shape_fn((2, 4, 2), |(_, t, _)| t as f64);
/// let fitted = pipeline.fit(x.view())?;
/// assert_eq!(fitted.columns(), ["close", "volume", "close_sma_3"]);
/// let y: ndarray::Array3<f64> = fitted.transform(x.view())?;
/// assert_eq!(y[[0, 3, 2]], 2.0);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Clone)]
pub struct Pipeline {
    text: Arc<str>,
    graph: Arc<Graph>,
}

impl Pipeline {
    /// Longest text that is read, in bytes.
    pub const LONGEST_TEXT: usize = step::LONGEST_TEXT;

    /// The names of the ops that are neither indicators nor scalers.
    pub const OTHER_OPS: [&'static str; 6] = OTHERS;

    /// Reads a pipeline file.
    ///
    /// # Errors
    ///
    /// Text that is not TOML, or longer than [`LONGEST_TEXT`](Pipeline::LONGEST_TEXT); more than
    /// 10,000 steps or 100,000 columns; an unknown key, op or column; a parameter outside its range. Each
    /// names its line.
    pub fn from_toml(text: &str) -> Result<Pipeline> {
        let graph = Graph::resolve(File::parse(text)?)?;
        Ok(Pipeline { text: text.into(), graph: Arc::new(graph) })
    }

    /// The text it was read from.
    pub fn to_toml(&self) -> &str {
        &self.text
    }

    /// The columns of the last axis of its input.
    pub fn input_columns(&self) -> &[String] {
        &self.graph.inputs
    }

    /// What a run would do, without running: columns, warm-up, passes; and, where the shape and
    /// dtype of the input are known, sizes.
    ///
    /// # Errors
    ///
    /// A shape that does not fit the pipeline, an output that cannot be addressed.
    pub fn plan(&self, shape: Option<[usize; 3]>, dtype: Option<Dtype>) -> Result<Plan> {
        Plan::new(&self.graph, shape, dtype)
    }

    /// Fits the scalers on a batch (samples, timesteps, features).
    ///
    /// # Errors
    ///
    /// Another number of features than the pipeline names; a value in a scaled column that is not
    /// finite; too few values for a scaler, or a spread that f64 cannot hold; statistics or scratch
    /// memory that are too large; a level in the environment variable `WINDROW_LEVEL` that is
    /// unknown, or that this processor lacks.
    pub fn fit<E: Element>(&self, x: ArrayView3<'_, E>) -> Result<FittedPipeline> {
        self.fit_with(x, &Run::new(Engine::from_env()?))
    }

    /// [`fit`](Pipeline::fit) with a chosen engine.
    ///
    /// # Errors
    ///
    /// As [`fit`](Pipeline::fit), but for the environment, which is not asked.
    pub fn fit_with<E: Element>(
        &self,
        x: ArrayView3<'_, E>,
        run: &Run<'_>,
    ) -> Result<FittedPipeline> {
        self.fit_any(&E::any(x), None, run)
    }

    /// Fits `standardize` on a batch whose cells count as often as weights say: (samples, 1) or
    /// (samples, timesteps), as scikit-learn's `StandardScaler` does with `sample_weight`.
    ///
    /// A cell of weight 0 is left out, whatever it holds. Means and deviations are those of exact
    /// sums, so that neither the order of samples nor how they are grouped shows; `ddof` is taken off
    /// the sum of the weights.
    ///
    /// ```
    /// use ndarray::array;
    /// let pipeline = windrow::Pipeline::from_toml(
    ///     "input = { columns = ['x'] }\nstep = [{ op = 'standardize', with_std = false }]",
    /// )?;
    /// let x = array![[[1.0], [f64::NAN]], [[4.0], [5.0]]];
    /// let fitted = pipeline.fit_weighted(x.view(), array![[1.0, 0.0], [0.5, 0.5]].view())?;
    /// let y: ndarray::Array3<f64> = fitted.transform(x.slice(ndarray::s![1.., .., ..]))?;
    /// assert_eq!(y, array![[[1.25], [2.25]]]); // 2.75 less
    /// # Ok::<(), windrow::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fit`](Pipeline::fit); a weight that is negative, NaN, or beyond 1e-30 to 1e30 but for
    /// 0; a scaler other than `standardize`, or none.
    pub fn fit_weighted<E: Element>(
        &self,
        x: ArrayView3<'_, E>,
        weights: ArrayView2<'_, f64>,
    ) -> Result<FittedPipeline> {
        self.fit_weighted_with(x, weights, &Run::new(Engine::from_env()?))
    }

    /// [`fit_weighted`](Pipeline::fit_weighted) with a chosen engine.
    ///
    /// # Errors
    ///
    /// As [`fit_weighted`](Pipeline::fit_weighted), but for the environment, which is not asked.
    pub fn fit_weighted_with<E: Element>(
        &self,
        x: ArrayView3<'_, E>,
        weights: ArrayView2<'_, f64>,
        run: &Run<'_>,
    ) -> Result<FittedPipeline> {
        self.fit_any(&E::any(x), Some(weights), run)
    }

    fn fit_any(
        &self,
        x: &AnyBatch<'_>,
        weights: Option<ArrayView2<'_, f64>>,
        run: &Run<'_>,
    ) -> Result<FittedPipeline> {
        self.check_features(x.dim())?;
        if weights.is_some() {
            self.graph.check_weights()?;
        }
        let found = match run.engine {
            Engine::Reference => {
                self.graph.check_statistics(x.dim().1)?;
                let weights = weights.map(|weights| self.graph.weights(weights, x.dim()));
                let weights = weights.transpose()?;
                with_batch!(x, |x| naive::fit(&self.graph, x, weights.as_ref(), run))?
            }
            Engine::Level(level) => fit::fit(&self.graph, x, weights, level, run)?,
        };
        Ok(FittedPipeline::new(self.clone(), found))
    }

    fn check_features(&self, dim: (usize, usize, usize)) -> Result<()> {
        plan::check_features(&self.graph, [dim.0, dim.1, dim.2])
    }
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pipeline({:?})", self.text)
    }
}
