//! Elder ray index.

use super::super::reference::exponential;
use crate::kernel::state::Ema;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Eri;

impl Kernel<3, 1, 2> for Eri {
    const SPEC: Spec<3, 1, 2> = Spec {
        name: "eri",
        title: "Elder Ray Index",
        formula: "bull_power = high - EMA(close, period), bear_power = low - EMA(close, period)",
        source: "A. Elder, Trading for a Living, 1993; TA-Lib ERI",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 1, 100_000, 13)],
        outputs: [Output::new("bull_power"), Output::new("bear_power")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Ema<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period]: [Value; 1],
        [high, low, close]: [&[f64]; 3],
        [bull, bear]: [&mut [f64]; 2],
    ) {
        let average = exponential(period.int(), close);
        let begin = close.len() - average.len();
        for t in begin..close.len() {
            bull[t] = high[t] - average[t - begin];
            bear[t] = low[t] - average[t - begin];
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Ema<L> {
        Ema::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Ema<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let average = state.step(close)?;
        Some([high - average, low - average])
    }
}
