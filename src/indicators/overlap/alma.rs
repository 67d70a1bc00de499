//! Arnaud Legoux moving average.

use super::super::reference::{bell, place};
use crate::kernel::state::Bell;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Alma;

impl Kernel<1, 3, 1> for Alma {
    const SPEC: Spec<1, 3, 1> = Spec {
        name: "alma",
        title: "Arnaud Legoux Moving Average",
        formula: "y[t] = sum(w·x) / sum(w) over the last period values, w[i] = exp(-(i - m)² / \
                  (2s²)), i from 0 for the oldest, m = floor(offset·(period - 1)), s = \
                  period/sigma",
        source: "A. Legoux, D. Kouzis-Loukas, 2009; TA-Lib ALMA",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 9),
            real("sigma", &[], 0.01, 3e37, 6.0),
            real("offset", &[], 0.0, 1.0, 0.85),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Bell<L>;

    fn lookback([period, _, _]: [Value; 3]) -> usize {
        period.int() - 1
    }

    fn reference([period, sigma, offset]: [Value; 3], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&bell(period.int(), sigma.real(), offset.real(), x), y);
    }

    fn start<L: Lanes>([period, sigma, offset]: [Value; 3]) -> Bell<L> {
        Bell::new(period.int(), sigma.real(), offset.real())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Bell<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
