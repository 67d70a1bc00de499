//! Statistics of a window.

use super::Group;
use crate::kernel::row;

mod beta;
mod correl;
mod kurtosis;
mod linearreg;
mod linearreg_angle;
mod linearreg_intercept;
mod linearreg_slope;
mod median;
mod percentile;
mod percentrank;
mod stddev;
mod tsf;
mod var;

pub(super) const GROUP: Group = Group {
    name: "Statistic Functions",
    rows: &[
        row::<beta::Beta, _, _, _>(),
        row::<correl::Correl, _, _, _>(),
        row::<kurtosis::Kurtosis, _, _, _>(),
        row::<linearreg::Linearreg, _, _, _>(),
        row::<linearreg_angle::LinearregAngle, _, _, _>(),
        row::<linearreg_intercept::LinearregIntercept, _, _, _>(),
        row::<linearreg_slope::LinearregSlope, _, _, _>(),
        row::<median::Median, _, _, _>(),
        row::<percentile::Percentile, _, _, _>(),
        row::<percentrank::Percentrank, _, _, _>(),
        row::<stddev::Stddev, _, _, _>(),
        row::<tsf::Tsf, _, _, _>(),
        row::<var::Var, _, _, _>(),
    ],
};
