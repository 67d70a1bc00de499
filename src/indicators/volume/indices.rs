//! Indices that follow the price only where volume falls, or only where it rises: one kernel for
//! both.

use super::super::reference::over;
use crate::kernel::state::ratio::quotient;
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value};
use crate::simd::Lanes;

/// What both begin with.
const FIRST: f64 = 1000.0;

/// Defines such a row: what it says of itself, and where it follows the price.
macro_rules! index {
    (
        $row:ident: $name:literal, $title:literal, $formula:literal, $source:literal;
        |$volume:ident, $before:ident| $definition:expr; $lanes:expr
    ) => {
        pub(super) struct $row;

        impl Kernel<2, 0, 1> for $row {
            const SPEC: Spec<2, 0, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: "0",
                inputs: [Input::Close, Input::Volume],
                params: [],
                outputs: [Output::new("")],
                stability: Stability::PathDependent,
            };

            type State<L: Lanes> = State<L>;

            fn lookback([]: [Value; 0]) -> usize {
                0
            }

            fn reference([]: [Value; 0], [close, volume]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
                let mut index = FIRST;
                for t in 0..close.len() {
                    let last = t.saturating_sub(1);
                    let ($volume, $before) = (volume[t], volume[last]);
                    let next = index + over(close[t] - close[last], close[last]) * index;
                    if $definition && next.is_finite() {
                        index = next;
                    }
                    y[t] = index;
                }
            }

            fn start<L: Lanes>([]: [Value; 0]) -> State<L> {
                State { before: None, index: L::splat(FIRST) }
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut State<L>, [close, $volume]: [L; 2]) -> Option<[L; 1]> {
                let bar = [close, $volume];
                let [last, $before] = state.before.replace(bar).unwrap_or(bar);
                let next = state.index + quotient(close - last, last) * state.index;
                state.index = L::select($lanes & next.is_finite(), next, state.index);
                Some([state.index])
            }
        }
    };
}

index! {
    Nvi: "nvi", "Negative Volume Index",
    "y[t] = y[t-1]·close[t] / close[t-1] where volume[t] is below volume[t-1] and close[t-1] is \
     not 0, y[t-1] elsewhere; first value: 1000",
    "P. Dysart, 1936; N. Fosback, Stock Market Logic, 1976; TA-Lib NVI";
    |volume, before| volume < before; volume.lt(before)
}

index! {
    Pvi: "pvi", "Positive Volume Index",
    "y[t] = y[t-1]·close[t] / close[t-1] where volume[t] is above volume[t-1] and close[t-1] is \
     not 0, y[t-1] elsewhere; first value: 1000",
    "P. Dysart, 1936; N. Fosback, Stock Market Logic, 1976; TA-Lib PVI";
    |volume, before| volume > before; volume.gt(before)
}

#[derive(Clone)]
pub(super) struct State<L> {
    /// Close and volume.
    before: Option<[L; 2]>,
    index: L,
}
