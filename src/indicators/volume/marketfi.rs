//! Market facilitation index.

use super::super::pointwise::pointwise;
use super::super::reference::over;
use crate::kernel::Input::{High, Low, Volume};
use crate::kernel::state::ratio::quotient;

pointwise! {
    Marketfi: 3, [high: High, low: Low, volume: Volume],
    "marketfi", "Market Facilitation Index",
    "y[t] = (high[t] - low[t]) / volume[t], 0 where volume[t] is 0",
    "B. Williams, Trading Chaos, 1995; TA-Lib MARKETFI", Exact;
    over(high - low, volume); quotient(high - low, volume)
}
