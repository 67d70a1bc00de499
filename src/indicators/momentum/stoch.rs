//! Stochastic oscillator.

use super::super::reference::{average, highest, is_flat, lowest, place};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{AVERAGES, Average, Highest, Lowest, Sliding, flat};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Stoch;

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
        params: [
            int("fastk", &["fastk_period"], 1, 100_000, 5),
            int("slowk", &["slowk_period"], 1, 100_000, 3),
            choice("slowk_matype", &[], AVERAGES, 0),
            int("slowd", &["slowd_period"], 1, 100_000, 3),
            choice("slowd_matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("slowk"), Output::new("slowd")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fastk, slowk, slowk_matype, slowd, slowd_matype]: [Value; 5]) -> usize {
        fastk.int() - 1
            + lookback(slowk_matype.choice(), slowk.int())
            + lookback(slowd_matype.choice(), slowd.int())
    }

    fn stability([_, slowk, slowk_matype, slowd, slowd_matype]: [Value; 5]) -> Stability {
        let k = stability(slowk_matype.choice(), slowk.int());
        let d = stability(slowd_matype.choice(), slowd.int());
        match (k, d) {
            (Stability::Exact, other) | (other, Stability::Exact) => other,
            (Stability::Rounding, other) | (other, _) => other,
        }
    }

    fn reference(
        [fastk, slowk, slowk_matype, slowd, slowd_matype]: [Value; 5],
        [high, low, close]: [&[f64]; 3],
        [k, d]: [&mut [f64]; 2],
    ) {
        let fastk = fastk.int();
        let fast = |t: usize| {
            let (h, l) = (highest(&high[t + 1 - fastk..=t]), lowest(&low[t + 1 - fastk..=t]));
            if is_flat(h, l) && !close[t].is_nan() { 0.0 } else { (close[t] - l) / (h - l) * 100.0 }
        };
        let fast: Vec<f64> = (fastk - 1..close.len()).map(fast).collect();
        let slow = average(slowk_matype.choice(), slowk.int(), &fast);
        let smooth = average(slowd_matype.choice(), slowd.int(), &slow);
        place(&slow[slow.len() - smooth.len()..], k);
        place(&smooth, d);
    }

    fn start<L: Lanes>([fastk, slowk, slowk_matype, slowd, slowd_matype]: [Value; 5]) -> State<L> {
        State {
            highest: Sliding::new(fastk.int()),
            lowest: Sliding::new(fastk.int()),
            slowk: Average::new(slowk_matype.choice(), slowk.int()),
            slowd: Average::new(slowd_matype.choice(), slowd.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let highest = state.highest.step(high);
        let (Lowest(low), _) = state.lowest.step(low)?;
        let (Highest(high), _) = highest?;
        // A NaN close over a flat range stays NaN.
        let flat = flat(high, low) & !close.is_nan();
        let fast = (close - low) / (high - low) * L::splat(100.0);
        let slowk = state.slowk.step(L::select(flat, L::splat(0.0), fast))?;
        Some([slowk, state.slowd.step(slowk)?])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    highest: Sliding<L, Highest<L>>,
    lowest: Sliding<L, Lowest<L>>,
    slowk: Average<L>,
    slowd: Average<L>,
}
