//! Fractal adaptive moving average.

use super::super::reference::{highest, lowest};
use crate::kernel::state::Fractal;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Frama;

impl Kernel<2, 1, 1> for Frama {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "frama",
        title: "Fractal Adaptive Moving Average",
        formula: "y[t] = y[t-1] + k·(p[t] - y[t-1]), p = (high + low)/2, k = exp(-4.6·log2((r1 + \
                  r2) / r)), r1, r2, r = highest high less lowest low of the newer half, the older \
                  half and all of the last period bars; 1 where r1 + r2 is no more than r, or one \
                  of them 0; y before the first: p before it",
        source: "J. Ehlers, Stocks & Commodities 23:10, 2005; TA-Lib FRAMA",
        warmup: "period",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 16)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Fractal<L>;

    fn refusal([period]: [Value; 1]) -> Option<&'static str> {
        (!period.int().is_multiple_of(2)).then_some("period is even")
    }

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let (period, half) = (period.int(), period.int() / 2);
        let price = |t: usize| (high[t] + low[t]) / 2.0;
        let range = |from: usize, to: usize| highest(&high[from..=to]) - lowest(&low[from..=to]);
        for t in period..high.len() {
            let last = if t == period { price(t - 1) } else { y[t - 1] };
            let newer = range(t + 1 - half, t);
            let older = range(t + 1 - period, t - half);
            let whole = range(t + 1 - period, t);
            let k = if newer > 0.0 && older > 0.0 && newer + older > whole {
                (-4.6 * ((newer + older) / whole).log2()).exp()
            } else {
                1.0
            };
            y[t] = last + k * (price(t) - last);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Fractal<L> {
        Fractal::new(period.int() / 2)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Fractal<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(high, low)?])
    }
}
