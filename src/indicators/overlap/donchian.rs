//! Donchian channels.

use super::super::reference::{highest, lowest, middle as half_way};
use crate::kernel::state::{Extent, Sliding};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Donchian;

impl Kernel<2, 1, 3> for Donchian {
    const SPEC: Spec<2, 1, 3> = Spec {
        name: "donchian",
        title: "Donchian Channels",
        formula: "upper = highest high, lower = lowest low of the last period bars, middle = (upper + lower) / 2",
        source: "R. Donchian; TA-Lib DONCHIAN",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 20)],
        outputs: [Output::new("upper"), Output::new("middle"), Output::new("lower")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = Sliding<[L; 2], Extent<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period]: [Value; 1],
        [high, low]: [&[f64]; 2],
        [upper, middle, lower]: [&mut [f64]; 3],
    ) {
        for t in period.int() - 1..high.len() {
            let window = t + 1 - period.int()..=t;
            let (high, low) = (&high[window.clone()], &low[window]);
            (upper[t], lower[t]) = (highest(high), lowest(low));
            middle[t] = half_way(high, low);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<[L; 2], Extent<L>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut Sliding<[L; 2], Extent<L>>,
        [high, low]: [L; 2],
    ) -> Option<[L; 3]> {
        let (extent, _): (Extent<L>, _) = state.step([high, low])?;
        Some([extent.highest, extent.middle(), extent.lowest])
    }
}
