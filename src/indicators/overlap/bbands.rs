//! Bollinger bands.

use super::super::reference::{bands, place};
use crate::kernel::state::Bands;
use crate::kernel::state::bands::{PARAMS, lookback, stability};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Bbands;

impl Kernel<1, 4, 3> for Bbands {
    const SPEC: Spec<1, 4, 3> = Spec {
        name: "bbands",
        title: "Bollinger Bands",
        formula: "middle = average of x over period; upper = middle + deviations_up·s; \
                  lower = middle - deviations_down·s; \
                  s = population standard deviation of the last period values",
        source: "J. Bollinger, 1983; TA-Lib BBANDS",
        warmup: "period - 1, or that of the average where it is longer",
        inputs: [Input::Series("x")],
        params: PARAMS,
        outputs: [Output::new("upper"), Output::new("middle"), Output::new("lower")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Bands<L>;

    fn lookback([period, _, _, matype]: [Value; 4]) -> usize {
        lookback(matype.choice(), period.int())
    }

    fn stability([period, _, _, matype]: [Value; 4]) -> Stability {
        stability(matype.choice(), period.int())
    }

    fn reference(
        [period, up, down, matype]: [Value; 4],
        [x]: [&[f64]; 1],
        [upper, middle, lower]: [&mut [f64]; 3],
    ) {
        let bands = bands(period.int(), [up.real(), down.real()], matype.choice(), x);
        for (values, y) in bands.iter().zip([upper, middle, lower]) {
            place(values, y);
        }
    }

    fn start<L: Lanes>([period, up, down, matype]: [Value; 4]) -> Bands<L> {
        Bands::new(period.int(), up.real(), down.real(), matype.choice())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Bands<L>, [x]: [L; 1]) -> Option<[L; 3]> {
        let band = state.step(x)?;
        Some([band.upper, band.middle, band.lower])
    }
}
