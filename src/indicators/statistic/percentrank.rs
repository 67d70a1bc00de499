//! Percent rank.

use crate::kernel::state::Recent;
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

    type State<L: Lanes> = Recent<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period..x.len() {
            let smaller = x[t - period..t].iter().filter(|value| **value < x[t]).count();
            let known = x[t - period..=t].iter().all(|x| !x.is_nan());
            y[t] = if known { smaller as f64 / period as f64 * 100.0 } else { f64::NAN };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Recent<L> {
        Recent::new(period.int() + 1)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Recent<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let window = state.step(x)?;
        let (zero, one, nan) = (L::splat(0.0), L::splat(1.0), L::splat(f64::NAN));
        let mut smaller = zero;
        for value in window {
            // Neither smaller nor not: NaN, on either side, which stays in the sum.
            let not = L::select(value.ge(x), zero, nan);
            smaller = smaller + L::select(x.gt(*value), one, not);
        }
        let period = L::splat(window.len() as f64 - 1.0);
        Some([smaller / period * L::splat(100.0)])
    }
}
