//! Where the smallest value of a window stands.

use super::super::reference::{lowest, newest};
use crate::kernel::state::{Bottom, Extreme};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Minindex;

impl Kernel<1, 1, 1> for Minindex {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "minindex",
        title: "Index of Lowest Value over a Period",
        formula: "y[t] = the timestep of the smallest of x[t-period+1], ..., x[t], the newest of equal ones, counted from 0 at the start of the series",
        source: "textbook; TA-Lib MININDEX",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Extreme<L, Bottom>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = newest(lowest, &x[t + 1 - period.int()..=t], t);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Extreme<L, Bottom> {
        Extreme::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Extreme<L, Bottom>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?.at])
    }
}
