//! Stochastic relative strength index.

use super::super::reference::{average, place};
use super::reference::{positions, strength_index};
use crate::kernel::state::average::lookback;
use crate::kernel::state::strength::{Strength, upward};
use crate::kernel::state::{AVERAGES, Average, Position, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Stochrsi;

impl Kernel<1, 4, 2> for Stochrsi {
    const SPEC: Spec<1, 4, 2> = Spec {
        name: "stochrsi",
        title: "Stochastic Relative Strength Index",
        formula: "fastk[t] = 100·(r[t] - l) / (h - l), r = RSI(x, period), h, l = highest and \
                  lowest of the last fastk r, 0 where h - l is 0; fastd = average of fastk",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib STOCHRSI",
        warmup: "period + fastk - 1, and that of the average: with sma, period + fastk + fastd - 2",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 14),
            int("fastk", &["fastk_period"], 1, 100_000, 5),
            int("fastd", &["fastd_period"], 1, 100_000, 3),
            choice("fastd_matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("fastk").within(0.0, 100.0), Output::new("fastd")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, fastk, fastd, matype]: [Value; 4]) -> usize {
        period.int() + fastk.int() - 1 + lookback(matype.choice(), fastd.int())
    }

    fn reference(
        [period, fastk, fastd, matype]: [Value; 4],
        [x]: [&[f64]; 1],
        [k, d]: [&mut [f64]; 2],
    ) {
        let index = strength_index(period.int(), x);
        if index.len() < fastk.int() {
            return;
        }
        let fast = positions(fastk.int(), 0.0, [&index; 3]);
        let smooth = average(matype.choice(), fastd.int(), &fast);
        place(&fast[fast.len() - smooth.len()..], k);
        place(&smooth, d);
    }

    fn start<L: Lanes>([period, fastk, fastd, matype]: [Value; 4]) -> State<L> {
        State {
            strength: Strength::new(period.int()),
            position: Position::new(fastk.int(), 0.0),
            average: Average::new(matype.choice(), fastd.int()),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 2]> {
        let (gain, loss) = state.strength.step(x)?;
        let index = upward(gain, loss);
        let fast = state.position.step(index, index, index)?;
        Some([fast, state.average.step(fast)?])
    }
}

pub(super) struct State<L> {
    strength: Strength<L>,
    position: Position<L>,
    average: Average<L>,
}

clone_in_place!(State<L> { strength, position, average });
