//! Rate of change of a triple average.

use super::super::reference::{exponential, place, rate};
use crate::kernel::state::Repeated;
use crate::kernel::state::ratio::rate as rate_of;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Trix;

impl Kernel<1, 1, 1> for Trix {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "trix",
        title: "Rate of Change of a Triple EMA",
        formula: "y[t] = 100·(e[t] / e[t-1] - 1), 0 where e[t-1] is 0; e = EMA(EMA(EMA(x, period), \
                  period), period)",
        source: "J. Hutson, Stocks & Commodities 1:5, 1983; TA-Lib TRIX",
        warmup: "3 * period - 2",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        3 * period.int() - 2
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let once = |x: &[f64]| exponential(period.int(), x);
        let triple = once(&once(&once(x)));
        let rates: Vec<f64> = triple.windows(2).map(|pair| rate(pair[1], pair[0])).collect();
        place(&rates, y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { triple: Repeated::new([period.int(); 3]), before: None }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let triple = state.triple.step(x)?;
        Some([rate_of(triple, state.before.replace(triple)?)])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    triple: Repeated<L, 3>,
    before: Option<L>,
}
