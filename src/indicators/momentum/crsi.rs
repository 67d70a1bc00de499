//! Connors' relative strength index.

use super::super::reference::{over, place, rank};
use super::reference::strength_index;
use crate::kernel::state::ratio::quotient;
use crate::kernel::state::strength::{Strength, upward};
use crate::kernel::state::{Rank, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Crsi;

impl Kernel<1, 3, 1> for Crsi {
    const SPEC: Spec<1, 3, 1> = Spec {
        name: "crsi",
        title: "Connors RSI",
        formula: "y[t] = (RSI(x, period) + RSI(s, streak_period) + PERCENTRANK(ROCP(x, 1), \
                  rank_period)) / 3, s = how many times in a row x has risen by now, negative for \
                  falls",
        source: "L. Connors, C. Alvarez, An Introduction to ConnorsRSI, 2012; TA-Lib CRSI",
        warmup: "max(period, max(streak_period, rank_period) + 1)",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 3),
            int("streak_period", &["streakperiod"], 2, 100_000, 2),
            int("rank_period", &["rankperiod"], 2, 10_000, 100),
        ],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, streak, rank]: [Value; 3]) -> usize {
        period.int().max(streak.int().max(rank.int()) + 1)
    }

    fn reference(params: [Value; 3], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let [period, streak, rank_period] = params;
        let (mut streaks, mut run) = (Vec::new(), 0.0);
        for pair in x.windows(2) {
            run = match pair[1].partial_cmp(&pair[0]) {
                Some(std::cmp::Ordering::Greater) => f64::max(run, 0.0) + 1.0,
                Some(std::cmp::Ordering::Less) => f64::min(run, 0.0) - 1.0,
                _ => 0.0,
            };
            streaks.push(run);
        }
        let rate = |pair: &[f64]| over(pair[1] - pair[0], pair[0]);
        let rates: Vec<f64> = x.windows(2).map(rate).collect();
        let parts = [
            strength_index(period.int(), x),
            strength_index(streak.int(), &streaks),
            rates.windows(rank_period.int() + 1).map(rank).collect(),
        ];
        let count = x.len().saturating_sub(Self::lookback(params));
        let late = |part: &Vec<f64>, i: usize| part[part.len() - count + i];
        let mean = |i| parts.iter().map(|part| late(part, i)).sum::<f64>() / 3.0;
        place(&(0..count).map(mean).collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([period, streak, rank]: [Value; 3]) -> State<L> {
        State {
            strength: Strength::new(period.int()),
            streaks: Strength::new(streak.int()),
            rank: Rank::new(rank.int()),
            before: None,
            run: L::splat(0.0),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let strength = state.strength.step(x);
        let before = state.before.replace(x)?;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let risen = (zero.max(state.run) + one).keep(x.gt(before));
        let fallen = (zero.min(state.run) - one).keep(before.gt(x));
        state.run = risen + fallen;
        let streak = state.streaks.step(state.run);
        let rank = state.rank.step(quotient(x - before, before))?;
        let ((up, down), (ups, downs)) = (strength?, streak?);
        Some([(upward(up, down) + upward(ups, downs) + rank) / L::splat(3.0)])
    }
}

pub(super) struct State<L> {
    strength: Strength<L>,
    streaks: Strength<L>,
    rank: Rank<L>,
    before: Option<L>,
    /// Rises in a row, or falls, which are negative.
    run: L,
}

clone_in_place!(State<L> { strength, streaks, rank, before, run });
