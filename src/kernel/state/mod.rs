//! The words that kernels are made of. Each stands once, for any number of lanes.

mod adaptive;
pub(crate) mod average;
mod chain;
mod delay;
mod ema;
mod mean;
mod moments;
mod range;
mod sliding;

pub(crate) use average::{AVERAGES, Average};
pub(crate) use chain::Double;
pub(crate) use delay::Delay;
pub(crate) use ema::Ema;
pub(crate) use mean::{Mean, Weighted};
pub(crate) use moments::Spread;
pub(crate) use range::{Movement, Total, TrueRange, flat};
pub(crate) use sliding::{Highest, Lowest, Sliding};
