//! Hilbert Transform - Phasor Components.

use super::super::cycles::waves;
use super::super::reference::place;
use crate::kernel::state::hilbert::Cycle;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtPhasor;

impl Kernel<1, 0, 2> for HtPhasor {
    const SPEC: Spec<1, 0, 2> = Spec {
        name: "ht_phasor",
        title: "Hilbert Transform - Phasor Components",
        formula: "quadrature = the Hilbert transform of the detrended price, in_phase = the detrended price three timesteps before",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_PHASOR",
        warmup: "32",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("in_phase"), Output::new("quadrature")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        32
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [in_phase, quadrature]: [&mut [f64]; 2]) {
        let waves = waves(12, x);
        let waves = waves.get(20..).unwrap_or(&[]);
        place(&waves.iter().map(|wave| wave.in_phase).collect::<Vec<f64>>(), in_phase);
        place(&waves.iter().map(|wave| wave.quadrature).collect::<Vec<f64>>(), quadrature);
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { cycle: Cycle::new(12), wait: 20 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 2]> {
        let wave = state.cycle.step(x)?;
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([wave.in_phase, wave.quadrature])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
}
