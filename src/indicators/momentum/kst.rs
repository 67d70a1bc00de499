//! Know sure thing, of simple or of any averages.

use super::super::reference::{average, place, rate};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::ratio::rate as rate_of;
use crate::kernel::state::{AVERAGES, Average, Delay, Mean, Smoother, Wait, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, choice, int};
use crate::simd::Lanes;

pub(super) struct Kst;

/// How much each of the four averages counts.
const WEIGHTS: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

const PERIODS: [Param; 9] = [
    int("roc1_period", &["roc1period"], 1, 100_000, 10),
    int("roc2_period", &["roc2period"], 1, 100_000, 15),
    int("roc3_period", &["roc3period"], 1, 100_000, 20),
    int("roc4_period", &["roc4period"], 1, 100_000, 30),
    int("sma1_period", &["sma1period"], 1, 100_000, 10),
    int("sma2_period", &["sma2period"], 1, 100_000, 10),
    int("sma3_period", &["sma3period"], 1, 100_000, 10),
    int("sma4_period", &["sma4period"], 1, 100_000, 15),
    int("signal", &["signalperiod"], 1, 100_000, 9),
];

/// All that the parameters say.
#[derive(Clone, Copy)]
struct Plan {
    rocs: [usize; 4],
    averages: [usize; 4],
    matype: u8,
    signal: usize,
    signal_matype: u8,
}

impl Plan {
    fn new(periods: [Value; 9], matype: u8, signal_matype: u8) -> Self {
        let [r1, r2, r3, r4, a1, a2, a3, a4, signal] = periods.map(Value::int);
        let (rocs, averages) = ([r1, r2, r3, r4], [a1, a2, a3, a4]);
        Plan { rocs, averages, matype, signal, signal_matype }
    }

    /// How many values a leg takes before its first.
    fn leg(&self, i: usize) -> usize {
        self.rocs[i] + lookback(self.matype, self.averages[i])
    }

    fn longest(&self) -> usize {
        (0..4).map(|i| self.leg(i)).max().expect("there are four")
    }

    fn lookback(&self) -> usize {
        self.longest() + lookback(self.signal_matype, self.signal)
    }

    fn reference(&self, x: &[f64], [kst, signal]: [&mut [f64]; 2]) {
        let leg = |i: usize| {
            let late = &x[(self.longest() - self.leg(i)).min(x.len())..];
            let pairs = late.iter().zip(late.iter().skip(self.rocs[i]));
            let rates: Vec<f64> = pairs.map(|(before, now)| rate(*now, *before)).collect();
            average(self.matype, self.averages[i], &rates)
        };
        let legs: Vec<Vec<f64>> = (0..4).map(leg).collect();
        let sum = |t: usize| legs.iter().zip(WEIGHTS).map(|(leg, weight)| weight * leg[t]).sum();
        let sums: Vec<f64> = (0..legs[0].len()).map(sum).collect();
        let smooth = average(self.signal_matype, self.signal, &sums);
        place(&sums[sums.len() - smooth.len()..], kst);
        place(&smooth, signal);
    }

    /// The state, its averages made by `of` from a type and a period.
    fn start<L: Lanes, A: Smoother<L>>(&self, of: fn(u8, usize) -> A) -> State<L, A> {
        let leg = |i: usize| Leg {
            wait: Wait(self.longest() - self.leg(i)),
            before: Delay::new(self.rocs[i]),
            average: of(self.matype, self.averages[i]),
        };
        State {
            legs: [leg(0), leg(1), leg(2), leg(3)],
            signal: of(self.signal_matype, self.signal),
        }
    }
}

impl Kernel<1, 9, 2> for Kst {
    const SPEC: Spec<1, 9, 2> = Spec {
        name: "kst",
        title: "Know Sure Thing",
        formula: "kst = 1·SMA(ROC(x, roc1_period), sma1_period) + 2·SMA(ROC(x, roc2_period), \
                  sma2_period) + 3·SMA(ROC(x, roc3_period), sma3_period) + 4·SMA(ROC(x, \
                  roc4_period), sma4_period); signal = SMA(kst, signal)",
        source: "M. Pring, Stocks & Commodities 10:9, 1992; TA-Lib KST",
        warmup: "max(max(roc1_period + sma1_period, roc2_period + sma2_period), max(roc3_period + \
                 sma3_period, roc4_period + sma4_period)) + signal - 2",
        inputs: [Input::Series("x")],
        params: PERIODS,
        outputs: [Output::new("kst"), Output::new("signal")],
        stability: Stability::Rounding,
    };

