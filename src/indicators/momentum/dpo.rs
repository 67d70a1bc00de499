//! Detrended price oscillator.

use super::super::reference::mean;
use crate::kernel::state::{Delay, Mean, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Dpo;

/// How far before the end of the window the price stands.
fn back(period: Value) -> usize {
    period.int() / 2 + 1
}

impl Kernel<1, 1, 1> for Dpo {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "dpo",
        title: "Detrended Price Oscillator",
        formula: "y[t] = x[t - period/2 - 1] - SMA(x, period)[t], period/2 rounded down",
        source: "textbook; TA-Lib DPO",
        warmup: "max(period - 1, period / 2 + 1)",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 20)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        (period.int() - 1).max(back(period))
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in Self::lookback([period])..x.len() {
            y[t] = x[t - back(period)] - mean(&x[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { before: Delay::new(back(period)), mean: Mean::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let before = state.before.step(x);
        let mean = state.mean.step(x)?;
        Some([before? - mean])
    }
}

pub(super) struct State<L> {
    before: Delay<L>,
    mean: Mean<L>,
}

clone_in_place!(State<L> { before, mean });
