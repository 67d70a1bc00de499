//! How far a price moves.

use super::Group;
use crate::kernel::row;

mod adr;
mod atr;
mod bands;
mod cvi;
mod massi;
mod natr;
mod rogerssatchell;
mod rvi;
mod trange;

pub(super) const GROUP: Group = Group {
    name: "Volatility Indicators",
    rows: &[
        row::<adr::Adr, _, _, _>(),
        row::<atr::Atr, _, _, _>(),
        row::<bands::Bbw, _, _, _>(),
        row::<cvi::Cvi, _, _, _>(),
        row::<massi::Massi, _, _, _>(),
        row::<natr::Natr, _, _, _>(),
        row::<bands::Percentb, _, _, _>(),
        row::<rogerssatchell::Rogerssatchell, _, _, _>(),
        row::<rvi::Rvi, _, _, _>(),
        row::<rvi::Rvir, _, _, _>(),
        row::<trange::Trange, _, _, _>(),
    ],
};
