//! Scalers: accumulate, merge, fit, apply and invert.
//!
//! A scaler sees a column of a batch, all samples and timesteps together, and becomes
//! [`Statistics`]; those become a [`Map`]. Each sample is accumulated by itself, in blocks
//! of a fixed number of timesteps; samples are merged without rounding. So neither threads, levels
//! nor the order, grouping and cut of samples change a bit.
//!
//! The types here scale all samples and timesteps alike. A scaler of each sample or of each timestep by
//! itself is a step of a [`Pipeline`](crate::Pipeline), `per = "sample"` or `per = "timestep"`: the
//! one has nothing to fit or keep, the other only fits samples of one length.

mod affine;
mod exact;
mod fitted;
mod lanes;
mod map;
mod missing;
mod norm;
mod normal;
mod power;
mod quantile;
mod ranks;
mod sample;
mod saved;
mod scaler;
mod statistics;
mod types;
mod weights;

pub use affine::Affine;
pub(crate) use affine::apply_all;
pub use exact::Exact;
pub use fitted::FittedScaler;
pub(crate) use lanes::LaneStatistics;
pub use map::Map;
pub use missing::Missing;
pub use norm::Norm;
pub use power::{Method, Power, PowerMap, PowerSearch};
pub use quantile::{Distribution, QuantileMap};
pub use ranks::{Quantiles, Ranks};
pub(crate) use sample::SampleScaler;
pub(crate) use saved::Format;
pub use scaler::{Constant, Scaler};
pub(crate) use statistics::within;
pub use statistics::{Extent, Moments, Statistics};
pub use types::{
    MaxAbsScaler, MinMaxScaler, PowerScaler, QuantileScaler, RobustScaler, StandardScaler,
};
pub(crate) use weights::Weights;
