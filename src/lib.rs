//! windrow
mod batch;
pub mod error;
pub mod indicators;
mod kernel;
pub mod scale;
mod simd;
pub use batch::{Dtype, Element};
pub use error::{Error, Result};
pub use kernel::Row;
pub use simd::Level;
