//! Linear regression angle.

use super::super::reference::line;
use crate::kernel::state::Regression;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::{Lanes, functions};

pub(super) struct LinearregAngle;

impl Kernel<1, 1, 1> for LinearregAngle {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "linearreg_angle",
        title: "Linear Regression Angle",
        formula: "y[t] = arctan(slope)·180/π, slope = the rise a timestep of the least-squares line through the last period values",
        source: "textbook; TA-Lib LINEARREG_ANGLE",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Regression<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        for t in period.int() - 1..x.len() {
            y[t] = line(&x[t + 1 - period.int()..=t]).1.atan().to_degrees();
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Regression<L> {
        Regression::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Regression<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let slope = state.step(x)?.slope;
        Some([functions::atan(slope) * L::splat(180.0 / std::f64::consts::PI)])
    }
}
