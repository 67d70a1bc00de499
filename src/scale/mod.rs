//! Scalers: accumulate, merge, fit, apply and invert.
//!
//! A scaler sees a column of a batch, all samples and timesteps together, and becomes
//! [`Statistics`]; those become a [`Map`]. Each sample is accumulated by itself, in blocks
//! of a fixed number of timesteps; samples are merged without rounding. So neither threads, levels
//! nor the order, grouping and cut of samples change a bit.
//!
//! The types here scale a feature over all samples and timesteps. Each timestep by itself is a view of
//! the batch in which every timestep has features of its own; each sample by itself is a fit of that
//! sample:
//!
//! ```
//! use ndarray::{Array3, Axis, s};
//! use windrow::scale::StandardScaler;
//!
//! let x = Array3::from_shape_fn((4, 3, 2), |(n, t, f)| (n * n + 5 * t + f) as f64);
//! let timesteps = x.to_shape((4, 1, 3 * 2)).expect("in order");
//! let scaler = StandardScaler::default().fit(timesteps.view())?;
//! let scaled = scaler.transform(timesteps.view())?.into_shape_with_order(x.dim()).expect("its size");
//! assert_eq!(scaled.slice(s![.., 2, 0]).sum(), 0.0);
//!
//! for sample in x.axis_chunks_iter(Axis(0), 1) {
//!     let scaled = StandardScaler::default().fit(sample)?.transform(sample)?;
//!     assert_eq!(scaled.slice(s![0, .., 0]).sum(), 0.0);
//! }
//! # Ok::<(), windrow::Error>(())
//! ```
//!
//! In a [`Pipeline`](crate::Pipeline) they are `per = "timestep"` and `per = "sample"` of a step.

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
mod scaler;
mod statistics;
mod types;
mod weights;
mod words;

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
pub use scaler::{Constant, Scaler};
pub(crate) use statistics::within;
pub use statistics::{Extent, Moments, Statistics};
pub use types::{
    MaxAbsScaler, MinMaxScaler, PowerScaler, QuantileScaler, RobustScaler, StandardScaler,
};
pub(crate) use weights::Weights;
