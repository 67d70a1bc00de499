//! Coppock curve.

use super::super::reference::{linear, place, rate};
use crate::kernel::state::ratio::rate as rate_of;
use crate::kernel::state::{Delay, Weighted, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Coppock;

impl Kernel<1, 3, 1> for Coppock {
    const SPEC: Spec<1, 3, 1> = Spec {
        name: "coppock",
        title: "Coppock Curve",
        formula: "y[t] = WMA(ROC(x, roc1_period) + ROC(x, roc2_period), wma_period)",
        source: "E. Coppock, Barron's, 1962; TA-Lib COPPOCK",
        warmup: "max(roc1_period, roc2_period) + wma_period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("wma_period", &["wmaperiod"], 1, 100_000, 10),
            int("roc1_period", &["roc1period"], 1, 100_000, 11),
            int("roc2_period", &["roc2period"], 1, 100_000, 14),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([wma, roc1, roc2]: [Value; 3]) -> usize {
        roc1.int().max(roc2.int()) + wma.int() - 1
    }

    fn reference([wma, roc1, roc2]: [Value; 3], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let sum = |t: usize| rate(x[t], x[t - roc1.int()]) + rate(x[t], x[t - roc2.int()]);
        let sums: Vec<f64> = (roc1.int().max(roc2.int())..x.len()).map(sum).collect();
        place(&linear(wma.int(), &sums), y);
    }

    fn start<L: Lanes>([wma, roc1, roc2]: [Value; 3]) -> State<L> {
        State {
            before: [Delay::new(roc1.int()), Delay::new(roc2.int())],
            average: Weighted::new(wma.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let [before1, before2] = &mut state.before;
        let before1 = before1.step(x);
        let before2 = before2.step(x)?;
        Some([state.average.step(rate_of(x, before1?) + rate_of(x, before2))?])
    }
}

pub(super) struct State<L> {
    before: [Delay<L>; 2],
    average: Weighted<L>,
}

clone_in_place!(State<L> { before, average });
