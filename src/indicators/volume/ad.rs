//! Accumulation/distribution line.

use super::super::reference::accumulations;
use crate::kernel::state::flow::accumulation;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Ad;

impl Kernel<4, 0, 1> for Ad {
    const SPEC: Spec<4, 0, 1> = Spec {
        name: "ad",
        title: "Chaikin A/D Line",
        formula: "y[t] = y[t-1] + volume·((close - low) - (high - close)) / (high - low), the \
                  volume not counted where high - low is 0; before the first: 0",
        source: "M. Chaikin; TA-Lib AD",
        warmup: "0",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = Line<L>;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [high, low, close, volume]: [&[f64]; 4], [y]: [&mut [f64]; 1]) {
        let mut line = 0.0;
        for (t, flow) in accumulations(high, low, close, volume).into_iter().enumerate() {
            line += flow;
            y[t] = line;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> Line<L> {
        Line::new()
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Line<L>, bar: [L; 4]) -> Option<[L; 1]> {
        Some([state.step(bar)])
    }
}

/// The line so far.
#[derive(Clone)]
pub(super) struct Line<L>(L);

impl<L: Lanes> Line<L> {
    /// Before the first bar.
    pub fn new() -> Self {
        Line(L::splat(0.0))
    }

    /// Takes a bar; gives the line.
    #[inline(always)]
    pub fn step(&mut self, [high, low, close, volume]: [L; 4]) -> L {
        self.0 = self.0 + accumulation(high, low, close, volume);
        self.0
    }
}
