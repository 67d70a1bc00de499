//! True range.

use super::super::reference::{place, true_ranges};
use crate::kernel::state::TrueRange;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Trange;

impl Kernel<3, 0, 1> for Trange {
    const SPEC: Spec<3, 0, 1> = Spec {
        name: "trange",
        title: "True Range",
        formula: "y[t] = max(high[t] - low[t], |close[t-1] - high[t]|, |close[t-1] - low[t]|)",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib TRANGE",
        warmup: "1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = TrueRange<L>;

    fn lookback([]: [Value; 0]) -> usize {
        1
    }

    fn reference([]: [Value; 0], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        place(&true_ranges(high, low, close), y);
    }

    fn start<L: Lanes>([]: [Value; 0]) -> TrueRange<L> {
        TrueRange::new()
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut TrueRange<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        Some([state.step(high, low, close)?])
    }
}
