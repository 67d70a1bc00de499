//! How heavy the tails of a window are.

use super::super::reference::centred;
use crate::kernel::state::{About, Shape};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Kurtosis;

impl Kernel<1, 1, 1> for Kurtosis {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "kurtosis",
        title: "Kurtosis",
        formula: "y[t] = n(n+1)/((n-1)(n-2)(n-3))·sum(((x - mean)/s)⁴) - 3(n-1)²/((n-2)(n-3)) over the last n = period values, s = their sample deviation; no value where s is 0",
        source: "textbook, the sample excess kurtosis; TA-Lib KURTOSIS",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 4, 10_000, 30)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Shape<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let n = period.int() as f64;
        for t in period.int() - 1..x.len() {
            let away = centred(&x[t + 1 - period.int()..=t]);
            let sum = |power: i32| away.iter().map(|d| d.powi(power)).sum::<f64>();
            let variance = sum(2) / (n - 1.0);
            let tails = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
            let normal = 3.0 * (n - 1.0).powi(2) / ((n - 2.0) * (n - 3.0));
            y[t] = tails * sum(4) / variance.powi(2) - normal;
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Shape<L> {
        Shape::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Shape<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let n = state.period();
        let About { second, fourth, .. } = state.step(x)?;
        let tails = n * (n + 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let normal = 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
        Some([L::splat(tails) * (fourth / (second * second)) - L::splat(normal)])
    }
}
