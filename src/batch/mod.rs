//! Batches of sequences: element types, sizes, tiles. Knows no arithmetic.

mod aligned;
mod any;
mod element;
mod limit;
mod memory;
mod size;
mod spans;
mod stores;
mod tile;

pub(crate) use aligned::Aligned;
pub(crate) use any::{AnyBatch, AnyBatchMut, with_batch, with_batch_mut};
pub use element::{Dtype, Element};
pub use limit::move_bytes;
pub(crate) use size::{ask, bytes, filled};
pub(crate) use spans::over_spans;
pub use stores::Stores;
pub(crate) use stores::{Kind, Trial};
pub(crate) use tile::{GROUP, Samples, TileReader, TileWriter};
