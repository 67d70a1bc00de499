//! A value against the one `period` timesteps before: one kernel for all.

use super::super::reference::{over, rate};
use crate::kernel::state::Delay;
use crate::kernel::state::ratio::{quotient, rate as rate_of};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, the definition of a value `x` and the one before,
/// and the same for lanes `L`.
macro_rules! change {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$x:ident, $before:ident| $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 1, 1> for $row {
            const SPEC: Spec<1, 1, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "period",
                inputs: [Input::Series("x")],
                params: [int("period", &["timeperiod"], 1, 100_000, 10)],
                outputs: [Output::new("")],
                stability: Stability::Exact,
            };

            type State<L: Lanes> = Delay<L>;

            fn lookback([period]: [Value; 1]) -> usize {
                period.int()
            }

            fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
                for t in period.int()..x.len() {
                    let ($x, $before) = (x[t], x[t - period.int()]);
                    y[t] = $definition;
                }
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Delay<L> {
                Delay::new(period.int())
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Delay<L>, [$x]: [L; 1]) -> Option<[L; 1]> {
                let $before = state.step($x)?;
                Some([$lanes])
            }
        }
    };
}

change! {
    Mom: "mom", "Momentum", "y[t] = x[t] - x[t-period]", "textbook; TA-Lib MOM";
    |x, before| x - before; x - before
}

change! {
    Roc: "roc", "Rate of Change", "y[t] = 100·(x[t] / x[t-period] - 1); 0 where x[t-period] is 0",
    "textbook; TA-Lib ROC";
    |x, before| rate(x, before); rate_of(x, before)
}

change! {
    Rocp: "rocp", "Rate of Change, as a Part",
    "y[t] = (x[t] - x[t-period]) / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCP";
    |x, before| over(x - before, before); quotient(x - before, before)
}

change! {
    Rocr: "rocr", "Rate of Change Ratio", "y[t] = x[t] / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCR";
    |x, before| over(x, before); quotient(x, before)
}

change! {
    Rocr100: "rocr100", "Rate of Change Ratio, in Percent",
    "y[t] = 100·x[t] / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCR100";
    |x, before| over(x, before) * 100.0; quotient(x, before) * L::splat(100.0)
}
