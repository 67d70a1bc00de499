//! The catalogue: every indicator and rolling statistic, one file and one row each.
//!
//! Adding one touches a new file and a row in its group's table. The pipeline, the listing, the
//! table in the README, the laws that tests hold all rows to, fuzzing and benches read the rows.

use crate::error::{Error, Line, Result};

pub use crate::kernel::{Input, Kind, Nan, Origin, Output, Param, Row, Running, Stability, Value};

mod cycle;
mod cycles;
mod math;
mod momentum;
mod overlap;
mod pointwise;
mod price;
mod reference;
mod statistic;
mod swak;
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

/// All rows, by group.
pub static CATALOGUE: &[Group] = &[
    cycle::GROUP,
    math::GROUP,
    transform::GROUP,
    momentum::GROUP,
    overlap::GROUP,
    price::GROUP,
    statistic::GROUP,
    volatility::GROUP,
    volume::GROUP,
];

/// All rows, in the order of [`CATALOGUE`].
pub fn rows() -> impl Iterator<Item = &'static Row> {
    CATALOGUE.iter().flat_map(|group| group.rows)
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
