//! A moving average of any type.

use super::super::reference::{average, place};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{AVERAGES, Average};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Ma;

impl Kernel<1, 2, 1> for Ma {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "ma",
        title: "Moving Average",
        formula: "y[t] = the average that matype names, over period",
        source: "that of the average; TA-Lib MA",
        warmup: "that of the average",
        inputs: [Input::Series("x")],
        params: [
            int("period", &["timeperiod"], 1, 100_000, 30),
            choice("matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Average<L>;

    fn lookback([period, matype]: [Value; 2]) -> usize {
        lookback(matype.choice(), period.int())
    }

    fn stability([period, matype]: [Value; 2]) -> Stability {
        stability(matype.choice(), period.int())
    }

    fn reference([period, matype]: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&average(matype.choice(), period.int(), x), y);
    }

    fn start<L: Lanes>([period, matype]: [Value; 2]) -> Average<L> {
        Average::new(matype.choice(), period.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Average<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}
