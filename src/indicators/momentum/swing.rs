//! Wilder's swing index, and its sum.

use super::super::reference::{larger, over};
use crate::kernel::state::ratio::quotient;
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, real};
use crate::simd::Lanes;

pub(super) struct Si;

const LIMIT: Param = real("limit_move", &["limitmove"], 1e-8, 3e37, 3.0);

impl Kernel<4, 1, 1> for Si {
    const SPEC: Spec<4, 1, 1> = Spec {
        name: "si",
        title: "Swing Index",
        formula: "y[t] = 50·(n / r)·(k / limit_move), 0 where r is 0; c, b = close and close - \
                  open of the bar before; n = close - c + (close - open)/2 + b/4; u, d = |high - \
                  c|, |low - c|; k = max(u, d); r = max(u - d/2, d - u/2, |high - low|) + |b|/4",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib SI",
        warmup: "1",
        inputs: [Input::Open, Input::High, Input::Low, Input::Close],
        params: [LIMIT],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Swing<L>;

    fn lookback([_]: [Value; 1]) -> usize {
        1
    }

    fn reference([limit]: [Value; 1], bars: [&[f64]; 4], [y]: [&mut [f64]; 1]) {
        for t in 1..y.len() {
            y[t] = swing(limit.real(), bars, t);
        }
    }

    fn start<L: Lanes>([limit]: [Value; 1]) -> Swing<L> {
        Swing::new(limit.real())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Swing<L>, bar: [L; 4]) -> Option<[L; 1]> {
        Some([state.step(bar)?])
    }
}

pub(super) struct Asi;

impl Kernel<4, 1, 1> for Asi {
    const SPEC: Spec<4, 1, 1> = Spec {
        name: "asi",
        title: "Accumulative Swing Index",
        formula: "y[t] = y[t-1] + SI(limit_move)[t]; first value: 0",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ASI",
        warmup: "0",
        inputs: [Input::Open, Input::High, Input::Low, Input::Close],
        params: [LIMIT],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = Line<L>;

    fn lookback([_]: [Value; 1]) -> usize {
        0
    }

    fn reference([limit]: [Value; 1], bars: [&[f64]; 4], [y]: [&mut [f64]; 1]) {
        let mut sum = 0.0;
        for t in 0..y.len() {
            sum += if t > 0 { swing(limit.real(), bars, t) } else { 0.0 };
            y[t] = sum;
        }
    }

    fn start<L: Lanes>([limit]: [Value; 1]) -> Line<L> {
        Line { swing: Swing::new(limit.real()), sum: L::splat(0.0) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Line<L>, bar: [L; 4]) -> Option<[L; 1]> {
        if let Some(swing) = state.swing.step(bar) {
            state.sum = state.sum + swing;
        }
        Some([state.sum])
    }
}

#[derive(Clone)]
pub(super) struct Line<L> {
    swing: Swing<L>,
    sum: L,
}

/// The definition of the index of the bar at `t`.
fn swing(limit: f64, [open, high, low, close]: [&[f64]; 4], t: usize) -> f64 {
    let (before, body) = (close[t - 1], close[t - 1] - open[t - 1]);
    let net = close[t] - before + 0.5 * (close[t] - open[t]) + 0.25 * body;
    let (up, down) = ((high[t] - before).abs(), (low[t] - before).abs());
    let beyond = larger(up - 0.5 * down, down - 0.5 * up);
    let range = larger(beyond, (high[t] - low[t]).abs()) + 0.25 * body.abs();
    50.0 * over(net, range) * (larger(up, down) / limit)
}

/// The same for lanes.
#[derive(Clone)]
pub(super) struct Swing<L> {
    limit: f64,
    /// The close before, and that bar's body.
    before: Option<[L; 2]>,
}

impl<L: Lanes> Swing<L> {
    fn new(limit: f64) -> Self {
        Swing { limit, before: None }
    }

    #[inline(always)]
    fn step(&mut self, [open, high, low, close]: [L; 4]) -> Option<L> {
        let [before, body] = self.before.replace([close, close - open])?;
        let (half, quarter) = (L::splat(0.5), L::splat(0.25));
        let net = close - before + half * (close - open) + quarter * body;
        let (up, down) = ((high - before).abs(), (low - before).abs());
        let beyond = (up - half * down).max(down - half * up);
        let range = beyond.max((high - low).abs()) + quarter * body.abs();
        Some(L::splat(50.0) * quotient(net, range) * (up.max(down) / L::splat(self.limit)))
    }
}
