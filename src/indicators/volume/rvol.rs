//! Relative volume.

use super::super::reference::mean;
use crate::kernel::state::{Mean, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Rvol;

impl Kernel<1, 1, 1> for Rvol {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "rvol",
        title: "Relative Volume",
        formula: "y[t] = volume[t] over the mean of the period volumes before it; no finite value \
                  where those are all 0",
        source: "textbook; TA-Lib RVOL",
        warmup: "period",
        inputs: [Input::Volume],
        params: [int("period", &["timeperiod"], 1, 100_000, 20)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [volume]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..volume.len() {
            y[t] = volume[t] / mean(&volume[t - period.int()..t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { mean: Mean::new(period.int()), before: None }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [volume]: [L; 1]) -> Option<[L; 1]> {
        let before = std::mem::replace(&mut state.before, state.mean.step(volume));
        Some([volume / before?])
    }
}

pub(super) struct State<L> {
    mean: Mean<L>,
    /// The mean that ends with the last bar.
    before: Option<L>,
}

clone_in_place!(State<L> { mean, before });
