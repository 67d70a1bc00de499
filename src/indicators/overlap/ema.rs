//! Exponential moving average.

use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, state};
use crate::simd::Lanes;

pub(super) struct Ema;

impl Kernel<1, 1, 1> for Ema {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "ema",
        title: "Exponential Moving Average",
        formula: "y[t] = y[t-1] + k·(x[t] - y[t-1]), k = 2/(period + 1); \
                  first value: mean of the first period values",
        source: "textbook; TA-Lib EMA",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = state::Ema<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        if x.len() < period {
            return;
        }
        let k = 2.0 / (period as f64 + 1.0);
        let mut ema = x[..period].iter().sum::<f64>() / period as f64;
        y[period - 1] = ema;
        for t in period..x.len() {
            ema += k * (x[t] - ema);
            y[t] = ema;
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> state::Ema<L> {
        state::Ema::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut state::Ema<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
