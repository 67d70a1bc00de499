//! Ultimate oscillator.

use super::super::reference::{share, smaller, true_ranges};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Sliding, Sums, TrueRange, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Ultosc;

/// The periods from the shortest to the longest: in any order, they mean the same.
fn sorted(params: [Value; 3]) -> [usize; 3] {
    let mut periods = params.map(Value::int);
    periods.sort_unstable();
    periods
}

/// How much each of them counts.
const WEIGHTS: [f64; 3] = [4.0, 2.0, 1.0];

impl Kernel<3, 3, 1> for Ultosc {
    const SPEC: Spec<3, 3, 1> = Spec {
        name: "ultosc",
        title: "Ultimate Oscillator",
        formula: "y[t] = 100·(4·a + 2·b + c) / 7, a, b, c = sum of close[t] - min(low[t], \
                  close[t-1]) over sum of the true range, over the shortest, the middle and the \
                  longest period; 0 where that range is 0",
        source: "L. Williams, Stocks & Commodities 3:4, 1985; TA-Lib ULTOSC",
        warmup: "max(max(period1, period2), period3)",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("period1", &["timeperiod1"], 1, 100_000, 7),
            int("period2", &["timeperiod2"], 1, 100_000, 14),
            int("period3", &["timeperiod3"], 1, 100_000, 28),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback(params: [Value; 3]) -> usize {
        sorted(params)[2]
    }

    fn reference(params: [Value; 3], [high, low, close]: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
        let pressure = |t: usize| close[t] - smaller(low[t], close[t - 1]);
        let pressures: Vec<f64> = (1..close.len()).map(pressure).collect();
        let ranges = true_ranges(high, low, close);
        for t in Self::lookback(params)..close.len() {
            let part = |period: usize| {
                let sum = |x: &[f64]| x[t - period..t].iter().sum::<f64>();
                share(sum(&pressures), sum(&ranges), 0.0)
            };
            let parts = sorted(params).into_iter().zip(WEIGHTS);
            y[t] = 100.0 * parts.map(|(period, weight)| weight * part(period)).sum::<f64>() / 7.0;
        }
    }

    fn start<L: Lanes>(params: [Value; 3]) -> State<L> {
        State { before: None, range: TrueRange::new(), windows: sorted(params).map(Sliding::new) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 1]> {
        let before = state.before.replace(close);
        let range = state.range.step(high, low, close)?;
        let pressure = close - low.min(before?);
        let [short, middle, long] = &mut state.windows;
        let short = short.step([pressure, range]);
        let middle = middle.step([pressure, range]);
        let long = long.step([pressure, range])?;
        let ((Sums(short), _), (Sums(middle), _), (Sums(long), _)) = (short?, middle?, long);
        let short = L::splat(WEIGHTS[0]) * share_of(short[0], short[1], 0.0);
        let middle = L::splat(WEIGHTS[1]) * share_of(middle[0], middle[1], 0.0);
        let sum = short + middle + L::splat(WEIGHTS[2]) * share_of(long[0], long[1], 0.0);
        Some([L::splat(100.0) * sum / L::splat(7.0)])
    }
}

pub(super) struct State<L> {
    before: Option<L>,
    range: TrueRange<L>,
    windows: [Sliding<[L; 2], Sums<L, 2>>; 3],
}

clone_in_place!(State<L> { before, range, windows });
