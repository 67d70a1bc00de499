//! Percent rank.

use crate::kernel::state::{Clean, Recent};
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

    type State<L: Lanes> = State<L>;

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

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        let length = period.int() + 1;
        State { window: Recent::new(length), clean: Clean::new(length) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let spoilt = state.clean.spoilt(x);
        let window = state.window.step(x)?;
        let (mut smaller, one) = (L::splat(0.0), L::splat(1.0));
        for value in window {
            smaller = smaller + one.keep(x.gt(*value));
        }
        let period = L::splat(window.len() as f64 - 1.0);
        let rank = smaller / period * L::splat(100.0);
        Some([L::select(spoilt, L::splat(f64::NAN), rank)])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// The value itself, which is not smaller, among those before it.
    window: Recent<L>,
    clean: Clean<L>,
}
