//! Output files that appear whole or not at all.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ndarray::ArrayView3;
use tempfile::NamedTempFile;

use super::{ArrayOutput, Batch, Format};
use crate::batch::Element;
use crate::error::{Error, Result};

/// A file being written: a temporary file beside its target until [`commit`](Output::commit).
///
/// Everything that can be known to fail is found when it is made, before the work that fills it.
/// Dropped without a commit, it leaves nothing behind. Killed, it leaves the temporary file, which
/// the next output of that name removes: a live one is locked.
#[derive(Debug)]
pub struct Output {
    file: NamedTempFile,
    target: PathBuf,
    replace: bool,
    cleared: Vec<PathBuf>,
}

impl Output {
    /// Prepares to write `path`; a file of that name is replaced at the commit and lends its mode.
    ///
    /// # Errors
    ///
    /// A folder that is missing or cannot be written, a target that is not a regular file, or one
    /// that another run is writing.
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
        // Only the kind: the rest of tempfile's message is the temporary name.
        let file = temporary(folder, name).map_err(|error| failed(error.kind().into()))?;
        let mut cleared = Vec::new();
        for stray in strays(folder, name).map_err(failed)? {
            match (stray.file_name() != file.path().file_name()).then(|| clear(&stray)) {
                None | Some(Stray::Gone) => {}
                Some(Stray::Cleared) => cleared.push(stray),
                Some(Stray::Live) => return refuse("is being written by another run"),
            }
        }
        if let Some(old) = old {
            file.as_file().set_permissions(old).map_err(failed)?;
        }
        Ok(Output { file, target, replace, cleared })
    }

    /// Temporary files that runs which were killed had left for this target; they are gone now.
    pub fn cleared(&self) -> &[PathBuf] {
        &self.cleared
    }

    /// The file that will appear.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The temporary file that stands for it until then.
    pub fn temporary(&self) -> &Path {
        self.file.path()
    }

    /// Whether its disk has room for so many bytes more, where the system tells; `name` stands in
    /// the error.
    ///
    /// # Errors
    ///
    /// It has not.
    pub fn check_room(&self, name: &Path, bytes: usize) -> Result<()> {
        match free(self.file.as_file()) {
            Some(free) if free < bytes as u64 => Err(Error::TooLarge {
                subject: name.display().to_string(),
                bytes: bytes as u128,
                problem: "more than is free on its disk",
            }),
            _ => Ok(()),
        }
    }

    /// Writes a batch as np.save does.
    ///
    /// # Errors
    ///
    /// The system refuses, as on a full disk.
    pub fn write_npy<E: Element>(self, x: ArrayView3<'_, E>) -> Result<Output> {
        let (samples, timesteps, features) = x.dim();
        let shape = [samples, timesteps, features];
        let mut array = ArrayOutput::begin(self, Format::Npy, shape, E::DTYPE)?;
        if let Some(values) = x.as_slice() {
            array.push(values)?;
            return array.end();
        }
        const ROOM: usize = 1 << 14;
        let mut values: Vec<E> = Vec::with_capacity(ROOM);
        for value in &x {
            values.push(*value);
            if values.len() == ROOM {
                array.push(&values)?;
                values.clear();
            }
        }
        array.push(&values)?;
        array.end()
    }

    /// Writes a batch as np.save does.
    ///
    /// # Errors
    ///
    /// The system refuses, as on a full disk.
    pub fn write_batch(self, batch: &Batch) -> Result<Output> {
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
        let written = self.file.as_file_mut().write_all(text.as_bytes());
        written.map_err(|source| self.failed("write", source))
    }

    pub(super) fn file(&self) -> &File {
        self.file.as_file()
    }

    pub(super) fn failed(&self, action: &'static str, source: io::Error) -> Error {
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
        for Output { file, target, replace, .. } in outputs {
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

const SUFFIX: &str = ".tmp";
/// Random letters between a target's name and the suffix.
const LETTERS: usize = 6;

/// A new temporary file for a target of that name, locked as long as it is open.
fn temporary(folder: &Path, name: &OsStr) -> io::Result<NamedTempFile> {
    let prefix = prefix(name);
    loop {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(LETTERS);
        if let Some(mode) = ordinary_mode() {
            builder.permissions(mode);
        }
        let file = builder.tempfile_in(folder)?;
        match file.as_file().try_lock() {
            // Another run may have taken it for a stray before it was locked.
            Ok(()) if file.path().exists() => return Ok(file),
            Ok(()) | Err(TryLockError::WouldBlock) => {}
            // A file system without locks: then no run clears after another.
            Err(TryLockError::Error(_)) => return Ok(file),
        }
    }
}

fn prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    prefix
}

/// The temporary files for a target of that name.
fn strays(folder: &Path, name: &OsStr) -> io::Result<Vec<PathBuf>> {
    let prefix = prefix(name);
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        // A folder may be writable but not readable: then nothing is known of strays.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let file = entry.file_name();
        let letters = file
            .as_encoded_bytes()
            .strip_prefix(prefix.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(SUFFIX.as_bytes()));
        let ours = letters.is_some_and(|letters| {
            letters.len() == LETTERS && letters.iter().all(u8::is_ascii_alphanumeric)
        });
        if ours && entry.file_type()?.is_file() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

enum Stray {
    /// Removed.
    Cleared,
    /// Not there any more, or somebody else's.
    Gone,
    /// Another run writes it.
    Live,
}

/// Removes a temporary file that no run holds.
fn clear(path: &Path) -> Stray {
    // One that cannot be opened is not ours, or is gone.
    let Ok(file) = File::open(path) else { return Stray::Gone };
    match file.try_lock() {
        Ok(()) if fs::remove_file(path).is_ok() => Stray::Cleared,
        Ok(()) => Stray::Gone,
        Err(_) => Stray::Live,
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

/// Bytes that are free on the disk of a file.
#[cfg(unix)]
pub(super) fn free(file: &File) -> Option<u64> {
    let found = rustix::fs::fstatvfs(file).ok()?;
    // Some file systems say nothing.
    (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
pub(super) fn free(_file: &File) -> Option<u64> {
    None
}

/// A rename is on the disk once its folder is.
#[cfg(unix)]
fn sync_folder(path: &Path) -> Result<()> {
    use io::ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    match File::open(path).and_then(|folder| folder.sync_all()) {
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
