//! A moving average whose period is another series.

use super::super::reference::average;
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{AVERAGES, Varying};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Mavp;

impl Kernel<2, 3, 1> for Mavp {
    const SPEC: Spec<2, 3, 1> = Spec {
        name: "mavp",
        title: "Moving Average with Variable Period",
        formula: "y[t] = the average that matype names, over periods[t], which is brought between \
                  min_period and max_period and rounded down; averages of shorter periods begin \
                  late, so that all give their first value together",
        source: "that of the average; TA-Lib MAVP",
        warmup: "that of the average over max_period: with sma, max_period - 1",
        inputs: [Input::Series("x"), Input::Series("periods")],
        params: [
            int("min_period", &["minperiod"], 1, 10_000, 2),
            int("max_period", &["maxperiod"], 1, 10_000, 30),
            choice("matype", &[], AVERAGES, 0),
        ],
        outputs: [Output::new("")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Varying<L>;

    fn refusal([least, most, _]: [Value; 3]) -> Option<&'static str> {
        (least.int() > most.int()).then_some("`min_period` is at most `max_period`")
    }

    fn lookback([_, most, matype]: [Value; 3]) -> usize {
        lookback(matype.choice(), most.int())
    }

    fn stability([_, most, matype]: [Value; 3]) -> Stability {
        stability(matype.choice(), most.int())
    }

    fn kept([least, most, matype]: [Value; 3], _: usize) -> usize {
        Varying::<f64>::kept(matype.choice(), least.int(), most.int())
    }

    fn reference(params: [Value; 3], [x, periods]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let [least, most, matype] = params;
        let first = Self::lookback(params);
        for period in least.int()..=most.int() {
            let within = |asked: f64| asked.clamp(least.real(), most.real()).floor();
            // Of NaN it is NaN, which is no period.
            let asks = |t: &usize| within(periods[*t]) == period as f64;
            let asking: Vec<usize> = (first..y.len()).filter(asks).collect();
            if asking.is_empty() {
                continue;
            }
            let late = first - lookback(matype.choice(), period);
            let values = average(matype.choice(), period, &x[late..]);
            for t in asking {
                y[t] = values[t - first];
            }
        }
    }

    fn start<L: Lanes>([least, most, matype]: [Value; 3]) -> Varying<L> {
        Varying::new(matype.choice(), least.int(), most.int())
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Varying<L>, [x, periods]: [L; 2]) -> Option<[L; 1]> {
        Some([state.step(x, periods)?])
    }
}
