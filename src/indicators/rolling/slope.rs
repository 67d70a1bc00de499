//! The slope of the line through a window.

use super::pairs::{Pairs, about_means};
use super::{MIN_PERIODS, WINDOW, over, refusal, sizes};
use crate::kernel::state::Window;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Slope;

impl Kernel<1, 2, 1> for Slope {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "rolling_slope",
        title: "Rolling Slope",
        formula: "y[t] = the rise a timestep of the least-squares line through the values among \
                  x[t-window+1], ..., x[t], if there are at least min_periods, and 2",
        source: "textbook; numpy polyfit of degree 1",
        warmup: "max((min_periods or window), 2) - 1",
        inputs: [Input::Series("x")],
        params: [WINDOW, MIN_PERIODS],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn refusal([window, min_periods]: [Value; 2]) -> Option<&'static str> {
        refusal(window, min_periods)
    }

    fn lookback([window, min_periods]: [Value; 2]) -> usize {
        sizes(window, min_periods).1.max(2) - 1
    }

    fn reference([window, min_periods]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let times: Vec<f64> = (0..x.len()).map(|t| t as f64).collect();
        over(sizes(window, min_periods), [&times, x], y, |pairs| {
            let [squares, _, products] = about_means(pairs);
            products / squares
        });
    }

    fn start<L: Lanes>([window, min_periods]: [Value; 2]) -> State<L> {
        let (window, least) = sizes(window, min_periods);
        State { window: Window::new(window, least), now: -1.0 }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        state.now += 1.0;
        let sums = state.window.step([L::splat(state.now), x])?.centred();
        Some([sums.xy / sums.xx])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    window: Pairs<L>,
    now: f64,
}
