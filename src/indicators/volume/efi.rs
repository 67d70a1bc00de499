//! Elder's force index.

use super::super::reference::{changes, exponential, place};
use crate::kernel::state::Ema;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Efi;

impl Kernel<2, 1, 1> for Efi {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "efi",
        title: "Elder's Force Index",
        formula: "y[t] = EMA((close[t] - close[t-1])·volume[t], period)",
        source: "A. Elder, Trading for a Living, 1993; TA-Lib EFI",
        warmup: "period",
        inputs: [Input::Close, Input::Volume],
        params: [int("period", &["timeperiod"], 1, 100_000, 13)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [close, volume]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let pairs = changes(close).into_iter().zip(volume.iter().skip(1));
        let forces: Vec<f64> = pairs.map(|(change, volume)| change * volume).collect();
        place(&exponential(period.int(), &forces), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { before: None, average: Ema::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [close, volume]: [L; 2]) -> Option<[L; 1]> {
        let change = close - state.before.replace(close)?;
        Some([state.average.step(change * volume)?])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    before: Option<L>,
    average: Ema<L>,
}
