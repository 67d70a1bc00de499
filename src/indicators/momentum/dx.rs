//! Directional movement index.

use super::super::reference::place;
use super::reference::directional_indices;
use crate::kernel::state::Direction;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Dx;

impl Kernel<3, 1, 1> for Dx {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "dx",
        title: "Directional Movement Index",
        formula: "y[t] = 100·|p - m| / (p + m), p = PLUS_DI(period), m = MINUS_DI(period); where \
                  nothing moves, y[t-1], at first 0",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib DX",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let mut last = 0.0;
        let mut values = Vec::new();
        for index in directional_indices(period.int(), bars) {
            last = index.unwrap_or(last);
            values.push(last);
        }
        place(&values, y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { direction: Direction::new(period.int()), value: L::splat(0.0) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let (index, moves) = state.direction.step(high, low, close)?.index();
        state.value = L::select(moves, index, state.value);
        Some([state.value])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    direction: Direction<L>,
    value: L,
}
