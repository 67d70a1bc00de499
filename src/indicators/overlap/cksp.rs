//! Chande Kroll stop.

use super::super::reference::{highest, lowest, place, true_ranges, wilder};
use crate::kernel::state::{Ema, Extent, Sliding, TrueRange, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Cksp;

impl Kernel<3, 3, 2> for Cksp {
    const SPEC: Spec<3, 3, 2> = Spec {
        name: "cksp",
        title: "Chande Kroll Stop",
        formula: "high_stop = the highest of the last stop_period of h - multiplier·ATR(period), \
                  low_stop = the lowest of l + multiplier·ATR(period); h, l = highest high and \
                  lowest low of the last period bars",
        source: "T. Chande, S. Kroll, The New Technical Trader, 1994; TA-Lib CKSP",
        warmup: "period + stop_period - 1",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 10),
            real("multiplier", &[], 0.0, 3e37, 1.0),
            int("stop_period", &["stopperiod"], 1, 100_000, 9),
        ],
        outputs: [Output::new("high_stop"), Output::new("low_stop")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _, stop_period]: [Value; 3]) -> usize {
        period.int() + stop_period.int() - 1
    }

    fn reference(
        [period, multiplier, stop_period]: [Value; 3],
        [high, low, close]: [&[f64]; 3],
        [high_stop, low_stop]: [&mut [f64]; 2],
    ) {
        let period = period.int();
        let range = wilder(period, &true_ranges(high, low, close));
        let away = |t: usize| multiplier.real() * range[t - period];
        let below = |t: usize| highest(&high[t + 1 - period..=t]) - away(t);
        let above = |t: usize| lowest(&low[t + 1 - period..=t]) + away(t);
        let below: Vec<f64> = (period..high.len()).map(below).collect();
        let above: Vec<f64> = (period..high.len()).map(above).collect();
        let stops = |x: &[f64], extreme: fn(&[f64]) -> f64| -> Vec<f64> {
            x.windows(stop_period.int()).map(extreme).collect()
        };
        place(&stops(&below, highest), high_stop);
        place(&stops(&above, lowest), low_stop);
    }

    fn start<L: Lanes>([period, multiplier, stop_period]: [Value; 3]) -> State<L> {
        State {
            range: TrueRange::new(),
            average: Ema::wilder(period.int()),
            extent: Sliding::new(period.int()),
            stops: Sliding::new(stop_period.int()),
            multiplier: multiplier.real(),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 2]> {
        let extent = state.extent.step([high, low]);
        let range = state.average.step(state.range.step(high, low, close)?)?;
        let (Extent { highest, lowest }, _) = extent?;
        let away = L::splat(state.multiplier) * range;
        let (stops, _) = state.stops.step([highest - away, lowest + away])?;
        Some([stops.highest, stops.lowest])
    }
}

pub(super) struct State<L> {
    range: TrueRange<L>,
    average: Ema<L>,
    extent: Sliding<[L; 2], Extent<L>>,
    stops: Sliding<[L; 2], Extent<L>>,
    multiplier: f64,
}

clone_in_place!(State<L> { range, average, extent, stops, multiplier });
