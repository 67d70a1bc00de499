//! The words that kernels are made of. Each stands once, for any number of lanes.

mod delay;
mod ema;
mod sliding;

pub(crate) use delay::Delay;
pub(crate) use ema::Ema;
pub(crate) use sliding::{Fold, Highest, Lowest, Sliding, Sum};
