//! Chaikin's volatility.

use super::super::reference::{exponential, place, rate};
use crate::kernel::state::ratio::rate as rate_of;
use crate::kernel::state::{Delay, Ema, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cvi;

impl Kernel<2, 2, 1> for Cvi {
    const SPEC: Spec<2, 2, 1> = Spec {
        name: "cvi",
        title: "Chaikin's Volatility",
        formula: "y[t] = 100·(e[t] / e[t-roc_period] - 1), 0 where e[t-roc_period] is 0; e = \
                  EMA(high - low, period)",
        source: "M. Chaikin; TA-Lib CVI",
        warmup: "period - 1 + roc_period",
        inputs: [Input::High, Input::Low],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 10),
            int("roc_period", &["rocperiod"], 1, 100_000, 10),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, roc]: [Value; 2]) -> usize {
        period.int() - 1 + roc.int()
    }

    fn reference([period, roc]: [Value; 2], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let ranges: Vec<f64> = high.iter().zip(low).map(|(high, low)| high - low).collect();
        let average = exponential(period.int(), &ranges);
        let pairs = average.iter().zip(average.iter().skip(roc.int()));
        place(&pairs.map(|(before, now)| rate(*now, *before)).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period, roc]: [Value; 2]) -> State<L> {
        State { average: Ema::new(period.int()), before: Delay::new(roc.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        let average = state.average.step(high - low)?;
        Some([rate_of(average, state.before.step(average)?)])
    }
}

pub(super) struct State<L> {
    average: Ema<L>,
    before: Delay<L>,
}

clone_in_place!(State<L> { average, before });
