//! Bollinger bands.

use super::super::reference::{average, deviation};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{AVERAGES, Average, Spread};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int, real};
use crate::simd::Lanes;

pub(super) struct Bbands;

impl Kernel<1, 4, 3> for Bbands {
    const SPEC: Spec<1, 4, 3> = Spec {
        name: "bbands",
        title: "Bollinger Bands",
        formula: "middle = average of x over period; upper = middle + deviations_up·s; \
                  lower = middle - deviations_down·s; \
                  s = population standard deviation of the last period values",
        source: "J. Bollinger, 1983; TA-Lib BBANDS",
        warmup: "period - 1, or that of the average where it is longer",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 20),
            real("deviations_up", &["nbdevup"], -3e37, 3e37, 2.0),
            real("deviations_down", &["nbdevdn"], -3e37, 3e37, 2.0),
            choice("matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("upper"), Output::new("middle"), Output::new("lower")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _, _, matype]: [Value; 4]) -> usize {
        lookback(matype.choice(), period.int()).max(period.int() - 1)
    }

    fn stability([period, _, _, matype]: [Value; 4]) -> Stability {
        match stability(matype.choice(), period.int()) {
            // The deviation's window rounds even where the average is the value itself.
            Stability::Exact => Stability::Rounding,
            other => other,
        }
    }

    fn reference(
        [period, up, down, matype]: [Value; 4],
        [x]: [&[f64]; 1],
        [upper, middle, lower]: [&mut [f64]; 3],
    ) {
        let period = period.int();
        let average = average(matype.choice(), period, x);
        let skipped = x.len() - average.len();
        for t in skipped.max(period - 1)..x.len() {
            let deviation = deviation(&x[t + 1 - period..=t]);
            middle[t] = average[t - skipped];
            upper[t] = middle[t] + up.real() * deviation;
            lower[t] = middle[t] - down.real() * deviation;
        }
    }

    fn start<L: Lanes>([period, up, down, matype]: [Value; 4]) -> State<L> {
        let (period, matype) = (period.int(), matype.choice());
        State {
            spread: Spread::new(period),
            middle: (matype != 0).then(|| Average::new(matype, period)),
            up: up.real(),
            down: down.real(),
        }
    }

    /// The definition is `reference`. This differs in one way: the simple mean, the usual middle,
    /// is the one that the deviation is taken from, so it costs no second window.
    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 3]> {
        let spread = state.spread.step(x);
        let average = match &mut state.middle {
            Some(average) => Some(average.step(x)?),
            None => None,
        };
        let (mean, variance) = spread?;
        let (middle, deviation) = (average.unwrap_or(mean), variance.sqrt());
        let upper = middle + L::splat(state.up) * deviation;
        let lower = middle - L::splat(state.down) * deviation;
        Some([upper, middle, lower])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    spread: Spread<L>,
    /// `None` for the simple mean.
    middle: Option<Average<L>>,
    up: f64,
    down: f64,
}
