//! Correlation trend indicator.

use super::super::reference::correlation;
use crate::kernel::state::{Joint, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cti;

impl Kernel<1, 1, 1> for Cti {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "cti",
        title: "Correlation Trend Indicator",
        formula: "y[t] = Pearson's correlation of the last period values with 1, 2, ... period; 0 \
                  where they are all the same",
        source: "J. Ehlers, Stocks & Commodities 38:5, 2020; TA-Lib CTI",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 20)],
        outputs: [Output::new("").within(-1.0, 1.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let times: Vec<f64> = (0..period.int()).map(|i| i as f64).collect();
        for t in period.int() - 1..x.len() {
            y[t] = correlation(&x[t + 1 - period.int()..=t], &times);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { joint: Joint::new(period.int()), now: 0.0 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        state.now += 1.0;
        Some([state.joint.step(x, L::splat(state.now))?.correlation()])
    }
}

pub(super) struct State<L> {
    joint: Joint<L>,
    now: f64,
}

clone_in_place!(State<L> { joint, now });
