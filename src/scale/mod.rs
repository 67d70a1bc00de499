//! Scalers: accumulate, merge, fit, apply and invert.
//!
//! A scaler sees a column of a batch, all samples and timesteps together, and becomes
//! [`Statistics`]; those become an [`Affine`] map. Statistics are mergeable. Their bits do not
//! depend on threads or levels: each sample is accumulated by itself, in blocks of a fixed number
//! of timesteps; the samples of a group are folded in one written order, the groups in theirs.

mod affine;
mod lanes;
mod saved;
mod scaler;
mod statistics;

pub use affine::Affine;
pub(crate) use affine::apply_all;
pub(crate) use lanes::LaneStatistics;
pub(crate) use saved::Format;
pub use scaler::{FittedScaler, MinMaxScaler, StandardScaler};
pub(crate) use statistics::fold;
pub use statistics::{Scaler, Statistics};
