//! Arrays on their way into a file, value by value, in the format of its name.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use bytemuck::cast_slice;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Output, header, safetensors};
use crate::batch::{Dtype, Element, bytes};
use crate::error::{Error, Line, Result};

/// A format that arrays are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// NumPy's, as np.save writes it.
    Npy,
    /// An archive of one array, `features`, not packed, as np.savez writes it.
    Npz,
    /// One tensor, `features`.
    Safetensors,
}

impl Format {
    /// The endings of file names, and what each stands for.
    pub const ENDINGS: [(&'static str, Format); 3] =
        [("npy", Format::Npy), ("npz", Format::Npz), ("safetensors", Format::Safetensors)];

    /// The format that a file name asks for.
    pub fn of(path: &Path) -> Option<Format> {
        let ending = path.extension()?;
        Format::ENDINGS.into_iter().find(|(name, _)| ending == *name).map(|(_, format)| format)
    }
}

/// An array being written into an [`Output`], from its first value to its last in C order.
///
/// One thread at a time: two that write to different places of one file wait for each other in the
/// system (measured on tmpfs and ext4: the same time, and twice the processor's).
#[derive(Debug)]
pub struct ArrayOutput {
    output: Output,
    encoder: Encoder<File>,
    dtype: Dtype,
    /// Values that are still to come.
    left: usize,
}

impl ArrayOutput {
    /// Writes the header.
    ///
    /// # Errors
    ///
    /// A shape that cannot be addressed; the system refuses, as on a full disk.
    pub fn begin(
        output: Output,
        format: Format,
        shape: [usize; 3],
        dtype: Dtype,
    ) -> Result<ArrayOutput> {
        let name = output.target().to_owned();
        let left = bytes(&name.display().to_string(), shape, dtype.size())? / dtype.size();
        let file = output.file().try_clone().map_err(|source| output.failed("write", source))?;
        let encoder = match format {
            Format::Safetensors => {
                let header = safetensors::write(&name, shape, dtype)?;
                Encoder::plain(file, &header)
            }
            Format::Npy => Encoder::plain(file, &header::write(shape, dtype)),
            Format::Npz => Encoder::zip(file, &header::write(shape, dtype), left * dtype.size()),
        };
        let encoder = encoder.map_err(|source| output.failed("write", source))?;
        Ok(ArrayOutput { output, encoder, dtype, left })
    }

    /// Writes the next values.
    ///
    /// # Errors
    ///
    /// Values of another dtype, or more than the shape takes; the system refuses.
    pub fn push<E: Element>(&mut self, values: &[E]) -> Result<()> {
        if E::DTYPE != self.dtype {
            let allowed = format!("the output is {}", self.dtype);
            return Err(Error::value(Line::NONE, "the dtype of values", E::DTYPE, allowed));
        }
        if values.len() > self.left {
            let allowed = format!("the shape has room for {} more", self.left);
            let got = values.len();
            return Err(Error::value(Line::NONE, "the number of values", got, allowed));
        }
        self.left -= values.len();
        let written = self.encoder.write(cast_slice(values));
        written.map_err(|source| self.output.failed("write", source))
    }

    /// Writes what follows the last value; the file is then ready to be committed.
    ///
    /// # Errors
    ///
    /// Values that are missing; the system refuses.
    pub fn end(self) -> Result<Output> {
        if self.left > 0 {
            let allowed = "expected none".to_owned();
            return Err(Error::value(
                Line::NONE,
                "the number of missing values",
                self.left,
                allowed,
            ));
        }
        let ended = self.encoder.end();
        ended.map_err(|source| self.output.failed("write", source))?;
        Ok(self.output)
    }
}

/// Puts bytes where a format wants them.
enum Encoder<W: Write + Seek> {
    Plain(W),
    Zip(Box<ZipWriter<Dead<W>>>),
}

impl<W: Write + Seek> std::fmt::Debug for Encoder<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Encoder::Plain(_) => "Plain",
            Encoder::Zip(_) => "Zip",
        })
    }
}

impl<W: Write + Seek> Encoder<W> {
    /// A header, then values.
    fn plain(mut file: W, header: &[u8]) -> io::Result<Encoder<W>> {
        file.write_all(header)?;
        Ok(Encoder::Plain(file))
    }

