//! Output files that appear whole or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ndarray::ArrayView3;
use tempfile::NamedTempFile;

use super::{Batch, header};
use crate::batch::Element;
use crate::error::{Error, Result};

/// A file being written: a temporary file beside its target until [`commit`](Output::commit).
///
/// Everything that can be known to fail is found when it is made, before the work that fills it.
/// Dropped without a commit, it leaves nothing behind.
#[derive(Debug)]
pub struct Output {
    file: NamedTempFile,
    target: PathBuf,
    replace: bool,
}

impl Output {
    /// Prepares to write `path`; a file of that name is replaced at the commit and lends its mode.
    ///
    /// # Errors
    ///
    /// A folder that is missing or cannot be written, or a target that is not a regular file.
    pub fn create(path: impl AsRef<Path>) -> Result<Output> {
        Output::open(path.as_ref(), true)
    }

    /// Prepares to write `path`, which must not exist, now or at the commit.
    ///
    /// # Errors
    ///
    /// Those of [`create`](Output::create), and a file of that name.
    pub fn create_new(path: impl AsRef<Path>) -> Result<Output> {
        Output::open(path.as_ref(), false)
    }

    fn open(path: &Path, replace: bool) -> Result<Output> {
        let refuse =
            |problem: &str| Err(Error::File { path: path.to_owned(), problem: problem.to_owned() });
        let failed = |source| Error::Io { path: path.to_owned(), action: "create", source };

        let target = match fs::symlink_metadata(path) {
            // The file behind a link is replaced, not the link.
            Ok(found) if found.is_symlink() => match fs::canonicalize(path) {
                Ok(target) => target,
                Err(_) => return refuse("is a symbolic link to nothing; expected a file name"),
            },
            _ => path.to_owned(),
        };
        let old = match fs::metadata(&target) {
            Ok(found) if found.is_dir() => return refuse("is a directory; expected a file name"),
            Ok(found) if !found.is_file() => {
                return refuse("is not a regular file; expected a file name");
            }
            Ok(_) if !replace => return refuse("exists already"),
            Ok(found) => Some(found.permissions()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let Some(name) = target.file_name() else {
            return refuse("is not a file name");
        };
        let folder = folder(&target);
        if !folder.is_dir() {
            return refuse(&format!("its folder `{}` does not exist", folder.display()));
        }
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(name);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".tmp");
        if let Some(mode) = ordinary_mode() {
            builder.permissions(mode);
        }
        // Only the kind: the rest of tempfile's message is the temporary name.
        let file = builder.tempfile_in(folder).map_err(|error| failed(error.kind().into()))?;
        if let Some(old) = old {
            file.as_file().set_permissions(old).map_err(failed)?;
        }
        Ok(Output { file, target, replace })
    }

    /// The file that will appear.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The temporary file that stands for it until then.
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// Writes a batch as np.save does.
    ///
    /// # Errors
    ///
    /// The system refuses, as on a full disk.
    pub fn write_npy<E: Element>(&mut self, x: ArrayView3<'_, E>) -> Result<()> {
        let (samples, timesteps, features) = x.dim();
        self.write(&header::write::<E>([samples, timesteps, features]))?;
        if let Some(values) = x.as_slice() {
            return self.write(bytemuck::cast_slice(values));
        }
        const ROOM: usize = 1 << 16;
        let mut values: Vec<E> = Vec::with_capacity(ROOM);
        for value in &x {
            values.push(*value);
            if values.len() == ROOM {
                self.write(bytemuck::cast_slice(&values))?;
                values.clear();
            }
        }
        self.write(bytemuck::cast_slice(&values))
    }

    /// Writes a batch as np.save does.
    ///
    /// # Errors
    ///
    /// The system refuses, as on a full disk.
    pub fn write_batch(&mut self, batch: &Batch) -> Result<()> {
        match batch {
            Batch::F32(x) => self.write_npy(x.view()),
            Batch::F64(x) => self.write_npy(x.view()),
        }
    }

    /// Writes a text.
    ///
    /// # Errors
    ///
    /// The system refuses, as on a full disk.
    pub fn write_text(&mut self, text: &str) -> Result<()> {
        self.write(text.as_bytes())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.as_file_mut().write_all(bytes).map_err(|source| self.failed("write", source))
    }

    fn failed(&self, action: &'static str, source: io::Error) -> Error {
        Error::Io { path: self.target.clone(), action, source }
    }

    /// Makes the file appear under its name, on the disk as well.
    ///
    /// # Errors
    ///
    /// The system refuses; the target is then what it was.
    pub fn commit(self) -> Result<()> {
        Output::commit_all([self])
    }

    /// Makes several files appear, in this order, once all of them are on the disk.
    ///
    /// # Errors
    ///
    /// The system refuses. New files that had already appeared are taken back; a file that was
    /// replaced stays replaced.
    pub fn commit_all(outputs: impl IntoIterator<Item = Output>) -> Result<()> {
        let outputs: Vec<Output> = outputs.into_iter().collect();
        for output in &outputs {
            output.file.as_file().sync_all().map_err(|source| output.failed("write", source))?;
        }
        let mut appeared: Vec<(PathBuf, bool)> = Vec::new();
        for Output { file, target, replace } in outputs {
            let new = !replace || !target.exists();
            let renamed = match replace {
                true => file.persist(&target),
                false => file.persist_noclobber(&target),
            };
            if let Err(error) = renamed {
                for (path, new) in appeared {
                    if new {
                        let _ = fs::remove_file(path);
                    }
                }
                let source = error.error.kind().into();
                return Err(Error::Io { path: target, action: "create", source });
            }
            appeared.push((target, new));
        }
        let mut folders: Vec<&Path> = appeared.iter().map(|(path, _)| folder(path)).collect();
        folders.dedup();
        folders.into_iter().try_for_each(sync_folder)
    }
}

/// The folder that holds a file.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// What an ordinary new file asks for; the system takes the umask off it.
#[cfg(unix)]
fn ordinary_mode() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn ordinary_mode() -> Option<Permissions> {
    None
}

/// A rename is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match fs::File::open(path).and_then(|folder| folder.sync_all()) {
        // Some file systems cannot sync a folder, and a folder may be writable but not readable.
        Err(error) if matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported) => {
            Ok(())
        }
        Err(source) => Err(Error::Io { path: path.to_owned(), action: "sync", source }),
        Ok(()) => Ok(()),
    }
}

#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> Result<()> {
    Ok(())
}
