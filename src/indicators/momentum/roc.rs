//! Rate of change.

use crate::kernel::state::Delay;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Roc;

impl Kernel<1, 1, 1> for Roc {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "roc",
        title: "Rate of Change",
        formula: "y[t] = 100·(x[t] / x[t-period] - 1); 0 where x[t-period] is 0",
        source: "textbook; TA-Lib ROC",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 10)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Delay<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            let before = x[t - period.int()];
            let nothing = before == 0.0 && !x[t].is_nan();
            y[t] = if nothing { 0.0 } else { (x[t] / before - 1.0) * 100.0 };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Delay<L> {
        Delay::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Delay<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let before = state.step(x)?;
        let rate = (x / before - L::splat(1.0)) * L::splat(100.0);
        // A NaN over zero stays NaN.
        let nothing = before.eq(L::splat(0.0)) & !x.is_nan();
        Some([L::select(nothing, L::splat(0.0), rate)])
    }
}
