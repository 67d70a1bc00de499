//! Volume weighted average price.

use super::super::reference::typical;
use crate::kernel::state::typical as typical_price;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Vwap;

impl Kernel<4, 0, 1> for Vwap {
    const SPEC: Spec<4, 0, 1> = Spec {
        name: "vwap",
        title: "Volume Weighted Average Price",
        formula: "y[t] = sum of x·volume / sum of volume from the first bar on, x = (high + low + \
                  close)/3; y[t-1], at first 0, where that volume is 0",
        source: "S. Berkowitz, D. Logue, E. Noser, Journal of Finance 43:1, 1988; TA-Lib VWAP",
        warmup: "0",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [high, low, close, volume]: [&[f64]; 4], [y]: [&mut [f64]; 1]) {
        let (mut products, mut volumes, mut average) = (0.0, 0.0, 0.0);
        for (t, x) in typical(high, low, close).into_iter().enumerate() {
            products += x * volume[t];
            volumes += volume[t];
            if volumes > 0.0 {
                average = products / volumes;
            }
            y[t] = average;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        let zero = L::splat(0.0);
        State { products: zero, volumes: zero, average: zero }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close, volume]: [L; 4]) -> Option<[L; 1]> {
        state.products = state.products + typical_price(high, low, close) * volume;
        state.volumes = state.volumes + volume;
        let any = state.volumes.gt(L::splat(0.0));
        state.average = L::select(any, state.products / state.volumes, state.average);
        Some([state.average])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    products: L,
    volumes: L,
    average: L,
}