    type State<L: Lanes> = State<L, Mean<L>>;

    fn lookback(params: [Value; 9]) -> usize {
        Plan::new(params, 0, 0).lookback()
    }

    fn reference(params: [Value; 9], [x]: [&[f64]; 1], outputs: [&mut [f64]; 2]) {
        Plan::new(params, 0, 0).reference(x, outputs);
    }

    fn start<L: Lanes>(params: [Value; 9]) -> State<L, Mean<L>> {
        Plan::new(params, 0, 0).start(|_, period| Mean::new(period))
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L, Mean<L>>, [x]: [L; 1]) -> Option<[L; 2]> {
        state.step(x)
    }
}

pub(super) struct Kstext;

impl Kstext {
    fn plan(params: [Value; 11]) -> Plan {
        let [r1, r2, r3, r4, a1, a2, a3, a4, signal, matype, signal_matype] = params;
        let periods = [r1, r2, r3, r4, a1, a2, a3, a4, signal];
        Plan::new(periods, matype.choice(), signal_matype.choice())
    }
}

impl Kernel<1, 11, 2> for Kstext {
    const SPEC: Spec<1, 11, 2> = {
        let [r1, r2, r3, r4, .., signal] = PERIODS;
        Spec {
            name: "kstext",
            title: "Know Sure Thing with Any Averages",
            formula: "as KST with other averages than SMA; of the four, those with a shorter \
                      warm-up begin late, so that all give their first value together",
            source: "M. Pring, Stocks & Commodities 10:9, 1992; TA-Lib KSTEXT",
            warmup: "the longest roc and average, and that of signal: with sma, as KST",
            inputs: [Input::Series("x")],
            params: [
                r1,
                r2,
                r3,
                r4,
                int("ma1_period", &["ma1period"], 1, 100_000, 10),
                int("ma2_period", &["ma2period"], 1, 100_000, 10),
                int("ma3_period", &["ma3period"], 1, 100_000, 10),
                int("ma4_period", &["ma4period"], 1, 100_000, 15),
                signal,
                choice("roc_matype", &["rocmatype"], AVERAGES, 0),
                choice("signal_matype", &["signalmatype"], AVERAGES, 0),
            ],
            outputs: [Output::new("kst"), Output::new("signal")],
            stability: Stability::Converging,
        }
    };

    type State<L: Lanes> = State<L, Average<L>>;

    fn lookback(params: [Value; 11]) -> usize {
        Self::plan(params).lookback()
    }

    fn stability(params: [Value; 11]) -> Stability {
        let plan = Self::plan(params);
        let legs = plan.averages.map(|period| stability(plan.matype, period));
        let signal = stability(plan.signal_matype, plan.signal);
        legs.into_iter().fold(signal, Stability::max)
    }

    fn reference(params: [Value; 11], [x]: [&[f64]; 1], outputs: [&mut [f64]; 2]) {
        Self::plan(params).reference(x, outputs);
    }

    fn start<L: Lanes>(params: [Value; 11]) -> State<L, Average<L>> {
        Self::plan(params).start(Average::new)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L, Average<L>>, [x]: [L; 1]) -> Option<[L; 2]> {
        state.step(x)
    }
}

struct Leg<L, A> {
    wait: Wait,
    before: Delay<L>,
    average: A,
}

clone_in_place!(Leg<L, A> { wait, before, average });

pub(super) struct State<L, A> {
    legs: [Leg<L, A>; 4],
    signal: A,
}

clone_in_place!(State<L, A> { legs, signal });

impl<L: Lanes, A: Smoother<L>> Leg<L, A> {
    #[inline(always)]
    fn step(&mut self, x: L) -> Option<L> {
        if !self.wait.over() {
            return None;
        }
        let before = self.before.step(x)?;
        self.average.step(rate_of(x, before))
    }
}

impl<L: Lanes, A: Smoother<L>> State<L, A> {
    #[inline(always)]
    fn step(&mut self, x: L) -> Option<[L; 2]> {
        let [first, second, third, fourth] = &mut self.legs;
        let (first, second) = (first.step(x), second.step(x));
        let (third, fourth) = (third.step(x), fourth.step(x)?);
        let short = L::splat(WEIGHTS[0]) * first? + L::splat(WEIGHTS[1]) * second?;
        let long = L::splat(WEIGHTS[2]) * third? + L::splat(WEIGHTS[3]) * fourth;
        let sum = short + long;
        Some([sum, self.signal.step(sum)?])
    }
}
