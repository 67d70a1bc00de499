//! Pearson's correlation coefficient.

use super::super::reference::correlation;
use crate::kernel::state::Joint;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Correl;

impl Kernel<2, 1, 1> for Correl {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "correl",
        title: "Pearson's Correlation Coefficient (r)",
        formula: "y[t] = sum((a - mean(a))·(b - mean(b))) / sqrt(sum((a - mean(a))²)·sum((b - \
                  mean(b))²)) over the last period values; 0 where a or b does not vary",
        source: "K. Pearson, 1895; TA-Lib CORREL",
        warmup: "period - 1",
        inputs: [Input::Series("a"), Input::Series("b")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("").within(-1.0, 1.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Joint<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [a, b]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..y.len() {
            let window = t + 1 - period.int()..=t;
            y[t] = correlation(&a[window.clone()], &b[window]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Joint<L> {
        Joint::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Joint<L>, [a, b]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(a, b)?.correlation()])
    }
}
