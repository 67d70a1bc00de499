//! Statistics of a window.

use super::Group;
use crate::kernel::row;

mod beta;
mod correl;
mod kurtosis;
mod lines;
mod median;
mod percentile;
mod percentrank;
mod stddev;
mod var;

pub(super) const GROUP: Group = Group {
    name: "Statistic Functions",
    rows: &[
        row::<beta::Beta, _, _, _>(),
        row::<correl::Correl, _, _, _>(),
        row::<kurtosis::Kurtosis, _, _, _>(),
        row::<lines::Linearreg, _, _, _>(),
        row::<lines::Angle, _, _, _>(),
        row::<lines::Intercept, _, _, _>(),
        row::<lines::Slope, _, _, _>(),
        row::<median::Median, _, _, _>(),
        row::<percentile::Percentile, _, _, _>(),
        row::<percentrank::Percentrank, _, _, _>(),
        row::<stddev::Stddev, _, _, _>(),
        row::<lines::Tsf, _, _, _>(),
        row::<var::Var, _, _, _>(),
    ],
};
