//! Average directional movement index.

use super::super::reference::{place, true_ranges};
use crate::kernel::state::{Movement, Total, TrueRange};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Adx;

/// Directional indicators, on their scale of 0 to 100, whose sum is below this are no direction.
const NOTHING: f64 = 1e-14;

impl Kernel<3, 1, 1> for Adx {
    const SPEC: Spec<3, 1, 1> = Spec {
        name: "adx",
        title: "Average Directional Movement Index",
        formula: "y[t] = y[t-1] + (dx[t] - y[t-1]) / period, first value: mean of the first period \
                  dx; dx = 100·|p - m| / (p + m); p, m = 100 times the running totals of upward \
                  and downward movement over that of the true range, each s[t] = s[t-1] - \
                  s[t-1]/period + v[t] from the sum of the first period - 1 on; where nothing \
                  moves, dx is 0 in the first mean and passed over later",
        source: "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib ADX",
        warmup: "2 * period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [int("period", &["timeperiod"], 2, 100_000, 14)],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        2 * period.int() - 1
    }

    fn reference([period]: [Value; 1], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let period = period.int();
        let share = 1.0 / period as f64;
        let total = |values: &[f64]| {
            let mut total = vec![values.iter().take(period - 1).sum::<f64>()];
            for value in values.iter().skip(period - 1) {
                total.push(total[total.len() - 1] * (1.0 - share) + value);
            }
            total
        };
        let (mut plus, mut minus) = (Vec::new(), Vec::new());
        for t in 1..high.len() {
            let (up, down) = (high[t] - high[t - 1], low[t - 1] - low[t]);
            plus.push(if up > down && up > 0.0 { up } else { 0.0 });
            minus.push(if down > up && down > 0.0 { down } else { 0.0 });
        }
        let ranges = total(&true_ranges(high, low, close));
        let (plus, minus) = (total(&plus), total(&minus));
        // `None` where nothing moves; one for each bar from index `period` on.
        let index = |i: usize| {
            let (p, m) = (100.0 * plus[i] / ranges[i], 100.0 * minus[i] / ranges[i]);
            let moves = ranges[i] > 0.0 && p + m >= NOTHING;
            moves.then(|| 100.0 * (p - m).abs() / (p + m))
        };
        let indices: Vec<Option<f64>> = (1..ranges.len()).map(index).collect();
        if indices.len() < period {
            return;
        }
        let first: f64 = indices[..period].iter().flatten().sum();
        let mut values = vec![first / period as f64];
        for index in &indices[period..] {
            let last = values[values.len() - 1];
            values.push(index.map_or(last, |dx| last + (dx - last) * share));
        }
        place(&values, y);
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        let period = period.int();
        let total = Total::new(period, period - 1);
        State {
            movement: Movement::new(),
            range: TrueRange::new(),
            totals: [total.clone(), total.clone(), total],
            wait: 1,
            seeding: period,
            period: period as f64,
            value: L::splat(0.0),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let movement = state.movement.step(high, low);
        let range = state.range.step(high, low, close)?;
        let (plus, minus) = movement?;
        let [total_plus, total_minus, total_range] = &mut state.totals;
        let (plus, minus) = (total_plus.step(plus), total_minus.step(minus));
        let range = total_range.step(range)?;
        let (plus, minus) = (plus?, minus?);
        if state.wait > 0 {
            // The sum that the totals start from is one bar short of a period.
            state.wait -= 1;
            return None;
        }

        let (zero, hundred) = (L::splat(0.0), L::splat(100.0));
        let (plus, minus) = (hundred * (plus / range), hundred * (minus / range));
        let sum = plus + minus;
        let moves = range.gt(zero) & sum.ge(L::splat(NOTHING));
        let index = hundred * ((plus - minus).abs() / sum);
        if state.seeding > 0 {
            // While seeding, `value` is the sum.
            state.value = state.value + L::select(moves, index, zero);
            state.seeding -= 1;
            if state.seeding > 0 {
                return None;
            }
            state.value = state.value / L::splat(state.period);
        } else {
            let share = L::splat(1.0 / state.period);
            let next = state.value + (index - state.value) * share;
            state.value = L::select(moves, next, state.value);
        }
        Some([state.value])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    movement: Movement<L>,
    range: TrueRange<L>,
    /// Of upward movement, downward movement, true range.
    totals: [Total<L>; 3],
    wait: usize,
    seeding: usize,
    period: f64,
    value: L,
}
