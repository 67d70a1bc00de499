//! Squeeze momentum.

use super::super::reference::{deviation, line, mean, middle, true_ranges};
use crate::kernel::state::{Extent, Mean, Regression, Sliding, Spread, TrueRange, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Sqzmom;

impl Kernel<3, 6, 2> for Sqzmom {
    const SPEC: Spec<3, 6, 2> = Spec {
        name: "sqzmom",
        title: "Squeeze Momentum",
        formula: "momentum = LINEARREG(close - (m + c)/2, kc_period), m = half way between the \
                  highest high and the lowest low, c = SMA(close), both over kc_period; squeeze = \
                  3, 2, 1 where BBANDS(close, bb_period, deviations) are within c ± f·SMA(true \
                  range, kc_period) for f = factor_narrow, factor_normal, factor_wide, the first \
                  of them that holds, -1 where those with f = factor_wide are within the bands, 0 \
                  elsewhere",
        source: "J. Carter, Mastering the Trade, 2005; LazyBear, 2014; TA-Lib SQZMOM",
        warmup: "max(bb_period - 1, max(kc_period, 2 * (kc_period - 1)))",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("bb_period", &["bbperiod"], 2, 100_000, 20),
            real("deviations", &["nbdev"], 0.0, 3e37, 2.0),
            int("kc_period", &["kcperiod"], 2, 100_000, 20),
            real("factor_wide", &["factorwide"], 0.0, 3e37, 2.0),
            real("factor_normal", &["factornormal"], 0.0, 3e37, 1.5),
            real("factor_narrow", &["factornarrow"], 0.0, 3e37, 1.0),
        ],
        outputs: [Output::new("momentum"), Output::new("squeeze").within(-1.0, 3.0)],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _, kc_period, ..]: [Value; 6]) -> usize {
        (period.int() - 1).max(kc_period.int()).max(2 * (kc_period.int() - 1))
    }

    fn reference(
        params: [Value; 6],
        [high, low, close]: [&[f64]; 3],
        [momentum, squeeze]: [&mut [f64]; 2],
    ) {
        let [period, deviations, kc_period, wide, normal, narrow] = params;
        let (period, kc) = (period.int(), kc_period.int());
        let ranges = true_ranges(high, low, close);
        let centre = |t: usize| mean(&close[t + 1 - kc..=t]);
        let distance = |t: usize| {
            let window = t + 1 - kc..=t;
            close[t] - (middle(&high[window.clone()], &low[window]) + centre(t)) / 2.0
        };
        let distances: Vec<f64> = (kc - 1..close.len()).map(distance).collect();
        for t in Self::lookback(params)..close.len() {
            let end = t + 1 - (kc - 1);
            let (start, slope) = line(&distances[end - kc..end]);
            momentum[t] = start + slope * (kc as f64 - 1.0);
            let window = &close[t + 1 - period..=t];
            let away = deviations.real() * deviation(window);
            let (upper, lower) = (mean(window) + away, mean(window) - away);
            let range = mean(&ranges[t - kc..t]);
            let beyond = |factor: Value| {
                let away = factor.real() * range;
                (lower - (centre(t) - away), centre(t) + away - upper)
            };
            let within = |factor: Value| {
                let (below, above) = beyond(factor);
                below > 0.0 && above > 0.0
            };
            let (below, above) = beyond(wide);
            squeeze[t] = match () {
                () if (below + above).is_nan() => f64::NAN,
                () if within(narrow) => 3.0,
                () if within(normal) => 2.0,
                () if within(wide) => 1.0,
                () if below < 0.0 && above < 0.0 => -1.0,
                () => 0.0,
            };
        }
    }

    fn start<L: Lanes>(params: [Value; 6]) -> State<L> {
        let [period, deviations, kc_period, wide, normal, narrow] = params;
        let kc = kc_period.int();
        State {
            spread: Spread::new(period.int()),
            deviations: deviations.real(),
            centre: Mean::new(kc),
            range: TrueRange::new(),
            ranges: Mean::new(kc),
            extent: Sliding::new(kc),
            line: Regression::new(kc),
            factors: [wide, normal, narrow].map(Value::real),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let spread = state.spread.step(close);
        let centre = state.centre.step(close);
        let extent = state.extent.step([high, low]);
        let range = match state.range.step(high, low, close) {
            Some(range) => state.ranges.step(range),
            None => None,
        };
        let (extent, _): (Extent<L>, _) = extent?;
        let centre = centre?;
        let distance = close - (extent.middle() + centre) / L::splat(2.0);
        let line = state.line.step(distance);
        let ((mean, variance), range, line) = (spread?, range?, line?);
        let away = L::splat(state.deviations) * variance.sqrt();
        let (upper, lower) = (mean + away, mean - away);

        let zero = L::splat(0.0);
        let [wide, normal, narrow] = state.factors;
        let away = L::splat(wide) * range;
        let (below, above) = (lower - (centre - away), centre + away - upper);
        let squeeze = L::splat(-1.0).keep(zero.gt(below) & zero.gt(above));
        let squeeze = L::select(below.gt(zero) & above.gt(zero), L::splat(1.0), squeeze);
        let away = L::splat(normal) * range;
        let within = lower.gt(centre - away) & (centre + away).gt(upper);
        let squeeze = L::select(within, L::splat(2.0), squeeze);
        let away = L::splat(narrow) * range;
        let within = lower.gt(centre - away) & (centre + away).gt(upper);
        let squeeze = L::select(within, L::splat(3.0), squeeze);
        let known = below + above;
        Some([line.ahead(0.0), L::select(known.is_nan(), known, squeeze)])
    }
}

pub(super) struct State<L> {
    spread: Spread<L>,
    deviations: f64,
    centre: Mean<L>,
    range: TrueRange<L>,
    ranges: Mean<L>,
    extent: Sliding<[L; 2], Extent<L>>,
    line: Regression<L>,
    /// Wide, normal, narrow.
    factors: [f64; 3],
}

clone_in_place!(State<L> { spread, deviations, centre, range, ranges, extent, line, factors });
