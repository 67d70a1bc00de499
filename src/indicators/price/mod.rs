//! Prices made of prices.

use super::Group;
use crate::kernel::row;

mod avgdev;
mod bars;
mod ha;

pub(super) const GROUP: Group = Group {
    name: "Price Transform",
    rows: &[
        row::<avgdev::Avgdev, _, _, _>(),
        row::<bars::Avgprice, _, _, _>(),
        row::<ha::Ha, _, _, _>(),
        row::<bars::Medprice, _, _, _>(),
        row::<bars::Typprice, _, _, _>(),
        row::<bars::Wclprice, _, _, _>(),
    ],
};
