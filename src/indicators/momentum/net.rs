//! What rises against what falls over a window: one kernel for all.

use super::super::reference::{changes, larger, share};
use crate::kernel::state::strength::{net, rise_and_fall, upward};
use crate::kernel::state::{Sliding, Sums, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cmou;

impl Kernel<1, 1, 1> for Cmou {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "cmou",
        title: "Chande Momentum Oscillator, Unsmoothed",
        formula: "y[t] = 100·(u - d) / (u + d), 0 where both are 0; u, d = sums of the rises and \
                  the falls of x over the last period changes",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib CMOU",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(-100.0, 100.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Changes<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let changes = changes(x);
        for t in period.int()..x.len() {
            let (up, down) = sums(&changes[t - period.int()..t]);
            y[t] = 100.0 * share(up - down, up + down, 0.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Changes<L> {
        Changes { before: None, sums: Sliding::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Changes<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (rise, fall) = rise_and_fall(x - state.before.replace(x)?);
        let (Sums([up, down]), _) = state.sums.step([rise, fall])?;
        Some([net(up, down)])
    }
}

pub(super) struct Changes<L> {
    before: Option<L>,
    sums: Sliding<[L; 2], Sums<L, 2>>,
}

clone_in_place!(Changes<L> { before, sums });

pub(super) struct Imi;

impl Kernel<2, 1, 1> for Imi {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "imi",
        title: "Intraday Momentum Index",
        formula: "y[t] = 100·u / (u + d), 50 where both are 0; u, d = sums of close - open over \
                  those of the last period bars where it is above 0, and of open - close over the \
                  others",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib IMI",
        warmup: "period - 1",
        inputs: [Input::Open, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Sliding<[L; 2], Sums<L, 2>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [open, close]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let bodies: Vec<f64> = open.iter().zip(close).map(|(open, close)| close - open).collect();
        for t in period.int() - 1..y.len() {
            let (up, down) = sums(&bodies[t + 1 - period.int()..=t]);
            y[t] = 100.0 * share(up, up + down, 0.5);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Self::State<L> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Self::State<L>, [open, close]: [L; 2]) -> Option<[L; 1]> {
        let (rise, fall) = rise_and_fall(close - open);
        let (Sums([up, down]), _) = state.step([rise, fall])?;
        Some([upward(up, down)])
    }
}

/// The sums of what is above 0, and of what is below it, without its sign; NaN if there is one.
fn sums(window: &[f64]) -> (f64, f64) {
    let of = |sign: f64| window.iter().map(|x| larger(sign * x, 0.0)).sum();
    (of(1.0), of(-1.0))
}
