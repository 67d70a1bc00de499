//! Average day range.

use super::super::reference::mean;
use crate::kernel::state::Mean;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Adr;

impl Kernel<2, 1, 1> for Adr {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "adr",
        title: "Average Day Range",
        formula: "y[t] = SMA(high - low, period)",
        source: "textbook; TA-Lib ADR",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 1, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Mean<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let ranges: Vec<f64> = high.iter().zip(low).map(|(high, low)| high - low).collect();
        for t in period.int() - 1..y.len() {
            y[t] = mean(&ranges[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Mean<L> {
        Mean::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Mean<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(high - low)?])
    }
}
