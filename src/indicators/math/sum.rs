//! The sum of a window.

use crate::kernel::state::{Plain, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Sum;

impl Kernel<1, 1, 1> for Sum {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "sum",
        title: "Summation",
        formula: "y[t] = x[t-period+1] + ... + x[t]",
        source: "textbook; TA-Lib SUM",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Sliding<L, Plain<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = x[t + 1 - period.int()..=t].iter().sum();
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<L, Plain<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Sliding<L, Plain<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (Plain(sum), _) = state.step(x)?;
        Some([sum])
    }
}
