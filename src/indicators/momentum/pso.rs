//! Premier stochastic oscillator.

use super::super::reference::{exponential, place};
use super::reference::positions;
use crate::kernel::state::{Position, Repeated, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;
use crate::simd::functions::tanh;

pub(super) struct Pso;

impl Kernel<3, 2, 1> for Pso {
    const SPEC: Spec<3, 2, 1> = Spec {
        name: "pso",
        title: "Premier Stochastic Oscillator",
        formula: "y[t] = tanh(e[t]/2), e = EMA(EMA(0.1·(k - 50), ema_period), ema_period), k = \
                  fastk of STOCHF(fastk), 50 where its range is 0",
        source: "L. Leibfarth, Stocks & Commodities 26:8, 2008; TA-Lib PSO",
        warmup: "fastk - 1 + 2 * (ema_period - 1)",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("fastk", &["fastk_period"], 1, 100_000, 8),
            int("ema_period", &["emaperiod"], 1, 100_000, 5),
        ],
        outputs: [Output::new("").within(-1.0, 1.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fastk, ema]: [Value; 2]) -> usize {
        fastk.int() - 1 + 2 * (ema.int() - 1)
    }

    fn reference([fastk, ema]: [Value; 2], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let places = positions(fastk.int(), 50.0, bars);
        let places: Vec<f64> = places.iter().map(|place| 0.1 * (place - 50.0)).collect();
        let smooth = exponential(ema.int(), &exponential(ema.int(), &places));
        place(&smooth.iter().map(|e| (e / 2.0).tanh()).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([fastk, ema]: [Value; 2]) -> State<L> {
        State { position: Position::new(fastk.int(), 50.0), smooth: Repeated::new([ema.int(); 2]) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let place = state.position.step(high, low, close)?;
        let smooth = state.smooth.step(L::splat(0.1) * (place - L::splat(50.0)))?;
        Some([tanh(smooth / L::splat(2.0))])
    }
}

pub(super) struct State<L> {
    position: Position<L>,
    smooth: Repeated<L, 2>,
}

clone_in_place!(State<L> { position, smooth });
