//! Where the bytes of an input stand: a regular file, or memory.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::output::free;
use crate::error::{Error, Result};

/// The bytes of an input, not opened.
#[derive(Debug, Clone)]
pub(super) enum Place {
    File { path: PathBuf, stamp: Stamp },
    Memory { name: PathBuf, bytes: Arc<[u8]> },
}

/// What changes when a file is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    /// Device and number, where there are such.
    identity: Option<(u64, u64)>,
}

impl Place {
    /// The regular file of that name, as it is now.
    pub fn file(path: &Path) -> Result<Place> {
        let place = Place::File { path: path.to_owned(), stamp: Stamp::of(&look(path)?) };
        Ok(place)
    }

    pub fn name(&self) -> &Path {
        match self {
            Place::File { path, .. } => path,
            Place::Memory { name, .. } => name,
        }
    }

    pub fn size(&self) -> u64 {
        match self {
            Place::File { stamp, .. } => stamp.size,
            Place::Memory { bytes, .. } => bytes.len() as u64,
        }
    }

    /// Opens it, if it still is what it was.
    pub fn open(&self) -> Result<Arc<Bytes>> {
        let Place::File { path, .. } = self else {
            return Ok(Arc::new(Bytes { place: self.clone(), file: None, own: true }));
        };
        look(path)?;
        let file = File::open(path).map_err(|source| self.failed("open", source))?;
        let bytes = Bytes { place: self.clone(), file: Some(file), own: false };
        bytes.check()?;
        Ok(Arc::new(bytes))
    }

    pub fn refuse(&self, problem: impl Into<String>) -> Error {
        Error::File { path: self.name().to_owned(), problem: problem.into() }
    }

    /// The error for a refusal of the system; bytes that should be there and are not were cut off
    /// since the file was looked at.
    pub fn failed(&self, action: &'static str, source: io::Error) -> Error {
        match source.kind() {
            io::ErrorKind::UnexpectedEof => self.changed(),
            _ => Error::Io { path: self.name().to_owned(), action, source },
        }
    }

    fn changed(&self) -> Error {
        self.refuse("changed while it was read; is another program writing it?")
    }
}

impl Stamp {
    fn of(found: &fs::Metadata) -> Stamp {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            Some((found.dev(), found.ino()))
        };
        #[cfg(not(unix))]
        let identity = None;
        Stamp { size: found.len(), modified: found.modified().ok(), identity }
    }
}

/// Asked before opening: to open a FIFO waits for its writer.
fn look(path: &Path) -> Result<fs::Metadata> {
    let failed = |source| Error::Io { path: path.to_owned(), action: "open", source };
    let found = fs::metadata(path).map_err(failed)?;
    if found.is_file() {
        return Ok(found);
    }
    let what = if found.is_dir() { "a directory" } else { "not a regular file" };
    let problem = format!("is {what}; expected a .npy file");
    Err(Error::File { path: path.to_owned(), problem })
}

/// The bytes of an input, open.
#[derive(Debug)]
pub(super) struct Bytes {
    place: Place,
    file: Option<File>,
    /// Whether the file is a copy of our own, which nobody else writes.
    own: bool,
}

impl Bytes {
    /// A copy of so many bytes, which `next` gives from the first on, in a temporary file: it has no
    /// name, so that nothing is left of it, whatever ends the program. `place` stands in errors.
    ///
    /// # Errors
    ///
    /// Those of `next`; the disk for temporary files has no room.
    pub fn temporary(
        place: &Place,
        size: u64,
        mut next: impl FnMut(&mut [u8]) -> Result<()>,
    ) -> Result<Bytes> {
        const PART: usize = 1 << 18;
        let folder = std::env::temp_dir();
        let failed = |source| Error::Io { path: folder.clone(), action: "unpack to", source };
        let mut file = tempfile::tempfile_in(&folder).map_err(failed)?;
        if free(&file).is_some_and(|free| free < size) {
            return Err(Error::TooLarge {
                subject: format!("{}, unpacked to {},", place.name().display(), folder.display()),
                bytes: u128::from(size),
                problem: "more than is free on that disk",
            });
        }
        let mut part = vec![0; size.min(PART as u64) as usize];
        let mut left = size;
        while left > 0 {
            let part = &mut part[..left.min(PART as u64) as usize];
            next(part)?;
            file.write_all(part).map_err(failed)?;
            left -= part.len() as u64;
        }
        Ok(Bytes { place: place.clone(), file: Some(file), own: true })
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Whether the file is still the one that was looked at.
    ///
    /// # Errors
    ///
    /// It was written since.
    pub fn check(&self) -> Result<()> {
        let (Some(file), Place::File { stamp, .. }, false) = (&self.file, &self.place, self.own)
        else {
            return Ok(());
        };
        let found = file.metadata().map_err(|source| self.place.failed("read", source))?;
        match found.is_file() && Stamp::of(&found) == *stamp {
            true => Ok(()),
            false => Err(self.place.changed()),
        }
    }

    /// Fills `into` from the bytes at `offset` on.
    pub fn read_at(&self, into: &mut [u8], offset: u64) -> Result<()> {
        self.try_read_at(into, offset).map_err(|source| self.place.failed("read", source))
    }

    fn try_read_at(&self, into: &mut [u8], offset: u64) -> io::Result<()> {
        match (&self.file, &self.place) {
            (Some(file), _) => read_exact_at(file, into, offset),
            (None, Place::Memory { bytes, .. }) => {
                let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
                let end = start.checked_add(into.len()).filter(|end| *end <= bytes.len());
                let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
                into.copy_from_slice(&bytes[start..end]);
                Ok(())
            }
            (None, Place::File { .. }) => unreachable!("a file is opened when its bytes are made"),
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, into: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(into)
}

/// A stretch of bytes, read from its begin to its end.
#[derive(Debug)]
pub(super) struct Section {
    pub bytes: Arc<Bytes>,
    pub at: u64,
    pub end: u64,
}

impl Read for Section {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = (into.len() as u64).min(self.end - self.at) as usize;
        self.bytes.try_read_at(&mut into[..length], self.at)?;
        self.at += length as u64;
        Ok(length)
    }
}
