//! What Bollinger's bands say of a value: one kernel for all.

use super::super::reference::{bands, over, place};
use crate::kernel::state::Bands;
use crate::kernel::state::bands::{PARAMS, lookback, stability};
use crate::kernel::state::ratio::quotient;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, the definition from a value and its bands, and the
/// same for lanes `L`.
macro_rules! of_bands {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$x:ident, $upper:ident, $middle:ident, $lower:ident| $definition:expr;
        |$band:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 4, 1> for $row {
            const SPEC: Spec<1, 4, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "period - 1, or that of the average where it is longer",
                inputs: [Input::Series("x")],
                params: PARAMS,
                outputs: [Output::new("")],
                stability: Stability::Rounding,
            };

            type State<L: Lanes> = Bands<L>;

            fn lookback([period, _, _, matype]: [Value; 4]) -> usize {
                lookback(matype.choice(), period.int())
            }

            fn stability([period, _, _, matype]: [Value; 4]) -> Stability {
                stability(matype.choice(), period.int())
            }

            fn reference(
                [period, up, down, matype]: [Value; 4],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                let deviations = [up.real(), down.real()];
                let [upper, middle, lower] = bands(period.int(), deviations, matype.choice(), x);
                let skipped = x.len() - upper.len();
                let value = |i: usize| {
                    let ($x, $upper) = (x[skipped + i], upper[i]);
                    let ($middle, $lower) = (middle[i], lower[i]);
                    $definition
                };
                place(&(0..upper.len()).map(value).collect::<Vec<f64>>(), y);
            }

            fn start<L: Lanes>([period, up, down, matype]: [Value; 4]) -> Bands<L> {
                Bands::new(period.int(), up.real(), down.real(), matype.choice())
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Bands<L>, [$x]: [L; 1]) -> Option<[L; 1]> {
                let $band = state.step($x)?;
                Some([$lanes])
            }
        }
    };
}

of_bands! {
    Bbw: "bbw", "Bollinger Bandwidth",
    "y[t] = 100·(upper - lower) / middle of the Bollinger bands, 0 where middle is 0",
    "J. Bollinger; TA-Lib BBW";
    |_x, upper, middle, lower| over(upper - lower, middle) * 100.0;
    |band| quotient(band.upper - band.lower, band.middle) * L::splat(100.0)
}

of_bands! {
    Percentb: "percentb", "Bollinger %B",
    "y[t] = (x[t] - lower) / (upper - lower) of the Bollinger bands, 0.5 where they meet",
    "J. Bollinger; TA-Lib PERCENTB";
    |x, upper, _middle, lower| {
        let height = upper - lower;
        if height == 0.0 { 0.5 } else { (x - lower) / height }
    };
    |band| {
        let height = band.upper - band.lower;
        let part = (x - band.lower) / height;
        L::select(height.eq(L::splat(0.0)), L::splat(0.5), part)
    }
}
