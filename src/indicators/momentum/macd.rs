//! Moving average convergence/divergence.

use super::super::reference::{exponential, place};
use crate::kernel::state::Ema;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Macd;

/// The shorter and the longer of the two periods: in either order, they mean the same.
fn sorted(fast: Value, slow: Value) -> (usize, usize) {
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

    type State<L: Lanes> = State<L>;

    fn lookback([fast, slow, signal]: [Value; 3]) -> usize {
        sorted(fast, slow).1 + signal.int() - 2
    }

    fn reference(
        [fast, slow, signal]: [Value; 3],
        [x]: [&[f64]; 1],
        [macd, line, hist]: [&mut [f64]; 3],
    ) {
        let (fast, slow) = sorted(fast, slow);
        let late = &x[(slow - fast).min(x.len())..];
        let (fast, slow) = (exponential(fast, late), exponential(slow, x));
        let values: Vec<f64> = fast.iter().zip(&slow).map(|(fast, slow)| fast - slow).collect();
        let smooth = exponential(signal.int(), &values);
        place(&values[values.len() - smooth.len()..], macd);
        place(&smooth, line);
        for t in 0..x.len() {
            hist[t] = macd[t] - line[t];
        }
    }

    fn start<L: Lanes>([fast, slow, signal]: [Value; 3]) -> State<L> {
        let (fast, slow) = sorted(fast, slow);
        State {
            wait: slow - fast,
            fast: Ema::new(fast),
            slow: Ema::new(slow),
            signal: Ema::new(signal.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 3]> {
        let slow = state.slow.step(x);
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        let macd = state.fast.step(x)? - slow?;
        let signal = state.signal.step(macd)?;
        Some([macd, signal, macd - signal])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// Timesteps before the fast average begins, so that both give their first value together.
    wait: usize,
    fast: Ema<L>,
    slow: Ema<L>,
    signal: Ema<L>,
}
