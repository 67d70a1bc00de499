//! How far a price moves.

use super::Group;
use crate::kernel::row;

mod atr;
mod bbw;
mod percentb;
mod trange;

pub(super) const GROUP: Group = Group {
    name: "Volatility Indicators",
    rows: &[
        row::<atr::Atr, _, _, _>(),
        row::<bbw::Bbw, _, _, _>(),
        row::<percentb::Percentb, _, _, _>(),
        row::<trange::Trange, _, _, _>(),
    ],
};
