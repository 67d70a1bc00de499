//! Moving average convergence/divergence.

use super::super::reference::exponential;
use super::reference::{late_gap, signalled};
use crate::kernel::state::{Convergence, Ema, Pair};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Macd;

/// The shorter and the longer of the two periods: in either order, they mean the same.
pub(super) fn sorted(fast: Value, slow: Value) -> (usize, usize) {
    (fast.int().min(slow.int()), fast.int().max(slow.int()))
}

impl Kernel<1, 3, 3> for Macd {
    const SPEC: Spec<1, 3, 3> = Spec {
        name: "macd",
        title: "Moving Average Convergence/Divergence",
        formula: "macd = EMA(x, fast) - EMA(x, slow), the fast one seeded with the last fast \
                  values of the slow one's seed; signal = EMA(macd, signal); hist = macd - signal",
        source: "G. Appel, 1979; TA-Lib MACD",
        warmup: "max(fast, slow) + signal - 2",
        inputs: [Input::Series("x")],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 12),
            int("slow", &["slowperiod"], 2, 100_000, 26),
            int("signal", &["signalperiod"], 1, 100_000, 9),
        ],
        outputs: [Output::new("macd"), Output::new("signal"), Output::new("hist")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Convergence<Ema<L>>;

    fn lookback([fast, slow, signal]: [Value; 3]) -> usize {
        sorted(fast, slow).1 + signal.int() - 2
    }

    fn reference([fast, slow, signal]: [Value; 3], [x]: [&[f64]; 1], outputs: [&mut [f64]; 3]) {
        let (fast, slow) = sorted(fast, slow);
        let macd =
            late_gap(x, [fast - 1, slow - 1], |x| exponential(fast, x), |x| exponential(slow, x));
        signalled(&macd, &exponential(signal.int(), &macd), outputs);
    }

    fn start<L: Lanes>([fast, slow, signal]: [Value; 3]) -> Convergence<Ema<L>> {
        let (fast, slow) = sorted(fast, slow);
        Convergence::new(Pair::exponential(fast, slow), Ema::new(signal.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Convergence<Ema<L>>, [x]: [L; 1]) -> Option<[L; 3]> {
        state.step(x)
    }
}
