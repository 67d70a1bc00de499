//! Hilbert Transform - Instantaneous Trendline.

use super::super::cycles::{trendline, waves};
use super::super::reference::place;
use crate::kernel::state::clone_in_place;
use crate::kernel::state::hilbert::{Cycle, Trendline};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtTrendline;

impl Kernel<1, 0, 1> for HtTrendline {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "ht_trendline",
        title: "Hilbert Transform - Instantaneous Trendline",
        formula: "y[t] = (4·m[t] + 3·m[t-1] + 2·m[t-2] + m[t-3]) / 10, m = the mean of the last n values, n = ht_dcperiod rounded",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_TRENDLINE",
        warmup: "63",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        63
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let line = trendline(37, &waves(37, x), x);
        place(line.get(26..).unwrap_or(&[]), y);
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { cycle: Cycle::new(37), wait: 26, line: Trendline::new() }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let wave = state.cycle.step(x);
        let line = state.line.step(x, wave.as_ref())?;
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([line])
    }
}

pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
    line: Trendline<L>,
}

clone_in_place!(State<L> { cycle, wait, line });
