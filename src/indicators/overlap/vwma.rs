//! Volume weighted moving average.

use crate::kernel::state::WeightedBy;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Vwma;

impl Kernel<2, 1, 1> for Vwma {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "vwma",
        title: "Volume Weighted Moving Average",
        formula: "y[t] = sum(x·volume) / sum(volume) over the last period values; no value where \
                  the volume sums to 0; x[t] where period is 1",
        source: "textbook; TA-Lib VWMA",
        warmup: "period - 1",
        inputs: [Input::Series("x"), Input::Volume],
        params: [int("period", &["timeperiod"], 1, 100_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    /// `None` for a period of 1.
    type State<L: Lanes> = Option<WeightedBy<L>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x, volume]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        for t in period - 1..x.len() {
            let window = t + 1 - period..=t;
            let products: f64 = window.clone().map(|i| x[i] * volume[i]).sum();
            let total: f64 = volume[window].iter().sum();
            y[t] = if period == 1 { x[t] } else { products / total };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Option<WeightedBy<L>> {
        (period.int() > 1).then(|| WeightedBy::new(period.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Option<WeightedBy<L>>, [x, volume]: [L; 2]) -> Option<[L; 1]> {
        Some([match state {
            Some(mean) => mean.step(x, volume)?,
            None => x,
        }])
    }
}
