//! Stochastic momentum index.

use super::super::reference::{exponential, highest, lowest, place, share};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Ema, Extent, Repeated, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Smi;

impl Kernel<3, 4, 2> for Smi {
    const SPEC: Spec<3, 4, 2> = Spec {
        name: "smi",
        title: "Stochastic Momentum Index",
        formula: "smi[t] = 100·d / (r/2), 0 where r is 0; d, r = EMA(EMA(v, slow), fast) of \
                  close - (h + l)/2 and of h - l, h, l = highest high and lowest low of the last \
                  period bars; signal = EMA(smi, signal)",
        source: "W. Blau, Stocks & Commodities 11:1, 1993; TA-Lib SMI",
        warmup: "period + fast + slow + signal - 4",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 13),
            int("fast", &["fastperiod"], 2, 100_000, 2),
            int("slow", &["slowperiod"], 2, 100_000, 25),
            int("signal", &["signalperiod"], 2, 100_000, 9),
        ],
        outputs: [Output::new("smi"), Output::new("signal")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback(params: [Value; 4]) -> usize {
        params.map(|period| period.int() - 1).iter().sum()
    }

    fn reference(
        [period, fast, slow, signal]: [Value; 4],
        [high, low, close]: [&[f64]; 3],
        [smi, line]: [&mut [f64]; 2],
    ) {
        let (mut distances, mut ranges) = (Vec::new(), Vec::new());
        for t in period.int() - 1..close.len() {
            let window = t + 1 - period.int()..=t;
            let (h, l) = (highest(&high[window.clone()]), lowest(&low[window]));
            distances.push(close[t] - (h + l) / 2.0);
            ranges.push(h - l);
        }
        let twice = |x: &[f64]| exponential(fast.int(), &exponential(slow.int(), x));
        let (distances, ranges) = (twice(&distances), twice(&ranges));
        let index = |(d, r): (&f64, &f64)| 100.0 * share(*d, r / 2.0, 0.0);
        let indices: Vec<f64> = distances.iter().zip(&ranges).map(index).collect();
        let smooth = exponential(signal.int(), &indices);
        place(&indices[indices.len() - smooth.len()..], smi);
        place(&smooth, line);
    }

    fn start<L: Lanes>([period, fast, slow, signal]: [Value; 4]) -> State<L> {
        let twice = Repeated::new([slow.int(), fast.int()]);
        State {
            extent: Sliding::new(period.int()),
            distance: twice.clone(),
            range: twice,
            signal: Ema::new(signal.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let (extent, _): (Extent<L>, _) = state.extent.step([high, low])?;
        let distance = state.distance.step(close - extent.middle());
        let range = state.range.step(extent.highest - extent.lowest)?;
        let index = L::splat(100.0) * share_of(distance?, range / L::splat(2.0), 0.0);
        Some([index, state.signal.step(index)?])
    }
}

pub(super) struct State<L> {
    extent: Sliding<[L; 2], Extent<L>>,
    distance: Repeated<L, 2>,
    range: Repeated<L, 2>,
    signal: Ema<L>,
}

clone_in_place!(State<L> { extent, distance, range, signal });
