//! The rank of the newest value in its window.

use super::{MIN_PERIODS, ORDERED_WINDOW, SWITCH, over_newest, refusal, sizes, within};
use crate::kernel::state::{Places, Present};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice};
use crate::simd::Lanes;

pub(super) struct Rank;

impl Kernel<1, 3, 1> for Rank {
    const SPEC: Spec<1, 3, 1> = Spec {
        name: "rolling_rank",
        title: "Rolling Rank",
        formula: "y[t] = the place of x[t] in order of size among the n values of x[t-window+1], ..., \
                  x[t], counted from 1, the mean place of equal ones; divided by n if pct; if there \
                  are at least min_periods",
        source: "textbook; pandas Rolling.rank",
        warmup: "(min_periods or window) - 1",
        inputs: [Input::Series("x")],
        params: [ORDERED_WINDOW, MIN_PERIODS, choice("pct", &[], SWITCH, 0)],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L>;

    fn refusal([window, min_periods, _]: [Value; 3]) -> Option<&'static str> {
        refusal(window, min_periods)
    }

    fn lookback([window, min_periods, _]: [Value; 3]) -> usize {
        sizes(window, min_periods).1 - 1
    }

    fn kept(_: [Value; 3], window: usize) -> usize {
        // On shelves that may be half empty, with their places; which are there.
        5 * window
    }

    fn within([window, min_periods, pct]: [Value; 3], timesteps: usize) -> [Value; 3] {
        [within(window, min_periods, timesteps), min_periods, pct]
    }

    fn reference([window, min_periods, pct]: [Value; 3], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        over_newest(sizes(window, min_periods), x, y, |values| {
            let newest = values[values.len() - 1];
            let smaller = values.iter().filter(|x| **x < newest).count() as f64;
            let equal = values.iter().filter(|x| **x == newest).count() as f64;
            let rank = smaller + (equal + 1.0) / 2.0;
            if pct.choice() == 1 { rank / values.len() as f64 } else { rank }
        });
    }

    fn start<L: Lanes>([window, min_periods, pct]: [Value; 3]) -> State<L> {
        let (window, least) = sizes(window, min_periods);
        State {
            places: Places::new(window),
            present: Present::new(window),
            least,
            part: pct.choice() == 1,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let count = state.present.step(x.is_nan());
        let [below, not_above] = state.places.step(x, count);
        if state.places.seen() < state.least {
            return None;
        }
        let rank = (below + not_above + L::splat(1.0)) / L::splat(2.0);
        let rank = if state.part { rank / count } else { rank };
        let some = count.ge(L::splat(state.least as f64)) & !x.is_nan();
        Some([L::select(some, rank, L::splat(f64::NAN))])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    places: Places<L>,
    present: Present<L>,
    least: usize,
    part: bool,
}
