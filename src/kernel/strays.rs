//! The lanes of a recursive kernel that met NaN or infinity, or started later than the others.
//!
//! All of it goes by one lane at a time, and so is compiled once a kernel, not once a level.

use bytemuck::cast_slice;

use super::contract::Kernel;
use super::spec::{Nan, Value};
use crate::simd::Lanes;

/// Whether no value of a plane is NaN or infinite.
///
/// Apart from the kernels' loops: in them it would be compiled with every kernel.
#[inline(never)]
pub(super) fn all_finite<L: Lanes>(plane: &[f64]) -> bool {
    L::vectorize(
        #[inline(always)]
        || {
            // x - x is NaN where x is not finite, and NaN stays.
            let mut astray = L::splat(0.0);
            for row in cast_slice::<f64, L::Row>(plane) {
                let x = L::load(row);
                #[allow(clippy::eq_op)] // not zero where it is not finite
                let nothing = x - x;
                astray = astray + nothing;
            }
            !L::any(astray.is_nan())
        },
    )
}

/// Where each lane of a recursive kernel is.
pub(super) struct Strays<K, const I: usize, const P: usize, const O: usize>
where
    K: Kernel<I, P, O>,
{
    params: [Value; P],
    nan: Nan,
    count: usize,
    /// Whether any value was seen.
    begun: bool,
    /// Empty while all are together, which is the ordinary case.
    lanes: Vec<Lane<K::State<f64>>>,
}

enum Lane<S> {
    /// With the others.
    Together,
    /// Alone, because it started later.
    Alone(S),
    /// Waiting for its first, or next, value.
    Waiting,
    /// NaN to the end of the series.
    Over,
}

impl<K, const I: usize, const P: usize, const O: usize> Strays<K, I, P, O>
where
    K: Kernel<I, P, O>,
{
    pub(super) fn new(params: [Value; P], nan: Nan, count: usize) -> Self {
        Strays { params, nan, count, begun: false, lanes: Vec::new() }
    }

    pub(super) fn reset(&mut self) {
        self.begun = false;
        self.lanes.clear();
    }

    /// Comes after the lanes that went together: overwrites the outputs of those that did not.
    pub(super) fn follow(
        &mut self,
        finite: bool,
        inputs: &[&[f64]; I],
        outputs: &mut [&mut [f64]; O],
        steps: usize,
    ) {
        if !finite || !self.lanes.is_empty() {
            self.mend(inputs, outputs, steps);
        }
        self.begun = true;
    }

    /// Goes over the lanes one by one, with the same kernel on one lane.
    #[cold]
    #[inline(never)]
    fn mend(&mut self, inputs: &[&[f64]; I], outputs: &mut [&mut [f64]; O], steps: usize) {
        self.lanes.resize_with(self.count, || Lane::Together);
        for (lane, place) in self.lanes.iter_mut().enumerate() {
            let mut begun = self.begun;
            for t in 0..steps {
                let at = t * self.count + lane;
                let x = inputs.map(|x| x[at]);
                if x.iter().all(|x| x.is_finite()) {
                    if matches!(place, Lane::Waiting) {
                        *place = Lane::Alone(K::start::<f64>(self.params));
                    }
                } else {
                    // NaN before the first value is no value yet; everything else is an event.
                    let before = matches!(place, Lane::Waiting)
                        || (matches!(place, Lane::Together) && !begun);
                    let waits = self.nan == Nan::Reseed || (before && x.iter().any(|x| x.is_nan()));
                    if !matches!(place, Lane::Over) {
                        *place = if waits { Lane::Waiting } else { Lane::Over };
                    }
                }
                begun = true;
                let values = match place {
                    Lane::Together => continue,
                    Lane::Alone(state) => K::step::<f64>(state, x),
                    Lane::Waiting | Lane::Over => None,
                };
                for (o, y) in outputs.iter_mut().enumerate() {
                    y[at] = values.map_or(f64::NAN, |values| values[o]);
                }
            }
        }
    }
}
