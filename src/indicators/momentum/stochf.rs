//! Fast stochastic oscillator.

use super::super::reference::{average, place};
use super::reference::positions;
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{AVERAGES, Average, Position, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Stochf;

impl Kernel<3, 3, 2> for Stochf {
    const SPEC: Spec<3, 3, 2> = Spec {
        name: "stochf",
        title: "Fast Stochastic Oscillator",
        formula: "fastk[t] = 100·(close[t] - l) / (h - l), h, l = highest high and lowest low of \
                  the last fastk bars, 0 where h - l is 0; fastd = average of fastk",
        source: "G. Lane, 1957; TA-Lib STOCHF",
        warmup: "fastk - 1, and that of the average: with sma, fastk + fastd - 2",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("fastk", &["fastk_period"], 1, 100_000, 5),
            int("fastd", &["fastd_period"], 1, 100_000, 3),
            choice("fastd_matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("fastk"), Output::new("fastd")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fastk, fastd, matype]: [Value; 3]) -> usize {
        fastk.int() - 1 + lookback(matype.choice(), fastd.int())
    }

    fn stability([_, fastd, matype]: [Value; 3]) -> Stability {
        stability(matype.choice(), fastd.int())
    }

    fn reference([fastk, fastd, matype]: [Value; 3], bars: [&[f64]; 3], [k, d]: [&mut [f64]; 2]) {
        let fast = positions(fastk.int(), 0.0, bars);
        let smooth = average(matype.choice(), fastd.int(), &fast);
        place(&fast[fast.len() - smooth.len()..], k);
        place(&smooth, d);
    }

    fn start<L: Lanes>([fastk, fastd, matype]: [Value; 3]) -> State<L> {
        State {
            position: Position::new(fastk.int(), 0.0),
            average: Average::new(matype.choice(), fastd.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let fast = state.position.step(high, low, close)?;
        Some([fast, state.average.step(fast)?])
    }
}

pub(super) struct State<L> {
    position: Position<L>,
    average: Average<L>,
}

clone_in_place!(State<L> { position, average });
