//! Members of .npz archives: zip files, which their makers say nothing true about.
//!
//! Only archives in NumPy's form are read: the end record at the very end, a directory of bounded
//! length right before it. The crate `zip` reads that directory and nothing else; members are read
//! here, no further than their shape says, and their check sums are always compared.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crc32fast::Hasher;
use flate2::read::DeflateDecoder;
use zip::read::{ArchiveOffset, Config};
use zip::{CompressionMethod, ZipArchive};

use super::place::{Bytes, Section};
use crate::error::{Error, Result, listed, shown};

/// How an archive begins, an empty one included.
pub(super) const MAGIC: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Longest directory read: some 80,000 arrays.
const LONGEST: u64 = 8 << 20;

const END: usize = 22;
const LOCATOR: usize = 20;
const END_64: usize = 56;
const LOCAL: usize = 30;

/// An array in an archive, as the directory has it.
#[derive(Debug, Clone)]
pub(super) struct Member {
    deflated: bool,
    /// Where its bytes begin and end in the archive.
    begin: u64,
    end: u64,
    /// Bytes when unpacked, as declared.
    pub size: u64,
    crc: u32,
}

/// Finds a member: the array of that name, or the only one there is.
///
/// # Errors
///
/// An archive that NumPy could not have written; no such array, or several and no name.
pub(super) fn find(bytes: &Arc<Bytes>, wanted: Option<&str>) -> Result<(String, Member)> {
    let place = bytes.place();
    let (begin, end) = directory(bytes)?;
    let window = Window { bytes: Arc::clone(bytes), begin, at: 0 };
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let archive = ZipArchive::with_config(config, window)
        .map_err(|error| place.refuse(format!("zip directory: {error}")))?;
    if archive.has_duplicate_names() {
        return Err(place.refuse("has two arrays of one name"));
    }
    let names: Vec<&str> = archive
        .file_names_raw()
        .filter_map(|name| std::str::from_utf8(name).ok()?.strip_suffix(".npy"))
        .collect();
    let name = match (wanted, names.as_slice()) {
        (Some(name), _) => name,
        (None, [name]) => name,
        (None, _) => return Err(unnamed(place.name(), &names)),
    };
    let index = archive.index_for_name_raw(format!("{name}.npy").as_bytes());
    let index = index.ok_or_else(|| Error::Unknown {
        line: crate::error::Line::NONE,
        kind: "array",
        name: shown(name),
        allowed: format!("{} has {}", place.name().display(), list(&names)),
    })?;
    let entry = archive
        .by_index_data(index)
        .map_err(|error| place.refuse(format!("zip directory: {error}")))?;
    let refuse = |problem: String| place.refuse(format!("array `{}`: {problem}", shown(name)));
    if entry.encrypted() {
        return Err(refuse("is encrypted, which is not supported".to_owned()));
    }
    let deflated = match entry.compression() {
        CompressionMethod::Stored => false,
        CompressionMethod::Deflated => true,
        other => {
            return Err(refuse(format!("is packed by {other}; expected stored or deflated")));
        }
    };
    // The local header is as long as it says itself.
    let start = entry.header_start();
    let mut local = [0; LOCAL];
    if start.checked_add(LOCAL as u64).is_none_or(|after| after > begin) {
        return Err(refuse("begins outside of the archive".to_owned()));
    }
    bytes.read_at(&mut local, start)?;
    if !local.starts_with(MAGIC[0]) {
        return Err(refuse(format!("has no zip header at byte {start}")));
    }
    let length = |at: usize| u64::from(u16::from_le_bytes([local[at], local[at + 1]]));
    let first = start + LOCAL as u64 + length(26) + length(28);
    let last = first.checked_add(entry.compressed_size()).filter(|last| *last <= begin);
    let last = last.ok_or_else(|| refuse("ends outside of the archive".to_owned()))?;
    if !deflated && entry.compressed_size() != entry.size() {
        return Err(refuse("is stored, in another size than it has".to_owned()));
    }
    debug_assert!(begin <= end);
    let member =
        Member { deflated, begin: first, end: last, size: entry.size(), crc: entry.crc32() };
    Ok((name.to_owned(), member))
}

