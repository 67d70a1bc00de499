//! Efficiency ratio.

use super::super::reference::efficiency;
use crate::kernel::state::Efficiency;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Er;

impl Kernel<1, 1, 1> for Er {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "er",
        title: "Kaufman Efficiency Ratio",
        formula: "y[t] = |x[t] - x[t-period]| over the sum of the last period |x[t] - x[t-1]|, 1 \
                  where that is 0",
        source: "P. Kaufman, Smarter Trading, 1995; TA-Lib ER",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 10)],
        outputs: [Output::new("").within(0.0, 1.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Efficiency<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            y[t] = efficiency(&x[t - period.int()..=t], 1.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Efficiency<L> {
        Efficiency::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Efficiency<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let reading = state.step(x, 1.0)?;
        reading.full.then_some([reading.ratio])
    }
}
