//! Vertical horizontal filter.

use super::super::reference::{changes, highest, lowest, share};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Extent, Plain, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Vhf;

impl Kernel<1, 1, 1> for Vhf {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "vhf",
        title: "Vertical Horizontal Filter",
        formula: "y[t] = (highest - lowest of the last period values) over the sum of the last \
                  period |x[t] - x[t-1]|, 0 where that is 0",
        source: "A. White, Futures, 1991; TA-Lib VHF",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 28)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int()..x.len() {
            let window = &x[t - period.int()..=t];
            let way = changes(window).iter().map(|change| change.abs()).sum();
            y[t] = share(highest(&window[1..]) - lowest(&window[1..]), way, 0.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        let period = period.int();
        State { before: None, extent: Sliding::new(period), way: Sliding::new(period) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let extent = state.extent.step([x, x]);
        let before = state.before.replace(x)?;
        let (Plain(way), _) = state.way.step((x - before).abs())?;
        let (Extent { highest, lowest }, _) = extent?;
        Some([share_of(highest - lowest, way, 0.0)])
    }
}

pub(super) struct State<L> {
    before: Option<L>,
    extent: Sliding<[L; 2], Extent<L>>,
    way: Sliding<L, Plain<L>>,
}

clone_in_place!(State<L> { before, extent, way });
