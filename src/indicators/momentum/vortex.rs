//! Vortex indicator.

use super::super::reference::{share, true_ranges};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Sliding, Sums, TrueRange, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Vortex;

impl Kernel<3, 1, 2> for Vortex {
    const SPEC: Spec<3, 1, 2> = Spec {
        name: "vortex",
        title: "Vortex Indicator",
        formula: "plus_vi, minus_vi = sum of |high[t] - low[t-1]| and of |low[t] - high[t-1]| over \
                  the sum of the true range, over the last period bars; 0 where that is 0",
        source: "E. Botes, D. Siepman, Stocks & Commodities 28:1, 2010; TA-Lib VORTEX",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 1, 100_000, 14)],
        outputs: [Output::new("plus_vi"), Output::new("minus_vi")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference(
        [period]: [Value; 1],
        [high, low, close]: [&[f64]; 3],
        [plus, minus]: [&mut [f64]; 2],
    ) {
        let ranges = true_ranges(high, low, close);
        for t in period.int()..close.len() {
            let window = t + 1 - period.int()..=t;
            let range = window.clone().map(|t| ranges[t - 1]).sum();
            let up = window.clone().map(|t| (high[t] - low[t - 1]).abs()).sum();
            let down = window.map(|t| (low[t] - high[t - 1]).abs()).sum();
            (plus[t], minus[t]) = (share(up, range, 0.0), share(down, range, 0.0));
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { before: None, range: TrueRange::new(), sums: Sliding::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let before = state.before.replace([high, low]);
        let range = state.range.step(high, low, close)?;
        let [last_high, last_low] = before?;
        let (up, down) = ((high - last_low).abs(), (low - last_high).abs());
        let (Sums([up, down, range]), _) = state.sums.step([up, down, range])?;
        Some([share_of(up, range, 0.0), share_of(down, range, 0.0)])
    }
}

pub(super) struct State<L> {
    /// High and low.
    before: Option<[L; 2]>,
    range: TrueRange<L>,
    sums: Sliding<[L; 3], Sums<L, 3>>,
}

clone_in_place!(State<L> { before, range, sums });
