//! Relative strength index.

use super::super::reference::{place, wilder};
use crate::kernel::state::Ema;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Rsi;

impl Kernel<1, 1, 1> for Rsi {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "rsi",
        title: "Relative Strength Index",
        formula: "y[t] = 100·g / (g + l), 50 where both are 0; g, l = Wilder averages over period \
                  of the rises and the falls of x, each first the mean of the first period changes",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RSI",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let changes: Vec<f64> = x.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let rises: Vec<f64> = changes.iter().map(|change| change.max(0.0)).collect();
        let falls: Vec<f64> = changes.iter().map(|change| (-change).max(0.0)).collect();
        let gains = wilder(period.int(), &rises);
        let losses = wilder(period.int(), &falls);
        let index = |(gain, loss): (&f64, &f64)| match gain + loss {
            0.0 => 50.0,
            total => 100.0 * gain / total,
        };
        place(&gains.iter().zip(&losses).map(index).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        let average = Ema::wilder(period.int());
        State { before: None, gain: average.clone(), loss: average }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let change = x - state.before.replace(x)?;
        let gain = state.gain.step(L::splat(0.0).max(change));
        let loss = state.loss.step(L::splat(0.0).max(-change))?;
        let gain = gain?;
        let total = gain + loss;
        let index = L::splat(100.0) * (gain / total);
        Some([L::select(total.gt(L::splat(0.0)), index, L::splat(50.0))])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    gain: Ema<L>,
    loss: Ema<L>,
}
