//! Hilbert Transform - Dominant Cycle Phase.

use super::super::cycles::{phases, waves};
use super::super::reference::place;
use crate::kernel::state::clone_in_place;
use crate::kernel::state::hilbert::{Cycle, Phase};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtDcphase;

impl Kernel<1, 0, 1> for HtDcphase {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "ht_dcphase",
        title: "Hilbert Transform - Dominant Cycle Phase",
        formula: "y[t] = 90 + 360/p + arctan(sum(sin(360·i/n)·s[t-i]) / sum(cos(360·i/n)·s[t-i])) over i < n, in degrees from -45 to 315; p = ht_dcperiod, n = p rounded, s = the price weighted 4, 3, 2, 1",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_DCPHASE",
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
        place(phases(&waves(37, x)).get(26..).unwrap_or(&[]), y);
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { cycle: Cycle::new(37), wait: 26, phase: Phase::new() }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let wave = state.cycle.step(x)?;
        let degrees = state.phase.step(&wave);
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([degrees])
    }
}

pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
    phase: Phase<L>,
}

clone_in_place!(State<L> { cycle, wait, phase });
