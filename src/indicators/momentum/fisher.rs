//! Fisher transform.

use super::reference::positions;
use crate::kernel::state::{Position, approach, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;
use crate::simd::functions::ln;

pub(super) struct Fisher;

/// Beyond this part of 1, a value is set to [`MOST`], so that the logarithm stays finite.
const NEAR: f64 = 0.99;
const MOST: f64 = 0.999;

impl Kernel<2, 1, 2> for Fisher {
    const SPEC: Spec<2, 1, 2> = Spec {
        name: "fisher",
        title: "Fisher Transform",
        formula: "fisher[t] = ln((1 + v[t]) / (1 - v[t]))/2 + fisher[t-1]/2, v[t] = 0.66·(p - 0.5) \
                  + 0.67·v[t-1], set to ±0.999 where it is beyond ±0.99, p = place of x[t] between \
                  the lowest and the highest of the last period x, 0.5 where those are the same, x \
                  = (high + low)/2; trigger[t] = fisher[t-1]; both begin at 0",
        source: "J. Ehlers, Stocks & Commodities 20:11, 2002; TA-Lib FISHER",
        warmup: "period - 1",
        inputs: [Input::High, Input::Low],
        params: [int("period", &["timeperiod"], 2, 100_000, 10)],
        outputs: [Output::new("fisher"), Output::new("trigger")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([period]: [Value; 1]) -> usize {
        period.int() - 1
    }

    fn reference(
        [period]: [Value; 1],
        [high, low]: [&[f64]; 2],
        [fisher, trigger]: [&mut [f64]; 2],
    ) {
        let x: Vec<f64> = high.iter().zip(low).map(|(high, low)| (high + low) / 2.0).collect();
        let (mut value, mut last) = (0.0, 0.0);
        for (i, place) in positions(period.int(), 50.0, [&x; 3]).into_iter().enumerate() {
            value = 0.66 * (place / 100.0 - 0.5) + 0.67 * value;
            if f64::abs(value) > NEAR {
                value = MOST.copysign(value);
            }
            let t = period.int() - 1 + i;
            fisher[t] = ((1.0 + value) / (1.0 - value)).ln() / 2.0 + last / 2.0;
            trigger[t] = last;
            last = fisher[t];
        }
    }

    fn start<L: Lanes>([period]: [Value; 1]) -> State<L> {
        let zero = L::splat(0.0);
        State { position: Position::new(period.int(), 50.0), value: zero, fisher: zero }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low]: [L; 2]) -> Option<[L; 2]> {
        let x = (high + low) / L::splat(2.0);
        let place = state.position.step(x, x, x)?;
        let (half, one, near) = (L::splat(0.5), L::splat(1.0), L::splat(NEAR));
        // An average of where the price stands, from -1 to 1.
        let target = (place / L::splat(100.0) - half) * L::splat(2.0);
        let value = approach(state.value, target, L::splat(0.33));
        let value = L::select(value.gt(near), L::splat(MOST), value);
        state.value = L::select((-near).gt(value), L::splat(-MOST), value);
        let target = ln((one + state.value) / (one - state.value));
        let trigger = state.fisher;
        state.fisher = approach(trigger, target, half);
        Some([state.fisher, trigger])
    }
}

pub(super) struct State<L> {
    position: Position<L>,
    value: L,
    fisher: L,
}

clone_in_place!(State<L> { position, value, fisher });
