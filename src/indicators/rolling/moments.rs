//! Mean, spread and shape of a window: one kernel for all.

use super::super::reference::{centred, mean, sample_variance};
use super::{DDOF, MIN_PERIODS, WINDOW, over_newest, over_one, refusal, sizes};
use crate::kernel::state::{self, Powers, Window};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// Defines such a row: the fold that it needs, what it says of itself, how many values it needs
/// however small `min_periods` is, what windows it has a value for, the definition of the values of
/// one, and the same of a fold and the newest value of lanes `L`.
macro_rules! of_moments {
    (
        $row:ident: $fold:ident, $name:literal, $title:literal, $formula:literal, $source:literal,
        $warmup:literal, $count:literal, [$($param:ident: $known:ident),*], $needs:expr, $over:ident;
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
                params: [WINDOW, MIN_PERIODS $(, $known)*],
                outputs: [Output::new("")],
                stability: Stability::Rounding,
            };

            type State<L: Lanes> = State<L, state::$fold<L>>;

            fn refusal([window, min_periods, ..]: [Value; $count]) -> Option<&'static str> {
                refusal(window, min_periods)
            }

            fn lookback([window, min_periods $(, $param)*]: [Value; $count]) -> usize {
                $(let $param = $param.int();)*
                sizes(window, min_periods).1.max($needs) - 1
            }

            fn kept(_: [Value; $count], window: usize) -> usize {
                // As they came; the ends of a block, and how many values each has.
                window * (2 + size_of::<Powers<f64>>() / size_of::<f64>())
            }

            fn reference(
                [window, min_periods $(, $param)*]: [Value; $count],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                $(let $param = $param.int();)*
                $over(sizes(window, min_periods), x, y, |$values| {
                    if $values.len() < $needs { f64::NAN } else { $definition }
                });
            }

            fn start<L: Lanes>(
                [window, min_periods $(, $param)*]: [Value; $count],
            ) -> Self::State<L> {
                let (window, least) = sizes(window, min_periods);
                State { window: Window::new(window, least), ddof: [$($param.real(),)* 0.0][0] }
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Self::State<L>, [$x]: [L; 1]) -> Option<[L; 1]> {
                let $found = state.window.step($x)?;
                $(let $param = state.ddof;)*
                Some([$lanes])
            }
        }
    };
}

#[derive(Clone)]
pub(super) struct State<L, F> {
    window: Window<L, L, F, Powers<L>>,
    ddof: f64,
}

of_moments! {
    Mean: Sum, "rolling_mean", "Rolling Mean",
    "y[t] = the mean of the values among x[t-window+1], ..., x[t], if there are at least min_periods",
    "textbook; pandas Rolling.mean",
    "(min_periods or window) - 1", 2, [], 1, over_one;
    |values| mean(values);
    |found, x| found.mean()
}

of_moments! {
    Var: Moments, "rolling_var", "Rolling Variance",
    "y[t] = sum((x - mean)²)/(n - ddof) over the n values among x[t-window+1], ..., x[t], if there \
     are at least min_periods, and more than ddof",
    "textbook; pandas Rolling.var",
    "max((min_periods or window), ddof + 1) - 1", 3, [ddof: DDOF], ddof + 1, over_one;
    |values| sample_variance(values, ddof);
    |found, x| found.variance(ddof)
}

of_moments! {
    Std: Moments, "rolling_std", "Rolling Standard Deviation",
    "y[t] = sqrt(sum((x - mean)²)/(n - ddof)) over the n values among x[t-window+1], ..., x[t], if \
     there are at least min_periods, and more than ddof",
    "textbook; pandas Rolling.std",
    "max((min_periods or window), ddof + 1) - 1", 3, [ddof: DDOF], ddof + 1, over_one;
    |values| sample_variance(values, ddof).sqrt();
    |found, x| found.variance(ddof).sqrt()
}

of_moments! {
    Zscore: Moments, "rolling_zscore", "Rolling Z-Score",
    "y[t] = (x[t] - mean)/s over the n values among x[t-window+1], ..., x[t], if there are at least \
     min_periods, s = sqrt(sum((x - mean)²)/(n - ddof)); no value where s is 0",
    "textbook; pandas (x - Rolling.mean) / Rolling.std",
    "max((min_periods or window), ddof + 1, 2) - 1", 3, [ddof: DDOF], (ddof + 1).max(2), over_newest;
    |values| centred(values)[values.len() - 1] / sample_variance(values, ddof).sqrt();
    |found, x| found.above(x) / found.variance(ddof).sqrt()
}

of_moments! {
    Skew: Powers, "rolling_skew", "Rolling Skewness",
    "y[t] = n·sqrt(n-1)/(n-2)·sum((x - mean)³)/sum((x - mean)²)^1.5 over the n values among \
     x[t-window+1], ..., x[t], if there are at least min_periods, and 3; no value where all are equal",
    "textbook, the adjusted Fisher-Pearson coefficient; pandas Rolling.skew",
    "max((min_periods or window), 3) - 1", 2, [], 3, over_one;
    |values| {
        let n = values.len() as f64;
        let sum = |power: i32| centred(values).iter().map(|d| d.powi(power)).sum::<f64>();
        n * (n - 1.0).sqrt() / (n - 2.0) * (sum(3) / sum(2).powf(1.5))
    };
    |found, x| {
        let (n, sums) = (found.count, found.about());
        let (one, two) = (L::splat(1.0), L::splat(2.0));
        let size = n * (n - one).sqrt() / (n - two);
        let skew = size * (sums.third / (sums.second * sums.second.sqrt()));
        L::select(n.gt(two), skew, L::splat(f64::NAN))
    }
}

of_moments! {
    Kurt: Powers, "rolling_kurt", "Rolling Kurtosis",
    "y[t] = (n-1)/((n-2)(n-3))·(n(n+1)·sum((x - mean)⁴)/sum((x - mean)²)² - 3(n-1)) over the n values \
     among x[t-window+1], ..., x[t], if there are at least min_periods, and 4; no value where all are \
     equal",
    "textbook, the sample excess kurtosis; pandas Rolling.kurt",
    "max((min_periods or window), 4) - 1", 2, [], 4, over_one;
    |values| {
        let n = values.len() as f64;
        let sum = |power: i32| centred(values).iter().map(|d| d.powi(power)).sum::<f64>();
        let tails = n * (n + 1.0) * (sum(4) / sum(2).powi(2));
        (n - 1.0) / ((n - 2.0) * (n - 3.0)) * (tails - 3.0 * (n - 1.0))
    };
    |found, x| {
        let (n, sums) = (found.count, found.about());
        let [one, two, three] = [1.0, 2.0, 3.0].map(L::splat);
        let tails = n * (n + one) * (sums.fourth / (sums.second * sums.second));
        let size = (n - one) / ((n - two) * (n - three));
        let kurt = size * (tails - three * (n - one));
        L::select(n.gt(three), kurt, L::splat(f64::NAN))
    }
}
