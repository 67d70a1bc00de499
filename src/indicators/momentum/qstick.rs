//! Qstick.

use super::super::reference::mean;
use crate::kernel::state::Mean;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Qstick;

impl Kernel<2, 1, 1> for Qstick {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "qstick",
        title: "Qstick",
        formula: "y[t] = SMA(close - open, period)",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib QSTICK",
        warmup: "period - 1",
        inputs: [Input::Open, Input::Close],
        params: [int("period", &["timeperiod"], 1, 100_000, 10)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Mean<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [open, close]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let bodies: Vec<f64> = open.iter().zip(close).map(|(open, close)| close - open).collect();
        for t in period.int() - 1..y.len() {
            y[t] = mean(&bodies[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Mean<L> {
        Mean::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Mean<L>, [open, close]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(close - open)?])
    }
}
