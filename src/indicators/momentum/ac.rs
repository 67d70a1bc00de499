//! Accelerator oscillator.

use super::super::reference::{mean, place};
use super::ao::{awesome, step};
use crate::kernel::state::{Mean, Pair, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Ac;

impl Kernel<2, 3, 1> for Ac {
    const SPEC: Spec<2, 3, 1> = Spec {
        name: "ac",
        title: "Accelerator Oscillator",
        formula: "y[t] = a[t] - SMA(a, signal)[t], a = AO(fast, slow)",
        source: "B. Williams, New Trading Dimensions, 1998; TA-Lib AC",
        warmup: "max(fast, slow) + signal - 2",
        inputs: [Input::High, Input::Low],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 5),
            int("slow", &["slowperiod"], 2, 100_000, 34),
            int("signal", &["signalperiod"], 2, 100_000, 5),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fast, slow, signal]: [Value; 3]) -> usize {
        fast.int().max(slow.int()) + signal.int() - 2
    }

    fn reference([fast, slow, signal]: [Value; 3], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let awesome = awesome(fast.int(), slow.int(), high, low);
        let windows = awesome.windows(signal.int());
        let values = windows.map(|window| window[window.len() - 1] - mean(window));
        place(&values.collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([fast, slow, signal]: [Value; 3]) -> State<L> {
        State {
            pair: Pair::new(Mean::new(fast.int()), Mean::new(slow.int())),
            signal: Mean::new(signal.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        let awesome = step(&mut state.pair, high, low)?;
        Some([awesome - state.signal.step(awesome)?])
    }
}

pub(super) struct State<L> {
    pair: Pair<Mean<L>>,
    signal: Mean<L>,
}

clone_in_place!(State<L> { pair, signal });
