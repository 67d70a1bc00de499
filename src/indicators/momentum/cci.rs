//! Commodity channel index.

use super::super::reference::{centred, mean, typical};
use crate::kernel::state::{Dispersed, Dispersion, typical as typical_price};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cci;

/// Differences below this part of the mean are rounding.
const FLAT: f64 = 1e-14;

impl Kernel<3, 1, 1> for Cci {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "cci",
        title: "Commodity Channel Index",
        formula: "y[t] = (x[t] - m) / (0.015·mean(|x - m|)), x = (high + low + close)/3, m = \
                  mean(x), both means over the last period bars; 0 where x is m or all are the \
                  same",
        source: "D. Lambert, Commodities, 1980; TA-Lib CCI",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Dispersion<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let x = typical(high, low, close);
        for t in period.int() - 1..x.len() {
            let window = &x[t + 1 - period.int()..=t];
            let away = centred(window);
            let deviation = mean(&away.iter().map(|away| away.abs()).collect::<Vec<f64>>());
            let (away, least) = (away[away.len() - 1], FLAT * mean(window).abs());
            let flat = away.abs() <= least || deviation <= least || 0.015 * deviation == 0.0;
            let known = !deviation.is_nan();
            y[t] = if flat && known { 0.0 } else { away / (0.015 * deviation) };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Dispersion<L> {
        Dispersion::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Dispersion<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let x = typical_price(high, low, close);
        let Dispersed { mean, away, deviation } = state.step(x)?;
        let least = L::splat(FLAT) * mean.abs();
        let scaled = L::splat(0.015) * deviation;
        let zero = L::splat(0.0);
        let flat = least.ge(away.abs()) | least.ge(deviation) | scaled.eq(zero);
        // An infinite mean is near to all values; the deviation knows better.
        Some([L::select(flat & !deviation.is_nan(), zero, away / scaled)])
    }
}
