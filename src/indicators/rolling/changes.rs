//! Changes against earlier values, and what they add up to.

use crate::kernel::state::Delay;
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, int};
use crate::simd::{Lanes, functions};

const PERIOD: Param = int("period", &["periods"], 1, 100_000, 1);

/// Defines a row of a value and the one `period` timesteps before: what it says of itself, the
/// definition, and the same of lanes `L`.
macro_rules! of_change {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal, $stability:ident;
        |$before:ident, $x:ident| $definition:expr; |$old:ident, $new:ident| $lanes:expr
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
                params: [PERIOD],
                outputs: [Output::new("")],
                stability: Stability::$stability,
            };

            type State<L: Lanes> = Delay<L>;

            fn lookback([period]: [Value; 1]) -> usize {
                period.int()
            }

            fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
                for t in period.int()..x.len() {
                    let ($before, $x) = (x[t - period.int()], x[t]);
                    y[t] = $definition;
                }
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Delay<L> {
                Delay::new(period.int())
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Delay<L>, [$new]: [L; 1]) -> Option<[L; 1]> {
                let $old = state.step($new)?;
                Some([$lanes])
            }
        }
    };
}

of_change! {
    Diff: "diff", "Difference",
    "y[t] = x[t] - x[t-period]", "textbook; pandas Series.diff", Exact;
    |before, x| x - before; |before, x| x - before
}

of_change! {
    PctChange: "pct_change", "Relative Change",
    "y[t] = x[t]/x[t-period] - 1; infinite over 0", "textbook; pandas Series.pct_change", Exact;
    |before, x| x / before - 1.0; |before, x| x / before - L::splat(1.0)
}

of_change! {
    LogReturn: "log_return", "Logarithmic Return",
    "y[t] = ln(x[t]/x[t-period]); no value where either is negative",
    "textbook; numpy log of a quotient", Rounding;
    |before, x| if before < 0.0 { f64::NAN } else { (x / before.abs()).ln() };
    |before, x| {
        let rate = functions::ln(x / before.abs());
        L::select(L::splat(0.0).gt(before), L::splat(f64::NAN), rate)
    }
}

pub(super) struct Cumprod;

impl Kernel<1, 0, 1> for Cumprod {
    const SPEC: Spec<1, 0, 1> = Spec {
        name: "cumprod",
        title: "Cumulative Product",
        formula: "y[t] = x[0]·...·x[t]",
        source: "textbook; pandas Series.cumprod",
        warmup: "0",
        inputs: [Input::Series("x")],
        params: [],
        outputs: [Output::new("")],
        stability: Stability::PathDependent,
    };

    type State<L: Lanes> = L;

    fn lookback([]: [Value; 0]) -> usize {
        0
    }

    fn reference([]: [Value; 0], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let mut product = 1.0;
        for t in 0..x.len() {
            product *= x[t];
            y[t] = product;
        }
    }

    fn start<L: Lanes>([]: [Value; 0]) -> L {
        L::splat(1.0)
    }

    #[inline(always)]
    fn step<L: Lanes>(product: &mut L, [x]: [L; 1]) -> Option<[L; 1]> {
        *product = *product * x;
        Some([*product])
    }
}
