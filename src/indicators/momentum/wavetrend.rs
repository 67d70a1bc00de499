//! Wave trend oscillator.

use super::super::reference::{exponential, mean, place, share, typical};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Ema, Mean, clone_in_place, typical as typical_price};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Wavetrend;

impl Kernel<3, 3, 2> for Wavetrend {
    const SPEC: Spec<3, 3, 2> = Spec {
        name: "wavetrend",
        title: "Wave Trend Oscillator",
        formula: "wt1 = EMA(d / (0.015·EMA(|d|, channel_period)), average_period), 0 for the \
                  quotient where that is 0; d = x - EMA(x, channel_period), 0 where neither moves \
                  any more, x = (high + low + close)/3; wt2 = SMA(wt1, signal)",
        source: "LazyBear, 2014; TA-Lib WAVETREND",
        warmup: "2 * (channel_period - 1) + average_period + signal - 2",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("channel_period", &["channelperiod"], 2, 100_000, 10),
            int("average_period", &["averageperiod"], 1, 100_000, 21),
            int("signal", &["signalperiod"], 1, 100_000, 4),
        ],
        outputs: [Output::new("wt1"), Output::new("wt2")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([channel, average, signal]: [Value; 3]) -> usize {
        2 * (channel.int() - 1) + average.int() + signal.int() - 2
    }

    fn reference(
        [channel, average, signal]: [Value; 3],
        [high, low, close]: [&[f64]; 3],
        [wt1, wt2]: [&mut [f64]; 2],
    ) {
        let x = typical(high, low, close);
        let middle = exponential(channel.int(), &x);
        let late = &x[x.len() - middle.len()..];
        let distance = |i: usize| {
            let rests = i > 0 && late[i] == late[i - 1] && middle[i] == middle[i - 1];
            if rests { 0.0 } else { late[i] - middle[i] }
        };
        let distances: Vec<f64> = (0..middle.len()).map(distance).collect();
        let sizes: Vec<f64> = distances.iter().map(|d| d.abs()).collect();
        let usual = exponential(channel.int(), &sizes);
        let late = &distances[distances.len() - usual.len()..];
        let index = |(d, usual): (&f64, &f64)| share(*d, 0.015 * usual, 0.0);
        let indices: Vec<f64> = late.iter().zip(&usual).map(index).collect();
        let smooth = exponential(average.int(), &indices);
        let slow: Vec<f64> = smooth.windows(signal.int()).map(mean).collect();
        place(&smooth[smooth.len() - slow.len()..], wt1);
        place(&slow, wt2);
    }

    fn start<L: Lanes>([channel, average, signal]: [Value; 3]) -> State<L> {
        let channel = Ema::new(channel.int());
        State {
            middle: channel.clone(),
            usual: channel,
            smooth: Ema::new(average.int()),
            slow: Mean::new(signal.int()),
            before: None,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let x = typical_price(high, low, close);
        let middle = state.middle.step(x)?;
        let distance = match state.before.replace([x, middle]) {
            Some([last_x, last]) => (x - middle).keep(!(x.eq(last_x) & middle.eq(last))),
            None => x - middle,
        };
        let usual = state.usual.step(distance.abs())?;
        let index = share_of(distance, L::splat(0.015) * usual, 0.0);
        let smooth = state.smooth.step(index)?;
        Some([smooth, state.slow.step(smooth)?])
    }
}

pub(super) struct State<L> {
    middle: Ema<L>,
    /// How far prices usually are from the middle.
    usual: Ema<L>,
    smooth: Ema<L>,
    slow: Mean<L>,
    /// The last price and middle.
    before: Option<[L; 2]>,
}

clone_in_place!(State<L> { middle, usual, smooth, slow, before });
