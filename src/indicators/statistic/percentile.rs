//! Percentile.

use super::super::reference::sorted;
use crate::kernel::state::{Ranked, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Percentile;

/// The rank of a percentile, 0 for the smallest value.
fn rank(period: Value, percentile: Value) -> usize {
    let nearest = (percentile.real() * period.real() / 100.0).ceil();
    nearest.clamp(1.0, period.real()) as usize - 1
}

impl Kernel<1, 2, 1> for Percentile {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "percentile",
        title: "Percentile (nearest rank)",
        formula: "y[t] = the k-th smallest of the last period values, k = percentile·period/100 \
                  rounded up, at least 1",
        source: "textbook; TA-Lib PERCENTILE",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 10_000, 100),
            real("percentile", &[], 0.0, 100.0, 50.0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int() - 1
    }

    fn reference([period, percentile]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            let order = sorted(&x[t + 1 - period.int()..=t]);
            y[t] = order.map_or(f64::NAN, |order| order[rank(period, percentile)]);
        }
    }

    fn start<L: Lanes>([period, percentile]: [Value; 2]) -> State<L> {
        State { window: Ranked::new(period.int()), rank: rank(period, percentile) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.window.step(x)?.rank(state.rank)])
    }
}

pub(super) struct State<L> {
    window: Ranked<L>,
    rank: usize,
}

clone_in_place!(State<L> { window, rank });
