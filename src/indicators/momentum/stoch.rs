//! Stochastic oscillator.

use super::super::reference::place;
use super::reference::stochastic;
use crate::kernel::state::AVERAGES;
use crate::kernel::state::stochastic::{Smooth, Stochastic, lookback, stability};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Stoch;

/// The parameters, with the defaults of the bars that it looks at and of both types of average.
pub(super) const fn params(fastk: usize, matype: u8) -> [Param; 5] {
    [
        int("fastk", &["fastk_period"], 1, 100_000, fastk),
        int("slowk", &["slowk_period"], 1, 100_000, 3),
        choice("slowk_matype", &[], AVERAGES, matype),
        int("slowd", &["slowd_period"], 1, 100_000, 3),
        choice("slowd_matype", &[], AVERAGES, matype),
    ]
}

/// The bars that it looks at and the two averages, by the parameters.
pub(super) fn parts(params: [Value; 5]) -> (usize, Smooth, Smooth) {
    let [fastk, slowk, slowk_matype, slowd, slowd_matype] = params;
    let smooth = |period: Value, matype: Value| (matype.choice(), period.int());
    (fastk.int(), smooth(slowk, slowk_matype), smooth(slowd, slowd_matype))
}

impl Kernel<3, 5, 2> for Stoch {
    const SPEC: Spec<3, 5, 2> = Spec {
        name: "stoch",
        title: "Stochastic Oscillator",
        formula: "k[t] = 100·(close[t] - l) / (h - l), h, l = highest high and lowest low of the \
                  last fastk bars, 0 where h - l is 0; slowk = average of k; slowd = average of \
                  slowk; from 0 to 100 where each close is within its bar and the averages do not \
                  overshoot",
        source: "G. Lane, 1957; TA-Lib STOCH",
        warmup: "fastk - 1, and that of both averages: with sma, fastk + slowk + slowd - 3",
        inputs: [Input::High, Input::Low, Input::Close],
        params: params(5, 0),
        outputs: [Output::new("slowk"), Output::new("slowd")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Stochastic<L>;

    fn lookback(params: [Value; 5]) -> usize {
        let (period, k, d) = parts(params);
        lookback(period, k, d)
    }

    fn stability(params: [Value; 5]) -> Stability {
        let (_, k, d) = parts(params);
        stability(k, d)
    }

    fn reference(params: [Value; 5], bars: [&[f64]; 3], [k, d]: [&mut [f64]; 2]) {
        let (period, slowk, slowd) = parts(params);
        let [slowk, slowd] = stochastic(period, slowk, slowd, bars);
        place(&slowk, k);
        place(&slowd, d);
    }

    fn start<L: Lanes>(params: [Value; 5]) -> Stochastic<L> {
        let (period, k, d) = parts(params);
        Stochastic::new(period, k, d)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Stochastic<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let (k, d) = state.step(high, low, close)?;
        Some([k, d])
    }
}
