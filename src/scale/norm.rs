//! Rows divided by their norms.

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::{Array3, ArrayView3, Axis, Zip};

use crate::batch::{Element, filled};
use crate::error::Result;
use crate::simd::{Lanes, Level, Task};

/// The size of a row, which is the features of one timestep; scikit-learn's `Normalizer`.
///
/// ```
/// use ndarray::array;
/// let x = array![[[3.0, -4.0], [0.0, 0.0]]];
/// let y = windrow::scale::Norm::L2.normalize(x.view())?;
/// assert_eq!(y, array![[[0.6, -0.8], [0.0, 0.0]]]);
/// # Ok::<(), windrow::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Norm {
    /// The sum of absolute values.
    L1,
    /// The root of the sum of squares.
    #[default]
    L2,
    /// The largest absolute value.
    Max,
}

impl Norm {
    /// The names, as pipeline files write them.
    pub(crate) const NAMES: [(&'static str, Norm); 3] =
        [("l1", Norm::L1), ("l2", Norm::L2), ("max", Norm::Max)];

    /// The name in a pipeline file.
    pub fn name(self) -> &'static str {
        let named = Norm::NAMES.iter().find(|(_, norm)| *norm == self);
        named.expect("all have names").0
    }

    /// Divides each row of a batch by its norm, in f64, rounded once; rows of zeros stay, and a NaN
    /// makes all of its row NaN.
    ///
    /// # Errors
    ///
    /// A result that does not fit in memory.
    pub fn normalize<E: Element>(self, x: ArrayView3<'_, E>) -> Result<Array3<E>> {
        let (samples, timesteps, features) = x.dim();
        let shape = [samples, timesteps, features];
        let mut y = filled("the normalized batch", shape, E::zeroed())?;
        Zip::from(y.axis_iter_mut(Axis(0))).and(x.axis_iter(Axis(0))).par_for_each(|mut y, x| {
            let mut row = vec![0.0; features];
            let mut divided = row.clone();
            for (mut y, x) in y.outer_iter_mut().zip(x.outer_iter()) {
                row.iter_mut().zip(x).for_each(|(to, x)| *to = x.widen());
                let inputs: Vec<&[f64]> = row.chunks(1).collect();
                let mut outputs: Vec<&mut [f64]> = divided.chunks_mut(1).collect();
                self.divide(Level::SCALAR, &inputs, &mut outputs);
                y.iter_mut().zip(&divided).for_each(|(y, value)| *y = E::round(*value));
            }
        });
        Ok(y)
    }

    /// Divides each row by its norm; the features are given one by one, in whole rows of lanes of
    /// that level.
    pub(crate) fn divide(self, level: Level, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        level.dispatch(Divide { norm: self, inputs, outputs });
    }

    /// The norm of a row by the textbook.
    pub(crate) fn reference(self, row: &[f64]) -> f64 {
        let larger = |a: f64, b: f64| if a.is_nan() || a > b { a } else { b };
        match self {
            Norm::L1 => row.iter().map(|x| x.abs()).sum(),
            // The same as the root, without squares beyond f64.
            Norm::L2 => {
                row.iter().fold(0.0, |norm, x| if x.is_nan() { *x } else { libm::hypot(norm, *x) })
            }
            Norm::Max => row.iter().fold(0.0, |norm, x| larger(norm, x.abs())),
        }
    }
}

struct Divide<'a, 'b, 'c> {
    norm: Norm,
    inputs: &'a [&'b [f64]],
    outputs: &'a mut [&'c mut [f64]],
}

impl Task for Divide<'_, '_, '_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let rows = self.inputs.first().map_or(0, |x| x.len()) / L::COUNT;
        let load = |x: &[f64], row: usize| L::load(&cast_slice::<f64, L::Row>(x)[row]);
        for row in 0..rows {
            let mut largest = zero;
            for x in self.inputs {
                largest = largest.max(load(x, row).abs());
            }
            // A power of two that brings the largest near one: no sum is beyond f64.
            let (_, exponent) = largest.split();
            let scale = -L::splat(1022.0).min(L::splat(-1022.0).max(exponent));
            let scale = scale.power_of_two();
            let mut sum = zero;
            for x in self.inputs {
                let x = load(x, row).abs() * scale;
                sum = sum + if self.norm == Norm::L2 { x * x } else { x };
            }
            let norm = match self.norm {
                Norm::L1 => sum,
                Norm::L2 => sum.sqrt(),
                Norm::Max => largest * scale,
            };
            let norm = L::select(norm.eq(zero), one, norm);
            for (x, y) in self.inputs.iter().zip(&mut *self.outputs) {
                let y = &mut cast_slice_mut::<f64, L::Row>(y)[row];
                (load(x, row) * scale / norm).store(y);
            }
        }
    }
}
