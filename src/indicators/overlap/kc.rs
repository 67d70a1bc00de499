//! Keltner channels.

use super::super::reference::{exponential, place, true_ranges, wilder};
use crate::kernel::state::{Ema, TrueRange, Wait};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Kc;

/// Timesteps before the average and the range begin.
fn waits(period: Value, atr_period: Value) -> [usize; 2] {
    let lookbacks = [period.int() - 1, atr_period.int()];
    lookbacks.map(|lookback| lookbacks[0].max(lookbacks[1]) - lookback)
}

impl Kernel<3, 3, 3> for Kc {
    const SPEC: Spec<3, 3, 3> = Spec {
        name: "kc",
        title: "Keltner Channels",
        formula: "middle = EMA((high + low + close)/3, period); upper, lower = middle ± \
                  deviations·ATR(atr_period); the shorter one begins late, so that both give their \
                  first value together",
        source: "C. Keltner, 1960, as modified by L. B. Raschke; TA-Lib KC",
        warmup: "max(period - 1, atr_period)",
        inputs: [Input::High, Input::Low, Input::Close],
        params: [
            int("period", &["timeperiod"], 2, 100_000, 20),
            int("atr_period", &["atrperiod"], 1, 100_000, 10),
            real("deviations", &["nbdev"], -3e37, 3e37, 2.0),
        ],
        outputs: [Output::new("upper"), Output::new("middle"), Output::new("lower")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, atr_period, _]: [Value; 3]) -> usize {
        (period.int() - 1).max(atr_period.int())
    }

    fn reference(
        [period, atr_period, deviations]: [Value; 3],
        [high, low, close]: [&[f64]; 3],
        [upper, middle, lower]: [&mut [f64]; 3],
    ) {
        let [late_average, late_range] =
            waits(period, atr_period).map(|wait| wait.min(close.len()));
        let typical = |t: usize| (high[t] + low[t] + close[t]) / 3.0;
        let typical: Vec<f64> = (late_average..close.len()).map(typical).collect();
        let average = exponential(period.int(), &typical);
        let ranges = true_ranges(&high[late_range..], &low[late_range..], &close[late_range..]);
        let range = wilder(atr_period.int(), &ranges);
        let away = |sign: f64| -> Vec<f64> {
            let pairs = average.iter().zip(&range);
            pairs.map(|(middle, range)| middle + sign * deviations.real() * range).collect()
        };
        place(&away(1.0), upper);
        place(&average, middle);
        place(&away(-1.0), lower);
    }

    fn start<L: Lanes>([period, atr_period, deviations]: [Value; 3]) -> State<L> {
        State {
            waits: waits(period, atr_period).map(Wait),
            middle: Ema::new(period.int()),
            range: TrueRange::new(),
            average: Ema::wilder(atr_period.int()),
            deviations: deviations.real(),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, close]: [L; 3]) -> Option<[L; 3]> {
        let [late_average, late_range] = &mut state.waits;
        let typical = (high + low + close) / L::splat(3.0);
        let middle = if late_average.over() { state.middle.step(typical) } else { None };
        let range = if late_range.over() { state.range.step(high, low, close) } else { None };
        let range = state.average.step(range?)?;
        let (middle, away) = (middle?, L::splat(state.deviations) * range);
        Some([middle + away, middle, middle - away])
    }
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// Of the average and of the range.
    waits: [Wait; 2],
    middle: Ema<L>,
    range: TrueRange<L>,
    average: Ema<L>,
    deviations: f64,
}
