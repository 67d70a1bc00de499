//! Hilbert Transform - Dominant Cycle Period.

use super::super::cycles::waves;
use super::super::reference::place;
use crate::kernel::state::hilbert::Cycle;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct HtDcperiod;

impl Kernel<1, 0, 1> for HtDcperiod {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "ht_dcperiod",
        title: "Hilbert Transform - Dominant Cycle Period",
        formula: "y[t] = 0.33·p[t] + 0.67·y[t-1], p = 360 degrees over the smoothed rotation, a timestep, of the price's in-phase and quadrature waves, from 6 to 50, of its last value no less than 0.67 and no more than 1.5, 0.2 of it added to 0.8 of its last value",
        source: "J. Ehlers, Rocket Science for Traders, 2001; TA-Lib HT_DCPERIOD",
        warmup: "32",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        32
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let periods: Vec<f64> = waves(12, x).iter().map(|wave| wave.period).collect();
        place(periods.get(20..).unwrap_or(&[]), y);
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { cycle: Cycle::new(12), wait: 20 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let wave = state.cycle.step(x)?;
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([wave.period])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    cycle: Cycle<L>,
    /// Timesteps of the cycle before the first value.
    wait: usize,
}
