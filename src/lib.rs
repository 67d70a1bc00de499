//! windrow
pub mod error;
pub mod indicators;
mod kernel;
mod simd;
pub use error::{Error, Result};
pub use kernel::Row;
pub use simd::Level;
