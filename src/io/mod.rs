//! Bytes to batches and back.
//!
//! Reading trusts nothing: a header is screened before it is parsed, and sizes are compared with
//! the file's length before memory is taken. Writing goes through a temporary file, so that an
//! output appears whole or not at all.

mod archive;
mod array;
mod fingerprint;
mod header;
mod manifest;
mod npy;
mod output;
mod place;
mod reader;
mod safetensors;
mod source;
mod stored;

use ndarray::Array3;

use crate::batch::{Dtype, Element, filled};
use crate::error::Result;

pub use array::{ArrayOutput, Format};
pub use fingerprint::Fingerprint;
pub use manifest::{Manifest, ManifestColumn, ManifestInput, Shard, Shards};
pub use npy::{npy_from_bytes, npy_layout, read_npy, write_npy};
pub use output::Output;
pub use reader::Reader;
pub use source::Source;

/// A batch of either element type, as a file holds it.
#[derive(Debug, Clone, PartialEq)]
pub enum Batch {
    /// 32-bit floats.
    F32(Array3<f32>),
    /// 64-bit floats.
    F64(Array3<f64>),
}

impl Batch {
    /// Samples, timesteps, features.
    pub fn shape(&self) -> [usize; 3] {
        let (samples, timesteps, features) = match self {
            Batch::F32(x) => x.dim(),
            Batch::F64(x) => x.dim(),
        };
        [samples, timesteps, features]
    }

    /// The element type.
    pub fn dtype(&self) -> Dtype {
        match self {
            Batch::F32(_) => Dtype::F32,
            Batch::F64(_) => Dtype::F64,
        }
    }
}

/// What the header of a file says of its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Samples, timesteps, features.
    pub shape: [usize; 3],
    /// The element type.
    pub dtype: Dtype,
}

/// Memory for a block of samples, zeros.
///
/// # Errors
///
/// More than a program can address, or than the system gives.
pub fn block<E: Element>(shape: [usize; 3]) -> Result<Array3<E>> {
    filled("a block of samples", shape, E::zeroed())
}
