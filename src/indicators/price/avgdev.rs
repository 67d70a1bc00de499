//! Average deviation.

use super::super::reference::mean;
use crate::kernel::state::Dispersion;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Avgdev;

impl Kernel<1, 1, 1> for Avgdev {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "avgdev",
        title: "Average Deviation",
        formula: "y[t] = mean(|x - mean(x)|) over the last period values",
        source: "textbook; TA-Lib AVGDEV",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Dispersion<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            let window = &x[t + 1 - period.int()..=t];
            let centre = mean(window);
            y[t] = mean(&window.iter().map(|x| (x - centre).abs()).collect::<Vec<f64>>());
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Dispersion<L> {
        Dispersion::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Dispersion<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?.deviation])
    }
}
