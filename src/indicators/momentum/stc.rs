//! Schaff trend cycle.

use super::super::reference::{exponential, highest, lowest, place};
use super::macd::sorted;
use super::reference::late_gap;
use crate::kernel::state::{Ema, Extent, Pair, Sliding, approach, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Stc;

impl Kernel<1, 3, 1> for Stc {
    const SPEC: Spec<1, 3, 1> = Spec {
        name: "stc",
        title: "Schaff Trend Cycle",
        formula: "y = c(c(m)), m = macd of MACD(x, fast, slow); c(v)[t] = c(v)[t-1] + (k[t] - \
                  c(v)[t-1])/2, first value: k; k[t] = 100·(v[t] - l) / (h - l), h, l = highest \
                  and lowest of the last cycle_period v, k[t-1] where h - l is 0, at first 0",
        source: "D. Schaff, 1999; TA-Lib STC",
        warmup: "max(fast, slow) - 1 + 2 * (cycle_period - 1)",
        inputs: [Input::Series("x")],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 23),
            int("slow", &["slowperiod"], 2, 100_000, 50),
            int("cycle_period", &["cycleperiod"], 2, 100_000, 10),
        ],
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fast, slow, cycle]: [Value; 3]) -> usize {
        sorted(fast, slow).1 - 1 + 2 * (cycle.int() - 1)
    }

    fn reference([fast, slow, cycle]: [Value; 3], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        let (fast, slow) = sorted(fast, slow);
        // The level would hide what is between averages that are all but equal.
        let rise: Vec<f64> = x.iter().map(|value| value - x[0]).collect();
        let of = |period: usize| move |x: &[f64]| exponential(period, x);
        let macd = late_gap(&rise, [fast - 1, slow - 1], of(fast), of(slow));
        place(&cycled(cycle.int(), &cycled(cycle.int(), &macd)), y);
    }

    fn start<L: Lanes>([fast, slow, cycle]: [Value; 3]) -> State<L> {
        let (fast, slow) = sorted(fast, slow);
        let cycle = Cycle::new(cycle.int());
        State { first: None, pair: Pair::exponential(fast, slow), cycles: [cycle.clone(), cycle] }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        let rise = x - *state.first.get_or_insert(x);
        let (fast, slow) = state.pair.step(rise)?;
        let [first, second] = &mut state.cycles;
        Some([second.step(first.step(fast - slow)?)?])
    }
}

/// The definition of `c`, from its lookback on.
fn cycled(cycle: usize, v: &[f64]) -> Vec<f64> {
    let mut values: Vec<f64> = Vec::new();
    let mut place = 0.0;
    for window in v.windows(cycle) {
        let (h, l) = (highest(window), lowest(window));
        if h > l {
            place = (window[cycle - 1] - l) / (h - l) * 100.0;
        }
        let last = values.last().copied().unwrap_or(place);
        values.push(last + (place - last) / 2.0);
    }
    values
}

/// The same for lanes.
struct Cycle<L> {
    extent: Sliding<[L; 2], Extent<L>>,
    place: L,
    value: Option<L>,
}

clone_in_place!(Cycle<L> { extent, place, value });

impl<L: Lanes> Cycle<L> {
    fn new(cycle: usize) -> Self {
        Cycle { extent: Sliding::new(cycle), place: L::splat(0.0), value: None }
    }

    #[inline(always)]
    fn step(&mut self, x: L) -> Option<L> {
        let (Extent { highest, lowest }, _) = self.extent.step([x, x])?;
        let place = (x - lowest) / (highest - lowest) * L::splat(100.0);
        self.place = L::select(highest.gt(lowest), place, self.place);
        let last = self.value.unwrap_or(self.place);
        self.value = Some(approach(last, self.place, L::splat(0.5)));
        self.value
    }
}

pub(super) struct State<L> {
    /// The first value of the series.
    first: Option<L>,
    pair: Pair<Ema<L>>,
    cycles: [Cycle<L>; 2],
}

clone_in_place!(State<L> { first, pair, cycles });
