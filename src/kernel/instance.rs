//! A kernel in motion: the loop over time.

use bytemuck::{cast_slice, cast_slice_mut};

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
        let recursive = K::stability(params).recursive();
        Instance {
            state: Some(fresh.clone()),
            fresh,
            wait: 0,
            strays: recursive.then(|| Strays::new(params, nan, L::COUNT)),
        }
    }

    /// Advances all lanes.
    #[inline(always)]
    fn advance_together(
        &mut self,
        inputs: [&[L::Row]; I],
        mut outputs: [&mut [L::Row]; O],
        steps: usize,
    ) {
        let mut state = self.state.take().expect("put back after every advance");
        // Cut to one length, so that the compiler sees that no index can be out of bounds.
        let inputs = inputs.map(|x| &x[..steps]);
        for y in &mut outputs {
            *y = &mut std::mem::take(y)[..steps];
        }
        for t in 0..steps {
            // Loops over indices: `map` and `into_iter` of an array of lanes go through memory (true
            // range at avx2: 3.0 ns a timestep of a series, not 0.6).
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
        let length = inputs[0].len() / L::COUNT;
        let skipped = self.wait.min(length);
        self.wait -= skipped;
        let (skip, steps) = (skipped * L::COUNT, length - skipped);
        for y in outputs.iter_mut() {
            y[..skip].fill(f64::NAN);
        }
        if steps == 0 {
            return;
        }
        let inputs: [&[f64]; I] = std::array::from_fn(|i| &inputs[i][skip..]);
        let outputs: &mut [&mut [f64]; O] = outputs.try_into().expect("a plane an output");
        let mut outputs = outputs.each_mut().map(|y| &mut y[skip..]);

        L::vectorize(
            #[inline(always)]
            || {
                let rows = outputs.each_mut().map(|y| cast_slice_mut(y));
                self.advance_together(inputs.map(cast_slice), rows, steps);
            },
        );
        if let Some(strays) = &mut self.strays {
            let finite = inputs.iter().all(|x| all_finite::<L>(x));
            strays.follow(finite, &inputs, &mut outputs, steps);
        }
    }
}
