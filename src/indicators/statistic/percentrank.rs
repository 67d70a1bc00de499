//! Percent rank.

use super::super::reference::rank;
use crate::kernel::state::Rank;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Percentrank;

impl Kernel<1, 1, 1> for Percentrank {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "percentrank",
        title: "Percent Rank",
        formula: "y[t] = 100·(how many of the period values before x[t] are smaller) / period",
        source: "textbook; TA-Lib PERCENTRANK",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 10_000, 100)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Rank<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            y[t] = rank(&x[t - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Rank<L> {
        Rank::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Rank<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
