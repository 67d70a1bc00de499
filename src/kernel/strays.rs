//! The lanes of a recursive kernel that met NaN or infinity, or started later than the others.
//!
//! All of it goes by one lane at a time, and so is compiled once a kernel, not once a level.

use super::contract::Kernel;
use super::spec::{Nan, Value};
use crate::simd::Lanes;

/// Whether no value of some planes is NaN or infinite.
///
/// Apart from the kernels' loops: in them it would be compiled with every kernel.
#[inline(never)]
pub(super) fn all_finite<L: Lanes>(planes: &[&[L::Row]]) -> bool {
    L::vectorize(
        #[inline(always)]
        || {
            // x - x is NaN where x is not finite, and NaN stays. Four sums, none of which waits for
            // the others.
            let mut astray = [L::splat(0.0); 4];
            for plane in planes {
                let (fours, rest) = plane.as_chunks::<4>();
                for rows in fours {
                    stray(&mut astray, rows);
                }
                stray(&mut astray, rest);
            }
            !L::any((astray[0] + astray[1] + (astray[2] + astray[3])).is_nan())
        },
    )
}

/// Adds nothing to the sum of each row, but NaN where a value is not finite.
#[inline(always)]
fn stray<L: Lanes, const N: usize>(sums: &mut [L; N], rows: &[L::Row]) {
    for (sum, row) in sums.iter_mut().zip(rows) {
        let x = L::load(row);
        #[allow(clippy::eq_op)] // not zero where it is not finite
        let nothing = x - x;
        *sum = *sum + nothing;
    }
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
    lanes: Vec<Lane>,
    /// Of the lanes that are alone.
    states: Vec<Option<K::State<f64>>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Lane {
    /// With the others.
    Together,
    /// Alone, because it started later.
    Alone,
    /// Waiting for its first, or next, value.
    Waiting,
    /// NaN to the end of the series.
    Over,
}

impl Lane {
    /// Where it is after a timestep; `begun`: that was not its first.
    fn next(self, x: &[f64], begun: bool, nan: Nan) -> Lane {
        if x.iter().all(|x| x.is_finite()) {
            return if self == Lane::Waiting { Lane::Alone } else { self };
        }
        // NaN before the first value is no value yet; everything else is an event.
        let before = self == Lane::Waiting || (self == Lane::Together && !begun);
        let waits = nan == Nan::Reseed || (before && x.iter().any(|x| x.is_nan()));
        match self {
            Lane::Over => Lane::Over,
            _ if waits => Lane::Waiting,
            _ => Lane::Over,
        }
    }
}

impl<K, const I: usize, const P: usize, const O: usize> Strays<K, I, P, O>
where
    K: Kernel<I, P, O>,
{
    pub(super) fn new(params: [Value; P], nan: Nan, count: usize) -> Self {
        Strays { params, nan, count, begun: false, lanes: Vec::new(), states: Vec::new() }
    }

    pub(super) fn reset(&mut self) {
        self.begun = false;
        self.lanes.clear();
        self.states.clear();
    }

    /// Comes after the lanes that went together over the last `steps` timesteps: overwrites the
    /// outputs of those that did not.
    pub(super) fn follow(
        &mut self,
        finite: bool,
        inputs: &[&[f64]],
        outputs: &mut [&mut [f64]],
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
    fn mend(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]], steps: usize) {
        self.lanes.resize(self.count, Lane::Together);
        self.states.resize_with(self.count, || None);
        let length = inputs[0].len();
        for lane in 0..self.count {
            let mut begun = self.begun;
            for at in (length - steps * self.count + lane..length).step_by(self.count) {
                let mut x = [0.0; I];
                for i in 0..I {
                    x[i] = inputs[i][at];
                }
                let before = self.lanes[lane];
                let now = before.next(&x, begun, self.nan);
                self.lanes[lane] = now;
                begun = true;
                if now == Lane::Together {
                    continue;
                }
                let state = &mut self.states[lane];
                if now != before {
                    *state = (now == Lane::Alone).then(|| K::start::<f64>(self.params));
                }
                let values = state.as_mut().and_then(|state| K::step::<f64>(state, x));
                for o in 0..O {
                    outputs[o][at] = values.map_or(f64::NAN, |values| values[o]);
                }
            }
        }
    }
}
