//! Hilbert Transform - SineWave.

use super::super::cycles::{phases, waves};
use super::super::reference::place;
use crate::kernel::state::clone_in_place;
use crate::kernel::state::hilbert::{Cycle, Phase, sines};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtSine;

impl Kernel<1, 0, 2> for HtSine {
    const SPEC: Spec<1, 0, 2> = Spec {
        name: "ht_sine",
        title: "Hilbert Transform - SineWave",
        formula: "sine = sin(ht_dcphase), leadsine = sin(ht_dcphase + 45 degrees)",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_SINE",
        warmup: "63",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("sine").within(-1.0, 1.0), Output::new("leadsine").within(-1.0, 1.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        63
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [sine, leadsine]: [&mut [f64]; 2]) {
        let phases = phases(&waves(37, x));
        let phases = phases.get(26..).unwrap_or(&[]);
        for (lead, y) in [(0.0, sine), (45.0, leadsine)] {
            let sine = |phase: &f64| (phase + lead).to_radians().sin();
            place(&phases.iter().map(sine).collect::<Vec<f64>>(), y);
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { cycle: Cycle::new(37), wait: 26, phase: Phase::new() }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 2]> {
        let wave = state.cycle.step(x)?;
        let degrees = state.phase.step(&wave);
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        let (sine, leadsine) = sines(degrees);
        Some([sine, leadsine])
    }
}

pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
    phase: Phase<L>,
}

clone_in_place!(State<L> { cycle, wait, phase });
