//! Moving average convergence/divergence with Appel's own factors.

use super::super::reference::{exponential, smoothed};
use super::reference::{late_gap, signalled};
use crate::kernel::state::{Convergence, Ema, Pair};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Macdfix;

/// How many values seed the fast and the slow average, and their factors.
const FAST: (usize, f64) = (12, 0.15);
const SLOW: (usize, f64) = (26, 0.075);
const LOOKBACKS: [usize; 2] = [FAST.0 - 1, SLOW.0 - 1];

impl Kernel<1, 1, 3> for Macdfix {
    const SPEC: Spec<1, 1, 3> = Spec {
        name: "macdfix",
        title: "Moving Average Convergence/Divergence, Fixed",
        formula: "as MACD with fast = 12, slow = 26, but their factors k are 0.15 and 0.075, not \
                  2/(period + 1)",
        source: "G. Appel, 1979; TA-Lib MACDFIX",
        warmup: "signal + 24",
        inputs: [Input::Series("x")],
        params: [int("signal", &["signalperiod"], 1, 100_000, 9)],
        outputs: [Output::new("macd"), Output::new("signal"), Output::new("hist")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Convergence<Ema<L>>;

    fn lookback([signal]: [Value; 1]) -> usize {
        LOOKBACKS[1] + signal.int() - 1
    }

    fn reference([signal]: [Value; 1], [x]: [&[f64]; 1], outputs: [&mut [f64]; 3]) {
        let macd = late_gap(
            x,
            LOOKBACKS,
            |x| smoothed(FAST.0, FAST.1, x),
            |x| smoothed(SLOW.0, SLOW.1, x),
        );
        signalled(&macd, &exponential(signal.int(), &macd), outputs);
    }

    fn start<L: Lanes>([signal]: [Value; 1]) -> Convergence<Ema<L>> {
        let (fast, slow) = (Ema::with_factor(FAST.0, FAST.1), Ema::with_factor(SLOW.0, SLOW.1));
        Convergence::new(Pair::together(fast, slow, LOOKBACKS), Ema::new(signal.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Convergence<Ema<L>>, [x]: [L; 1]) -> Option<[L; 3]> {
        state.step(x)
    }
}
