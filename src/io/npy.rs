//! NumPy's .npy files: f32 and f64, three axes, C order.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use ndarray::{Array3, ArrayView3};

use super::{Batch, Layout, Output, header};
use crate::batch::{Dtype, Element, filled};
use crate::error::{Error, Result};

/// Reads a batch.
///
/// Large files are read by all threads of the rayon pool that this is called in.
///
/// # Errors
///
/// Anything but a regular file whose header NumPy could have written, holding f32 or f64 in C
/// order on three axes, and exactly the data that its shape takes.
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
    let path = path.as_ref();
    let mut file = open(path)?;
    let before = metadata(path, &file)?;
    let (layout, offset) = header::read(path, &mut file, before.len())?;
    let batch = fill(path, layout, |bytes| read_body(&mut file, offset, bytes))?;
    let after = metadata(path, &file)?;
    if after.len() != before.len() || after.modified().ok() != before.modified().ok() {
        return Err(changed(path));
    }
    Ok(batch)
}

/// Reads the header alone.
///
/// # Errors
///
/// Those of [`read_npy`].
pub fn npy_layout(path: impl AsRef<Path>) -> Result<Layout> {
    let path = path.as_ref();
    let mut file = open(path)?;
    let size = metadata(path, &file)?.len();
    Ok(header::read(path, &mut file, size)?.0)
}

/// Reads a batch from the bytes of a file; `name` stands in errors.
///
/// # Errors
///
/// Those of [`read_npy`].
pub fn npy_from_bytes(name: impl AsRef<Path>, mut bytes: &[u8]) -> Result<Batch> {
    let name = name.as_ref();
    let size = bytes.len() as u64;
    let (layout, _) = header::read(name, &mut bytes, size)?;
    fill(name, layout, |body| bytes.read_exact(body))
}

/// Writes a batch as np.save does, replacing what was there; see [`Output`].
///
/// # Errors
///
/// Those of [`Output`].
pub fn write_npy<E: Element>(path: impl AsRef<Path>, x: ArrayView3<'_, E>) -> Result<()> {
    let mut output = Output::create(path)?;
    output.write_npy(x)?;
    output.commit()
}

fn open(path: &Path) -> Result<File> {
    let failed = |source| Error::Io { path: path.to_owned(), action: "open", source };
    // Asked before opening: to open a FIFO waits for its writer.
    let kind = fs::metadata(path).map_err(failed)?.file_type();
    let file =
        if kind.is_file() { File::open(path).map_err(failed)? } else { return refuse(path) };
    match metadata(path, &file)?.is_file() {
        true => Ok(file),
        false => refuse(path),
    }
}

fn refuse(path: &Path) -> Result<File> {
    let what = if path.is_dir() { "a directory" } else { "not a regular file" };
    let problem = format!("is {what}; expected a .npy file");
    Err(Error::File { path: path.to_owned(), problem })
}

fn metadata(path: &Path, file: &File) -> Result<fs::Metadata> {
    file.metadata().map_err(|source| Error::Io { path: path.to_owned(), action: "read", source })
}

fn changed(path: &Path) -> Error {
    let problem = "changed while it was read; is another program writing it?".to_owned();
    Error::File { path: path.to_owned(), problem }
}

fn fill(
    path: &Path,
    layout: Layout,
    read: impl FnOnce(&mut [u8]) -> std::io::Result<()>,
) -> Result<Batch> {
    Ok(match layout.dtype {
        Dtype::F32 => Batch::F32(fill_array(path, layout.shape, read)?),
        Dtype::F64 => Batch::F64(fill_array(path, layout.shape, read)?),
    })
}

fn fill_array<E: Element>(
    path: &Path,
    shape: [usize; 3],
    read: impl FnOnce(&mut [u8]) -> std::io::Result<()>,
) -> Result<Array3<E>> {
    // Pages that the system hands out zeroed: nothing is written twice.
    let mut x = filled(&path.display().to_string(), shape, E::zeroed())?;
    let values = x.as_slice_mut().expect("made in C order");
    read(bytemuck::cast_slice_mut(values)).map_err(|source| match source.kind() {
        std::io::ErrorKind::UnexpectedEof => changed(path),
        _ => Error::Io { path: path.to_owned(), action: "read", source },
    })?;
    Ok(x)
}

#[cfg(unix)]
fn read_body(file: &mut File, offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
    use rayon::prelude::*;
    use std::os::unix::fs::FileExt;

    const CHUNK: usize = 8 << 20;
    let file = &*file;
    bytes
        .par_chunks_mut(CHUNK)
        .enumerate()
        .try_for_each(|(index, chunk)| file.read_exact_at(chunk, offset + (index * CHUNK) as u64))
}

#[cfg(not(unix))]
fn read_body(file: &mut File, _offset: u64, bytes: &mut [u8]) -> std::io::Result<()> {
    file.read_exact(bytes)
}
