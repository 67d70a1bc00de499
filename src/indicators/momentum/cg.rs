//! Center of gravity oscillator.

use crate::kernel::state::ratio::quotient;
use crate::kernel::state::{Regression, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cg;

impl Kernel<1, 1, 1> for Cg {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "cg",
        title: "Center of Gravity Oscillator",
        formula: "y[t] = -sum((1 + age)·x) / sum(x) over the last period values, age = 0, 1, ... \
                  timesteps from the newest to the oldest; -(period + 1)/2 where the sum is 0",
        source: "J. Ehlers, Stocks & Commodities 20:5, 2002; TA-Lib CG",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 10)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            let (mut moment, mut sum) = (0.0, 0.0);
            for age in 0..period.int() {
                moment += (1.0 + age as f64) * x[t - age];
                sum += x[t - age];
            }
            y[t] = if sum == 0.0 { -(period.real() + 1.0) / 2.0 } else { -moment / sum };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { line: Regression::new(period.int()), period: period.real() }
    }

    /// The definition is `reference`. This differs in one way: a window without a slope has its
    /// center in the middle, and the slope over the mean says how far it is from there.
    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let line = state.line.step(x)?;
        let period = state.period;
        let away = quotient(line.slope, line.mean) * L::splat((period * period - 1.0) / 12.0);
        Some([away - L::splat((period + 1.0) / 2.0)])
    }
}

pub(super) struct State<L> {
    line: Regression<L>,
    period: f64,
}

clone_in_place!(State<L> { line, period });
