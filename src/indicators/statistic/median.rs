//! The middle value of a window.

use super::super::reference::sorted;
use crate::kernel::state::Ranked;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Median;

impl Kernel<1, 1, 1> for Median {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "median",
        title: "Median",
        formula: "y[t] = the middle one of the last period values in order of size, the mean of the two middle ones where period is even",
        source: "textbook; TA-Lib MEDIAN",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 10_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Ranked<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period - 1..x.len() {
            let Some(order) = sorted(&x[t + 1 - period..=t]) else { continue };
            y[t] = match period % 2 {
                1 => order[period / 2],
                _ => (order[period / 2 - 1] + order[period / 2]) / 2.0,
            };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Ranked<L> {
        Ranked::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Ranked<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let period = state.length();
        let mut order = state.step(x)?;
        let upper = order.rank(period / 2);
        let middle = (order.rank((period - 1) / 2) + upper) / L::splat(2.0);
        Some([if period % 2 == 1 { upper } else { middle }])
    }
}
