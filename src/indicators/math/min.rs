//! The smallest value of a window.

use super::super::reference::lowest;
use crate::kernel::state::{Lowest, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Min;

impl Kernel<1, 1, 1> for Min {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "min",
        title: "Lowest Value over a Period",
        formula: "y[t] = min(x[t-period+1], ..., x[t])",
        source: "textbook; TA-Lib MIN",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<L, Lowest<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = lowest(&x[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<L, Lowest<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Sliding<L, Lowest<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (Lowest(value), _) = state.step(x)?;
        Some([value])
    }
}
