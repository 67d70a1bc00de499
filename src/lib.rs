//! Scaled, lagged and indicator features for batches of sequences, in one pass.
//!
//! A many-to-many sequence model learns from a tensor (samples, timesteps, features). `windrow`
//! makes that tensor: it standardizes features over all samples and timesteps, joins lagged copies
//! along the feature axis, and appends technical indicators, as scikit-learn, NumPy and TA-Lib do
//! together, with the fitted state kept apart, so that it can be applied unchanged to test data.
//!
//! ```
//! use ndarray::Array3;
//! use windrow::{FittedPipeline, Pipeline};
//!
//! let pipeline = Pipeline::from_toml(r#"
//!     [input]
//!     columns = ["close", "volume"]
//!     [[step]]
//!     op = "sma"
//!     columns = "close"
//!     period = 5
//!     [[step]]
//!     op = "standardize"
//!     columns = ["close", "volume"]
//!     [[step]]
//!     op = "lag"
//!     columns = ["close"]
//!     lags = [1, 2]
//! "#)?;
//! let train = Array3::from_shape_fn((10, 30, 2), |(s, t, f)| ((s * 7 + t * 3 + f) % 11) as f32);
//! let fitted = pipeline.fit(train.view())?;
//! let tensor: Array3<f32> = fitted.transform(train.view())?;
//! assert_eq!(tensor.dim(), (10, 30, 5));
//!
//! let restored = FittedPipeline::from_json(&fitted.to_json())?;
//! assert_eq!(restored.columns()[4], "close_lag_2");
//! # Ok::<(), windrow::Error>(())
//! ```
//!
//! # Promises
//!
//! - Arithmetic is f64 whatever the batch stores; every output is rounded once.
//! - The same bits for any number of threads, instruction set, memory order and batch around a
//!   sample, and from run to run; on threads that round to nearest and keep denormal numbers, as all do
//!   unless they are told otherwise.
//! - No cell depends on a later timestep or on another sample, fitted parameters aside.
//! - Errors name their subject, what came and what is allowed; running cannot fail on data.
//!
//! # Parts
//!
//! [`Pipeline`] and [`FittedPipeline`] do it all; each operation also stands alone: [`scale`],
//! [`frame::lag`], [`indicators`]. Work runs in the rayon pool of the caller
//! (`pool.install(|| ...)`), on the fastest [`Level`] of the machine, or by the [`Engine`] that the
//! environment variable `WINDROW_LEVEL` names.
//!
//! # Features
//!
//! `cli` (default) builds the program; without it the library links no argument parser, progress
//! bar or terminal code. `ta-lib` (part of `cli`) lets [`indicators::settling`] ask the crate of that
//! name.

mod batch;
pub mod error;
pub mod frame;
pub mod indicators;
pub mod io;
mod kernel;
mod pipeline;
mod saved;
pub mod scale;
mod simd;

pub use batch::{Dtype, Element, Stores, move_bytes};
pub use error::{Error, Result};
pub use kernel::Row;
pub use pipeline::{
    Engine, FittedPipeline, Fitting, FittingSample, Pipeline, Plan, PlanColumn, PlanInput,
    PlanSize, Run, Transforming,
};
pub use simd::Level;

/// The examples of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
