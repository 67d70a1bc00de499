//! Batches of sequences: element types, sizes, tiles. Knows no arithmetic.

mod aligned;
mod element;
mod size;
mod tile;

pub(crate) use aligned::Aligned;
pub use element::{Dtype, Element};
pub(crate) use size::{bytes, filled};
pub(crate) use tile::{GROUP, TileReader, TileWriter};
