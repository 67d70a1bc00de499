//! Operators over one or two series.

use super::Group;
use crate::kernel::row;

mod max;
mod min;

pub(super) const GROUP: Group = Group {
    name: "Math Operators",
    rows: &[row::<max::Max, _, _, _>(), row::<min::Min, _, _, _>()],
};
