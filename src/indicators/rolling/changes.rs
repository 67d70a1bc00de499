//! Changes against earlier values, as pandas has them.

use super::super::changes::change;
use crate::kernel::{Param, int};
use crate::simd::functions;

const PERIOD: Param = int("period", &["periods"], 1, 100_000, 1);

change! {
    Diff(PERIOD): "diff", "Difference",
    "y[t] = x[t] - x[t-period]", "textbook; pandas Series.diff", Exact;
    |x, before| x - before; x - before
}

change! {
    PctChange(PERIOD): "pct_change", "Relative Change",
    "y[t] = x[t]/x[t-period] - 1; infinite over 0", "textbook; pandas Series.pct_change", Exact;
    |x, before| x / before - 1.0; x / before - L::splat(1.0)
}

change! {
    LogReturn(PERIOD): "log_return", "Logarithmic Return",
    "y[t] = ln(x[t]/x[t-period]); no value where either is negative",
    "textbook; numpy log of a quotient", Rounding;
    |x, before| if before < 0.0 { f64::NAN } else { (x / before.abs()).ln() };
    {
        let rate = functions::ln(x / before.abs());
        L::select(L::splat(0.0).gt(before), L::splat(f64::NAN), rate)
    }
}
