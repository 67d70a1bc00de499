//! Values by their rank in a window: one kernel for all.

use super::super::reference::sorted;
use super::{MIN_PERIODS, ORDERED_WINDOW, over_one, refusal, sizes, within};
use crate::kernel::state::Ranked;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, real};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, and the part of the way through a window's order.
macro_rules! of_order {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal,
        $count:literal, [$($param:ident: $known:expr),*], $part:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, $count, 1> for $row {
            const SPEC: Spec<1, $count, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "(min_periods or window) - 1",
                inputs: [Input::Series("x")],
                params: [ORDERED_WINDOW, MIN_PERIODS $(, $known)*],
                outputs: [Output::new("")],
                stability: Stability::Exact,
            };

            type State<L: Lanes> = State<L>;

            fn refusal([window, min_periods, ..]: [Value; $count]) -> Option<&'static str> {
                refusal(window, min_periods)
            }

            fn lookback([window, min_periods, ..]: [Value; $count]) -> usize {
                sizes(window, min_periods).1 - 1
            }

            fn kept(_: [Value; $count], window: usize) -> usize {
                // As they came, in this state and in that which it begins as; what is in order; which
                // are there.
                5 * window
            }

            fn within(
                [window, min_periods $(, $param)*]: [Value; $count],
                timesteps: usize,
            ) -> [Value; $count] {
                [within(window, min_periods, timesteps), min_periods $(, $param)*]
            }

            fn reference(
                [window, min_periods $(, $param)*]: [Value; $count],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                $(let $param = $param.real();)*
                over_one(sizes(window, min_periods), x, y, |values| quantile(values, $part));
            }

            fn start<L: Lanes>([window, min_periods $(, $param)*]: [Value; $count]) -> State<L> {
                let (window, least) = sizes(window, min_periods);
                $(let $param = $param.real();)*
                State { window: Ranked::of_part(window, least), part: $part }
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
                Some([state.window.step(x)?.quantile(state.part)])
            }
        }
    };
}

#[derive(Clone)]
pub(super) struct State<L> {
    window: Ranked<L>,
    part: f64,
}

/// The value a part of the way from the smallest to the largest.
fn quantile(values: &[f64], part: f64) -> f64 {
    // One sign of zero, and no NaN: a window leaves them out.
    let values: Vec<f64> = values.iter().map(|x| x + 0.0).collect();
    let order = sorted(&values).expect("no NaN");
    let place = part * (order.len() - 1) as f64;
    let (below, above) = (order[place.floor() as usize], order[place.ceil() as usize]);
    match above - below {
        _ if below == above => below,
        gap if gap.is_finite() => below + gap * place.fract(),
        // Beyond f64, though what is between is not.
        _ => 2.0 * (below / 2.0 + (above / 2.0 - below / 2.0) * place.fract()),
    }
}

of_order! {
    Median: "rolling_median", "Rolling Median",
    "y[t] = the middle one in order of size of the values among x[t-window+1], ..., x[t], half way \
     between the two middle ones if their number is even; if there are at least min_periods",
    "textbook; pandas Rolling.median", 2, [], 0.5
}

of_order! {
    Quantile: "rolling_quantile", "Rolling Quantile",
    "y[t] = the value at quantile·(n-1) in order of size of the n values among x[t-window+1], ..., \
     x[t], counted from 0 and interpolated between two; if there are at least min_periods",
    "R. Hyndman and Y. Fan, 1996, type 7; pandas Rolling.quantile", 3,
    [quantile: real("quantile", &["q"], 0.0, 1.0, 0.5)], quantile
}
