//! Whole batches: read from files, and written as .npy.

use std::path::Path;

use ndarray::ArrayView3;

use super::{Batch, Layout, Output, Source};
use crate::batch::Element;
use crate::error::Result;

/// Reads a batch into memory: an .npy file, or what else [`Source::open`] takes.
///
/// Large files are read by all threads of the rayon pool that this is called in.
///
/// # Errors
///
/// Those of [`Source::open`] and [`Source::read_all`].
///
/// # Example
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let x = ndarray::Array3::<f32>::zeros((4, 10, 2));
/// windrow::io::write_npy(&path, x.view())?;
/// assert_eq!(windrow::io::read_npy(&path)?, windrow::io::Batch::F32(x));
/// # Ok::<(), windrow::Error>(())
/// ```
pub fn read_npy(path: impl AsRef<Path>) -> Result<Batch> {
    Source::open(&[path], None)?.read_all()
}

/// Reads the header alone.
///
/// # Errors
///
/// Those of [`Source::open`].
pub fn npy_layout(path: impl AsRef<Path>) -> Result<Layout> {
    Ok(Source::open(&[path], None)?.layout())
}

/// Reads a batch from the bytes of a file; `name` stands in errors.
///
/// # Errors
///
/// Those of [`read_npy`].
pub fn npy_from_bytes(name: impl AsRef<Path>, bytes: &[u8]) -> Result<Batch> {
    Source::from_bytes(name, bytes, None, None)?.read_all()
}

/// Writes a batch as np.save does, replacing what was there; see [`Output`].
///
/// # Errors
///
/// Those of [`Output`].
pub fn write_npy<E: Element>(path: impl AsRef<Path>, x: ArrayView3<'_, E>) -> Result<()> {
    Output::create(path)?.write_npy(x)?.commit()
}
