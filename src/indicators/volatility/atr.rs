//! Average true range.

use super::super::reference::{place, true_ranges, wilder};
use crate::kernel::state::{Ema, TrueRange};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Atr;

impl Kernel<3, 1, 1> for Atr {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "atr",
        title: "Average True Range",
        formula: "y[t] = y[t-1] + (r[t] - y[t-1]) / period, r = true range; \
                  first value: mean of the first period true ranges",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ATR",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 1, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        place(&wilder(period.int(), &true_ranges(high, low, close)), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { range: TrueRange::new(), average: Ema::wilder(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let range = state.range.step(high, low, close)?;
        Some([state.average.step(range)?])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    range: TrueRange<L>,
    average: Ema<L>,
}
