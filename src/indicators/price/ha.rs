//! Heikin-Ashi candles.

use super::super::reference::{larger, smaller};
use crate::kernel::state::approach;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Ha;

impl Kernel<4, 0, 4> for Ha {
    const SPEC: Spec<4, 0, 4> = Spec {
        name: "ha",
        title: "Heikin-Ashi Candles",
        formula: "close = the mean of the bar's four prices; open = the mean of the last candle's \
                  open and close, the first one's of the bar's; high, low = the largest and the \
                  smallest of the bar's high, or low, and the candle's open and close",
        source: "M. Honma, 18th century; TA-Lib HA",
        warmup: "0",
        inputs: [Input::Open, Input::High, Input::Low, Input::Close],
        params: [],
        outputs: [
            Output::new("open"),
            Output::new("high"),
            Output::new("low"),
            Output::new("close"),
        ],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference(
        []: [Value; 0],
        [open, high, low, close]: [&[f64]; 4],
        [ha_open, ha_high, ha_low, ha_close]: [&mut [f64]; 4],
    ) {
        for t in 0..open.len() {
            ha_close[t] = (open[t] + high[t] + low[t] + close[t]) / 4.0;
            ha_open[t] = match t {
                0 => (open[t] + close[t]) / 2.0,
                _ => (ha_open[t - 1] + ha_close[t - 1]) / 2.0,
            };
            ha_high[t] = larger(high[t], larger(ha_open[t], ha_close[t]));
            ha_low[t] = smaller(low[t], smaller(ha_open[t], ha_close[t]));
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
        State { before: None }
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut State<L>,
        [bar_open, bar_high, bar_low, bar_close]: [L; 4],
    ) -> Option<[L; 4]> {
        let close = (bar_open + bar_high + bar_low + bar_close) / L::splat(4.0);
        let (last_open, last_close) = state.before.unwrap_or((bar_open, bar_close));
        let open = approach(last_open, last_close, L::splat(0.5));
        state.before = Some((open, close));
        let high = bar_high.max(open.max(close));
        let low = bar_low.min(open.min(close));
        Some([open, high, low, close])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// Open and close of the last candle.
    before: Option<(L, L)>,
}
