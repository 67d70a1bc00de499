//! A value against the one `period` timesteps before, as TA-Lib has it.

use super::super::changes::change;
use super::super::reference::{over, rate};
use crate::kernel::state::ratio::{quotient, rate as rate_of};
use crate::kernel::{Param, int};

const PERIOD: Param = int("period", &["timeperiod"], 1, 100_000, 10);

change! {
    Mom(PERIOD): "mom", "Momentum", "y[t] = x[t] - x[t-period]", "textbook; TA-Lib MOM", Exact;
    |x, before| x - before; x - before
}

change! {
    Roc(PERIOD): "roc", "Rate of Change", "y[t] = 100·(x[t] / x[t-period] - 1); 0 where x[t-period] is 0",
    "textbook; TA-Lib ROC", Exact;
    |x, before| rate(x, before); rate_of(x, before)
}

change! {
    Rocp(PERIOD): "rocp", "Rate of Change, as a Part",
    "y[t] = (x[t] - x[t-period]) / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCP", Exact;
    |x, before| over(x - before, before); quotient(x - before, before)
}

change! {
    Rocr(PERIOD): "rocr", "Rate of Change Ratio", "y[t] = x[t] / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCR", Exact;
    |x, before| over(x, before); quotient(x, before)
}

change! {
    Rocr100(PERIOD): "rocr100", "Rate of Change Ratio, in Percent",
    "y[t] = 100·x[t] / x[t-period]; 0 where x[t-period] is 0",
    "textbook; TA-Lib ROCR100", Exact;
    |x, before| over(x, before) * 100.0; quotient(x, before) * L::splat(100.0)
}
