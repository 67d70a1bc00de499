//! Weights of the cells of a fit.

use ndarray::{CowArray, Ix2};

use super::exact::WEIGHTS;
use crate::error::{Error, Line, Result};

/// How often each cell of a batch counts.
#[derive(Clone, Copy)]
pub(crate) struct Weights<'a> {
    values: &'a [f64],
    /// Of each sample: one, or one for each timestep.
    columns: usize,
}

impl<'a> Weights<'a> {
    /// Weights of a batch of so many samples and timesteps; they are in C order.
    ///
    /// # Errors
    ///
    /// Another shape, a weight that is none.
    pub fn new(
        values: &'a CowArray<'_, f64, Ix2>,
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
        let columns = values.ncols();
        Ok(Weights { values: values.as_slice().expect("in C order"), columns })
    }

    /// Of a cell.
    pub fn at(&self, sample: usize, timestep: usize) -> f64 {
        let own = if self.columns == 1 { 0 } else { timestep };
        self.values[sample * self.columns + own]
    }

    /// Of a sample: one, or one of each timestep.
    pub fn of_sample(&self, sample: usize) -> &'a [f64] {
        &self.values[sample * self.columns..][..self.columns]
    }
}
