//! Ease of movement.

use super::super::reference::mean;
use crate::kernel::state::{Plain, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int, real};
use crate::simd::Lanes;

pub(super) struct Emv;

impl Kernel<3, 2, 1> for Emv {
    const SPEC: Spec<3, 2, 1> = Spec {
        name: "emv",
        title: "Ease of Movement",
        formula: "y[t] = SMA(d / b, period), d = m[t] - m[t-1], m = (high + low)/2, b = volume / \
                  volume_divisor / (high - low); d / b counts as 0 where high - low or b is 0",
        source: "R. Arms, Volume Cycles in the Stock Market, 1983; TA-Lib EMV",
        warmup: "period",
        inputs: [Input::High, Input::Low, Input::Volume],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 14),
            real("volume_divisor", &["volumedivisor"], 1.0, 3e37, 1e4),
        ],
        outputs: [Output::new("")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period, _]: [Value; 2]) -> usize {
        period.int()
    }

    fn reference(
        [period, divisor]: [Value; 2],
        [high, low, volume]: [&[f64]; 3],
        [y]: [&mut [f64]; 1],
    ) {
        let ease = |t: usize| {
            let middle = |t: usize| (high[t] + low[t]) / 2.0;
            let (moved, range) = (middle(t) - middle(t - 1), high[t] - low[t]);
            let ratio = volume[t] / divisor.real() / range;
            let known = !moved.is_nan() && !volume[t].is_nan();
            let nothing = known && (range == 0.0 || ratio == 0.0);
            if nothing { 0.0 } else { moved / ratio }
        };
        let eases: Vec<f64> = (1..high.len()).map(ease).collect();
        for t in period.int()..high.len() {
            y[t] = mean(&eases[t - period.int()..t]);
        }
    }

    fn start<L: Lanes>([period, divisor]: [Value; 2]) -> State<L> {
        State {
            before: None,
            eases: Sliding::new(period.int()),
            period: period.real(),
            divisor: divisor.real(),
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low, volume]: [L; 3]) -> Option<[L; 1]> {
        let middle = (high + low) / L::splat(2.0);
        let moved = middle - state.before.replace(middle)?;
        let (range, zero) = (high - low, L::splat(0.0));
        let ratio = volume / L::splat(state.divisor) / range;
        let something = !(range.eq(zero) | ratio.eq(zero)) | moved.is_nan() | volume.is_nan();
        let (Plain(sum), _) = state.eases.step((moved / ratio).keep(something))?;
        Some([sum / L::splat(state.period)])
    }
}

pub(super) struct State<L> {
    before: Option<L>,
    /// As they are: of values that differ as much as these, none is an anchor for the others.
    eases: Sliding<L, Plain<L>>,
    period: f64,
    divisor: f64,
}

clone_in_place!(State<L> { before, eases, period, divisor });
