//! Variance.

use super::super::reference::variance;
use crate::kernel::state::Spread;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Var;

impl Kernel<1, 2, 1> for Var {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "var",
        title: "Variance",
        formula: "y[t] = mean((x - mean(x))²) over the last period values; deviations has no effect, \
                  as in TA-Lib",
        source: "textbook; TA-Lib VAR",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 5),
            real("deviations", &["nbdev"], -3e37, 3e37, 1.0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Spread<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int() - 1
    }

    fn reference([period, _]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = variance(&x[t + 1 - period.int()..=t]);
        }
    }

    fn start<L: Lanes>([period, _]: [Value; 2]) -> Spread<L> {
        Spread::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Spread<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?.1])
    }
}
