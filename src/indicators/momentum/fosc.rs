//! Forecast oscillator.

use super::super::reference::{line, over};
use crate::kernel::state::ratio::quotient;
use crate::kernel::state::{Line, Regression, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Fosc;

impl Kernel<1, 1, 1> for Fosc {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "fosc",
        title: "Forecast Oscillator",
        formula: "y[t] = 100·(x[t] - f) / x[t], f = the least-squares line through the period \
                  values before x[t], at t; 0 where x[t] is 0",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib FOSC",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 5)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            let (start, slope) = line(&x[t - period.int()..t]);
            let forecast = start + slope * period.real();
            y[t] = 100.0 * over(x[t] - forecast, x[t]);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { line: Regression::new(period.int()), before: None }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let before = std::mem::replace(&mut state.before, state.line.step(x))?;
        let forecast = before.ahead(1.0);
        Some([L::splat(100.0) * quotient(x - forecast, x)])
    }
}

pub(super) struct State<L> {
    line: Regression<L>,
    /// The line through the values before the next.
    before: Option<Line<L>>,
}

clone_in_place!(State<L> { line, before });
