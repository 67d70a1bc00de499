//! Relative strength index.

use super::super::reference::place;
use super::reference::strength_index;
use crate::kernel::state::strength::{Strength, upward};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Rsi;

impl Kernel<1, 1, 1> for Rsi {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "rsi",
        title: "Relative Strength Index",
        formula: "y[t] = 100·g / (g + l), 50 where both are 0; g, l = Wilder averages over period \
                  of the rises and the falls of x, each first the mean of the first period changes",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RSI",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Strength<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&strength_index(period.int(), x), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Strength<L> {
        Strength::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Strength<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (gain, loss) = state.step(x)?;
        Some([upward(gain, loss)])
    }
}
