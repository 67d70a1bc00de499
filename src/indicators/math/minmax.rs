//! The smallest and the largest value of a window. Named `min_max`, because `minmax` is a scaler.

use super::super::reference::{highest, lowest};
use crate::kernel::state::{Extent, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Minmax;

impl Kernel<1, 1, 2> for Minmax {
    const SPEC: Spec<1, 1, 2> = Spec {
        name: "min_max",
        title: "Lowest and Highest Values over a Period",
        formula: "min, max = the smallest and the largest of x[t-period+1], ..., x[t]",
        source: "textbook; TA-Lib MINMAX",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 30)],
        outputs: [Output::new("min"), Output::new("max")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<[L; 2], Extent<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [min, max]: [&mut [f64]; 2]) {
        for t in period.int() - 1..x.len() {
            let window = &x[t + 1 - period.int()..=t];
            (min[t], max[t]) = (lowest(window), highest(window));
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<[L; 2], Extent<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Sliding<[L; 2], Extent<L>>, [x]: [L; 1]) -> Option<[L; 2]> {
        let (Extent { highest, lowest }, _) = state.step([x, x])?;
        Some([lowest, highest])
    }
}
