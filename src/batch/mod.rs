//! Batches of sequences: element types, sizes, tiles. Knows no arithmetic.

mod element;
mod size;

pub use element::{Dtype, Element};
pub(crate) use size::bytes;
