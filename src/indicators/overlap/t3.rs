//! Tillson's T3.

use super::super::reference::{place, tillson};
use crate::kernel::state::Tillson;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct T3;

impl Kernel<1, 2, 1> for T3 {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "t3",
        title: "Triple Exponential Moving Average (T3)",
        formula: "y[t] = -v³·e6 + 3(v² + v³)·e5 - 3(2v² + v + v³)·e4 + (1 + 3v + 3v² + v³)·e3, v = \
                  vfactor, e1 = EMA(x, period), e2 = EMA(e1, period), ...",
        source: "T. Tillson, Stocks & Commodities 16:1, 1998; TA-Lib T3",
        warmup: "6 * (period - 1)",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 5),
            real("vfactor", &[], 0.0, 1.0, 0.7),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Tillson<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        6 * (period.int() - 1)
    }

    fn reference([period, vfactor]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&tillson(period.int(), vfactor.real(), x), y);
    }

    fn start<L: Lanes>([period, vfactor]: [Value; 2]) -> Tillson<L> {
        Tillson::new(period.int(), vfactor.real())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Tillson<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
