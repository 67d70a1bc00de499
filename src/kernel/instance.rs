//! A kernel in motion: the loop over time, and the lanes that went astray.

use bytemuck::{cast_slice, cast_slice_mut};

use super::contract::Kernel;
use super::spec::{Nan, Value};
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
    params: [Value; P],
    fresh: K::State<L>,
    /// Taken out while advancing, so that it lives in registers.
    state: Option<K::State<L>>,
    /// Timesteps to pass over before the series begins.
    wait: usize,
    /// Whether any value was seen.
    begun: bool,
    /// For recursive kernels: the policy, and the lanes that left the others; empty while all are
    /// together, which is the ordinary case.
    policy: Option<Nan>,
    lanes: Vec<Lane<K::State<f64>>>,
}

/// Where a lane of a recursive kernel is.
#[derive(Clone)]
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

impl<K, L, const I: usize, const P: usize, const O: usize> Instance<K, L, I, P, O>
where
    K: Kernel<I, P, O>,
    L: Lanes,
{
    pub(super) fn new(params: [Value; P], nan: Nan) -> Self {
        let fresh = K::start::<L>(params);
        Instance {
            params,
            state: Some(fresh.clone()),
            fresh,
            wait: 0,
            begun: false,
            policy: K::stability(params).recursive().then_some(nan),
            lanes: Vec::new(),
        }
    }

    /// Advances all lanes; if `CHECK`, says whether any input was NaN or infinite.
    #[inline(always)]
    fn advance_together<const CHECK: bool>(
        &mut self,
        inputs: [&[L::Row]; I],
        mut outputs: [&mut [L::Row]; O],
        steps: usize,
    ) -> bool {
        let mut state = self.state.take().expect("put back after every advance");
        // x - x is NaN where x is not finite, and NaN stays.
        let mut astray = L::splat(0.0);
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
                if CHECK {
                    #[allow(clippy::eq_op)] // not zero where it is not finite
                    let nothing = x[i] - x[i];
                    astray = astray + nothing;
                }
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
        CHECK && L::any(astray.is_nan())
    }

    /// Goes over the lanes that met NaN or infinity, or had met it before, one by one, with the
    /// same kernel on one lane.
    #[cold]
    fn mend(&mut self, nan: Nan, inputs: &[&[f64]], outputs: &mut [&mut [f64]], steps: usize) {
        if self.lanes.is_empty() {
            self.lanes = vec![Lane::Together; L::COUNT];
        }
        for lane in 0..L::COUNT {
            let mut begun = self.begun;
            for t in 0..steps {
                let at = t * L::COUNT + lane;
                let x: [f64; I] = std::array::from_fn(|i| inputs[i][at]);
                let place = &mut self.lanes[lane];
                if x.iter().all(|x| x.is_finite()) {
                    if matches!(place, Lane::Waiting) {
                        *place = Lane::Alone(K::start::<f64>(self.params));
                    }
                } else {
                    // NaN before the first value is no value yet; everything else is an event.
                    let before = matches!(place, Lane::Waiting)
                        || (matches!(place, Lane::Together) && !begun);
                    let waits = nan == Nan::Reseed || (before && x.iter().any(|x| x.is_nan()));
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
        self.begun = false;
        self.lanes.clear();
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

        let astray = L::vectorize(
            #[inline(always)]
            || {
                let rows = outputs.each_mut().map(|y| cast_slice_mut(y));
                match self.policy {
                    Some(_) => self.advance_together::<true>(inputs.map(cast_slice), rows, steps),
                    None => self.advance_together::<false>(inputs.map(cast_slice), rows, steps),
                }
            },
        );
        if let Some(nan) = self.policy
            && (astray || !self.lanes.is_empty())
        {
            self.mend(nan, &inputs, &mut outputs, steps);
        }
        self.begun = true;
    }
}
