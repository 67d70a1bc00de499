//! windrow
mod batch;
pub mod error;
pub mod frame;
pub mod indicators;
pub mod io;
mod kernel;
mod pipeline;
pub mod scale;
mod simd;
pub use batch::{Dtype, Element};
pub use error::{Error, Result};
pub use kernel::Row;
pub use pipeline::{Engine, FittedPipeline, Pipeline, Plan, PlanColumn, Run};
pub use simd::Level;
