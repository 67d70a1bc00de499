//! Choppiness index, of bars as they are or with the close before each: one kernel for both.

use super::super::reference::{highest, larger, lowest, smaller, true_ranges};
use crate::kernel::state::{Extent, Plain, Sliding, TrueRange, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;
use crate::simd::functions::log10;

/// Defines such a row: what it says of itself, and the high and low of a bar given those and the
/// close before it.
macro_rules! choppiness {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$high:ident, $low:ident, $before:ident| $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<3, 1, 1> for $row {
            const SPEC: Spec<3, 1, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "period",
                inputs: [Input::High, Input::Low, Input::Close],
                params: [int("period", &["timeperiod"], 2, 100_000, 14)],
                outputs: [Output::new("")],
                stability: Stability::Rounding,
            };

            type State<L: Lanes> = State<L>;

            fn lookback([period]: [Value; 1]) -> usize {
                period.int()
            }

            fn reference(
                [period]: [Value; 1],
                [high, low, close]: [&[f64]; 3],
                [y]: [&mut [f64]; 1],
            ) {
                let bar = |t: usize| {
                    let ($high, $low, $before) = (high[t], low[t], close[t - 1]);
                    $definition
                };
                let (highs, lows): (Vec<f64>, Vec<f64>) = (1..high.len()).map(bar).unzip();
                let ranges = true_ranges(high, low, close);
                for t in period.int()..high.len() {
                    let window = t - period.int()..t;
                    let sum: f64 = ranges[window.clone()].iter().sum();
                    let range = highest(&highs[window.clone()]) - lowest(&lows[window]);
                    let flat = (range <= 0.0 || sum <= 0.0) && !(range + sum).is_nan();
                    let part = (sum / range).log10() / period.real().log10();
                    y[t] = if flat { 100.0 } else { 100.0 * part };
                }
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
                State {
                    before: None,
                    range: TrueRange::new(),
                    ranges: Sliding::new(period.int()),
                    extent: Sliding::new(period.int()),
                    scale: 100.0 / libm::log10(period.real()),
                }
            }

            #[inline(always)]
            fn step<L: Lanes>(
                state: &mut State<L>,
                [$high, $low, close]: [L; 3],
            ) -> Option<[L; 1]> {
                let before = state.before.replace(close);
                let range = state.range.step($high, $low, close)?;
                let $before = before?;
                let extent = state.extent.step($lanes);
                let (Plain(sum), _) = state.ranges.step(range)?;
                let (Extent { highest, lowest }, _) = extent?;
                let (zero, range) = (L::splat(0.0), highest - lowest);
                let flat = (zero.ge(range) | zero.ge(sum)) & !(range + sum).is_nan();
                let part = log10(sum / range) * L::splat(state.scale);
                Some([L::select(flat, L::splat(100.0), part)])
            }
        }
    };
}

choppiness! {
    Chop: "chop", "Choppiness Index",
    "y[t] = 100·log10(s / (h - l)) / log10(period), s = sum of the true range, h, l = highest high \
     and lowest low, all over the last period bars; 100 where nothing moves",
    "E. Dreiss; TA-Lib CHOP";
    |high, low, before| { let _ = before; (high, low) }; { let _ = before; [high, low] }
}

choppiness! {
    Choptr: "choptr", "Choppiness Index with True Extremes",
    "as CHOP, but h, l = highest of max(high[t], close[t-1]) and lowest of min(low[t], close[t-1])",
    "E. Dreiss; TA-Lib CHOPTR";
    |high, low, before| (larger(high, before), smaller(low, before));
    [high.max(before), low.min(before)]
}

pub(super) struct State<L> {
    before: Option<L>,
    range: TrueRange<L>,
    ranges: Sliding<L, Plain<L>>,
    extent: Sliding<[L; 2], Extent<L>>,
    scale: f64,
}

clone_in_place!(State<L> { before, range, ranges, extent, scale });
