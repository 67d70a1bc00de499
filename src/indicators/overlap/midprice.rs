//! Half way between the highest high and the lowest low.

use super::super::reference::middle;
use crate::kernel::state::{Extent, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Midprice;

impl Kernel<2, 1, 1> for Midprice {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "midprice",
        title: "Midpoint Price over Period",
        formula: "y[t] = (h + l) / 2, h, l = highest high and lowest low of the last period bars",
        source: "textbook; TA-Lib MIDPRICE",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<[L; 2], Extent<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..y.len() {
            let window = t + 1 - period.int()..=t;
            y[t] = middle(&high[window.clone()], &low[window]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<[L; 2], Extent<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut Sliding<[L; 2], Extent<L>>,
        [high, low]: [L; 2],
    ) -> Option<[L; 1]> {
        let (extent, _): (Extent<L>, _) = state.step([high, low])?;
        Some([extent.middle()])
    }
}
