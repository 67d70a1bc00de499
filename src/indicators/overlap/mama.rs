//! MESA adaptive moving average.

use super::super::cycles::mesa;
use super::super::reference::place;
use crate::kernel::state::hilbert::Mesa;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, real};
use crate::simd::Lanes;

pub(super) struct Mama;

impl Kernel<1, 2, 2> for Mama {
    const SPEC: Spec<1, 2, 2> = Spec {
        name: "mama",
        title: "MESA Adaptive Moving Average",
        formula: "mama[t] = mama[t-1] + a·(x[t] - mama[t-1]), fama[t] = fama[t-1] + a/2·(mama[t] - \
                  fama[t-1]), a = fastlimit over the degrees by which the phase of ht_phasor fell, \
                  at least slowlimit; fastlimit itself where it fell by no more than one",
        source: "J. Ehlers, Stocks & Commodities 19:9, 2001; TA-Lib MAMA",
        warmup: "32",
        inputs: [Input::Series("x")],
        params: [real("fastlimit", &[], 0.01, 0.99, 0.5), real("slowlimit", &[], 0.01, 0.99, 0.05)],
        outputs: [Output::new("mama"), Output::new("fama")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Mesa<L>;

    fn lookback([_, _]: [Value; 2]) -> usize {
        Mesa::<f64>::LOOKBACK
    }

    fn reference([fast, slow]: [Value; 2], [x]: [&[f64]; 1], [mama, fama]: [&mut [f64]; 2]) {
        let [first, second] = mesa(fast.real(), slow.real(), x);
        place(&first, mama);
        place(&second, fama);
    }

    fn start<L: Lanes>([fast, slow]: [Value; 2]) -> Mesa<L> {
        Mesa::new(fast.real(), slow.real())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Mesa<L>, [x]: [L; 1]) -> Option<[L; 2]> {
        let (mama, fama) = state.step(x)?;
        Some([mama, fama])
    }
}
