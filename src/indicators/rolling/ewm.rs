//! Means and spreads whose weights fade with age: one kernel for all.

use super::{LONGEST, SWITCH};
use crate::kernel::state::{Fading, Weights};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, choice, int, real};
use crate::simd::Lanes;

const SPAN: Param = real("span", &[], 0.0, 1e9, 20.0).or_others();
const HALFLIFE: Param = real("halflife", &[], 0.0, 1e9, 0.0).or_others();
const ALPHA: Param = real("alpha", &[], 0.0, 1.0, 0.0).or_others();
const ADJUST: Param = choice("adjust", &[], SWITCH, 1);
const IGNORE_NA: Param = choice("ignore_na", &[], SWITCH, 0);
const MIN_PERIODS: Param = int("min_periods", &[], 1, LONGEST, 1);
const BIAS: Param = choice("bias", &[], SWITCH, 0);

/// Why the three do not go together, if so.
fn refusal([span, halflife, alpha]: [Value; 3]) -> Option<&'static str> {
    let given = [span, halflife, alpha].iter().filter(|value| value.real() > 0.0).count();
    if given != 1 {
        return Some("exactly one of `span`, `halflife` and `alpha` is above 0");
    }
    (span.real() > 0.0 && span.real() < 1.0).then_some("a `span` of at least 1")
}

fn weights([span, halflife, alpha]: [Value; 3], adjust: Value, ignore_na: Value) -> Weights {
    let alpha = match [span, halflife, alpha].map(Value::real) {
        [_, _, alpha] if alpha > 0.0 => alpha,
        [_, halflife, _] if halflife > 0.0 => -libm::expm1(-std::f64::consts::LN_2 / halflife),
        [span, ..] => 2.0 / (span + 1.0),
    };
    Weights { alpha, adjust: adjust.choice() == 1, ignore_na: ignore_na.choice() == 1 }
}

/// Calls `of` with all values so far and their weights.
fn over(weights: Weights, least: usize, x: &[f64], y: &mut [f64], of: impl Fn(&[[f64; 2]]) -> f64) {
    let mut values: Vec<[f64; 2]> = Vec::new();
    // What all weights fade by before the next value.
    let mut faded = 1.0;
    for t in 0..x.len() {
        if !x[t].is_nan() || !weights.ignore_na {
            faded *= 1.0 - weights.alpha;
        }
        if !x[t].is_nan() {
            values.iter_mut().for_each(|[_, weight]| *weight *= faded);
            faded = 1.0;
            let first = values.is_empty() || weights.adjust;
            values.push([x[t], if first { 1.0 } else { weights.alpha }]);
            if !weights.adjust {
                let sum: f64 = values.iter().map(|[_, weight]| weight).sum();
                values.iter_mut().for_each(|[_, weight]| *weight /= sum);
            }
        }
        let finite = values.iter().all(|[x, _]| x.is_finite());
        if values.len() >= least && finite {
            y[t] = of(&values);
        }
    }
}

fn mean(values: &[[f64; 2]]) -> f64 {
    let sum = |of: fn(&[f64; 2]) -> f64| values.iter().map(of).sum::<f64>();
    sum(|[x, weight]| x * weight) / sum(|[_, weight]| *weight)
}

fn variance(values: &[[f64; 2]], bias: bool) -> f64 {
    // From the first value, so that a level does not hide the spread.
    let away: Vec<[f64; 2]> =
        values.iter().map(|[x, weight]| [x - values[0][0], *weight]).collect();
    let mean = mean(&away);
    let sum = |of: &dyn Fn(f64, f64) -> f64| away.iter().map(|[d, w]| of(*d, *w)).sum::<f64>();
    let all = sum(&|_, w| w);
    let variance = sum(&|d, w| w * (d - mean) * (d - mean)) / all;
    // 1 less the sum of squared shares.
    let part = sum(&|_, w| w / all * ((all - w) / all));
    match (bias, values.len()) {
        (true, _) => variance,
        (false, 1) => f64::NAN,
        (false, _) => variance / part,
    }
}

pub(super) struct Mean;

