//! One side of the directional movement: its running total, and that over the true range's. One
//! kernel for both sides of each.

use super::super::reference::{place, share};
use super::reference::{directions, movements, total};
use crate::kernel::state::ratio::share as share_of;
use crate::kernel::state::{Movement, Total, TrueRange};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

/// Defines the rows of a side: which of the two movements it is, and what it says of itself.
macro_rules! side {
    (
        $side:literal, $word:literal;
        $movement:ident: $movement_name:literal, $movement_title:literal, $movement_source:literal;
        $indicator:ident: $indicator_name:literal, $indicator_title:literal,
        $indicator_source:literal
    ) => {
        pub(super) struct $movement;

        impl Kernel<2, 1, 1> for $movement {
            const SPEC: Spec<2, 1, 1> = Spec {
                name: $movement_name,
                title: $movement_title,
                formula: concat!(
                    "y[t] = y[t-1] - y[t-1]/period + v[t], v = the ",
                    $word,
                    " movement of the bar beyond the one before where it is the larger of both, 0 \
                     elsewhere; first value: sum of the first period - 1"
                ),
                source: $movement_source,
                warmup: "max(period - 1, 1)",
                inputs: [Input::High, Input::Low],
                params: [int("period", &["timeperiod"], 1, 100_000, 14)],
                outputs: [Output::new("")],
                stability: Stability::Converging,
            };

            type State<L: Lanes> = (Movement<L>, Total<L>);

            fn lookback([period]: [Value; 1]) -> usize {
                (period.int() - 1).max(1)
            }

            fn reference([period]: [Value; 1], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
                place(&total(period.int(), &movements(high, low)[$side]), y);
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> (Movement<L>, Total<L>) {
                (Movement::new(), Total::new(period.int()))
            }

            #[inline(always)]
            fn step<L: Lanes>(
                (movement, total): &mut (Movement<L>, Total<L>),
                [high, low]: [L; 2],
            ) -> Option<[L; 1]> {
                Some([total.step(movement.step(high, low)?[$side])?])
            }
        }

        pub(super) struct $indicator;

        impl Kernel<3, 1, 1> for $indicator {
            const SPEC: Spec<3, 1, 1> = Spec {
                name: $indicator_name,
                title: $indicator_title,
                formula: concat!(
                    "y[t] = 100·d[t] / r[t], 0 where r is 0; d, r = running totals of the ",
                    $word,
                    " movement and of the true range, each s[t] = s[t-1] - s[t-1]/period + v[t] \
                     from the sum of the first period - 1 on; a period of 1 leaves the 100 out"
                ),
                source: $indicator_source,
                warmup: "period",
                inputs: [Input::High, Input::Low, Input::Close],
                params: [int("period", &["timeperiod"], 1, 100_000, 14)],
                outputs: [Output::new("")],
                stability: Stability::Converging,
            };

            type State<L: Lanes> = Indicator<L>;

            fn lookback([period]: [Value; 1]) -> usize {
                period.int()
            }

            fn reference([period]: [Value; 1], bars: [&[f64]; 3], [y]: [&mut [f64]; 1]) {
                let totals = directions(period.int(), bars);
                let pairs = totals[$side].iter().zip(&totals[2]);
                let part = |(d, r): (&f64, &f64)| scale(period) * share(*d, *r, 0.0);
                place(&pairs.map(part).collect::<Vec<f64>>(), y);
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Indicator<L> {
                let total = Total::whole(period.int());
                Indicator {
                    movement: Movement::new(),
                    range: TrueRange::new(),
                    moved: total.clone(),
                    ranges: total,
                    scale: scale(period),
                }
            }

            #[inline(always)]
            fn step<L: Lanes>(
                state: &mut Indicator<L>,
                [high, low, close]: [L; 3],
            ) -> Option<[L; 1]> {
                let movement = state.movement.step(high, low);
                let range = state.range.step(high, low, close)?;
                let moved = state.moved.step(movement?[$side]);
                let range = state.ranges.step(range)?;
                Some([L::splat(state.scale) * share_of(moved?, range, 0.0)])
            }
        }
    };
}

side! {
    0, "upward";
    PlusDm: "plus_dm", "Plus Directional Movement",
    "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib PLUS_DM";
    PlusDi: "plus_di", "Plus Directional Indicator",
    "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib PLUS_DI"
}

side! {
    1, "downward";
    MinusDm: "minus_dm", "Minus Directional Movement",
    "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib MINUS_DM";
    MinusDi: "minus_di", "Minus Directional Indicator",
    "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib MINUS_DI"
}

fn scale(period: Value) -> f64 {
    if period.int() > 1 { 100.0 } else { 1.0 }
}

#[derive(Clone)]
pub(super) struct Indicator<L> {
    movement: Movement<L>,
    range: TrueRange<L>,
    moved: Total<L>,
    ranges: Total<L>,
    scale: f64,
}
