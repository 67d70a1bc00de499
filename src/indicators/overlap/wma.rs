//! Weighted moving average.

use super::super::reference::{linear, place};
use crate::kernel::state::Weighted;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Wma;

impl Kernel<1, 1, 1> for Wma {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "wma",
        title: "Weighted Moving Average",
        formula: "y[t] = (1·x[t-period+1] + 2·x[t-period+2] + ... + period·x[t]) / \
                  (1 + 2 + ... + period)",
        source: "textbook; TA-Lib WMA",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Weighted<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&linear(period.int(), x), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Weighted<L> {
        Weighted::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Weighted<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