impl Kernel<1, 6, 1> for Mean {
    const SPEC: Spec<1, 6, 1> = Spec {
        name: "ewm_mean",
        title: "Exponentially Weighted Mean",
        formula: "y[t] = sum(w·x)/sum(w) over the values so far, if there are at least min_periods; w \
                  = (1 - k)^age, times k but for the first value unless adjust; k = alpha, or \
                  1 - 2^(-1/halflife), or 2/(span + 1), one of which is given; ages count timesteps, or \
                  values if ignore_na; NaN after an infinity",
        source: "textbook; pandas ExponentialMovingWindow.mean",
        warmup: "min_periods - 1",
        inputs: [Input::Series("x")],
        params: [SPAN, HALFLIFE, ALPHA, ADJUST, IGNORE_NA, MIN_PERIODS],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    const PASSES_NAN: bool = true;

    type State<L: Lanes> = State<L>;

    fn refusal([span, halflife, alpha, ..]: [Value; 6]) -> Option<&'static str> {
        refusal([span, halflife, alpha])
    }

    fn lookback([.., min_periods]: [Value; 6]) -> usize {
        min_periods.int() - 1
    }

    fn reference(
        [span, halflife, alpha, adjust, ignore_na, min_periods]: [Value; 6],
        [x]: [&[f64]; 1],
        [y]: [&mut [f64]; 1],
    ) {
        over(weights([span, halflife, alpha], adjust, ignore_na), min_periods.int(), x, y, mean);
    }

    fn start<L: Lanes>(
        [span, halflife, alpha, adjust, ignore_na, min_periods]: [Value; 6],
    ) -> State<L> {
        let fading = Fading::new(weights([span, halflife, alpha], adjust, ignore_na));
        State { fading, least: min_periods.real(), bias: false }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let (count, mean) = state.fading.mean(x);
        Some([L::select(count.ge(L::splat(state.least)), mean, L::splat(f64::NAN))])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    fading: Fading<L>,
    least: f64,
    bias: bool,
}

/// Defines a row of the spread: what it says of itself, and its value from the variance, in the
/// definition and of lanes.
macro_rules! of_spread {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$variance:ident| $definition:expr; |$found:ident| $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 7, 1> for $row {
            const SPEC: Spec<1, 7, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "max(min_periods, 2 - bias) - 1",
                inputs: [Input::Series("x")],
                params: [SPAN, HALFLIFE, ALPHA, ADJUST, IGNORE_NA, MIN_PERIODS, BIAS],
                outputs: [Output::new("")],
                stability: Stability::Converging,
            };

            const PASSES_NAN: bool = true;

            type State<L: Lanes> = State<L>;

            fn refusal([span, halflife, alpha, ..]: [Value; 7]) -> Option<&'static str> {
                refusal([span, halflife, alpha])
            }

            fn lookback([.., min_periods, bias]: [Value; 7]) -> usize {
                min_periods.int().max(2 - bias.int()) - 1
            }

            fn reference(
                [span, halflife, alpha, adjust, ignore_na, min_periods, bias]: [Value; 7],
                [x]: [&[f64]; 1],
                [y]: [&mut [f64]; 1],
            ) {
                let weights = weights([span, halflife, alpha], adjust, ignore_na);
                over(weights, min_periods.int(), x, y, |values| {
                    let $variance = variance(values, bias.choice() == 1);
                    $definition
                });
            }

            fn start<L: Lanes>(
                [span, halflife, alpha, adjust, ignore_na, min_periods, bias]: [Value; 7],
            ) -> State<L> {
                let fading = Fading::new(weights([span, halflife, alpha], adjust, ignore_na));
                State { fading, least: min_periods.real(), bias: bias.choice() == 1 }
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
                let (count, $found) = state.fading.variance(x, state.bias);
                let enough = count.ge(L::splat(state.least));
                Some([L::select(enough, $lanes, L::splat(f64::NAN))])
            }
        }
    };
}

of_spread! {
    Var: "ewm_var", "Exponentially Weighted Variance",
    "y[t] = sum(w·(x - mean)²)/sum(w), w and mean those of ewm_mean; divided by 1 - \
     sum(w²)/sum(w)² unless bias",
    "textbook; pandas ExponentialMovingWindow.var";
    |variance| variance; |variance| variance
}

of_spread! {
    Std: "ewm_std", "Exponentially Weighted Standard Deviation",
    "y[t] = sqrt(sum(w·(x - mean)²)/sum(w)), w and mean those of ewm_mean; the variance divided by \
     1 - sum(w²)/sum(w)² unless bias",
    "textbook; pandas ExponentialMovingWindow.std";
    |variance| variance.sqrt(); |variance| variance.sqrt()
}
