//! McGinley dynamic.

use super::super::reference::place;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Mcgd;

impl Kernel<1, 1, 1> for Mcgd {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "mcgd",
        title: "McGinley Dynamic",
        formula: "y[t] = y[t-1] + (x[t] - y[t-1]) / (period·(x[t]/y[t-1])⁴), y[t-1] where that is \
                  not finite; y[0] = x[0]",
        source: "J. McGinley, 1991; TA-Lib MCGD",
        warmup: "period - 1",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let mut values: Vec<f64> = x.iter().copied().take(1).collect();
        for t in 1..x.len() {
            let last = values[t - 1];
            let next = last + (x[t] - last) / (period.real() * (x[t] / last).powi(4));
            values.push(if next.is_finite() { next } else { last });
        }
        place(values.get(period.int() - 1..).unwrap_or(&[]), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { wait: period.int() - 1, period: period.real(), value: None }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let last = state.value.unwrap_or(x);
        let ratio = x / last;
        let square = ratio * ratio;
        let next = last + (x - last) / (L::splat(state.period) * (square * square));
        let next = L::select(next.is_finite(), next, last);
        state.value = Some(next);
        if state.wait > 0 {
            state.wait -= 1;
            return None;
        }
        Some([next])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    wait: usize,
    period: f64,
    value: Option<L>,
}
