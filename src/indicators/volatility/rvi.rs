//! Relative volatility index, of a close or of high and low.

use super::super::reference::{changes, deviation, place, wilder};
use crate::kernel::state::strength::{Balance, upward};
use crate::kernel::state::{Spread, clone_in_place};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value, int};
use crate::simd::Lanes;

pub(super) struct Rvi;

const PARAMS: [Param; 2] = [
    int("period", &["timeperiod"], 1, 100_000, 14),
    int("std_dev_period", &["stddevperiod"], 2, 100_000, 10),
];

impl Kernel<1, 2, 1> for Rvi {
    const SPEC: Spec<1, 2, 1> = Spec {
        name: "rvi",
        title: "Relative Volatility Index",
        formula: "y[t] = 100·u / (u + d), 50 where both are 0; u, d = Wilder averages over period \
                  of STDDEV(x, std_dev_period) where x rises, of it where x falls, 0 elsewhere",
        source: "D. Dorsey, Stocks & Commodities 11:6, 1993; TA-Lib RVI",
        warmup: "std_dev_period + period - 2",
        inputs: [Input::Series("x")],
        params: PARAMS,
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = Index<L>;

    fn lookback(params: [Value; 2]) -> usize {
        lookback(params)
    }

    fn reference(params: [Value; 2], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
        place(&index(params, x), y);
    }

    fn start<L: Lanes>(params: [Value; 2]) -> Index<L> {
        Index::new(params)
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut Index<L>, [x]: [L; 1]) -> Option<[L; 1]> {
        Some([state.step(x)?])
    }
}

pub(super) struct Rvir;

impl Kernel<2, 2, 1> for Rvir {
    const SPEC: Spec<2, 2, 1> = Spec {
        name: "rvir",
        title: "Relative Volatility Index, Refined",
        formula: "y[t] = (RVI(high) + RVI(low)) / 2",
        source: "D. Dorsey, Stocks & Commodities 13:9, 1995; TA-Lib RVIR",
        warmup: "std_dev_period + period - 2",
        inputs: [Input::High, Input::Low],
        params: PARAMS,
        outputs: [Output::new("").within(0.0, 100.0)],
        stability: Stability::Converging,
    };

    type State<L: Lanes> = [Index<L>; 2];

    fn lookback(params: [Value; 2]) -> usize {
        lookback(params)
    }

    fn reference(params: [Value; 2], [high, low]: [&[f64]; 2], [y]: [&mut [f64]; 1]) {
        let (high, low) = (index(params, high), index(params, low));
        let both = high.iter().zip(&low).map(|(high, low)| (high + low) / 2.0);
        place(&both.collect::<Vec<f64>>(), y);
    }

    fn start<L: Lanes>(params: [Value; 2]) -> [Index<L>; 2] {
        let index = Index::new(params);
        [index.clone(), index]
    }

    #[inline(always)]
    fn step<L: Lanes>([highs, lows]: &mut [Index<L>; 2], [high, low]: [L; 2]) -> Option<[L; 1]> {
        let high = highs.step(high);
        let low = lows.step(low)?;
        Some([(high? + low) / L::splat(2.0)])
    }
}

fn lookback([period, stddev]: [Value; 2]) -> usize {
    stddev.int() + period.int() - 2
}

/// The definition, from its lookback on.
fn index([period, stddev]: [Value; 2], x: &[f64]) -> Vec<f64> {
    let deviations = x.windows(stddev.int()).map(deviation).collect::<Vec<f64>>();
    let changes = changes(x);
    let where_it = |moves: fn(f64) -> bool| -> Vec<f64> {
        let late = changes.iter().skip(stddev.int() - 2).zip(&deviations);
        late.map(|(change, deviation)| if moves(*change) { *deviation } else { 0.0 }).collect()
    };
    let up = wilder(period.int(), &where_it(|change| change > 0.0));
    let down = wilder(period.int(), &where_it(|change| change < 0.0));
    let part = |(up, down): (&f64, &f64)| match up + down == 0.0 {
        true => 50.0,
        false => 100.0 * up / (up + down),
    };
    up.iter().zip(&down).map(part).collect()
}

/// The same for lanes.
pub(super) struct Index<L> {
    spread: Spread<L>,
    before: Option<L>,
    balance: Balance<L>,
}

clone_in_place!(Index<L> { spread, before, balance });

impl<L: Lanes> Index<L> {
    fn new([period, stddev]: [Value; 2]) -> Self {
        Index {
            spread: Spread::new(stddev.int()),
            before: None,
            balance: Balance::new(period.int()),
        }
    }

    #[inline(always)]
    fn step(&mut self, x: L) -> Option<L> {
        let before = self.before.replace(x);
        let (_, variance) = self.spread.step(x)?;
        let (deviation, before) = (variance.sqrt(), before?);
        let (up, down) = (deviation.keep(x.gt(before)), deviation.keep(before.gt(x)));
        let (up, down) = self.balance.step(up, down)?;
        Some(upward(up, down))
    }
}
