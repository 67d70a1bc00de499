//! Simple moving average.

use crate::kernel::state::Mean;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Sma;

impl Kernel<1, 1, 1> for Sma {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "sma",
        title: "Simple Moving Average",
        formula: "y[t] = (x[t-period+1] + ... + x[t]) / period",
        source: "textbook; TA-Lib SMA",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Mean<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period - 1..x.len() {
            y[t] = x[t + 1 - period..=t].iter().sum::<f64>() / period as f64;
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Mean<L> {
        Mean::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Mean<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
