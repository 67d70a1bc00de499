//! Awesome oscillator.

use super::super::reference::{mean, place};
use crate::kernel::state::{Mean, Pair};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Ao;

impl Kernel<2, 2, 1> for Ao {
    const SPEC: Spec<2, 2, 1> = Spec {
        name: "ao",
        title: "Awesome Oscillator",
        formula: "y[t] = SMA(x, fast) - SMA(x, slow), x = (high + low)/2",
        source: "B. Williams, New Trading Dimensions, 1998; TA-Lib AO",
        warmup: "max(fast, slow) - 1",
        inputs: [Input::High, Input::Low],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 5),
            int("slow", &["slowperiod"], 2, 100_000, 34),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Pair<Mean<L>>;

    fn lookback([fast, slow]: [Value; 2]) -> usize {
        fast.int().max(slow.int()) - 1
    }

    fn reference([fast, slow]: [Value; 2], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        place(&awesome(fast.int(), slow.int(), high, low), y);
    }

    fn start<L: Lanes>([fast, slow]: [Value; 2]) -> Pair<Mean<L>> {
        Pair::new(Mean::new(fast.int()), Mean::new(slow.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Pair<Mean<L>>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        Some([step(state, high, low)?])
    }
}

/// The definition, from its lookback on.
pub(super) fn awesome(fast: usize, slow: usize, high: &[f64], low: &[f64]) -> Vec<f64> {
    let middle: Vec<f64> = high.iter().zip(low).map(|(high, low)| (high + low) / 2.0).collect();
    let of = |t: usize, period: usize| mean(&middle[t + 1 - period..=t]);
    (fast.max(slow) - 1..high.len()).map(|t| of(t, fast) - of(t, slow)).collect()
}

/// The same for lanes.
#[inline(always)]
pub(super) fn step<L: Lanes>(means: &mut Pair<Mean<L>>, high: L, low: L) -> Option<L> {
    let (fast, slow) = means.step((high + low) / L::splat(2.0))?;
    Some(fast - slow)
}
