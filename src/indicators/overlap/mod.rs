//! Averages and bands that are drawn over the price.

use super::Group;
use crate::kernel::row;

mod ema;
mod sma;

pub(super) const GROUP: Group = Group {
    name: "Overlap Studies",
    rows: &[row::<ema::Ema, _, _, _>(), row::<sma::Sma, _, _, _>()],
};
