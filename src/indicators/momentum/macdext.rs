//! Moving average convergence/divergence with any types of averages.

use super::super::reference::average;
use super::reference::{late_gap, signalled};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::stochastic::Smooth;
use crate::kernel::state::{AVERAGES, Average, Convergence, Pair};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Macdext;

/// The averages by number and period: the fast one is that of the shorter period.
fn averages([fast, fast_matype, slow, slow_matype, ..]: [Value; 6]) -> [Smooth; 2] {
    let pair = [(fast_matype.choice(), fast.int()), (slow_matype.choice(), slow.int())];
    if slow.int() < fast.int() { [pair[1], pair[0]] } else { pair }
}

/// How many values each takes before it gives one.
fn lookbacks(params: [Value; 6]) -> [usize; 2] {
    averages(params).map(|(kind, period)| lookback(kind, period))
}

impl Kernel<1, 6, 3> for Macdext {
    const SPEC: Spec<1, 6, 3> = Spec {
        name: "macdext",
        title: "MACD with Any Averages",
        formula: "macd = average of the shorter period - average of the longer one, of which the \
                  one with the shorter warm-up begins late, so that both give their first value \
                  together; signal = average of macd; hist = macd - signal",
        source: "G. Appel, 1979; TA-Lib MACDEXT",
        warmup: "the longer of both averages, and that of signal: with sma, max(fast, slow) + \
                 signal - 2",
        inputs: [Input::Series("x")],
        params: [
            int("fast", &["fastperiod"], 2, 100_000, 12),
            choice("fast_matype", &["fastmatype"], AVERAGES, 0),
            int("slow", &["slowperiod"], 2, 100_000, 26),
            choice("slow_matype", &["slowmatype"], AVERAGES, 0),
            int("signal", &["signalperiod"], 1, 100_000, 9),
            choice("signal_matype", &["signalmatype"], AVERAGES, 0),
        ],
        outputs: [Output::new("macd"), Output::new("signal"), Output::new("hist")],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Convergence<Average<L>>;

    fn lookback(params: [Value; 6]) -> usize {
        let [.., signal, matype] = params;
        let [fast, slow] = lookbacks(params);
        fast.max(slow) + lookback(matype.choice(), signal.int())
    }

    fn stability(params: [Value; 6]) -> Stability {
        let [.., signal, matype] = params;
        let [fast, slow] = averages(params).map(|(kind, period)| stability(kind, period));
        fast.max(slow).max(stability(matype.choice(), signal.int()))
    }

    fn reference(params: [Value; 6], [x]: [&[f64]; 1], outputs: [&mut [f64]; 3]) {
        let [.., signal, matype] = params;
        let [fast, slow] = averages(params);
        let of = |(kind, period): Smooth| move |x: &[f64]| average(kind, period, x);
        let macd = late_gap(x, lookbacks(params), of(fast), of(slow));
        signalled(&macd, &average(matype.choice(), signal.int(), &macd), outputs);
    }

    fn start<L: Lanes>(params: [Value; 6]) -> Convergence<Average<L>> {
        let [.., signal, matype] = params;
        let [fast, slow] = averages(params).map(|(kind, period)| Average::new(kind, period));
        let pair = Pair::together(fast, slow, lookbacks(params));
        Convergence::new(pair, Average::new(matype.choice(), signal.int()))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Convergence<Average<L>>, [x]: [L; 1]) -> Option<[L; 3]> {
        state.step(x)
    }
}
