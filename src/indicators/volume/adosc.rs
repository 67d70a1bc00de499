//! Chaikin accumulation/distribution oscillator.

use super::super::reference::accumulations;
use super::ad::Line;
use crate::kernel::state::{Ema, Wait};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Adosc;

impl Kernel<4, 2, 1> for Adosc {
    const SPEC: Spec<4, 2, 1> = Spec {
        name: "adosc",
        title: "Chaikin A/D Oscillator",
        formula: "y[t] = f[t] - s[t], f, s = exponential averages of AD over fast and slow, each \
                  begun with the first AD: e[t] = e[t-1] + 2/(period + 1)·(AD[t] - e[t-1])",
        source: "M. Chaikin; TA-Lib ADOSC",
        warmup: "max(fast, slow) - 1",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 3),
            int("slow", &["slowperiod"], 2, 100_000, 10),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fast, slow]: [Value; 2]) -> usize {
        fast.int().max(slow.int()) - 1
    }

    fn reference(
        [fast, slow]: [Value; 2],
        [high, low, close, volume]: [&[f64]; 4],
        [y]: [&mut [f64]; 1],
    ) {
        let flows = accumulations(high, low, close, volume);
        let first = flows.first().copied().unwrap_or(0.0);
        let (mut line, mut quick, mut lazy) = (0.0, first, first);
        for (t, flow) in flows.into_iter().enumerate() {
            line += flow;
            quick += 2.0 / (fast.real() + 1.0) * (line - quick);
            lazy += 2.0 / (slow.real() + 1.0) * (line - lazy);
            if t >= Self::lookback([fast, slow]) {
                y[t] = quick - lazy;
            }
        }
    }

    fn start<L: Lanes>([fast, slow]: [Value; 2]) -> State<L> {
        State {
            line: Line::new(),
            fast: Ema::unseeded(fast.int()),
            slow: Ema::unseeded(slow.int()),
            wait: Wait(Self::lookback([fast, slow])),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, bar: [L; 4]) -> Option<[L; 1]> {
        let line = state.line.step(bar);
        let fast = state.fast.step(line);
        let gap = fast? - state.slow.step(line)?;
        state.wait.over().then_some([gap])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    line: Line<L>,
    fast: Ema<L>,
    slow: Ema<L>,
    wait: Wait,
}
