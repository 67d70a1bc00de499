//! Chande momentum oscillator.

use super::super::reference::{place, share};
use super::reference::strengths;
use crate::kernel::state::strength::{Strength, net};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Cmo;

impl Kernel<1, 1, 1> for Cmo {
    const SPEC: Spec<1, 1, 1> = Spec {
        name: "cmo",
        title: "Chande Momentum Oscillator",
        formula: "y[t] = 100·(g - l) / (g + l), 0 where both are 0; g, l = Wilder averages over \
                  period of the rises and the falls of x, each first the mean of the first period \
                  changes",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib CMO",
        warmup: "period",
        inputs: [Input::Series("x")],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(-100.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Strength<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let strengths = strengths(period.int(), x).into_iter();
        let part = |(gain, loss)| 100.0 * share(gain - loss, gain + loss, 0.0);
        place(&strengths.map(part).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> Strength<L> {
        Strength::new(period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Strength<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (gain, loss) = state.step(x)?;
        Some([net(gain, loss)])
    }
}
