//! Bollinger bandwidth.

use super::super::reference::{bands, place};
use crate::kernel::state::bands::{lookback, stability};
use crate::kernel::state::{AVERAGES, Bands};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int, real};
use crate::simd::Lanes;

pub(super) struct Bbw;

impl Kernel<1, 4, 1> for Bbw {
    const SPEC: Spec<1, 4, 1> = Spec {
        name: "bbw",
        title: "Bollinger Bandwidth",
        formula: "y[t] = 100·(upper - lower) / middle of the Bollinger bands, 0 where middle is 0",
        source: "J. Bollinger; TA-Lib BBW",
        warmup: "period - 1, or that of the average where it is longer",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 20),
            real("deviations_up", &["nbdevup"], -3e37, 3e37, 2.0),
            real("deviations_down", &["nbdevdn"], -3e37, 3e37, 2.0),
            choice("matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Bands<L>;

    fn lookback([period, _, _, matype]: [Value; 4]) -> usize {
        lookback(matype.choice(), period.int())
    }

    fn stability([period, _, _, matype]: [Value; 4]) -> Stability {
        stability(matype.choice(), period.int())
    }

    fn reference([period, up, down, matype]: [Value; 4], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let [upper, middle, lower] =
            bands(period.int(), [up.real(), down.real()], matype.choice(), x);
        let value = |i: usize| match middle[i] == 0.0 {
            true => 0.0,
            false => (upper[i] - lower[i]) / middle[i] * 100.0,
        };
        let values: Vec<f64> = (0..upper.len()).map(value).collect();
        place(&values, y);
    }

    fn start<L: Lanes>([period, up, down, matype]: [Value; 4]) -> Bands<L> {
        Bands::new(period.int(), up.real(), down.real(), matype.choice())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Bands<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let band = state.step(x)?;
        let width = (band.upper - band.lower) / band.middle * L::splat(100.0);
        Some([L::select(band.middle.eq(L::splat(0.0)), L::splat(0.0), width)])
    }
}
