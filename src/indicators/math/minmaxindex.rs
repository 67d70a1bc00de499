//! Where the extremes of a window stand.

use super::super::reference::{highest, lowest, newest};
use crate::kernel::state::{Bottom, Extreme, Top};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Minmaxindex;

impl Kernel<1, 1, 2> for Minmaxindex {
    const SPEC: Spec<1, 1, 2> = Spec {
        name: "minmaxindex",
        title: "Indexes of Lowest and Highest Values over a Period",
        formula: "min, max = the timesteps of the smallest and of the largest of x[t-period+1], ..., x[t], the newest of equal ones, counted from 0 at the start of the series",
        source: "textbook; TA-Lib MINMAXINDEX",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("min"), Output::new("max")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = (Extreme<L, Bottom>, Extreme<L, Top>);

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [min, max]: [&mut [f64]; 2]) {
        for t in period.int() - 1..x.len() {
            let window = &x[t + 1 - period.int()..=t];
            (min[t], max[t]) = (newest(lowest, window, t), newest(highest, window, t));
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> (Extreme<L, Bottom>, Extreme<L, Top>) {
        (Extreme::new(period.int()), Extreme::new(period.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut (Extreme<L, Bottom>, Extreme<L, Top>),
        [x]: [L; 1],
    ) -> Option<[L; 2]> {
        let min = state.0.step(x);
        let max = state.1.step(x)?;
        Some([min?.at, max.at])
    }
}
