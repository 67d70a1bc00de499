//! Where a bar opens and closes within itself.

use super::super::pointwise::pointwise;
use super::super::reference::share;
use crate::kernel::Input::{Close, High, Low, Open};
use crate::kernel::state::ratio::share as share_of;

pointwise! {
    Bop: 4, [open: Open, high: High, low: Low, close: Close],
    "bop", "Balance of Power",
    "y[t] = (close[t] - open[t]) / (high[t] - low[t]), 0 where high[t] - low[t] is 0",
    "I. Livshin, Stocks & Commodities 19:8, 2001; TA-Lib BOP", Exact;
    share(close - open, high - low, 0.0); share_of(close - open, high - low, 0.0)
}

pointwise! {
    Ibs: 3, [high: High, low: Low, close: Close],
    "ibs", "Internal Bar Strength",
    "y[t] = (close[t] - low[t]) / (high[t] - low[t]), 0.5 where high[t] - low[t] is 0",
    "textbook; TA-Lib IBS", Exact;
    share(close - low, high - low, 0.5); share_of(close - low, high - low, 0.5)
}
