//! Double exponential moving average.

use super::super::reference::{double, place};
use crate::kernel::state::Double;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Dema;

impl Kernel<1, 1, 1> for Dema {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "dema",
        title: "Double Exponential Moving Average",
        formula: "y[t] = 2·e1[t] - e2[t], e1 = EMA(x, period), e2 = EMA(e1, period)",
        source: "P. Mulloy, Stocks & Commodities 12:1, 1994; TA-Lib DEMA",
        warmup: "2 * (period - 1)",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Double<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        2 * (period.int() - 1)
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&double(period.int(), x), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Double<L> {
        Double::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Double<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
