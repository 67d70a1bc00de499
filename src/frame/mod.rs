//! Where each value lands: lags and warm-up. Index maps, no arithmetic.

pub mod lag;
