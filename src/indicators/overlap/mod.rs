//! Averages and bands that are drawn over the price.

use super::Group;
use crate::kernel::row;

mod bbands;
mod dema;
mod ema;
mod sma;
mod wma;

pub(super) const GROUP: Group = Group {
    name: "Overlap Studies",
    rows: &[
        row::<bbands::Bbands, _, _, _>(),
        row::<dema::Dema, _, _, _>(),
        row::<ema::Ema, _, _, _>(),
        row::<sma::Sma, _, _, _>(),
        row::<wma::Wma, _, _, _>(),
    ],
};
