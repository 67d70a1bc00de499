//! Beta.

use super::super::reference::joint;
use crate::kernel::state::{Joint, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Beta;

impl Kernel<2, 1, 1> for Beta {
    const SPEC: Spec<2, 1, 1> = Spec {
        name: "beta",
        title: "Beta",
        formula: "y[t] = the slope of b's changes over a's, of the last period ones: sum((p - \
                  mean(p))·(q - mean(q))) / sum((p - mean(p))²), p[t] = a[t]/a[t-1] - 1, 0 after a \
                  zero, and q likewise of b; 0 where p does not vary",
        source: "W. Sharpe, 1963; TA-Lib BETA",
        warmup: "period",
        inputs: [Input::Series("a"), Input::Series("b")],
        params: [int("period", &["timeperiod"], 1, 100_000, 5)],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int()
    }

    fn reference([period]: [Value; 1], [a, b]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let change = |x: &[f64]| match x[0] == 0.0 && x[1].is_finite() {
            true => 0.0,
            false => (x[1] - x[0]) / x[0],
        };
        let changes = |x: &[f64]| x.windows(2).map(change).collect::<Vec<f64>>();
        let (p, q) = (changes(a), changes(b));
        for t in period.int()..y.len() {
            let window = t - period.int()..t;
            let [pp, _, pq] = joint(&p[window.clone()], &q[window]);
            y[t] = if pp == 0.0 && !pq.is_nan() { 0.0 } else { pq / pp };
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        State { before: None, joint: Joint::new(period.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [a, b]: [L; 2]) -> Option<[L; 1]> {
        let (last_a, last_b) = state.before.replace((a, b))?;
        let sums = state.joint.step(change(last_a, a), change(last_b, b))?;
        let zero = L::splat(0.0);
        // A NaN of b stays NaN where a does not vary.
        let nothing = sums.xx.eq(zero) & !sums.xy.is_nan();
        Some([L::select(nothing, zero, sums.xy / sums.xx)])
    }
}

/// The part by which a value rose; 0 after a zero, but for what is not finite.
#[inline(always)]
fn change<L: Lanes>(before: L, x: L) -> L {
    let zero = L::splat(0.0);
    L::select(before.eq(zero) & x.is_finite(), zero, (x - before) / before)
}

pub(super) struct State<L> {
    before: Option<(L, L)>,
    joint: Joint<L>,
}

clone_in_place!(State<L> { before, joint });
