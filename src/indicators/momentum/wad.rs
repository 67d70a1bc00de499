//! Williams' accumulation/distribution.

use super::super::reference::{larger, smaller};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Wad;

impl Kernel<3, 0, 1> for Wad {
    const SPEC: Spec<3, 0, 1> = Spec {
        name: "wad",
        title: "Williams' Accumulation/Distribution",
        formula: "y[t] = y[t-1] + close[t] - min(low[t], close[t-1]) where close rises, + close[t] \
                  - max(high[t], close[t-1]) where it falls; first value: 0",
        source: "L. Williams, How I Made One Million Dollars, 1973; TA-Lib WAD",
        warmup: "0",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let mut sum = 0.0;
        for t in 0..close.len() {
            let before = close[t.saturating_sub(1)];
            if close[t] > before {
                sum += close[t] - smaller(low[t], before);
            } else if close[t] < before {
                sum += close[t] - larger(high[t], before);
            }
            y[t] = sum;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { before: None, sum: L::splat(0.0) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let before = state.before.replace(close).unwrap_or(close);
        let rise = (close - low.min(before)).keep(close.gt(before));
        let fall = (close - high.max(before)).keep(before.gt(close));
        state.sum = state.sum + (rise + fall);
        Some([state.sum])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    sum: L,
}
