//! Aroon.

use super::super::reference::{highest, lowest, newest};
use crate::kernel::state::{Bottom, Extreme, Top, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Aroon;

impl Kernel<2, 1, 2> for Aroon {
    const SPEC: Spec<2, 1, 2> = Spec {
        name: "aroon",
        title: "Aroon",
        formula: "down = 100·(period - l) / period, up = 100·(period - h) / period, l, h = how \
                  many bars ago the lowest low and the highest high of the last period + 1 bars \
                  were, the newest of equal ones",
        source: "T. Chande, Stocks & Commodities 13:9, 1995; TA-Lib AROON",
        warmup: "period",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("down").within(0.0, 100.0), Output::new("up").within(0.0, 100.0)],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Ages<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 2], [down, up]: [&mut [f64]; 2]) {
        let part = |age: f64| 100.0 * (period.real() - age) / period.real();
        for t in period.int()..down.len() {
            let [h, l] = ages(period.int(), bars, t);
            (down[t], up[t]) = (part(l), part(h));
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Ages<L> {
        Ages::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Ages<L>, bars: [L; 2]) -> Option<[L; 2]> {
        let (high, low) = state.step(bars)?;
        let (period, hundred) = (L::splat(state.period), L::splat(100.0));
        Some([hundred * (period - low) / period, hundred * (period - high) / period])
    }
}

/// How many bars before `t` the highest high and the lowest low were.
pub(super) fn ages(period: usize, [high, low]: [&[f64]; 2], t: usize) -> [f64; 2] {
    let window = t - period..=t;
    let tops = newest(highest, &high[window.clone()], t);
    [t as f64 - tops, t as f64 - newest(lowest, &low[window], t)]
}

/// The same for lanes.
pub(super) struct Ages<L> {
    highest: Extreme<L, Top>,
    lowest: Extreme<L, Bottom>,
    pub period: f64,
}

clone_in_place!(Ages<L> { highest, lowest, period });

impl<L: Lanes> Ages<L> {
    pub fn new(period: usize) -> Self {
        let window = period + 1;
        Ages { highest: Extreme::new(window), lowest: Extreme::new(window), period: period as f64 }
    }

    #[inline(always)]
    pub fn step(&mut self, [high, low]: [L; 2]) -> Option<(L, L)> {
        let highest = self.highest.step(high);
        let lowest = self.lowest.step(low)?;
        Some((highest?.ago, lowest.ago))
    }
}
