//! A kernel in motion: the loop over time.

use bytemuck::{Pod, cast_slice, cast_slice_mut};

use super::contract::Kernel;
use super::spec::{Nan, Value};
use super::strays::{Strays, all_finite};
use crate::simd::Lanes;

/// A kernel with its state, advancing some series together down any number of timesteps.
///
/// Planes hold `[time][lane]`; the number of lanes is that of the level it was started at, one at
/// the scalar level. Cutting time anywhere gives the same bits.
pub trait Running: Send {
    /// Goes back to the start of a series whose first value stands at timestep `begin`; what
    /// stands before it is not looked at, and the outputs there are NaN.
    fn reset(&mut self, begin: usize);

    /// Carries the state over the timesteps of `inputs`, and writes those of `outputs`.
    ///
    /// # Panics
    ///
    /// Another number of planes than the row has inputs and outputs; planes that are not of one
    /// length, or of one that is no multiple of the lanes. Planes that are too long may go unnoticed.
    fn advance(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]);
}

pub(super) struct Instance<K, L, const I: usize, const P: usize, const O: usize>
where
    K: Kernel<I, P, O>,
    L: Lanes,
{
    fresh: K::State<L>,
    /// Taken out while advancing, so that it lives in registers.
    state: Option<K::State<L>>,
    /// Timesteps to pass over before the series begins.
    wait: usize,
    /// For recursive kernels: the lanes that left the others.
    strays: Option<Strays<K, I, P, O>>,
}

impl<K, L, const I: usize, const P: usize, const O: usize> Instance<K, L, I, P, O>
where
    K: Kernel<I, P, O>,
    L: Lanes,
{
    pub(super) fn new(params: [Value; P], nan: Nan) -> Self {
        let fresh = K::start::<L>(params);
        let policy = K::policy(params, nan);
        Instance {
            state: Some(fresh.clone()),
            fresh,
            wait: 0,
            strays: policy.map(|nan| Strays::new(params, nan, L::COUNT)),
        }
    }

    /// Advances all lanes.
    #[inline(always)]
    fn advance_together(
        &mut self,
        mut inputs: [&[L::Row]; I],
        mut outputs: [&mut [L::Row]; O],
        steps: usize,
    ) {
        let mut state = self.state.take().expect("put back after every advance");
        // Cut to one length, so that the compiler sees that no index can be out of bounds. Here and
        // below loops over indices, not `map`: an array of lanes would go through memory (true
        // range at avx2: 3.0 ns a timestep of a series, not 0.6), and each closure is compiled with
        // every kernel (a third of the build).
        for x in &mut inputs {
            *x = &x[..steps];
        }
        for y in &mut outputs {
            *y = &mut std::mem::take(y)[..steps];
        }
        for t in 0..steps {
            let mut x = [L::splat(0.0); I];
            for i in 0..I {
                x[i] = L::load(&inputs[i][t]);
            }
            match K::step(&mut state, x) {
                Some(values) => {
                    for o in 0..O {
                        values[o].store(&mut outputs[o][t]);
                    }
                }
                None => {
                    for o in 0..O {
                        L::splat(f64::NAN).store(&mut outputs[o][t]);
                    }
                }
            }
        }
        self.state = Some(state);
    }
}

impl<K, L, const I: usize, const P: usize, const O: usize> Running for Instance<K, L, I, P, O>
where
    K: Kernel<I, P, O>,
    L: Lanes,
{
    fn reset(&mut self, begin: usize) {
        match &mut self.state {
            Some(state) => state.clone_from(&self.fresh),
            None => self.state = Some(self.fresh.clone()),
        }
        self.wait = begin;
        if let Some(strays) = &mut self.strays {
            strays.reset();
        }
    }

    fn advance(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let steps = pass_over(&mut self.wait, L::COUNT, outputs);
        if steps == 0 {
            return;
        }
        let (rows, rows_mut) = (last_rows(inputs, steps), last_rows_mut(outputs, steps));
        L::vectorize(
            #[inline(always)]
            || self.advance_together(rows, rows_mut, steps),
        );
        if let Some(strays) = &mut self.strays {
            strays.follow(all_finite::<L>(&rows), inputs, outputs, steps);
        }
    }
}

// What does not depend on the kernel stands apart, so that it is compiled once.

/// Passes over the timesteps before the series, whose outputs are NaN; gives how many there are
/// behind them.
fn pass_over(wait: &mut usize, lanes: usize, outputs: &mut [&mut [f64]]) -> usize {
    let length = outputs[0].len() / lanes;
    let skipped = length.min(*wait);
    *wait -= skipped;
    for y in outputs {
        y[..skipped * lanes].fill(f64::NAN);
    }
    length - skipped
}

/// The last `steps` rows of each plane.
#[inline(never)]
fn last_rows<'a, R: Pod, const N: usize>(planes: &[&'a [f64]], steps: usize) -> [&'a [R]; N] {
    let planes: &[&[f64]; N] = planes.try_into().expect("a plane an input");
    planes.map(|plane| {
        let rows: &[R] = cast_slice(plane);
        &rows[rows.len() - steps..]
    })
}

/// The last `steps` rows of each plane.
#[inline(never)]
fn last_rows_mut<'a, R: Pod, const N: usize>(
    planes: &'a mut [&mut [f64]],
    steps: usize,
) -> [&'a mut [R]; N] {
    let planes: &mut [_; N] = planes.try_into().expect("a plane an output");
    planes.each_mut().map(|plane| {
        let rows: &mut [R] = cast_slice_mut(plane);
        let skipped = rows.len() - steps;
        &mut rows[skipped..]
    })
}
