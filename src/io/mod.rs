//! Bytes to batches and back.
//!
//! Reading trusts nothing: a header is screened before it is parsed, and sizes are compared with
//! the file's length before memory is taken. Writing goes through a temporary file, so that an
//! output appears whole or not at all.

mod header;
mod npy;
mod output;

use ndarray::Array3;

use crate::batch::Dtype;

pub use npy::{npy_from_bytes, npy_layout, read_npy, write_npy};
pub use output::Output;

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
