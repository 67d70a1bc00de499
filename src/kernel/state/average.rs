//! A moving average whose type is a parameter.

use super::adaptive::{Kaufman, Vidya};
use super::chain::{Double, Tillson, Triple, ZeroLag};
use super::ema::Ema;
use super::hilbert::Mesa;
use super::mean::{Bell, Hull, Mean, Triangular, Weighted};
use crate::kernel::Stability;
use crate::simd::Lanes;

/// The types, by TA-Lib's names and numbers.
///
/// Not here: `default` (11), which TA-Lib takes for a parameter that is not given.
pub(crate) const AVERAGES: &[(&str, u8)] = &[
    ("sma", 0),
    ("ema", 1),
    ("wma", 2),
    ("dema", 3),
    ("tema", 4),
    ("trima", 5),
    ("kama", 6),
    ("mama", 7),
    ("t3", 8),
    ("hma", 9),
    ("disabled", 10),
    ("zlema", 12),
    ("rma", 13),
    ("vidya", 14),
    ("alma", 15),
];

/// Whether an average of that type, by number, keeps as many values as its period.
pub(super) fn has_window(kind: u8) -> bool {
    matches!(kind, 0 | 2 | 5 | 6 | 9 | 12 | 14 | 15)
}

/// One of [`AVERAGES`]. With a period of 1 each gives its input back.
pub(crate) enum Average<L> {
    Same,
    Mean(Mean<L>),
    Ema(Ema<L>),
    /// In a place of its own: a state moves into registers and back with every chunk, and the largest
    /// of these, three thousand bytes in all that hold an average, took a fifth of the time of `stoch`.
    Rare(Box<Rare<L>>),
}

/// The types that few use.
pub(crate) enum Rare<L> {
    Weighted(Weighted<L>),
    Double(Double<L>),
    Triple(Triple<L>),
    Triangular(Triangular<L>),
    Kaufman(Kaufman<L>),
    Mesa(Mesa<L>),
    Tillson(Tillson<L>),
    Hull(Hull<L>),
    ZeroLag(ZeroLag<L>),
    Vidya(Vidya<L>),
    Bell(Bell<L>),
}

/// As `clone_in_place`, for variants.
macro_rules! clone_variants_in_place {
    ($average:ident { $($single:ident)? | $($variant:ident),+ }) => {
        impl<L: Clone> Clone for $average<L> {
            fn clone(&self) -> Self {
                match self {
                    $($average::$single => $average::$single,)?
                    $($average::$variant(state) => $average::$variant(state.clone()),)+
                }
            }
            fn clone_from(&mut self, other: &Self) {
                match (self, other) {
                    $(($average::$variant(state), $average::$variant(other)) => {
                        state.clone_from(other);
                    })+
                    (state, other) => *state = other.clone(),
                }
            }
        }
    };
}
clone_variants_in_place!(Average { Same | Mean, Ema, Rare });
clone_variants_in_place!(Rare {
    | Weighted, Double, Triple, Triangular, Kaufman, Mesa, Tillson, Hull, ZeroLag, Vidya, Bell
});

impl<L: Lanes> Average<L> {
    /// The average of a type, by number, over a period of 1 or more.
    pub fn new(kind: u8, period: usize) -> Self {
        if period == 1 {
            return Average::Same;
        }
        let rare = match kind {
            0 => return Average::Mean(Mean::new(period)),
            1 => return Average::Ema(Ema::new(period)),
            2 => Rare::Weighted(Weighted::new(period)),
            3 => Rare::Double(Double::new(period)),
            4 => Rare::Triple(Triple::new(period)),
            5 => Rare::Triangular(Triangular::new(period)),
            6 => Rare::Kaufman(Kaufman::new(period)),
            7 => Rare::Mesa(Mesa::new(0.5, 0.05)),
            8 => Rare::Tillson(Tillson::new(period, 0.7)),
            9 => Rare::Hull(Hull::new(period)),
            10 => return Average::Same,
            12 => Rare::ZeroLag(ZeroLag::new(period)),
            13 => return Average::Ema(Ema::wilder(period)),
            14 => Rare::Vidya(Vidya::new(period, Vidya::<L>::changes(period))),
            15 => Rare::Bell(Bell::new(period, 6.0, 0.85)),
            _ => unreachable!("not one of AVERAGES"),
        };
        Average::Rare(Box::new(rare))
    }

    /// Takes a value; gives the average after [`lookback`] values.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        match self {
            Average::Same => Some(x),
            Average::Mean(state) => state.step(x),
            Average::Ema(state) => state.step(x),
            Average::Rare(state) => state.step(x),
        }
    }
}

impl<L: Lanes> Rare<L> {
    /// Compiled once for all rows that have the choice: inlined into each, these were most of what
    /// the compiler had to do.
    #[inline(never)]
    fn step(&mut self, x: L) -> Option<L> {
        L::vectorize(
            #[inline(always)]
            || match self {
                Rare::Weighted(state) => state.step(x),
                Rare::Double(state) => state.step(x),
                Rare::Triple(state) => state.step(x),
                Rare::Triangular(state) => state.step(x),
                Rare::Kaufman(state) => state.step(x),
                Rare::Mesa(state) => state.step(x).map(|(mama, _)| mama),
                Rare::Tillson(state) => state.step(x),
                Rare::Hull(state) => state.step(x),
                Rare::ZeroLag(state) => state.step(x),
                Rare::Vidya(state) => state.step(x),
                Rare::Bell(state) => state.step(x),
            },
        )
    }
}

/// How many values an average of a type takes before it gives one.
pub(crate) fn lookback(kind: u8, period: usize) -> usize {
    let seed = period - 1;
    if seed == 0 {
        return 0;
    }
    match kind {
        3 => 2 * seed,
        4 => 3 * seed,
        6 => period,
        7 => Mesa::<f64>::LOOKBACK,
        8 => 6 * seed,
        9 => seed + period.isqrt() - 1,
        10 => 0,
        12 => seed + ZeroLag::<f64>::lag(period),
        14 => Vidya::<f64>::changes(period),
        _ => seed,
    }
}

/// How an average of a type depends on the start of its series.
pub(crate) fn stability(kind: u8, period: usize) -> Stability {
    match kind {
        _ if period == 1 => Stability::Exact,
        10 => Stability::Exact,
        0 | 2 | 5 | 9 | 15 => Stability::Rounding,
        _ => Stability::Converging,
    }
}
