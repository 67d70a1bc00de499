//! Derivative oscillator.

use super::super::reference::{exponential, mean, place};
use super::reference::strength_index;
use crate::kernel::state::strength::{Strength, upward};
use crate::kernel::state::{Mean, Repeated, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Dosc;

impl Kernel<1, 4, 1> for Dosc {
    const SPEC: Spec<1, 4, 1> = Spec {
        name: "dosc",
        title: "Derivative Oscillator",
        formula: "y[t] = e[t] - SMA(e, signal)[t], e = EMA(EMA(RSI(x, period), first_period), \
                  second_period)",
        source: "C. Brown, Technical Analysis for the Trading Professional, 1999; TA-Lib DOSC",
        warmup: "period + first_period + second_period + signal - 3",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 14),
            int("first_period", &["firstperiod"], 2, 100_000, 5),
            int("second_period", &["secondperiod"], 2, 100_000, 3),
            int("signal", &["signalperiod"], 2, 100_000, 9),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, first, second, signal]: [Value; 4]) -> usize {
        period.int() + first.int() + second.int() + signal.int() - 3
    }

    fn reference(
        [period, first, second, signal]: [Value; 4],
        [x]: [&[f64]; 1],
        [y]: [&mut [f64]; 1],
    ) {
        let index = strength_index(period.int(), x);
        let smooth = exponential(second.int(), &exponential(first.int(), &index));
        let windows = smooth.windows(signal.int());
        let values = windows.map(|window| window[window.len() - 1] - mean(window));
        place(&values.collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period, first, second, signal]: [Value; 4]) -> State<L> {
        State {
            strength: Strength::new(period.int()),
            smooth: Repeated::new([first.int(), second.int()]),
            signal: Mean::new(signal.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (gain, loss) = state.strength.step(x)?;
        let smooth = state.smooth.step(upward(gain, loss))?;
        Some([smooth - state.signal.step(smooth)?])
    }
}

pub(super) struct State<L> {
    strength: Strength<L>,
    smooth: Repeated<L, 2>,
    signal: Mean<L>,
}

clone_in_place!(State<L> { strength, smooth, signal });
