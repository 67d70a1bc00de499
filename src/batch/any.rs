//! Batches whose dtype is a value.
//!
//! What is generic over the element type is compiled again in every crate that calls it, for each
//! instruction set. The engine is large, so the public functions, which are generic, pass their
//! batches on in this form, and all below is compiled once, here.

use ndarray::{ArrayView3, ArrayViewMut3};

use super::Dtype;

/// A batch of either dtype.
pub enum AnyBatch<'a> {
    F32(ArrayView3<'a, f32>),
    F64(ArrayView3<'a, f64>),
}

/// A batch of either dtype, to be written.
pub enum AnyBatchMut<'a> {
    F32(ArrayViewMut3<'a, f32>),
    F64(ArrayViewMut3<'a, f64>),
}

/// Runs an expression, generic over the element type, on the batch that is there.
macro_rules! with_batch {
    ($any:expr, |$batch:ident| $run:expr) => {
        match $any {
            $crate::batch::AnyBatch::F32($batch) => $run,
            $crate::batch::AnyBatch::F64($batch) => $run,
        }
    };
}
pub(crate) use with_batch;

/// [`with_batch`] for one that is written.
macro_rules! with_batch_mut {
    ($any:expr, |$batch:ident| $run:expr) => {
        match $any {
            $crate::batch::AnyBatchMut::F32($batch) => $run,
            $crate::batch::AnyBatchMut::F64($batch) => $run,
        }
    };
}
pub(crate) use with_batch_mut;

impl AnyBatch<'_> {
    pub fn dim(&self) -> (usize, usize, usize) {
        with_batch!(self, |x| x.dim())
    }

    pub fn dtype(&self) -> Dtype {
        match self {
            AnyBatch::F32(_) => Dtype::F32,
            AnyBatch::F64(_) => Dtype::F64,
        }
    }
}

impl AnyBatchMut<'_> {
    pub fn dim(&self) -> (usize, usize, usize) {
        with_batch_mut!(self, |y| y.dim())
    }

    pub fn dtype(&self) -> Dtype {
        match self {
            AnyBatchMut::F32(_) => Dtype::F32,
            AnyBatchMut::F64(_) => Dtype::F64,
        }
    }
}
