//! Parabolic stop and reverse with a rule for each direction.

use super::parabolic::{Rules, stops};
use crate::kernel::state::{Acceleration, Parabolic};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, real};
use crate::simd::Lanes;

pub(super) struct Sarext;

fn acceleration([first, step, most]: [Value; 3]) -> Acceleration {
    Acceleration { first: first.real(), step: step.real(), most: most.real() }
}

impl Kernel<2, 8, 1> for Sarext {
    const SPEC: Spec<2, 8, 1> = Spec {
        name: "sarext",
        title: "Parabolic SAR - Extended",
        formula: "as sar, negative while it stands above the price; accelerations of their own for \
                  rise and fall; start, if not 0, is the first stop, negative for a fall; at a \
                  turn, the part offset_on_reverse of the stop is added away from the price",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib SAREXT",
        warmup: "1",
        inputs: [Input::High, Input::Low],
        params: [
            real("start", &["startvalue"], -3e37, 3e37, 0.0),
            real("offset_on_reverse", &["offsetonreverse"], 0.0, 3e37, 0.0),
            real("acceleration_init_long", &["accelerationinitlong"], 0.0, 3e37, 0.02),
            real("acceleration_long", &["accelerationlong"], 0.0, 3e37, 0.02),
            real("acceleration_max_long", &["accelerationmaxlong"], 0.0, 3e37, 0.2),
            real("acceleration_init_short", &["accelerationinitshort"], 0.0, 3e37, 0.02),
            real("acceleration_short", &["accelerationshort"], 0.0, 3e37, 0.02),
            real("acceleration_max_short", &["accelerationmaxshort"], 0.0, 3e37, 0.2),
        ],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = Parabolic<L>;

    fn lookback(_: [Value; 8]) -> usize {
        1
    }

    fn reference(params: [Value; 8], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let [start, offset, a, b, c, d, e, f] = params.map(Value::real);
        for (t, (stop, rises)) in
            stops(&Rules { start, offset, long: [a, b, c], short: [d, e, f] }, high, low)
        {
            y[t] = if rises { stop } else { -stop };
        }
    }

    fn start<L: Lanes>([start, offset, a, b, c, d, e, f]: [Value; 8]) -> Parabolic<L> {
        let (long, short) = (acceleration([a, b, c]), acceleration([d, e, f]));
        Parabolic::new(start.real(), offset.real(), long, short)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Parabolic<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(high, low)?.turned])
    }
}
