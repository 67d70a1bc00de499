//! windrow
mod batch;
pub mod error;
pub mod indicators;
pub mod io;
mod kernel;
mod simd;
pub use batch::{Dtype, Element};
pub use error::{Error, Result};
pub use kernel::Row;
pub use simd::Level;
