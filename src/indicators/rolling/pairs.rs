//! How two series vary together over a window: one kernel for all.

use super::super::reference::joint;
use super::{DDOF, MIN_PERIODS, WINDOW, over, refusal, sizes};
use crate::kernel::state::{Comoments, Window};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, how many pairs it needs however small `min_periods`
/// is, the definition from the sums over `n` pairs about their means, and the same of lanes `L`.
macro_rules! of_pairs {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal,
        $warmup:literal, $output:expr, $count:literal,
        [$($param:ident: $known:ident),*], $needs:expr;
        |$sums:ident, $n:ident| $definition:expr;
        |$found:ident, $size:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<2, $count, 1> for $row {
            const SPEC: Spec<2, $count, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: $warmup,
                inputs: [Input::Series("a"), Input::Series("b")],
                params: [WINDOW, MIN_PERIODS $(, $known)*],
                outputs: [$output],
                stability: Stability::Rounding,
            };

            type State<L: Lanes> = State<L>;

            fn refusal([window, min_periods, ..]: [Value; $count]) -> Option<&'static str> {
                refusal(window, min_periods)
            }

            fn lookback([window, min_periods $(, $param)*]: [Value; $count]) -> usize {
                $(let $param = $param.int();)*
                sizes(window, min_periods).1.max($needs) - 1
            }

            fn kept(_: [Value; $count], window: usize) -> usize {
                // As they came; the ends of a block, and how many pairs each has.
                window * (3 + size_of::<Comoments<f64>>() / size_of::<f64>())
            }

            fn reference(
                [window, min_periods $(, $param)*]: [Value; $count],
                inputs: [&[f64]; 2],
                [y]: [&mut [f64]; 1],
            ) {
                $(let $param = $param.real();)*
                over(sizes(window, min_periods), inputs, y, |pairs| {
                    let ($sums, $n) = (about_means(pairs), pairs.len() as f64);
                    $definition
                });
            }

            fn start<L: Lanes>(
                [window, min_periods $(, $param)*]: [Value; $count],
            ) -> Self::State<L> {
                let (window, least) = sizes(window, min_periods);
                let ddof = [$($param.real(),)* 0.0][0];
                State { window: Window::new(window, least), ddof }
            }

            #[inline(always)]
            fn step<L: Lanes>(
                state: &mut Self::State<L>,
                pair: [L; 2],
            ) -> Option<[L; 1]> {
                let found = state.window.step(pair)?;
                $(let $param = L::splat(state.ddof);)*
                let ($found, $size) = (found.centred(), found.count);
                Some([$lanes])
            }
        }
    };
}

#[derive(Clone)]
pub(super) struct State<L> {
    window: Pairs<L>,
    ddof: f64,
}

/// A window of pairs.
pub(super) type Pairs<L> = Window<L, [L; 2], Comoments<L>, Comoments<L>>;

/// Sums over pairs of squares and products about their means: aa, bb, ab.
pub(super) fn about_means(pairs: &[[f64; 2]]) -> [f64; 3] {
    let [a, b] = [0, 1].map(|i| pairs.iter().map(|pair| pair[i]).collect::<Vec<f64>>());
    joint(&a, &b)
}

of_pairs! {
    Cov: "rolling_cov", "Rolling Covariance",
    "y[t] = sum((a - mean(a))·(b - mean(b)))/(n - ddof) over the n pairs without NaN among the last \
     window ones, if there are at least min_periods, and more than ddof",
    "textbook; pandas Rolling.cov",
    "max((min_periods or window), ddof + 1) - 1", Output::new(""), 3, [ddof: DDOF], ddof + 1;
    |sums, n| if n > ddof { sums[2] / (n - ddof) } else { f64::NAN };
    |sums, n| L::select(n.gt(ddof), sums.xy / (n - ddof), L::splat(f64::NAN))
}

of_pairs! {
    Corr: "rolling_corr", "Rolling Correlation",
    "y[t] = sum((a - mean(a))·(b - mean(b))) / sqrt(sum((a - mean(a))²)·sum((b - mean(b))²)) over \
     the pairs without NaN among the last window ones, if there are at least min_periods, and 2; no \
     value where a or b does not vary",
    "K. Pearson, 1895; pandas Rolling.corr",
    "max((min_periods or window), 2) - 1", Output::new("").within(-1.0, 1.0), 2, [], 2;
    |sums, _n| (sums[2] / (sums[0].sqrt() * sums[1].sqrt())).clamp(-1.0, 1.0);
    |sums, _n| {
        let one = L::splat(1.0);
        one.min((-one).max(sums.xy / (sums.xx.sqrt() * sums.yy.sqrt())))
    }
}

of_pairs! {
    Beta: "rolling_beta", "Rolling Beta",
    "y[t] = the slope of b over a: sum((a - mean(a))·(b - mean(b))) / sum((a - mean(a))²) over the \
     pairs without NaN among the last window ones, if there are at least min_periods, and 2; no value \
     where a does not vary",
    "textbook; pandas Rolling.cov / Rolling.var",
    "max((min_periods or window), 2) - 1", Output::new(""), 2, [], 2;
    |sums, _n| sums[2] / sums[0];
    |sums, _n| sums.xy / sums.xx
}
