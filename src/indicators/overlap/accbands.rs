//! Acceleration bands.

use super::super::reference::{mean, place};
use crate::kernel::state::Mean;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Accbands;

/// A sum of high and low below this part of them is none: they cancel.
const NOTHING: f64 = 1e-14;

impl Kernel<3, 1, 3> for Accbands {
    const SPEC: Spec<3, 1, 3> = Spec {
        name: "accbands",
        title: "Acceleration Bands",
        formula: "upper = mean(high·(1 + r)), middle = mean(close), lower = mean(low·(1 - r)) over \
                  the last period bars, r = 4·(high - low) / (high + low), 0 where high + low is 0",
        source: "P. Headley, Big Trends in Trading, 2002; TA-Lib ACCBANDS",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 20)],
        outputs: [Output::new("upper"), Output::new("middle"), Output::new("lower")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = [Mean<L>; 3];

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period]: [Value; 1],
        [high, low, close]: [&[f64]; 3],
        [upper, middle, lower]: [&mut [f64]; 3],
    ) {
        let width = |t: usize| {
            let (h, l) = (high[t], low[t]);
            let nothing = (h + l).abs() <= NOTHING * (h.abs() + l.abs());
            if nothing { 0.0 } else { 4.0 * (h - l) / (h + l) }
        };
        let up: Vec<f64> = (0..high.len()).map(|t| high[t] * (1.0 + width(t))).collect();
        let down: Vec<f64> = (0..high.len()).map(|t| low[t] * (1.0 - width(t))).collect();
        for (x, y) in [(&up[..], upper), (close, middle), (&down, lower)] {
            place(&x.windows(period.int()).map(mean).collect::<Vec<f64>>(), y);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> [Mean<L>; 3] {
        [(); 3].map(|()| Mean::new(period.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut [Mean<L>; 3], [high, low, close]: [L; 3]) -> Option<[L; 3]> {
        let [upper, middle, lower] = state;
        let (sum, one) = (high + low, L::splat(1.0));
        let nothing = (L::splat(NOTHING) * (high.abs() + low.abs())).ge(sum.abs());
        let width = L::splat(4.0) * (high - low) / sum;
        let width = L::select(nothing, L::splat(0.0), width);
        let up = upper.step(high * (one + width));
        let middle = middle.step(close);
        let down = lower.step(low * (one - width));
        Some([up?, middle?, down?])
    }
}
