//! Linear Regression.

use super::super::reference::line;
use crate::kernel::state::Regression;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Linearreg;

impl Kernel<1, 1, 1> for Linearreg {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "linearreg",
        title: "Linear Regression",
        formula: "y[t] = the line's value at t, of the least-squares line through the last period values",
        source: "textbook; TA-Lib LINEARREG",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Regression<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period - 1..x.len() {
            let (intercept, slope) = line(&x[t + 1 - period..=t]);
            y[t] = intercept + slope * (period as f64 - 1.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Regression<L> {
        Regression::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Regression<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?.ahead(0.0)])
    }
}
