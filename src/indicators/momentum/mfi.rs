//! Money flow index.

use super::super::reference::{changes, is_flat, share, typical};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Sliding, Sums, clone_in_place, flat, typical as typical_price};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Mfi;

impl Kernel<4, 1, 1> for Mfi {
    const SPEC: Spec<4, 1, 1> = Spec {
        name: "mfi",
        title: "Money Flow Index",
        formula: "y[t] = 100·p / (p + n), 0 where both are 0; p, n = sums of x·volume over those \
                  of the last period bars where x rises and falls, x = (high + low + close)/3",
        source: "G. Quong, A. Soudack, Stocks & Commodities 7:3, 1989; TA-Lib MFI",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference(
        [period]: [Value; 1],
        [high, low, close, volume]: [&[f64]; 4],
        [y]: [&mut [f64]; 1],
    ) {
        let x = typical(high, low, close);
        let changes = changes(&x);
        let flow = |t: usize| match is_flat(x[t], x[t - 1]) {
            true if !volume[t].is_nan() => 0.0,
            false if changes[t - 1].is_nan() => f64::NAN,
            _ => x[t] * volume[t],
        };
        for t in period.int()..x.len() {
            let window = t + 1 - period.int()..=t;
            let all: f64 = window.clone().map(flow).sum();
            let rises: f64 = window.filter(|t| changes[t - 1] >= 0.0).map(flow).sum();
            y[t] = 100.0 * share(rises, all, 0.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { before: None, flows: Sliding::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close, volume]: [L; 4]) -> Option<[L; 1]> {
        let x = typical_price(high, low, close);
        let before = state.before.replace(x)?;
        let change = x - before;
        let zero = L::splat(0.0);
        let flow = L::select(flat(x, before) & !volume.is_nan(), zero, x * volume);
        let rise = flow.keep(change.gt(zero));
        // After a NaN the direction is unknown.
        let fall = L::select(change.is_nan(), change, flow.keep(zero.ge(change)));
        let (Sums([rises, falls]), _) = state.flows.step([rise, fall])?;
        Some([L::splat(100.0) * share_of(rises, rises + falls, 0.0)])
    }
}

pub(super) struct State<L> {
    before: Option<L>,
    flows: Sliding<[L; 2], Sums<L, 2>>,
}

clone_in_place!(State<L> { before, flows });