/// Where the directory begins and ends, from the records at the end of the file.
fn directory(bytes: &Bytes) -> Result<(u64, u64)> {
    let place = bytes.place();
    let size = place.size();
    let refuse = |problem: &str| place.refuse(format!("zip: {problem}"));
    let no_end = "does not end as NumPy's archives do";
    let at = size.checked_sub(END as u64).ok_or_else(|| refuse(no_end))?;
    let mut end = [0; END];
    bytes.read_at(&mut end, at)?;
    if !end.starts_with(b"PK\x05\x06") || end[20..] != [0, 0] {
        return Err(refuse(no_end));
    }
    let short = |at: usize| u64::from(u16::from_le_bytes([end[at], end[at + 1]]));
    let long =
        |at: usize| u64::from(u32::from_le_bytes([end[at], end[at + 1], end[at + 2], end[at + 3]]));
    let (mut entries, mut length, mut begin) = (short(10), long(12), long(16));
    let mut after = at;
    if entries == 0xffff || length == 0xffff_ffff || begin == 0xffff_ffff {
        let mut locator = [0; LOCATOR];
        let mut wide = [0; END_64];
        let Some(place) = at.checked_sub((LOCATOR + END_64) as u64) else {
            return Err(refuse(no_end));
        };
        bytes.read_at(&mut wide, place)?;
        bytes.read_at(&mut locator, place + END_64 as u64)?;
        let word = |bytes: &[u8], at: usize| {
            u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
        };
        let right = locator.starts_with(b"PK\x06\x07")
            && wide.starts_with(b"PK\x06\x06")
            && word(&locator, 8) == place;
        if !right {
            return Err(refuse("has no 64-bit end record where one should be"));
        }
        (entries, length, begin) = (word(&wide, 32), word(&wide, 40), word(&wide, 48));
        after = place;
    }
    if length > LONGEST {
        let problem = format!("its directory has {length} bytes; at most {LONGEST} are read");
        return Err(refuse(&problem));
    }
    if begin.checked_add(length) != Some(after) || entries > length / 46 {
        return Err(refuse("its directory is not where it says"));
    }
    Ok((begin, after))
}

/// Several arrays, or none, where one is to be read without a name.
pub(super) fn unnamed(path: &Path, names: &[&str]) -> Error {
    let problem = match names {
        [] => "holds no array".to_owned(),
        [first, ..] => format!(
            "holds {}; expected one of them by name, as in {}:{}",
            list(names),
            path.display(),
            shown(first)
        ),
    };
    Error::File { path: path.to_owned(), problem }
}

/// Some names of arrays, safe to print.
fn list(names: &[&str]) -> String {
    if names.is_empty() { "no array".to_owned() } else { listed(names) }
}

/// An archive in which all that stands before the directory is zeros: whatever the parser looks
/// for, it finds in the directory or nowhere.
#[derive(Debug)]
struct Window {
    bytes: Arc<Bytes>,
    begin: u64,
    at: u64,
}

impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.bytes.place().size();
        let length = (into.len() as u64).min(size.saturating_sub(self.at)) as usize;
        let into = &mut into[..length];
        let blank = self.begin.saturating_sub(self.at).min(length as u64) as usize;
        into[..blank].fill(0);
        let mut rest =
            Section { bytes: Arc::clone(&self.bytes), at: self.at + blank as u64, end: size };
        rest.read_exact(&mut into[blank..])?;
        self.at += length as u64;
        Ok(length)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.bytes.place().size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

/// The bytes of a member, unpacked from begin to end.
#[derive(Debug)]
pub(super) struct Unpacked {
    packed: Packed,
    name: PathBuf,
    hasher: Hasher,
    crc: u32,
    left: u64,
}

#[derive(Debug)]
enum Packed {
    Stored(Section),
    Deflated(DeflateDecoder<BufReader<Section>>),
}

impl Member {
    /// Where the bytes stand if they can be read in any order.
    pub fn plain(&self) -> Option<u64> {
        (!self.deflated).then_some(self.begin)
    }

    /// Its bytes from the first on; `name` stands in errors.
    pub fn unpack(&self, bytes: Arc<Bytes>, name: &Path) -> Unpacked {
        let section = Section { bytes, at: self.begin, end: self.end };
        let packed = match self.deflated {
            true => {
                let buffered = BufReader::with_capacity(1 << 17, section);
                Packed::Deflated(DeflateDecoder::new(buffered))
            }
            false => Packed::Stored(section),
        };
        let (hasher, crc, left) = (Hasher::new(), self.crc, self.size);
        Unpacked { packed, name: name.to_owned(), hasher, crc, left }
    }
}

impl Unpacked {
    /// To be called when all bytes were read: nothing follows, and the check sum is right.
    pub fn end(mut self) -> Result<()> {
        let refuse = |problem: String| Error::File { path: self.name.clone(), problem };
        debug_assert_eq!(self.left, 0);
        let more =
            match &mut self.packed {
                Packed::Stored(_) => 0,
                Packed::Deflated(decoder) => decoder.read(&mut [0]).map_err(|source| {
                    Error::Io { path: self.name.clone(), action: "unpack", source }
                })?,
            };
        if more > 0 {
            return Err(refuse("unpacks to more bytes than the archive says".to_owned()));
        }
        let crc = self.hasher.finalize();
        match crc == self.crc {
            true => Ok(()),
            false => Err(refuse(format!(
                "is damaged: its check sum (CRC-32) is {crc:08x}, the archive says {:08x}",
                self.crc
            ))),
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = (into.len() as u64).min(self.left) as usize;
        let length = match &mut self.packed {
            Packed::Stored(section) => section.read(&mut into[..most])?,
            Packed::Deflated(decoder) => decoder.read(&mut into[..most])?,
        };
        if length == 0 && most > 0 {
            let problem = "the packed data ends early";
            return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        }
        self.hasher.update(&into[..length]);
        self.left -= length as u64;
        Ok(length)
    }
}
