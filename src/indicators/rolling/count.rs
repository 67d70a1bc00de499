//! How many values a window has.

use super::{MIN_PERIODS, WINDOW, refusal, sizes};
use crate::kernel::state::Present;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Count;

impl Kernel<1, 2, 1> for Count {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "rolling_count",
        title: "Rolling Count of Values",
        formula: "y[t] = how many of x[t-window+1], ..., x[t] are not NaN; from the timestep \
                  min_periods on",
        source: "textbook; pandas Rolling.count",
        warmup: "(min_periods or window) - 1",
        inputs: [Input::Series("x")],
        params: [WINDOW, MIN_PERIODS],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L>;

    fn refusal([window, min_periods]: [Value; 2]) -> Option<&'static str> {
        refusal(window, min_periods)
    }

    fn lookback([window, min_periods]: [Value; 2]) -> usize {
        sizes(window, min_periods).1 - 1
    }

    fn reference([window, min_periods]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let (window, least) = sizes(window, min_periods);
        for t in least - 1..x.len() {
            let values = &x[(t + 1).saturating_sub(window)..=t];
            y[t] = values.iter().filter(|x| !x.is_nan()).count() as f64;
        }
    }

    fn start<L: Lanes>([window, min_periods]: [Value; 2]) -> State<L> {
        let (window, least) = sizes(window, min_periods);
        State { present: Present::new(window), waits: least - 1 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let count = state.present.step(x.is_nan());
        if state.waits > 0 {
            state.waits -= 1;
            return None;
        }
        Some([count])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    present: Present<L>,
    waits: usize,
}
