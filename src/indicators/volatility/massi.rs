//! Mass index.

use super::super::reference::{exponential, place};
use crate::kernel::state::{Ema, Plain, Sliding, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Massi;

impl Kernel<2, 2, 1> for Massi {
    const SPEC: Spec<2, 2, 1> = Spec {
        name: "massi",
        title: "Mass Index",
        formula: "y[t] = sum of the last slow e1 / e2, 1 where e2 is 0; e1 = EMA(high - low, \
                  fast), e2 = EMA(e1, fast)",
        source: "D. Dorsey, Stocks & Commodities 10:6, 1992; TA-Lib MASSI",
        warmup: "2 * (fast - 1) + slow - 1",
        inputs: [Input::High, Input::Low],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 9),
            int("slow", &["slowperiod"], 2, 100_000, 25),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = State<L>;

    fn lookback([fast, slow]: [Value; 2]) -> usize {
        2 * (fast.int() - 1) + slow.int() - 1
    }

    fn reference([fast, slow]: [Value; 2], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let ranges: Vec<f64> = high.iter().zip(low).map(|(high, low)| high - low).collect();
        let once = exponential(fast.int(), &ranges);
        let twice = exponential(fast.int(), &once);
        let late = &once[once.len() - twice.len()..];
        let ratio = |(once, twice): (&f64, &f64)| match *twice == 0.0 {
            true => 1.0,
            false => once / twice,
        };
        let ratios: Vec<f64> = late.iter().zip(&twice).map(ratio).collect();
        let sums = ratios.windows(slow.int()).map(|window| window.iter().sum());
        place(&sums.collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>([fast, slow]: [Value; 2]) -> State<L> {
        let average = Ema::new(fast.int());
        State { once: average.clone(), twice: average, ratios: Sliding::new(slow.int()) }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L>, [high, low]: [L; 2]) -> Option<[L; 1]> {
        let once = state.once.step(high - low)?;
        let twice = state.twice.step(once)?;
        let nothing = twice.eq(L::splat(0.0));
        let ratio = L::select(nothing, L::splat(1.0), once / twice);
        let (Plain(sum), _) = state.ratios.step(ratio)?;
        Some([sum])
    }
}

pub(super) struct State<L> {
    once: Ema<L>,
    twice: Ema<L>,
    ratios: Sliding<L, Plain<L>>,
}

clone_in_place!(State<L> { once, twice, ratios });
