//! What all values so far come to: one kernel for both.

use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, what it is of no values, and with one more.
macro_rules! cumulative {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        $nothing:literal; |$total:ident, $x:ident| $more:expr
    ) => {
        pub(in crate::indicators) struct $row;

        impl Kernel<1, 0, 1> for $row {
            const SPEC: Spec<1, 0, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
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
                let mut $total = $nothing;
                for t in 0..x.len() {
                    let $x = x[t];
                    $total = $more;
                    y[t] = $total;
                }
            }

            fn start<L: Lanes>([]: [Value; 0]) -> L {
                L::splat($nothing)
            }

            #[inline(always)]
            fn step<L: Lanes>(total: &mut L, [$x]: [L; 1]) -> Option<[L; 1]> {
                let $total = *total;
                *total = $more;
                Some([*total])
            }
        }
    };
}

cumulative! {
    Cumsum: "cumsum", "Cumulative Sum", "y[t] = x[0] + ... + x[t]", "textbook; TA-Lib CUMSUM";
    0.0; |sum, x| sum + x
}

cumulative! {
    Cumprod: "cumprod", "Cumulative Product", "y[t] = x[0]·...·x[t]",
    "textbook; pandas Series.cumprod";
    1.0; |product, x| product * x
}
