//! Average directional movement index rating.

use super::super::reference::place;
use super::reference::direction_index;
use crate::kernel::state::{AverageDirection, Delay, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Adxr;

impl Kernel<3, 1, 1> for Adxr {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "adxr",
        title: "Average Directional Movement Index Rating",
        formula: "y[t] = (a[t] + a[t-period+1]) / 2, a = ADX(period)",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ADXR",
        warmup: "3 * period - 2",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        3 * period.int() - 2
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let indices = direction_index(period.int(), bars);
        let pairs = indices.windows(period.int());
        let rating = |pair: &[f64]| (pair[pair.len() - 1] + pair[0]) / 2.0;
        place(&pairs.map(rating).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { index: AverageDirection::new(period.int()), before: Delay::new(period.int() - 1) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let index = state.index.step(high, low, close)?;
        Some([(index + state.before.step(index)?) / L::splat(2.0)])
    }
}

pub(super) struct State<L> {
    index: AverageDirection<L>,
    before: Delay<L>,
}

clone_in_place!(State<L> { index, before });
