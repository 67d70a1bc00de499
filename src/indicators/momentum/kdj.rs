//! KDJ stochastic.

use super::super::reference::place;
use super::reference::stochastic;
use super::stoch::{params, parts};
use crate::kernel::state::stochastic::{Stochastic, lookback, stability};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

pub(super) struct Kdj;

impl Kernel<3, 5, 3> for Kdj {
    const SPEC: Spec<3, 5, 3> = Spec {
        name: "kdj",
        title: "KDJ Stochastic",
        formula: "k, d = slowk and slowd of STOCH; j = 3·k - 2·d",
        source: "textbook; TA-Lib KDJ",
        warmup: "fastk - 1, and that of both averages: with rma, fastk + slowk + slowd - 3",
        inputs: [Input::High, Input::Low, Input::Close],
        params: params(9, 13),
        outputs: [Output::new("k"), Output::new("d"), Output::new("j")],
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

    fn reference(params: [Value; 5], bars: [&[f64]; 3], [k, d, j]: [&mut [f64]; 3]) {
        let (period, slowk, slowd) = parts(params);
        let [slowk, slowd] = stochastic(period, slowk, slowd, bars);
        place(&slowk, k);
        place(&slowd, d);
        for t in 0..j.len() {
            j[t] = 3.0 * k[t] - 2.0 * d[t];
        }
    }

    fn start<L: Lanes>(params: [Value; 5]) -> Stochastic<L> {
        let (period, k, d) = parts(params);
        Stochastic::new(period, k, d)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Stochastic<L>, [high, low, close]: [L; 3]) -> Option<[L; 3]> {
        let (k, d) = state.step(high, low, close)?;
        Some([k, d, L::splat(3.0) * k - L::splat(2.0) * d])
    }
}
