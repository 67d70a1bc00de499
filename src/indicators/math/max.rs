//! The largest value of a window.

use super::super::reference::highest;
use crate::kernel::state::{Highest, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Max;

impl Kernel<1, 1, 1> for Max {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "max",
        title: "Highest Value over a Period",
        formula: "y[t] = max(x[t-period+1], ..., x[t])",
        source: "textbook; TA-Lib MAX",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<L, Highest<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = highest(&x[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<L, Highest<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Sliding<L, Highest<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (Highest(value), _) = state.step(x)?;
        Some([value])
    }
}
