//! True strength index.

use super::super::reference::{changes, exponential, place, share};
use crate::kernel::state::Repeated;
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Tsi;

impl Kernel<1, 2, 1> for Tsi {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "tsi",
        title: "True Strength Index",
        formula: "y[t] = 100·d / a, 0 where a is 0; d, a = EMA(EMA(v, first_period), \
                  second_period) of x[t] - x[t-1] and of its absolute value",
        source: "W. Blau, Stocks & Commodities 9:11, 1991; TA-Lib TSI",
        warmup: "first_period + second_period - 1",
        inputs: [Input::Series("x")],
        params: [
            int("first_period", &["firstperiod"], 2, 100_000, 25),
            int("second_period", &["secondperiod"], 2, 100_000, 13),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([first, second]: [Value; 2]) -> usize {
        first.int() + second.int() - 1
    }

    fn reference([first, second]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let changes = changes(x);
        let sizes: Vec<f64> = changes.iter().map(|change| change.abs()).collect();
        let twice = |x: &[f64]| exponential(second.int(), &exponential(first.int(), x));
        let (changes, sizes) = (twice(&changes), twice(&sizes));
        let index = |(d, a): (&f64, &f64)| 100.0 * share(*d, *a, 0.0);
        place(&changes.iter().zip(&sizes).map(index).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([first, second]: [Value; 2]) -> State<L> {
        let twice = Repeated::new([first.int(), second.int()]);
        State { before: None, change: twice.clone(), size: twice }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let change = x - state.before.replace(x)?;
        let size = state.size.step(change.abs());
        let change = state.change.step(change)?;
        Some([L::splat(100.0) * share_of(change, size?, 0.0)])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    change: Repeated<L, 2>,
    size: Repeated<L, 2>,
}
