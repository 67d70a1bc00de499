//! One price for a bar.

use super::super::pointwise::pointwise;
use crate::kernel::Input::{Close, High, Low, Open};

pointwise! {
    Avgprice: 4, [open: Open, high: High, low: Low, close: Close],
    "avgprice", "Average Price", "y[t] = (open[t] + high[t] + low[t] + close[t]) / 4",
    "textbook; TA-Lib AVGPRICE", Exact;
    (high + low + close + open) / 4.0; (high + low + close + open) / L::splat(4.0)
}

pointwise! {
    Medprice: 2, [high: High, low: Low],
    "medprice", "Median Price", "y[t] = (high[t] + low[t]) / 2", "textbook; TA-Lib MEDPRICE", Exact;
    (high + low) / 2.0; (high + low) / L::splat(2.0)
}

pointwise! {
    Typprice: 3, [high: High, low: Low, close: Close],
    "typprice", "Typical Price", "y[t] = (high[t] + low[t] + close[t]) / 3",
    "textbook; TA-Lib TYPPRICE", Exact;
    (high + low + close) / 3.0; (high + low + close) / L::splat(3.0)
}

pointwise! {
    Wclprice: 3, [high: High, low: Low, close: Close],
    "wclprice", "Weighted Close Price", "y[t] = (high[t] + low[t] + 2·close[t]) / 4",
    "textbook; TA-Lib WCLPRICE", Exact;
    (high + low + 2.0 * close) / 4.0; (high + low + L::splat(2.0) * close) / L::splat(4.0)
}
