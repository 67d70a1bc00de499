//! The sum of a window.

use super::{MIN_PERIODS, WINDOW, over_one, refusal, sizes};
use crate::kernel::state::{Held, Plain};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Sum;

impl Kernel<1, 2, 1> for Sum {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "rolling_sum",
        title: "Rolling Sum",
        formula: "y[t] = the sum of the values among x[t-window+1], ..., x[t], if there are at least \
                  min_periods",
        source: "textbook; pandas Rolling.sum",
        warmup: "(min_periods or window) - 1",
        inputs: [Input::Series("x")],
        params: [WINDOW, MIN_PERIODS],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Held<L, L, Plain<L>>;

    fn refusal([window, min_periods]: [Value; 2]) -> Option<&'static str> {
        refusal(window, min_periods)
    }

    fn lookback([window, min_periods]: [Value; 2]) -> usize {
        sizes(window, min_periods).1 - 1
    }

    fn reference([window, min_periods]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        over_one(sizes(window, min_periods), x, y, |values| values.iter().sum());
    }

    fn start<L: Lanes>([window, min_periods]: [Value; 2]) -> Self::State<L> {
        let (window, least) = sizes(window, min_periods);
        Held::new(window, least)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Self::State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (Plain(sum), enough) = state.step(x, L::splat(0.0))?;
        Some([L::select(enough, sum, L::splat(f64::NAN))])
    }
}
