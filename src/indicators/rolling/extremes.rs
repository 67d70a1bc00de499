//! The extremes of a window, how far apart they are, and how long ago they were: one kernel for all.

use super::super::reference::{highest, lowest};
use super::{MIN_PERIODS, WINDOW, over_one, refusal, sizes};
use crate::kernel::state::{Bottom, Extent, Extreme, Held, Highest, Lowest, Top};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// Defines such a row: what it says of itself, its state of lanes `L` and how it starts, the
/// definition of a window's sizes, a series and the output, and a step.
macro_rules! of_extremes {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        $state:ty, $start:path;
        |$sizes:ident, $series:ident, $y:ident| $definition:expr;
        |$window:ident, $x:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 2, 1> for $row {
            const SPEC: Spec<1, 2, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "(min_periods or window) - 1",
                inputs: [Input::Series("x")],
                params: [WINDOW, MIN_PERIODS],
                outputs: [Output::new("")],
                stability: Stability::Exact,
            };

            type State<L: Lanes> = $state;

            fn refusal([window, min_periods]: [Value; 2]) -> Option<&'static str> {
                refusal(window, min_periods)
            }

            fn lookback([window, min_periods]: [Value; 2]) -> usize {
                sizes(window, min_periods).1 - 1
            }

            fn reference(
                [window, min_periods]: [Value; 2],
                [$series]: [&[f64]; 1],
                [$y]: [&mut [f64]; 1],
            ) {
                let $sizes = sizes(window, min_periods);
                $definition
            }

            fn start<L: Lanes>([window, min_periods]: [Value; 2]) -> Self::State<L> {
                let (window, least) = sizes(window, min_periods);
                $start(window, least)
            }

            #[inline(always)]
            fn step<L: Lanes>($window: &mut Self::State<L>, [$x]: [L; 1]) -> Option<[L; 1]> {
                Some([$lanes])
            }
        }
    };
}

of_extremes! {
    Max: "rolling_max", "Rolling Maximum",
    "y[t] = the largest value among x[t-window+1], ..., x[t], if there are at least min_periods",
    "textbook; pandas Rolling.max";
    Held<L, L, Highest<L>>, Held::new;
    |sizes, x, y| over_one(sizes, x, y, highest);
    |window, x| {
        let (Highest(value), enough) = window.step(x, L::splat(f64::NEG_INFINITY))?;
        L::select(enough, value, L::splat(f64::NAN))
    }
}

of_extremes! {
    Min: "rolling_min", "Rolling Minimum",
    "y[t] = the smallest value among x[t-window+1], ..., x[t], if there are at least min_periods",
    "textbook; pandas Rolling.min";
    Held<L, L, Lowest<L>>, Held::new;
    |sizes, x, y| over_one(sizes, x, y, lowest);
    |window, x| {
        let (Lowest(value), enough) = window.step(x, L::splat(f64::INFINITY))?;
        L::select(enough, value, L::splat(f64::NAN))
    }
}

of_extremes! {
    Range: "rolling_range", "Rolling Range",
    "y[t] = the largest value less the smallest among x[t-window+1], ..., x[t], if there are at least \
     min_periods",
    "textbook; pandas Rolling.max - Rolling.min";
    Held<L, [L; 2], Extent<L>>, Held::new;
    |sizes, x, y| over_one(sizes, x, y, |values| highest(values) - lowest(values));
    |window, x| {
        let instead = [f64::NEG_INFINITY, f64::INFINITY].map(L::splat);
        let (Extent { highest, lowest }, enough) = window.step([x, x], instead)?;
        L::select(enough, highest - lowest, L::splat(f64::NAN))
    }
}

of_extremes! {
    Argmax: "rolling_argmax", "Timesteps since the Rolling Maximum",
    "y[t] = how many timesteps before t the largest value among x[t-window+1], ..., x[t] stands, the \
     newest of equal ones; if there are at least min_periods",
    "textbook; bottleneck move_argmax";
    Extreme<L, Top>, Extreme::of_part;
    |sizes, x, y| since(highest, sizes, x, y);
    |window, x| window.step(x)?.ago
}

of_extremes! {
    Argmin: "rolling_argmin", "Timesteps since the Rolling Minimum",
    "y[t] = how many timesteps before t the smallest value among x[t-window+1], ..., x[t] stands, the \
     newest of equal ones; if there are at least min_periods",
    "textbook; bottleneck move_argmin";
    Extreme<L, Bottom>, Extreme::of_part;
    |sizes, x, y| since(lowest, sizes, x, y);
    |window, x| window.step(x)?.ago
}

/// How long ago an extreme of each window was.
fn since(extreme: fn(&[f64]) -> f64, sizes: (usize, usize), x: &[f64], y: &mut [f64]) {
    over_one(sizes, x, y, extreme);
    for t in 0..y.len() {
        let ago = x[..=t].iter().rev().position(|x| *x == y[t]);
        y[t] = ago.map_or(f64::NAN, |ago| ago as f64);
    }
}
