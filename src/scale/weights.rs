//! Weights of the cells of a fit.

use std::borrow::Cow;

use ndarray::ArrayView2;

use super::exact::WEIGHTS;
use crate::error::{Error, Line, Result};

/// How often each cell of a batch counts.
pub(crate) struct Weights<'a> {
    /// In C order.
    values: Cow<'a, [f64]>,
    /// Of each sample: one, or one for each timestep.
    columns: usize,
}

impl<'a> Weights<'a> {
    /// Weights of a batch of so many samples and timesteps.
    ///
    /// # Errors
    ///
    /// Another shape, a weight that is none.
    pub fn new(
        values: ArrayView2<'a, f64>,
        (samples, timesteps, _): (usize, usize, usize),
    ) -> Result<Self> {
        if values.nrows() != samples || ![1, timesteps].contains(&values.ncols()) {
            return Err(Error::Shape {
                subject: "the array of weights".to_owned(),
                got: format!("{:?}", values.dim()),
                expected: format!("({samples}, 1) or ({samples}, {timesteps})"),
            });
        }
        let [least, most] = WEIGHTS;
        let fine = |weight: f64| weight == 0.0 || (least..=most).contains(&weight);
        if let Some((place, weight)) = values.indexed_iter().find(|(_, weight)| !fine(**weight)) {
            let subject = format!("the weight at {place:?}");
            let allowed = format!("allowed: 0, or from {least:e} to {most:e}");
            return Err(Error::value(Line::NONE, subject, weight, allowed));
        }
        let copied = || values.iter().copied().collect();
        let in_order = values.to_slice().map_or_else(|| Cow::Owned(copied()), Cow::Borrowed);
        Ok(Weights { values: in_order, columns: values.ncols() })
    }

    /// Of a cell.
    pub fn at(&self, sample: usize, timestep: usize) -> f64 {
        let own = if self.columns == 1 { 0 } else { timestep };
        self.values[sample * self.columns + own]
    }

    /// Of a sample: one, or one of each timestep.
    pub fn of_sample(&self, sample: usize) -> &[f64] {
        &self.values[sample * self.columns..][..self.columns]
    }
}
