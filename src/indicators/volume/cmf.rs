//! Chaikin money flow.

use super::super::reference::{accumulations, share};
use crate::kernel::state::flow::accumulation;
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Sliding, Sums};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cmf;

impl Kernel<4, 1, 1> for Cmf {
    const SPEC: Spec<4, 1, 1> = Spec {
        name: "cmf",
        title: "Chaikin Money Flow",
        formula: "y[t] = sum of volume·((close - low) - (high - close)) / (high - low), 0 where \
                  high - low is 0, over the sum of volume, over the last period bars; 0 where that \
                  is 0",
        source: "M. Chaikin; TA-Lib CMF",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low, Input::Close, Input::Volume],
        params: [int("period", &["timeperiod"], 2, 100_000, 20)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = Sliding<[L; 2], Sums<L, 2>>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period]: [Value; 1],
        [high, low, close, volume]: [&[f64]; 4],
        [y]: [&mut [f64]; 1],
    ) {
        let flows = accumulations(high, low, close, volume);
        for t in period.int() - 1..y.len() {
            let sum = |x: &[f64]| x[t + 1 - period.int()..=t].iter().sum::<f64>();
            y[t] = share(sum(&flows), sum(volume), 0.0);
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Sliding<[L; 2], Sums<L, 2>> {
        Sliding::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(
        state: &mut Sliding<[L; 2], Sums<L, 2>>,
        [high, low, close, volume]: [L; 4],
    ) -> Option<[L; 1]> {
        let flow = accumulation(high, low, close, volume);
        let (Sums([flows, volumes]), _) = state.step([flow, volume])?;
        Some([share_of(flows, volumes, 0.0)])
    }
}
