//! Williams' %R.

use super::super::reference::{highest, is_flat, lowest};
use crate::kernel::state::{Highest, Lowest, Sliding, clone_in_place, flat};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Willr;

impl Kernel<3, 1, 1> for Willr {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "willr",
        title: "Williams' %R",
        formula: "y[t] = -100·(h - close[t]) / (h - l), h, l = highest high and lowest low of the \
                  last period bars; 0 where h - l is 0; never beyond -100 and 0",
        source: "L. Williams, 1973; TA-Lib WILLR",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(-100.0, 0.0)],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period - 1..close.len() {
            let window = t + 1 - period..=t;
            let (h, l) = (highest(&high[window.clone()]), lowest(&low[window]));
            y[t] = match is_flat(h, l) && !close[t].is_nan() {
                true => 0.0,
                false => ((h - close[t]) / (h - l) * -100.0).clamp(-100.0, 0.0),
            };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { highest: Sliding::new(period.int()), lowest: Sliding::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let highest = state.highest.step(high);
        let (Lowest(low), _) = state.lowest.step(low)?;
        let (Highest(high), _) = highest?;
        let zero = L::splat(0.0);
        let below = (high - close) / (high - low) * L::splat(-100.0);
        let bounded = below.max(L::splat(-100.0)).min(zero);
        // A NaN close over a flat range stays NaN.
        let flat = flat(high, low) & !close.is_nan();
        Some([L::select(flat, zero, bounded)])
    }
}

pub(super) struct State<L> {
    highest: Sliding<L, Highest<L>>,
    lowest: Sliding<L, Lowest<L>>,
}

clone_in_place!(State<L> { highest, lowest });
