//! Where an extreme of a window stands: one kernel for both.

use super::super::reference::{highest, lowest, newest};
use crate::kernel::state::{Bottom, Extreme, Top};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, and the extreme in the definition and the kernel.
macro_rules! place_of {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        $extreme:ident, $side:ident
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 1, 1> for $row {
            const SPEC: Spec<1, 1, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "period - 1",
                inputs: [Input::Series("x")],
                params: [int("period", &["timeperiod"], 2, 100_000, 30)],
                outputs: [Output::new("")],
                stability: Stability::Exact,
            };

            type State<L: Lanes> = Extreme<L, $side>;

            fn lookback([period]: [Value; 1]) -> usize {
                period.int() - 1
            }

            fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
                for t in period.int() - 1..x.len() {
                    y[t] = newest($extreme, &x[t + 1 - period.int()..=t], t);
                }
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Extreme<L, $side> {
                Extreme::new(period.int())
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Extreme<L, $side>, [x]: [L; 1]) -> Option<[L; 1]> {
                Some([state.step(x)?.at])
            }
        }
    };
}

place_of! {
    Maxindex: "maxindex", "Index of Highest Value over a Period",
    "y[t] = the timestep of the largest of x[t-period+1], ..., x[t], the newest of equal ones, \
     counted from 0 at the start of the series",
    "textbook; TA-Lib MAXINDEX";
    highest, Top
}

place_of! {
    Minindex: "minindex", "Index of Lowest Value over a Period",
    "y[t] = the timestep of the smallest of x[t-period+1], ..., x[t], the newest of equal ones, \
     counted from 0 at the start of the series",
    "textbook; TA-Lib MININDEX";
    lowest, Bottom
}
