//! Statistics of a window, of all values so far, and of values that fade; changes and products.
//!
//! A row with a window holds to one rule about what is missing: NaN is no value, and a window with at
//! least `min_periods` values has the statistic of those. By default that is all of the window, so
//! that NaN gives NaN while it is in the window. An infinity is a value: it follows IEEE 754, and
//! leaves with the window.
//!
//! Rows without a window keep to the policy of their step, but for `ewm_*`, which have parameters
//! for what a missing value does.

use super::{Group, math};
use crate::kernel::{Param, Value, int, row};

mod changes;
mod count;
mod ewm;
mod expanding;
mod extremes;
mod moments;
mod order;
mod pairs;
mod rank;
mod slope;
mod sum;

pub(super) const GROUP: Group = Group {
    name: "Rolling Statistics",
    rows: &[
        row::<math::Cumprod, _, _, _>(),
        row::<changes::Diff, _, _, _>(),
        row::<ewm::Mean, _, _, _>(),
        row::<ewm::Std, _, _, _>(),
        row::<ewm::Var, _, _, _>(),
        row::<expanding::Count, _, _, _>(),
        row::<expanding::Max, _, _, _>(),
        row::<expanding::Mean, _, _, _>(),
        row::<expanding::Min, _, _, _>(),
        row::<expanding::Std, _, _, _>(),
        row::<expanding::Sum, _, _, _>(),
        row::<expanding::Var, _, _, _>(),
        row::<expanding::Zscore, _, _, _>(),
        row::<changes::LogReturn, _, _, _>(),
        row::<changes::PctChange, _, _, _>(),
        row::<extremes::Argmax, _, _, _>(),
        row::<extremes::Argmin, _, _, _>(),
        row::<pairs::Beta, _, _, _>(),
        row::<pairs::Corr, _, _, _>(),
        row::<count::Count, _, _, _>(),
        row::<pairs::Cov, _, _, _>(),
        row::<moments::Kurt, _, _, _>(),
        row::<extremes::Max, _, _, _>(),
        row::<moments::Mean, _, _, _>(),
        row::<order::Median, _, _, _>(),
        row::<extremes::Min, _, _, _>(),
        row::<order::Quantile, _, _, _>(),
        row::<extremes::Range, _, _, _>(),
        row::<rank::Rank, _, _, _>(),
        row::<moments::Skew, _, _, _>(),
        row::<slope::Slope, _, _, _>(),
        row::<moments::Std, _, _, _>(),
        row::<sum::Sum, _, _, _>(),
        row::<moments::Var, _, _, _>(),
        row::<moments::Zscore, _, _, _>(),
    ],
};

/// The longest window; its memory grows with the series, not with the window.
const LONGEST: usize = u32::MAX as usize;

/// The longest window of a row whose work, or memory, is that of the window.
const LONGEST_ORDERED: usize = 100_000;

const WINDOW: Param = int("window", &[], 1, LONGEST, 20);

const ORDERED_WINDOW: Param = int("window", &[], 1, LONGEST_ORDERED, 20);

/// How many values a window needs; all of it where it is left out.
const MIN_PERIODS: Param = int("min_periods", &[], 0, LONGEST, 0).or_none();

/// Yes or no.
const SWITCH: &[(&str, u8)] = &[("false", 0), ("true", 1)];

/// How many degrees of freedom the mean takes.
const DDOF: Param = int("ddof", &[], 0, 100, 1);

/// The window and how many values it needs.
fn sizes(window: Value, min_periods: Value) -> (usize, usize) {
    match min_periods.int() {
        0 => (window.int(), window.int()),
        least => (window.int(), least),
    }
}

/// A window that holds what the longer one does of a series of so many timesteps; one that has to be
/// full stays.
fn within(window: Value, min_periods: Value, timesteps: usize) -> Value {
    let longest = Value::whole(timesteps.max(min_periods.int()));
    if min_periods.int() > 0 && longest.int() < window.int() { longest } else { window }
}

/// Why the two do not go together, if so.
fn refusal(window: Value, min_periods: Value) -> Option<&'static str> {
    let more = min_periods.int() > window.int();
    more.then_some("`min_periods` is at most `window`")
}

/// The rule for windows, in the words of a definition: `of` the values of those timesteps of each
/// window at which all inputs have one, if there are enough.
fn over<const I: usize>(
    (window, least): (usize, usize),
    inputs: [&[f64]; I],
    y: &mut [f64],
    of: impl Fn(&[[f64; I]]) -> f64,
) {
    for t in 0..y.len() {
        let from = (t + 1).saturating_sub(window);
        let at = |t: usize| std::array::from_fn(|i| inputs[i][t]);
        let all = (from..=t).map(at);
        let values: Vec<[f64; I]> = all.filter(|x| x.iter().all(|x| !x.is_nan())).collect();
        if values.len() >= least {
            y[t] = of(&values);
        }
    }
}

/// As [`over`], of one series.
fn over_one(sizes: (usize, usize), x: &[f64], y: &mut [f64], of: impl Fn(&[f64]) -> f64) {
    over(sizes, [x], y, |values| of(values.as_flattened()));
}

/// As [`over_one`], for what is said of the newest value: nothing if that is missing.
fn over_newest(sizes: (usize, usize), x: &[f64], y: &mut [f64], of: impl Fn(&[f64]) -> f64) {
    over_one(sizes, x, y, of);
    for t in 0..y.len() {
        if x[t].is_nan() {
            y[t] = f64::NAN;
        }
    }
}
