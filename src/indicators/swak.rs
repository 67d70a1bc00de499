//! The recursive filters of Ehlers' "Swiss Army Knife": one kernel for all.
//!
//! Source of all of them: J. Ehlers, Stocks & Commodities 24:1, 2006.

use std::f64::consts::PI;

use crate::kernel::state::filter::{Coefficients, Filter};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

/// The pole of the two-pole filters.
fn two_pole(period: Value) -> f64 {
    let beta = 2.415 * (1.0 - f64::cos(2.0 * PI / period.real()));
    1.0 - (-beta + (beta * beta + 2.0 * beta).sqrt())
}

fn double(pole: f64, gain: f64, [one, two]: [f64; 2], level: bool) -> Coefficients {
    Coefficients { recent: 2.0 * pole, older: -pole * pole, gain, one, two, level }
}

fn gauss([period]: [Value; 1]) -> Coefficients {
    let pole = two_pole(period);
    double(pole, (1.0 - pole).powi(2), [0.0, 0.0], true)
}

fn butter([period]: [Value; 1]) -> Coefficients {
    let pole = two_pole(period);
    double(pole, (1.0 - pole).powi(2) / 4.0, [2.0, 1.0], true)
}

fn two_pole_high_pass([period]: [Value; 1]) -> Coefficients {
    let pole = two_pole(period);
    double(pole, ((1.0 + pole) / 2.0).powi(2), [-2.0, 1.0], false)
}

fn high_pass([period]: [Value; 1]) -> Coefficients {
    let angle = 2.0 * PI / period.real();
    let alpha = (angle.cos() + angle.sin() - 1.0) / angle.cos();
    let gain = 1.0 - alpha / 2.0;
    Coefficients { recent: 1.0 - alpha, older: 0.0, gain, one: -1.0, two: 0.0, level: false }
}

fn band_pass([period, delta]: [Value; 2]) -> Coefficients {
    let angle = 2.0 * PI / period.real();
    let width = 2.0 * angle * delta.real();
    let alpha = (1.0 - width.sin()) / width.cos();
    Coefficients {
        recent: angle.cos() * (1.0 + alpha),
        older: -alpha,
        gain: (1.0 - alpha) / 2.0,
        one: 0.0,
        two: -1.0,
        level: false,
    }
}

/// The recurrence as it is written, of differences to `x` where the level passes.
fn filtered(by: Coefficients, x: &[f64], y: &mut [f64]) {
    for t in 0..x.len() {
        let rest = if by.level { x[t] } else { 0.0 };
        let x_ago = |steps: usize| x[t.saturating_sub(steps)] - rest;
        let y_ago = |steps: usize| match t.checked_sub(steps) {
            Some(t) => y[t] - rest,
            None if by.level => x[0] - rest,
            None => 0.0,
        };
        let inputs = x_ago(0) + by.one * x_ago(1) + by.two * x_ago(2);
        y[t] = rest + by.recent * y_ago(1) + by.older * y_ago(2) + by.gain * inputs;
    }
}

/// Defines such a row.
macro_rules! filter {
    (
        $row:ident: $params:literal, [$($param:expr),+], $design:ident,
        $name:literal, $title:literal, $formula:literal
    ) => {
        pub(super) struct $row;

        impl Kernel<1, $params, 1> for $row {
            const SPEC: Spec<1, $params, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: "J. Ehlers, Stocks & Commodities 24:1, 2006; TA-Lib SWAK functions",
                warmup: "0",
                inputs: [Input::Series("x")],
                params: [$($param),+],
                outputs: [Output::new("")],
                stability: Stability::Converging,
            };

            type State<L: Lanes> = Filter<L>;

            fn lookback(_: [Value; $params]) -> usize {
                0
            }

            fn reference(params: [Value; $params], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
                filtered($design(params), x, y);
            }

            fn start<L: Lanes>(params: [Value; $params]) -> Filter<L> {
                Filter::new($design(params))
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Filter<L>, [x]: [L; 1]) -> Option<[L; 1]> {
                Some([state.step(x)])
            }
        }
    };
}

filter! {
    TwoPoleHighPass: 1, [int("period", &["timeperiod"], 2, 10_000, 20)], two_pole_high_pass,
    "swak_2php", "Swiss Army Knife - Two-Pole High-Pass",
    "y[t] = 2p·y[t-1] - p²·y[t-2] + ((1 + p)/2)²·(x[t] - 2·x[t-1] + x[t-2]), 1 - p = -b + sqrt(b² + \
     2b), b = 2.415·(1 - cos(360/period))"
}

filter! {
    BandPass: 2, [
        int("period", &["timeperiod"], 5, 2000, 20),
        real("delta", &[], 0.05, 0.5, 0.1)
    ], band_pass,
    "swak_bp", "Swiss Army Knife - Band-Pass",
    "y[t] = b·(1 + a)·y[t-1] - a·y[t-2] + (1 - a)/2·(x[t] - x[t-2]), b = cos(360/period), a = (1 - \
     sin(w))/cos(w), w = 720·delta/period"
}

filter! {
    Butter: 1, [int("period", &["timeperiod"], 2, 10_000, 20)], butter,
    "swak_butter", "Swiss Army Knife - Butterworth",
    "y[t] = 2p·y[t-1] - p²·y[t-2] + ((1 - p)/2)²·(x[t] + 2·x[t-1] + x[t-2]), 1 - p = -b + sqrt(b² + \
     2b), b = 2.415·(1 - cos(360/period))"
}

filter! {
    Gauss: 1, [int("period", &["timeperiod"], 2, 10_000, 20)], gauss,
    "swak_gauss", "Swiss Army Knife - Gaussian",
    "y[t] = 2p·y[t-1] - p²·y[t-2] + (1 - p)²·x[t], 1 - p = -b + sqrt(b² + 2b), b = 2.415·(1 - \
     cos(360/period))"
}

filter! {
    HighPass: 1, [int("period", &["timeperiod"], 5, 100_000, 20)], high_pass,
    "swak_hp", "Swiss Army Knife - High-Pass",
    "y[t] = (1 - a)·y[t-1] + (1 - a/2)·(x[t] - x[t-1]), a = (cos(w) + sin(w) - 1)/cos(w), w = \
     360/period"
}
