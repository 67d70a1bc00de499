//! Rogers-Satchell volatility.

use crate::kernel::state::{Plain, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;
use crate::simd::functions::ln;

pub(super) struct Rogerssatchell;

impl Kernel<4, 2, 1> for Rogerssatchell {
    const SPEC: Spec<4, 2, 1> = Spec {
        name: "rogerssatchell",
        title: "Rogers-Satchell Volatility",
        formula: "y[t] = sqrt(annualization·mean(ln(high/close)·ln(high/open) + ln(low/close)·\
                  ln(low/open))) over the last period bars; a bar with a price that is not above 0 \
                  counts as 0",
        source: "L. Rogers, S. Satchell, Annals of Applied Probability 1:4, 1991; TA-Lib \
                 ROGERSSATCHELL",
        warmup: "period - 1",
        inputs: [Input::Open, Input::High, Input::Low, Input::Close],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 10),
            real("annualization", &[], 0.0, 3e37, 252.0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period, annualization]: [Value; 2],
        [open, high, low, close]: [&[f64]; 4],
        [y]: [&mut [f64]; 1],
    ) {
        let term = |t: usize| {
            let prices = [open[t], high[t], low[t], close[t]];
            let log = |a: f64, b: f64| (a / b).ln();
            match prices.iter().any(|price| *price <= 0.0) {
                true if prices.iter().all(|price| !price.is_nan()) => 0.0,
                _ => {
                    log(high[t], close[t]) * log(high[t], open[t])
                        + log(low[t], close[t]) * log(low[t], open[t])
                }
            }
        };
        for t in period.int() - 1..y.len() {
            let sum: f64 = (t + 1 - period.int()..=t).map(term).sum();
            let mean = if sum <= 0.0 { 0.0 } else { sum / period.real() };
            y[t] = annualization.real().sqrt() * mean.sqrt();
        }
    }

    fn start<L: Lanes>([period, annualization]: [Value; 2]) -> State<L> {
        State {
            terms: Sliding::new(period.int()),
            period: period.real(),
            scale: annualization.real().sqrt(),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [open, high, low, close]: [L; 4]) -> Option<[L; 1]> {
        let zero = L::splat(0.0);
        let up = ln(high / close) * ln(high / open);
        let term = up + ln(low / close) * ln(low / open);
        // The smallest price decides; one that is NaN makes it NaN.
        let least = open.min(high).min(low.min(close));
        let (Plain(sum), _) = state.terms.step(L::select(zero.ge(least), zero, term))?;
        let mean = L::select(zero.ge(sum), zero, sum / L::splat(state.period));
        Some([L::splat(state.scale) * mean.sqrt()])
    }
}

pub(super) struct State<L> {
    terms: Sliding<L, Plain<L>>,
    period: f64,
    scale: f64,
}

clone_in_place!(State<L> { terms, period, scale });
