//! The catalogue: every indicator and rolling statistic, one file and one row each.
//!
//! Adding one touches a new file and a row in its group's table. The pipeline, the listing, the
//! table in the README, the laws that tests hold all rows to, fuzzing and benches read the rows.
//! All functions of TA-Lib are there.

use crate::error::{Error, Line, Result};

pub use crate::kernel::{Input, Kind, Nan, Output, Param, Row, Running, Stability, Value};

mod changes;
mod cycle;
mod cycles;
mod gaps;
mod math;
mod momentum;
mod overlap;
mod pattern;
mod pointwise;
mod price;
mod reference;
mod rolling;
mod statistic;
mod swak;
#[cfg(feature = "ta-lib")]
mod talib;
mod transform;
mod volatility;
mod volume;

/// Rows of one kind.
#[derive(Debug)]
pub struct Group {
    /// The kind, as TA-Lib names it.
    pub name: &'static str,
    /// Its rows, sorted by name.
    pub rows: &'static [Row],
}

/// All rows, by group; groups and rows are sorted by name.
// Never inlined: where the constant is, all kernels are compiled.
#[inline(never)]
pub fn catalogue() -> &'static [Group] {
    CATALOGUE
}

// Not a static, with which unit tests of anything would compile all kernels.
const CATALOGUE: &[Group] = &[
    cycle::GROUP,
    math::GROUP,
    transform::GROUP,
    momentum::GROUP,
    overlap::GROUP,
    pattern::GROUP,
    price::GROUP,
    rolling::GROUP,
    statistic::GROUP,
    volatility::GROUP,
    volume::GROUP,
];

/// All rows, in the order of [`catalogue`].
pub fn rows() -> impl Iterator<Item = &'static Row> {
    catalogue().iter().flat_map(|group| group.rows)
}

/// The row of that name.
///
/// # Errors
///
/// There is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Row> {
    rows()
        .find(|row| row.name == name)
        .ok_or_else(|| Error::unknown(Line::NONE, "indicator", name, rows().map(|row| row.name)))
}

/// After how many more timesteps than its warm-up has the first 4, and the first 8, significant
/// digits of a row no longer depend on where the series starts.
///
/// By TA-Lib's rules, `[0, 0]` for what never depends on it; `None` where TA-Lib knows no such
/// number: for what is path-dependent, for a row that is not TA-Lib's, without the feature `ta-lib`.
pub fn settling(row: &Row, params: &[Value]) -> Option<[usize; 2]> {
    match row.stability(params) {
        Stability::Exact | Stability::Rounding => Some([0, 0]),
        Stability::PathDependent => None,
        #[cfg(feature = "ta-lib")]
        Stability::Converging => talib::settling(row, params),
        #[cfg(not(feature = "ta-lib"))]
        Stability::Converging => None,
    }
}
