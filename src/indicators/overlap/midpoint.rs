//! Half way between the extremes of a window.

use super::super::reference::middle;
use crate::kernel::state::{Extent, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Midpoint;

impl Kernel<1, 1, 1> for Midpoint {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "midpoint",
        title: "MidPoint over Period",
        formula: "y[t] = (h + l) / 2, h, l = the largest and the smallest of x[t-period+1], ..., x[t]",
        source: "textbook; TA-Lib MIDPOINT",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<[L; 2], Extent<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            let window = &x[t + 1 - period.int()..=t];
            y[t] = middle(window, window);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<[L; 2], Extent<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Sliding<[L; 2], Extent<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (extent, _): (Extent<L>, _) = state.step([x, x])?;
        Some([extent.middle()])
    }
}
