//! How far a price moves.

use super::Group;
use crate::kernel::row;

mod atr;
mod bands;
mod trange;

pub(super) const GROUP: Group = Group {
    name: "Volatility Indicators",
    rows: &[
        row::<atr::Atr, _, _, _>(),
        row::<bands::Bbw, _, _, _>(),
        row::<bands::Percentb, _, _, _>(),
        row::<trange::Trange, _, _, _>(),
    ],
};
