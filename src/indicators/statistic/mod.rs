//! Statistics of a window.

use super::Group;
use crate::kernel::row;

mod stddev;

pub(super) const GROUP: Group =
    Group { name: "Statistic Functions", rows: &[row::<stddev::Stddev, _, _, _>()] };
