//! Aroon oscillator.

use super::aroon::{Ages, ages};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Aroonosc;

impl Kernel<2, 1, 1> for Aroonosc {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "aroonosc",
        title: "Aroon Oscillator",
        formula: "y[t] = up - down of AROON(period)",
        source: "T. Chande, Stocks & Commodities 13:9, 1995; TA-Lib AROONOSC",
        warmup: "period",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(-100.0, 100.0)],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Ages<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        for t in period.int()..y.len() {
            let [h, l] = ages(period.int(), bars, t);
            y[t] = 100.0 * (l - h) / period.real();
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Ages<L> {
        Ages::new(period.int())
    }

    /// The definition is `reference`: the period itself cancels between both lines.
    #[inline(always)]
    fn step<L: Lanes>(state: &mut Ages<L>, bars: [L; 2]) -> Option<[L; 1]> {
        let (high, low) = state.step(bars)?;
        Some([L::splat(100.0) * (low - high) / L::splat(state.period)])
    }
}
