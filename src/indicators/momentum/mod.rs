//! Speed and direction of a price.

use super::Group;
use crate::kernel::row;

mod adx;
mod macd;
mod mom;
mod roc;
mod rsi;
mod stoch;
mod willr;

pub(super) const GROUP: Group = Group {
    name: "Momentum Indicators",
    rows: &[
        row::<adx::Adx, _, _, _>(),
        row::<macd::Macd, _, _, _>(),
        row::<mom::Mom, _, _, _>(),
        row::<roc::Roc, _, _, _>(),
        row::<rsi::Rsi, _, _, _>(),
        row::<stoch::Stoch, _, _, _>(),
        row::<willr::Willr, _, _, _>(),
    ],
};
