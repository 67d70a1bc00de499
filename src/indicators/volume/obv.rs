//! On-balance volume.

use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Obv;

impl Kernel<2, 0, 1> for Obv {
    const SPEC: Spec<2, 0, 1> = Spec {
        name: "obv",
        title: "On-Balance Volume",
        formula: "y[t] = y[t-1] + volume[t], - volume[t] or + 0 as close rises, falls or stays; \
                  first value: volume",
        source: "J. Granville, 1963; TA-Lib OBV",
        warmup: "0",
        inputs: [Input::Close, Input::Volume],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [close, volume]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        for t in 0..close.len() {
            y[t] = match t {
                0 => volume[0],
                _ if close[t] > close[t - 1] => y[t - 1] + volume[t],
                _ if close[t] < close[t - 1] => y[t - 1] - volume[t],
                _ => y[t - 1],
            };
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { before: None, value: L::splat(0.0) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [close, volume]: [L; 2]) -> Option<[L; 1]> {
        state.value = match state.before.replace(close) {
            None => volume,
            Some(before) => {
                let rise = L::select(close.gt(before), state.value + volume, state.value);
                L::select(close.lt(before), state.value - volume, rise)
            }
        };
        Some([state.value])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    value: L,
}
