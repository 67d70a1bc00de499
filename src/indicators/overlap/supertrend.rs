//! Supertrend.

use super::super::reference::{true_ranges, wilder};
use crate::kernel::state::{Ema, TrueRange};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Supertrend;

impl Kernel<3, 2, 2> for Supertrend {
    const SPEC: Spec<3, 2, 2> = Spec {
        name: "supertrend",
        title: "SuperTrend",
        formula: "upper, lower = (high + low)/2 ± multiplier·ATR(period), where upper does not rise \
                  and lower does not fall while the last close is between them; trend = 1 until \
                  close falls below lower, then -1 until it rises above upper; supertrend = lower \
                  in a rise, upper in a fall",
        source: "O. Seban; TA-Lib SUPERTREND",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 10),
            real("multiplier", &[], 0.0, 3e37, 3.0),
        ],
        outputs: [Output::new("supertrend"), Output::new("trend").within(-1.0, 1.0)],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int()
    }

    fn reference(
        [period, multiplier]: [Value; 2],
        [high, low, close]: [&[f64]; 3],
        [supertrend, trend]: [&mut [f64]; 2],
    ) {
        let range = wilder(period.int(), &true_ranges(high, low, close));
        let (mut upper, mut lower, mut rises) = (f64::INFINITY, f64::NEG_INFINITY, true);
        for t in period.int()..close.len() {
            let middle = (high[t] + low[t]) / 2.0;
            let away = multiplier.real() * range[t - period.int()];
            if middle + away < upper || close[t - 1] > upper {
                upper = middle + away;
            }
            if middle - away > lower || close[t - 1] < lower {
                lower = middle - away;
            }
            // The first bar is taken for a rise.
            if t > period.int() {
                rises = if rises { close[t] >= lower } else { close[t] > upper };
            }
            supertrend[t] = if rises { lower } else { upper };
            trend[t] = if rises { 1.0 } else { -1.0 };
        }
    }

    fn start<L: Lanes>([period, multiplier]: [Value; 2]) -> State<L> {
        State {
            range: TrueRange::new(),
            average: Ema::wilder(period.int()),
            multiplier: multiplier.real(),
            last_close: L::splat(0.0),
            upper: L::splat(f64::INFINITY),
            lower: L::splat(f64::NEG_INFINITY),
            trend: None,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let last_close = std::mem::replace(&mut state.last_close, close);
        let range = state.average.step(state.range.step(high, low, close)?)?;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let middle = (high + low) / L::splat(2.0);
        let away = L::splat(state.multiplier) * range;
        let (upper, lower) = (middle + away, middle - away);
        let falls = upper.lt(state.upper) | last_close.gt(state.upper);
        state.upper = L::select(falls, upper, state.upper);
        let rises = lower.gt(state.lower) | last_close.lt(state.lower);
        state.lower = L::select(rises, lower, state.lower);
        let trend = match state.trend {
            // The first bar is taken for a rise.
            None => one,
            Some(trend) => {
                let fallen = L::select(close.lt(state.lower), -one, one);
                let risen = L::select(close.gt(state.upper), one, -one);
                L::select(trend.gt(zero), fallen, risen)
            }
        };
        state.trend = Some(trend);
        Some([L::select(trend.gt(zero), state.lower, state.upper), trend])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    range: TrueRange<L>,
    average: Ema<L>,
    multiplier: f64,
    last_close: L,
    upper: L,
    lower: L,
    /// 1 or -1.
    trend: Option<L>,
}
