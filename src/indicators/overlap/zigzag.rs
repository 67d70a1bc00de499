//! Zigzag.

use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Zigzag;

impl Kernel<2, 2, 3> for Zigzag {
    const SPEC: Spec<2, 2, 3> = Spec {
        name: "zigzag",
        title: "ZigZag",
        formula: "zigzag = the extreme price of the leg so far, trend = 1 in a rising leg, -1 in a \
                  falling one, pivot = the timestep of that extreme, counted from 0; a leg ends at \
                  a bar sensitivity percent away from it, min_trend_length or more bars later; the \
                  first leg falls",
        source: "A. Merrill, Filtered Waves, 1977; TA-Lib ZIGZAG",
        warmup: "min_trend_length",
        inputs: [Input::High, Input::Low],
        params: [
            real("sensitivity", &[], 0.0, 100.0, 5.0),
            int("min_trend_length", &["mintrendlength"], 1, 100_000, 1),
        ],
        outputs: [
            Output::new("zigzag"),
            Output::new("trend").within(-1.0, 1.0),
            Output::new("pivot"),
        ],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([_, length]: [Value; 2]) -> usize {
        length.int()
    }

    fn reference(
        [sensitivity, length]: [Value; 2],
        [high, low]: [&[f64]; 2],
        [zigzag, trend, pivot]: [&mut [f64]; 3],
    ) {
        let (length, part) = (length.int(), sensitivity.real() / 100.0);
        let (mut extreme, mut at, mut rises) = (low.first().copied().unwrap_or(0.0), 0, false);
        for t in 1..high.len() {
            let ends = match rises {
                true => low[t] <= extreme * (1.0 - part),
                false => high[t] >= extreme * (1.0 + part),
            };
            let ends = ends && t - at >= length;
            rises = rises != ends;
            let (price, further) = match rises {
                true => (high[t], high[t] >= extreme),
                false => (low[t], low[t] <= extreme),
            };
            if ends || further {
                (extreme, at) = (price, t);
            }
            if t >= length {
                zigzag[t] = extreme;
                trend[t] = if rises { 1.0 } else { -1.0 };
                pivot[t] = at as f64;
            }
        }
    }

    fn start<L: Lanes>([sensitivity, length]: [Value; 2]) -> State<L> {
        let (part, zero) = (sensitivity.real() / 100.0, L::splat(0.0));
        State {
            up: 1.0 + part,
            down: 1.0 - part,
            length: length.int(),
            now: 0,
            extreme: zero,
            at: zero,
            trend: L::splat(-1.0),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low]: [L; 2]) -> Option<[L; 3]> {
        let now = L::splat(state.now as f64);
        let first = state.now == 0;
        state.now += 1;
        if first {
            state.extreme = low;
            return None;
        }
        let rises = state.trend.gt(L::splat(0.0));
        let fallen = (state.extreme * L::splat(state.down)).ge(low);
        let risen = high.ge(state.extreme * L::splat(state.up));
        let late = (now - state.at).ge(L::splat(state.length as f64));
        let ends = late & ((rises & fallen) | (!rises & risen));
        state.trend = L::select(ends, -state.trend, state.trend);

        let rises = state.trend.gt(L::splat(0.0));
        let further = (rises & high.ge(state.extreme)) | (!rises & state.extreme.ge(low));
        let moves = ends | further;
        state.extreme = L::select(moves, L::select(rises, high, low), state.extreme);
        state.at = L::select(moves, now, state.at);
        (state.now > state.length).then_some([state.extreme, state.trend, state.at])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    up: f64,
    down: f64,
    length: usize,
    now: usize,
    extreme: L,
    /// The timestep of the extreme.
    at: L,
    /// 1 or -1.
    trend: L,
}
