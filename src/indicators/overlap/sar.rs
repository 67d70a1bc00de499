//! Parabolic stop and reverse.

use super::parabolic::{Rules, stops};
use crate::kernel::state::{Acceleration, Parabolic};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, real};
use crate::simd::Lanes;

pub(super) struct Sar;

fn acceleration(step: Value, most: Value) -> Acceleration {
    Acceleration { first: step.real(), step: step.real(), most: most.real() }
}

impl Kernel<2, 2, 1> for Sar {
    const SPEC: Spec<2, 2, 1> = Spec {
        name: "sar",
        title: "Parabolic SAR",
        formula: "y[t] = y[t-1] + a·(e - y[t-1]), e = the extreme price of the trend, a = acceleration, \
                  and as much more at each new extreme, up to maximum; never within the last two \
                  bars; where the bar reaches it, the trend turns and y begins at e",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib SAR",
        warmup: "1",
        inputs: [Input::High, Input::Low],
        params: [real("acceleration", &[], 0.0, 3e37, 0.02), real("maximum", &[], 0.0, 3e37, 0.2)],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = Parabolic<L>;

    fn lookback([_, _]: [Value; 2]) -> usize {
        1
    }

    fn reference([step, most]: [Value; 2], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let rules = [step.real(), step.real(), most.real()];
        let rules = Rules { start: 0.0, offset: 0.0, long: rules, short: rules };
        for (t, (stop, _)) in stops(&rules, high, low) {
            y[t] = stop;
        }
    }

    fn start<L: Lanes>([step, most]: [Value; 2]) -> Parabolic<L> {
        let acceleration = acceleration(step, most);
        Parabolic::new(0.0, 0.0, acceleration, acceleration)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Parabolic<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        let stop = state.step(high, low)?;
        Some([stop.turned * stop.direction])
    }
}
