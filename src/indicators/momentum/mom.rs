//! Momentum.

use crate::kernel::state::Delay;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Mom;

impl Kernel<1, 1, 1> for Mom {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "mom",
        title: "Momentum",
        formula: "y[t] = x[t] - x[t-period]",
        source: "textbook; TA-Lib MOM",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 10)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Delay<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            y[t] = x[t] - x[t - period.int()];
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Delay<L> {
        Delay::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Delay<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([x - state.step(x)?])
    }
}
