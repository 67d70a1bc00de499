//! What the least-squares line through a window says: one kernel for all.

use super::super::reference::line;
use crate::kernel::state::Regression;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::{Lanes, functions};

/// Defines such a row: what it says of itself, the definition from the line's value at the oldest
/// one and its slope, and the same of the line of lanes `L`.
macro_rules! of_line {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$intercept:ident, $slope:ident, $period:ident| $definition:expr;
        |$line:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 1, 1> for $row {
            const SPEC: Spec<1, 1, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
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
                let $period = period.int();
                for t in $period - 1..x.len() {
                    let ($intercept, $slope) = line(&x[t + 1 - $period..=t]);
                    y[t] = $definition;
                }
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Regression<L> {
                Regression::new(period.int())
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Regression<L>, [x]: [L; 1]) -> Option<[L; 1]> {
                let $line = state.step(x)?;
                Some([$lanes])
            }
        }
    };
}

of_line! {
    Linearreg: "linearreg", "Linear Regression",
    "y[t] = the line's value at t, of the least-squares line through the last period values",
    "textbook; TA-Lib LINEARREG";
    |intercept, slope, period| intercept + slope * (period as f64 - 1.0);
    |line| line.ahead(0.0)
}

of_line! {
    Angle: "linearreg_angle", "Linear Regression Angle",
    "y[t] = arctan(slope)·180/π, slope = the rise a timestep of the least-squares line through the \
     last period values",
    "textbook; TA-Lib LINEARREG_ANGLE";
    |_intercept, slope, period| slope.atan().to_degrees();
    |line| functions::atan(line.slope) * L::splat(180.0 / std::f64::consts::PI)
}

of_line! {
    Intercept: "linearreg_intercept", "Linear Regression Intercept",
    "y[t] = the line's value at t - period + 1, of the least-squares line through the last period \
     values",
    "textbook; TA-Lib LINEARREG_INTERCEPT";
    |intercept, _slope, period| intercept;
    |line| line.start()
}

of_line! {
    Slope: "linearreg_slope", "Linear Regression Slope",
    "y[t] = the rise a timestep of the least-squares line through the last period values",
    "textbook; TA-Lib LINEARREG_SLOPE";
    |_intercept, slope, period| slope;
    |line| line.slope
}

of_line! {
    Tsf: "tsf", "Time Series Forecast",
    "y[t] = the line's value at t + 1, of the least-squares line through the last period values",
    "textbook; TA-Lib TSF";
    |intercept, slope, period| intercept + slope * period as f64;
    |line| line.ahead(1.0)
}
