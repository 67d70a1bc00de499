//! A fitted pipeline: transforms any batch the way it was fitted.

use ndarray::{Array3, ArrayView3, ArrayViewMut3};

use super::fit::Found;
use super::run::{Engine, Run};
use super::seen::Seen;
use super::{Pipeline, fused, naive};
use crate::batch::{
    AnyBatch, AnyBatchMut, Dtype, Element, bytes, filled, with_batch, with_batch_mut,
};
use crate::error::{Error, Line, Result};
use crate::scale::{Map, Statistics};

/// A pipeline whose scalers are fitted.
#[derive(Debug, Clone)]
pub struct FittedPipeline {
    pipeline: Pipeline,
    pub(super) statistics: Vec<Statistics>,
    maps: Vec<Map>,
    /// The samples; none if there was nothing to fit.
    pub(super) fitted_on: Option<Seen>,
    kept: fused::Kept,
}

impl FittedPipeline {
    pub(super) fn new(pipeline: Pipeline, (statistics, maps, fitted_on): Found) -> Self {
        let kept = fused::Kept::default();
        FittedPipeline { pipeline, statistics, maps, fitted_on, kept }
    }

    /// The pipeline that was fitted.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// The scaled columns that had no values in the fit, only NaN that it ignored: what comes of
    /// them is NaN.
    pub fn without_values(&self) -> Vec<&str> {
        let slots = self.pipeline.graph.slots.iter().zip(&self.maps);
        let empty = slots.filter(|(_, map)| map.is_empty());
        empty.map(|(slot, _)| slot.column.name.as_str()).collect()
    }

    /// The names of the output's columns, in order.
    pub fn columns(&self) -> Vec<String> {
        self.pipeline.graph.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// How many leading timesteps of each column are without a value of its own for lack of history:
    /// NaN, or the number that `[output] warmup` puts there. A number that a lag fills in is none of
    /// them, unless such a timestep follows.
    pub fn warmups(&self) -> Vec<usize> {
        let trim = self.pipeline.graph.trim();
        let warmup = |column: &super::column::Column| column.warmup().saturating_sub(trim);
        self.pipeline.graph.columns.iter().map(warmup).collect()
    }

    /// The shape of the output for an input of this shape.
    ///
    /// # Errors
    ///
    /// Another number of features than the pipeline names, or of timesteps than the fit had where a
    /// scaler is fitted `per = "timestep"`; an output that cannot be addressed.
    pub fn output_shape(&self, input: (usize, usize, usize)) -> Result<(usize, usize, usize)> {
        self.pipeline.check_features(input)?;
        self.check_timesteps(input.1)?;
        let shape = self.pipeline.graph.output_shape(input.into());
        bytes("the output", shape, Dtype::F64.size())?;
        Ok(shape.into())
    }

    /// The dtype of the output for an input of this dtype.
    pub fn output_dtype(&self, input: Dtype) -> Dtype {
        self.pipeline.graph.dtype.unwrap_or(input)
    }

    /// Transforms a batch.
    ///
    /// # Errors
    ///
    /// Those of [`output_shape`](FittedPipeline::output_shape); an element type `O` that is not
    /// [`output_dtype`](FittedPipeline::output_dtype); an output or scratch memory that is too
    /// large; a level in the environment variable `WINDROW_LEVEL` that is unknown, or that this
    /// processor lacks.
    pub fn transform<E: Element, O: Element>(&self, x: ArrayView3<'_, E>) -> Result<Array3<O>> {
        self.transform_with(x, &Run::new(Engine::from_env()?))
    }

    /// [`transform`](FittedPipeline::transform) with a chosen engine.
    ///
    /// # Errors
    ///
    /// As [`transform`](FittedPipeline::transform), but for the environment, which is not asked.
    pub fn transform_with<E: Element, O: Element>(
        &self,
        x: ArrayView3<'_, E>,
        run: &Run<'_>,
    ) -> Result<Array3<O>> {
        let shape = self.output_shape(x.dim())?;
        let mut y = filled("the output", [shape.0, shape.1, shape.2], O::zeroed())?;
        self.transform_into_with(x, y.view_mut(), run)?;
        Ok(y)
    }

    /// Transforms a batch into the caller's buffer, in any memory order.
    ///
    /// # Errors
    ///
    /// As [`transform`](FittedPipeline::transform); a buffer of another shape than
    /// [`output_shape`](FittedPipeline::output_shape).
    pub fn transform_into<E: Element, O: Element>(
        &self,
        x: ArrayView3<'_, E>,
        y: ArrayViewMut3<'_, O>,
    ) -> Result<()> {
        self.transform_into_with(x, y, &Run::new(Engine::from_env()?))
    }

    /// [`transform_into`](FittedPipeline::transform_into) with a chosen engine.
    ///
    /// # Errors
    ///
    /// As [`transform_into`](FittedPipeline::transform_into), but for the environment, which is not
    /// asked.
    pub fn transform_into_with<E: Element, O: Element>(
        &self,
        x: ArrayView3<'_, E>,
        y: ArrayViewMut3<'_, O>,
        run: &Run<'_>,
    ) -> Result<()> {
        self.transform_any(&E::any(x), O::any_mut(y), run)
    }

    /// Refuses samples of another length than those of the fit, where each timestep has its map.
    pub(super) fn check_timesteps(&self, timesteps: usize) -> Result<()> {
        self.pipeline.graph.check_timesteps(self.maps.iter().map(Some), timesteps)
    }

    fn transform_any(&self, x: &AnyBatch<'_>, y: AnyBatchMut<'_>, run: &Run<'_>) -> Result<()> {
        let shape = self.output_shape(x.dim())?;
        if y.dim() != shape {
            return Err(Error::Shape {
                subject: "the output buffer".to_owned(),
                got: format!("{:?}", y.dim()),
                expected: format!("{shape:?}"),
            });
        }
        self.check_dtypes(x.dtype(), y.dtype())?;
        let graph = &self.pipeline.graph;
        with_batch!(x, |x| with_batch_mut!(y, |y| match run.engine {
            Engine::Reference => {
                naive::transform(graph, &self.maps, x, y, run);
                Ok(())
            }
            Engine::Level(level) => {
                fused::transform(graph, &self.maps, &self.kept, x, y, level, run)
            }
        }))
    }

    pub(super) fn check_dtypes(&self, input: Dtype, output: Dtype) -> Result<()> {
        if self.output_dtype(input) == output {
            return Ok(());
        }
        Err(Error::value(
            Line::NONE,
            "the element type of the output",
            output,
            format!("the pipeline gives {}", self.output_dtype(input)),
        ))
    }

    pub(super) fn maps(&self) -> &[Map] {
        &self.maps
    }
}
