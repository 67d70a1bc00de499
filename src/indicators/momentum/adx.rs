//! Average directional movement index.

use super::super::reference::place;
use super::reference::direction_index;
use crate::kernel::state::AverageDirection;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Adx;

impl Kernel<3, 1, 1> for Adx {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "adx",
        title: "Average Directional Movement Index",
        formula: "y[t] = y[t-1] + (dx[t] - y[t-1]) / period, first value: mean of the first period \
                  dx; dx = 100·|p - m| / (p + m); p, m = 100 times the running totals of upward \
                  and downward movement over that of the true range, each s[t] = s[t-1] - \
                  s[t-1]/period + v[t] from the sum of the first period - 1 on; where nothing \
                  moves, dx is 0 in the first mean and passed over later",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ADX",
        warmup: "2 * period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = AverageDirection<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        2 * period.int() - 1
    }

    fn reference([period]: [Value; 1], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        place(&direction_index(period.int(), bars), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> AverageDirection<L> {
        AverageDirection::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut AverageDirection<L>,
        [high, low, close]: [L; 3],
    ) -> Option<[L; 1]> {
        Some([state.step(high, low, close)?])
    }
}
