//! Normalized average true range.

use super::super::reference::over;
use super::atr::{self, Atr};
use crate::kernel::state::ratio::quotient;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Natr;

impl Kernel<3, 1, 1> for Natr {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "natr",
        title: "Normalized Average True Range",
        formula: "y[t] = 100·ATR(period)[t] / close[t], 0 where close[t] is 0; a period of 1 gives \
                  the true range itself",
        source: "J. Forman, Stocks & Commodities 24:5, 2006; TA-Lib NATR",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 1, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        Atr::lookback([period])
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let [_, _, close] = bars;
        Atr::reference([period], bars, [&mut *y]);
        for t in (period.int()..close.len()).filter(|_| period.int() > 1) {
            y[t] = over(y[t], close[t]) * 100.0;
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { range: Atr::start([period]), normalized: period.int() > 1 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, bar: [L; 3]) -> Option<[L; 1]> {
        let [_, _, close] = bar;
        let [range] = Atr::step(&mut state.range, bar)?;
        Some([match state.normalized {
            true => quotient(range, close) * L::splat(100.0),
            false => range,
        }])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    range: atr::State<L>,
    normalized: bool,
}
