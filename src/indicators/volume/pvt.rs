//! Price volume trend.

use super::super::reference::over;
use crate::kernel::state::ratio::quotient;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Pvt;

impl Kernel<2, 0, 1> for Pvt {
    const SPEC: Spec<2, 0, 1> = Spec {
        name: "pvt",
        title: "Price Volume Trend",
        formula: "y[t] = y[t-1] + volume[t]·(close[t] - close[t-1]) / close[t-1], y[t-1] where \
                  close[t-1] is 0; first value: 0",
        source: "textbook; TA-Lib PVT",
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
        let mut trend = 0.0;
        for t in 0..close.len() {
            let before = close[t.saturating_sub(1)];
            trend += over(close[t] - before, before) * volume[t];
            y[t] = trend;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { before: None, value: L::splat(0.0) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [close, volume]: [L; 2]) -> Option<[L; 1]> {
        let before = state.before.replace(close).unwrap_or(close);
        state.value = state.value + quotient(close - before, before) * volume;
        Some([state.value])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    value: L,
}
