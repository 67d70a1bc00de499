//! Standard deviation.

use super::super::reference::deviation;
use crate::kernel::state::{Spread, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Stddev;

impl Kernel<1, 2, 1> for Stddev {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "stddev",
        title: "Standard Deviation",
        formula: "y[t] = deviations·sqrt(mean((x - mean(x))²)) over the last period values",
        source: "textbook; TA-Lib STDDEV",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 5),
            real("deviations", &["nbdev"], -3e37, 3e37, 1.0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int() - 1
    }

    fn reference([period, deviations]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = deviation(&x[t + 1 - period.int()..=t]) * deviations.real();
        }
    }

    fn start<L: Lanes>([period, deviations]: [Value; 2]) -> State<L> {
        State { spread: Spread::new(period.int()), deviations: deviations.real() }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (_, variance) = state.spread.step(x)?;
        Some([variance.sqrt() * L::splat(state.deviations)])
    }
}

pub(super) struct State<L> {
    spread: Spread<L>,
    deviations: f64,
}

clone_in_place!(State<L> { spread, deviations });
