//! Operators over one or two series.

use super::Group;
use crate::kernel::row;

mod cumulative;
mod max;
mod min;
mod minmax;
mod minmaxindex;
mod pairs;
mod places;
mod sum;

pub(super) use cumulative::Cumprod;

pub(super) const GROUP: Group = Group {
    name: "Math Operators",
    rows: &[
        row::<pairs::Add, _, _, _>(),
        row::<cumulative::Cumsum, _, _, _>(),
        row::<pairs::Div, _, _, _>(),
        row::<max::Max, _, _, _>(),
        row::<places::Maxindex, _, _, _>(),
        row::<min::Min, _, _, _>(),
        row::<minmax::Minmax, _, _, _>(),
        row::<places::Minindex, _, _, _>(),
        row::<minmaxindex::Minmaxindex, _, _, _>(),
        row::<pairs::Mult, _, _, _>(),
        row::<pairs::Sub, _, _, _>(),
        row::<sum::Sum, _, _, _>(),
    ],
};
