//! Cumulative sum.

use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Cumsum;

impl Kernel<1, 0, 1> for Cumsum {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "cumsum",
        title: "Cumulative Sum",
        formula: "y[t] = x[0] + ... + x[t]",
        source: "textbook; TA-Lib CUMSUM",
        warmup: "0",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = L;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let mut sum = 0.0;
        for t in 0..x.len() {
            sum += x[t];
            y[t] = sum;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> L {
        L::splat(0.0)
    }

    #[inline(always)]
    fn step<L: Lanes>(sum: &mut L, [x]: [L; 1]) -> Option<[L; 1]> {
        *sum = *sum + x;
        Some([*sum])
    }
}
