//! Variable index dynamic average.

use super::super::reference::{place, vidya};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, state};
use crate::simd::Lanes;

pub(super) struct Vidya;

impl Kernel<1, 2, 1> for Vidya {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "vidya",
        title: "Variable Index Dynamic Average",
        formula: "y[t] = y[t-1] + 2/(period + 1)·e·(x[t] - y[t-1]), e = |x[t] - x[t-cmo_period]| \
                  over the sum of the last cmo_period |x[t] - x[t-1]|, 0 where that is 0; from y[0] \
                  = x[0] on, the sum over what there is; x[t] where period is 1",
        source: "T. Chande, Stocks & Commodities 10:3, 1992; TA-Lib VIDYA",
        warmup: "cmo_period * min(period - 1, 1)",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 12),
            int("cmo_period", &["cmoperiod"], 2, 100_000, 9),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    /// `None` for a period of 1.
    type State<L: Lanes> = Option<state::Vidya<L>>;

    fn lookback([period, cmo_period]: [Value; 2]) -> usize {
        if period.int() == 1 { 0 } else { cmo_period.int() }
    }

    fn stability([period, _]: [Value; 2]) -> Stability {
        if period.int() == 1 { Stability::Exact } else { Stability::Converging }
    }

    fn reference([period, cmo_period]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        match period.int() {
            1 => y.copy_from_slice(x),
            period => place(&vidya(period, cmo_period.int(), x), y),
        }
    }

    fn start<L: Lanes>([period, cmo_period]: [Value; 2]) -> Option<state::Vidya<L>> {
        (period.int() > 1).then(|| state::Vidya::new(period.int(), cmo_period.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Option<state::Vidya<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([match state {
            Some(average) => average.step(x)?,
            None => x,
        }])
    }
}