    /// An archive of one member: a header, then so many bytes of values.
    fn zip(file: W, header: &[u8], bytes: usize) -> io::Result<Encoder<W>> {
        let mut zip = ZipWriter::new(Dead::new(file));
        // The same bytes whenever they are written.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes as u64 + header.len() as u64 >= u64::from(u32::MAX));
        zip.start_file(format!("{}.npy", safetensors::NAME), options).map_err(io::Error::from)?;
        zip.write_all(header)?;
        Ok(Encoder::Zip(Box::new(zip)))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Encoder::Plain(file) => file.write_all(bytes),
            Encoder::Zip(zip) => zip.write_all(bytes),
        }
    }

    fn end(self) -> io::Result<W> {
        match self {
            Encoder::Plain(mut file) => file.flush().map(|()| file),
            Encoder::Zip(zip) => {
                let mut dead = zip.finish().map_err(io::Error::from)?;
                dead.flush()?;
                Ok(dead.file)
            }
        }
    }
}

/// A file that after its first failure only seems to go on: a `ZipWriter` that is dropped tries once
/// more to write, says on stderr when that fails, and panics where positions are not as it wrote.
struct Dead<W> {
    file: W,
    failed: bool,
    /// The position, failed or not.
    at: u64,
}

impl<W> Dead<W> {
    fn new(file: W) -> Dead<W> {
        Dead { file, failed: false, at: 0 }
    }

    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.failed |= matches!(&result, Err(e) if e.kind() != io::ErrorKind::Interrupted);
        result
    }
}

impl<W: Write> Write for Dead<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = match self.failed {
            true => Ok(bytes.len()),
            false => self.file.write(bytes),
        };
        self.at += *result.as_ref().unwrap_or(&0) as u64;
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = if self.failed { Ok(()) } else { self.file.flush() };
        self.note(result)
    }
}

impl<W: Seek> Seek for Dead<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let result = match (self.failed, to) {
            (false, _) => self.file.seek(to),
            (true, SeekFrom::Start(at)) => Ok(at),
            (true, SeekFrom::Current(by) | SeekFrom::End(by)) => {
                Ok(self.at.saturating_add_signed(by))
            }
        };
        self.at = *result.as_ref().unwrap_or(&self.at);
        self.note(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A disk with room for so many bytes.
    struct Full {
        file: Cursor<Vec<u8>>,
        room: u64,
    }

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let left = self.room.saturating_sub(self.file.position());
            match left {
                0 => Err(io::ErrorKind::StorageFull.into()),
                _ => self.file.write(&bytes[..bytes.len().min(left as usize)]),
            }
        }

        fn flush(&mut self) -> io::Result<()> {
            match self.room == u64::MAX - 1 {
                true => Err(io::ErrorKind::Other.into()),
                false => Ok(()),
            }
        }
    }

    impl Seek for Full {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    fn written(format: Format, room: u64) -> io::Result<Vec<u8>> {
        let shape = [3, 5, 2];
        let values: Vec<f64> = (0..30).map(f64::from).collect();
        let file = Full { file: Cursor::default(), room };
        let mut encoder = match format {
            Format::Npy => Encoder::plain(file, &header::write(shape, Dtype::F64))?,
            Format::Npz => Encoder::zip(file, &header::write(shape, Dtype::F64), 240)?,
            Format::Safetensors => {
                let header = safetensors::write(Path::new("y"), shape, Dtype::F64).unwrap();
                Encoder::plain(file, &header)?
            }
        };
        for values in values.chunks(7) {
            encoder.write(cast_slice(values))?;
        }
        encoder.end().map(|full| full.file.into_inner())
    }

    #[test]
    fn a_write_that_fails_at_any_byte_is_reported() {
        for (ending, format) in Format::ENDINGS {
            let whole = written(format, u64::MAX).unwrap();
            for room in 0..whole.len() as u64 {
                let error = written(format, room).expect_err(ending);
                assert_eq!(error.kind(), io::ErrorKind::StorageFull, "{ending}, {room}: {error}");
            }
            assert_eq!(written(format, whole.len() as u64).unwrap(), whole, "{ending}");
            assert_eq!(written(format, u64::MAX).unwrap(), whole, "{ending}: the same again");
            written(format, u64::MAX - 1).expect_err("the flush fails");
        }
    }
}
