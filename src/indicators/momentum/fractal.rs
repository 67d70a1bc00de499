//! Williams fractal.

use super::super::reference::{highest, larger, lowest, smaller};
use crate::kernel::state::{Delay, Extent, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Fractal;

impl Kernel<2, 2, 2> for Fractal {
    const SPEC: Spec<2, 2, 2> = Spec {
        name: "fractal",
        title: "Williams Fractal",
        formula: "swing_high = 100 where the high right_bars ago is above those of the left_bars \
                  before it and the right_bars after it, 0 elsewhere; swing_low = 100 where the \
                  low right_bars ago is below them. Both stand at the bar at which they are known",
        source: "B. Williams, Trading Chaos, 1995; TA-Lib FRACTAL",
        warmup: "left_bars + right_bars",
        inputs: [Input::High, Input::Low],
        params: [
            int("left_bars", &["leftbars"], 1, 100_000, 2),
            int("right_bars", &["rightbars"], 1, 100_000, 2),
        ],
        outputs: [
            Output::new("swing_high").within(0.0, 100.0),
            Output::new("swing_low").within(0.0, 100.0),
        ],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([left, right]: [Value; 2]) -> usize {
        left.int() + right.int()
    }

    fn reference(
        [left, right]: [Value; 2],
        [high, low]: [&[f64]; 2],
        [swing_high, swing_low]: [&mut [f64]; 2],
    ) {
        let mark = |beyond: f64| match beyond {
            beyond if beyond.is_nan() => beyond,
            beyond => 100.0 * f64::from(u8::from(beyond > 0.0)),
        };
        for t in left.int() + right.int()..high.len() {
            let pivot = t - right.int();
            let (before, after) = (pivot - left.int()..pivot, pivot + 1..=t);
            let above = larger(highest(&high[before.clone()]), highest(&high[after.clone()]));
            let below = smaller(lowest(&low[before]), lowest(&low[after]));
            swing_high[t] = mark(compared(high[pivot], above));
            swing_low[t] = mark(compared(below, low[pivot]));
        }
    }

    fn start<L: Lanes>([left, right]: [Value; 2]) -> State<L> {
        State {
            before: Sliding::new(left.int()),
            after: Sliding::new(right.int()),
            delay: Delay::new(right.int()),
            pivot: None,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, bar: [L; 2]) -> Option<[L; 2]> {
        let after = state.after.step(bar);
        let pivot = state.delay.step(bar)?;
        let before = state.before.step(state.pivot.replace(pivot)?);
        let ((before, _), (after, _)) = (before?, after?);
        let [high, low] = pivot;
        Some([
            mark(high, before.highest.max(after.highest)),
            mark(before.lowest.min(after.lowest), low),
        ])
    }
}

/// 1, 0 or -1 as the first is above, equal to or below the second; NaN if either is.
fn compared(a: f64, b: f64) -> f64 {
    a.partial_cmp(&b).map_or(f64::NAN, |order| f64::from(order as i8))
}

/// 100 where the first is above the second, 0 elsewhere; NaN if either is.
#[inline(always)]
fn mark<L: Lanes>(above: L, below: L) -> L {
    let (zero, nan) = (L::splat(0.0), L::splat(f64::NAN));
    let not = L::select(below.ge(above), zero, nan);
    L::select(above.gt(below), L::splat(100.0), not)
}

pub(super) struct State<L> {
    before: Sliding<[L; 2], Extent<L>>,
    after: Sliding<[L; 2], Extent<L>>,
    delay: Delay<[L; 2]>,
    /// The bar that was judged last: the newest of those before the pivot.
    pivot: Option<[L; 2]>,
}

clone_in_place!(State<L> { before, after, delay, pivot });
