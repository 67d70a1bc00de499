//! Statistics of all values so far: one kernel for all.

use super::super::reference::{centred, highest, lowest, mean, sample_variance};
use super::{DDOF, LONGEST};
use crate::kernel::state::{self, Counted, Growing};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, int};
use crate::simd::Lanes;

/// How many values it takes.
const MIN_PERIODS: Param = int("min_periods", &[], 1, LONGEST, 1);

/// Defines such a row: the fold that it needs, what it says of itself, how many values it needs
/// however small `min_periods` is, the definition of the values so far, and the same of a fold and
/// the newest value of lanes `L`.
macro_rules! of_all {
    (
        $row:ident: $fold:ident, $name:literal, $title:literal, $formula:literal, $source:literal,
        $warmup:literal, $count:literal, [$($param:ident: $known:ident),*], $needs:expr;
        |$values:ident| $definition:expr;
        |$found:ident, $x:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, $count, 1> for $row {
            const SPEC: Spec<1, $count, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: $warmup,
                inputs: [Input::Series("x")],
                params: [MIN_PERIODS $(, $known)*],
                outputs: [Output::new("")],
                stability: Stability::PathDependent,
            };

            type State<L: Lanes> = State<L, state::$fold<L>>;

            fn lookback([min_periods $(, $param)*]: [Value; $count]) -> usize {
                $(let $param = $param.int();)*
                min_periods.int().max($needs) - 1
            }

            fn reference(
                [min_periods $(, $param)*]: [Value; $count],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                $(let $param = $param.int();)*
                for t in min_periods.int().max($needs) - 1..x.len() {
                    let $values = &x[..=t];
                    y[t] = $definition;
                }
            }

            fn start<L: Lanes>(params: [Value; $count]) -> Self::State<L> {
                let waits = Self::lookback(params);
                let [_ $(, $param)*] = params;
                let ddof = [$($param.real(),)* 0.0][0];
                State { fold: Growing::new(), count: 0.0, waits, ddof }
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Self::State<L>, [$x]: [L; 1]) -> Option<[L; 1]> {
                state.count += 1.0;
                let (fold, anchor) = state.fold.step($x);
                if state.waits > 0 {
                    state.waits -= 1;
                    return None;
                }
                let $found = Counted { count: L::splat(state.count), fold, anchor };
                $(let $param = state.ddof;)*
                Some([$lanes])
            }
        }
    };
}

#[derive(Clone)]
pub(super) struct State<L, F> {
    fold: Growing<L, F>,
    count: f64,
    waits: usize,
    ddof: f64,
}

of_all! {
    Count: Plain, "expanding_count", "Expanding Count of Values",
    "y[t] = t + 1, counted from the first value of the series", "textbook; pandas Expanding.count",
    "min_periods - 1", 1, [], 1;
    |values| values.len() as f64;
    |found, x| found.count
}

of_all! {
    Sum: Plain, "expanding_sum", "Expanding Sum",
    "y[t] = x[0] + ... + x[t]", "textbook; pandas Expanding.sum",
    "min_periods - 1", 1, [], 1;
    |values| values.iter().sum();
    |found, x| found.fold.0
}

of_all! {
    Mean: Sum, "expanding_mean", "Expanding Mean",
    "y[t] = (x[0] + ... + x[t])/(t + 1)", "textbook; pandas Expanding.mean",
    "min_periods - 1", 1, [], 1;
    |values| mean(values);
    |found, x| found.raised().mean()
}

of_all! {
    Var: Moments, "expanding_var", "Expanding Variance",
    "y[t] = sum((x - mean)²)/(n - ddof) over the n values x[0], ..., x[t]",
    "textbook; pandas Expanding.var",
    "max(min_periods, ddof + 1) - 1", 2, [ddof: DDOF], ddof + 1;
    |values| sample_variance(values, ddof);
    |found, x| found.raised().variance(ddof)
}

of_all! {
    Std: Moments, "expanding_std", "Expanding Standard Deviation",
    "y[t] = sqrt(sum((x - mean)²)/(n - ddof)) over the n values x[0], ..., x[t]",
    "textbook; pandas Expanding.std",
    "max(min_periods, ddof + 1) - 1", 2, [ddof: DDOF], ddof + 1;
    |values| sample_variance(values, ddof).sqrt();
    |found, x| found.raised().variance(ddof).sqrt()
}

of_all! {
    Zscore: Moments, "expanding_zscore", "Expanding Z-Score",
    "y[t] = (x[t] - mean)/s over the n values x[0], ..., x[t], s = sqrt(sum((x - mean)²)/(n - ddof)); \
     no value where s is 0",
    "textbook; pandas (x - Expanding.mean) / Expanding.std",
    "max(min_periods, ddof + 1, 2) - 1", 2, [ddof: DDOF], (ddof + 1).max(2);
    |values| centred(values)[values.len() - 1] / sample_variance(values, ddof).sqrt();
    |found, x| found.raised().above(x) / found.raised().variance(ddof).sqrt()
}

of_all! {
    Min: Lowest, "expanding_min", "Expanding Minimum",
    "y[t] = the smallest of x[0], ..., x[t]", "textbook; pandas Expanding.min",
    "min_periods - 1", 1, [], 1;
    |values| lowest(values);
    |found, x| found.fold.0
}

of_all! {
    Max: Highest, "expanding_max", "Expanding Maximum",
    "y[t] = the largest of x[0], ..., x[t]", "textbook; pandas Expanding.max",
    "min_periods - 1", 1, [], 1;
    |values| highest(values);
    |found, x| found.fold.0
}
