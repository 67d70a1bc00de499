//! The header of a .npy file, screened before a parser sees it.
//!
//! Magic, version, length (2 bytes in version 1, 4 in versions 2 and 3), then a Python dictionary
//! padded with spaces and closed by a newline. npyz's parser takes exponential time on nested
//! brackets, believes any length, and multiplies a shape without a check; so only the one form that
//! NumPy writes reaches it: three known keys, each once, nothing nested but the tuple of the shape.

use std::io::Read;
use std::path::Path;

use npyz::{DType, NpyHeader, Order};

use super::stored::Stored;
use crate::batch::{self, Dtype};
use crate::error::{Error, Result};

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Longest header read. NumPy itself refuses more than 10,000 bytes unless told otherwise.
const LONGEST: u64 = 64 << 10;
const ALIGNMENT: usize = 64;
/// NumPy leaves room for the first axis to grow to this many digits in place.
const GROWTH: usize = 21;

/// What a header says of the array behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Samples, timesteps, features.
    pub shape: [usize; 3],
    pub stored: Stored,
    /// Whether the first axis runs fastest.
    pub fortran: bool,
    /// Where the numbers begin.
    pub offset: u64,
}

impl Header {
    /// Checks that the numbers fill a file of `size` bytes to its end.
    pub fn fills(&self, name: &Path, size: u64) -> Result<()> {
        let expected = batch::bytes(&name.display().to_string(), self.shape, self.stored.size())?;
        let found = size.saturating_sub(self.offset);
        if found == expected as u64 {
            return Ok(());
        }
        let what = if found < expected as u64 { "is truncated" } else { "has trailing bytes" };
        let problem = format!(
            "{what}: shape {} of `{}` takes {expected} bytes after the header, the file has {found}",
            tuple(&self.shape),
            self.stored.descr(),
        );
        Err(Error::File { path: name.to_owned(), problem })
    }
}

/// Whether a file of these bytes, or that begins with them, begins as a .npy file does.
pub(super) fn begins(start: &[u8]) -> bool {
    start.len() >= 8 && start.starts_with(MAGIC)
}

/// The header at the start of `reader`, which gives `size` bytes: numbers to its end.
pub(super) fn read(name: &Path, reader: &mut impl Read, size: u64) -> Result<Header> {
    let refuse = |problem: String| Error::File { path: name.to_owned(), problem };
    let failed = |source| Error::Io { path: name.to_owned(), action: "read", source };

    let mut bytes = vec![0; size.min(8) as usize];
    reader.read_exact(&mut bytes).map_err(failed)?;
    if !begins(&bytes) {
        return Err(refuse("does not begin as a .npy file does".to_owned()));
    }
    let width = match (bytes[6], bytes[7]) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        (major, minor) => {
            let problem = format!(".npy version is {major}.{minor}; expected 1.0, 2.0 or 3.0");
            return Err(refuse(problem));
        }
    };

    let offset = bytes.len() as u64 + width;
    if size < offset {
        return Err(refuse(format!("ends inside its header, after {size} bytes")));
    }
    let mut length = [0; 4];
    reader.read_exact(&mut length[..width as usize]).map_err(failed)?;
    bytes.extend_from_slice(&length[..width as usize]);
    let length = u64::from(u32::from_le_bytes(length));
    if length > LONGEST {
        return Err(refuse(format!("header is {length} bytes long; at most {LONGEST} are read")));
    }
    let offset = offset + length;
    if size < offset {
        let problem = format!("header ends at byte {offset}, but the file has {size}");
        return Err(refuse(problem));
    }
    let start = bytes.len();
    bytes.resize(offset as usize, 0);
    reader.read_exact(&mut bytes[start..]).map_err(failed)?;

    let shape = screen(&bytes[start..]).map_err(|problem| refuse(format!("header: {problem}")))?;
    let shape = three_axes(name, &shape)?;
    let parsed = NpyHeader::from_reader(bytes.as_slice())
        .map_err(|error| refuse(format!("header: {error}")))?;
    let DType::Plain(descr) = parsed.dtype() else {
        return Err(refuse("has a structured dtype; expected f32 or f64".to_owned()));
    };
    let header = Header {
        shape,
        stored: Stored::parse(&descr.to_string()).map_err(refuse)?,
        fortran: parsed.order() == Order::Fortran,
        offset,
    };
    header.fills(name, size)?;
    Ok(header)
}

/// A shape as (samples, timesteps, features): two axes are one sample.
pub(super) fn three_axes(name: &Path, shape: &[u64]) -> Result<[usize; 3]> {
    let axes = match *shape {
        [samples, timesteps, features] => [samples, timesteps, features],
        [timesteps, features] => [1, timesteps, features],
        _ => {
            return Err(Error::Shape {
                subject: name.display().to_string(),
                got: tuple(shape),
                expected: "(samples, timesteps, features), or (timesteps, features) of one sample"
                    .to_owned(),
            });
        }
    };
    // npyz multiplies the shape unchecked.
    let elements = axes.iter().try_fold(1u64, |product, &n| product.checked_mul(n.max(1)));
    if elements.is_none_or(|n| n > isize::MAX as u64) {
        let problem = format!("shape {} is larger than any memory", tuple(shape));
        return Err(Error::File { path: name.to_owned(), problem });
    }
    Ok(axes.map(|n| n as usize))
}

/// The header that NumPy would write, byte for byte: data begins at a multiple of 64.
pub(super) fn write(shape: [usize; 3], dtype: Dtype) -> Vec<u8> {
    let [samples, timesteps, features] = shape;
    let descr = Stored::native(dtype).descr();
    let mut text = format!(
        "{{'descr': '{descr}', 'fortran_order': False, \
         'shape': ({samples}, {timesteps}, {features}), }}"
    );
    let room = GROWTH - samples.to_string().len().min(GROWTH);
    let before = MAGIC.len() + 4;
    let total = (before + text.len() + room + 1).next_multiple_of(ALIGNMENT);
    text.extend(std::iter::repeat_n(' ', total - before - text.len() - 1));
    text.push('\n');

    let mut bytes = Vec::with_capacity(total);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[1, 0]);
    bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// A shape as Python writes it, cut after eight axes.
pub(super) fn tuple<T: ToString>(shape: &[T]) -> String {
    let mut axes: Vec<String> = shape.iter().take(8).map(T::to_string).collect();
    if shape.len() > axes.len() {
        axes.push(format!("... {} axes", shape.len()));
    }
    format!("({}{})", axes.join(", "), if axes.len() == 1 { "," } else { "" })
}

/// Checks that the text is the dictionary NumPy writes, and gives its shape.
fn screen(text: &[u8]) -> Result<Vec<u64>, String> {
    let mut cursor = Cursor { text, at: 0 };
    let (mut descr, mut order, mut shape) = (None, None, None);
    cursor.expect(b'{')?;
    while !cursor.take(b'}') {
        let at = cursor.at;
        let key = cursor.quoted()?;
        cursor.expect(b':')?;
        let twice = match key {
            b"descr" => descr.replace(cursor.descr()?).is_some(),
            b"fortran_order" => order.replace(cursor.boolean()?).is_some(),
            b"shape" => shape.replace(cursor.tuple()?).is_some(),
            _ => return Err(format!("unknown key at byte {at}; {KEYS}")),
        };
        if twice {
            return Err(format!("a key for the second time at byte {at}; {KEYS}"));
        }
        if !cursor.take(b',') {
            cursor.expect(b'}')?;
            break;
        }
    }
    cursor.end()?;
    match (descr, order, shape) {
        (Some(()), Some(()), Some(shape)) => Ok(shape),
        _ => Err(format!("a key is missing; {KEYS}")),
    }
}

const KEYS: &str = "expected `descr`, `fortran_order` and `shape`, each once";
/// Longest key or dtype; NumPy's own are shorter than half of it.
const LONGEST_QUOTED: usize = 64;

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn skip_spaces(&mut self) {
        while self.text.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
    }

    /// Steps over `byte` and the spaces before it, if it is next.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        let found = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), String> {
        match self.take(byte) {
            true => Ok(()),
            false => Err(self.refuse(&format!("`{}`", char::from(byte)))),
        }
    }

    fn refuse(&self, expected: &str) -> String {
        let found = match self.text.get(self.at) {
            Some(byte @ b' '..=b'~') => format!("`{}`", char::from(*byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
            None => "its end".to_owned(),
        };
        format!("expected {expected} at byte {}, found {found}", self.at)
    }

    /// A string without escapes.
    fn quoted(&mut self) -> Result<&'a [u8], String> {
        let quote = if self.take(b'"') { b'"' } else { b'\'' };
        if quote == b'\'' {
            self.expect(b'\'')?;
        }
        let start = self.at;
        loop {
            match self.text.get(self.at) {
                Some(&byte) if byte == quote => break,
                Some(b' '..=b'~') if self.text[self.at] != b'\\' => self.at += 1,
                _ => return Err(self.refuse("plain text and a closing quote")),
            }
            if self.at - start > LONGEST_QUOTED {
                return Err(format!("text at byte {start} is longer than {LONGEST_QUOTED}"));
            }
        }
        self.at += 1;
        Ok(&self.text[start..self.at - 1])
    }

    fn descr(&mut self) -> Result<(), String> {
        if self.take(b'[') {
            return Err("structured dtype; expected `<f4` or `<f8`".to_owned());
        }
        self.quoted().map(drop)
    }

    fn boolean(&mut self) -> Result<(), String> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let word = [b"True".as_slice(), b"False"].into_iter().find(|word| rest.starts_with(word));
        let word = word.ok_or_else(|| self.refuse("`True` or `False`"))?;
        self.at += word.len();
        Ok(())
    }

    fn tuple(&mut self) -> Result<Vec<u64>, String> {
        self.expect(b'(')?;
        let mut shape = Vec::new();
        while !self.take(b')') {
            shape.push(self.number()?);
            if self.take(b',') {
                continue;
            }
            if shape.len() == 1 {
                return Err(self.refuse("`,`"));
            }
            self.expect(b')')?;
            break;
        }
        Ok(shape)
    }

    fn number(&mut self) -> Result<u64, String> {
        self.skip_spaces();
        let rest = &self.text[self.at..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || (digits > 1 && rest[0] == b'0') {
            return Err(self.refuse("a whole number"));
        }
        let text = std::str::from_utf8(&rest[..digits.min(21)]).expect("digits are ASCII");
        let number = text.parse().map_err(|_| {
            format!("the {digits} digits at byte {} are larger than any axis", self.at)
        })?;
        self.at += digits;
        Ok(number)
    }

    /// Nothing but spaces and at most one newline.
    fn end(&mut self) -> Result<(), String> {
        let _ = self.take(b'\n');
        match self.at == self.text.len() {
            true => Ok(()),
            false => Err(self.refuse("spaces and a newline after `}`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npyz_reads_what_is_written_and_data_is_aligned() {
        for shape in [[0, 0, 0], [1, 2, 3], [20_000, 120, 17], [usize::MAX, 1, 1]] {
            let bytes = write(shape, Dtype::F32);
            assert_eq!(bytes.len() % ALIGNMENT, 0, "{shape:?}");
            let parsed = NpyHeader::from_reader(bytes.as_slice()).unwrap();
            assert_eq!(parsed.shape(), shape.map(|n| n as u64));
            assert_eq!(parsed.dtype().descr(), "'<f4'");
            assert_eq!(parsed.order(), Order::C);
        }
    }

    #[test]
    fn a_header_is_numpys_byte_for_byte() {
        // np.save of numpy 2.4, np.zeros((977, 120, 5), np.float32).
        let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (977, 120, 5), }";
        let numpy = [b"\x93NUMPY\x01\0\x76\0".to_vec(), format!("{text:<117}\n").into()].concat();
        assert_eq!(write([977, 120, 5], Dtype::F32), numpy);
    }

    #[test]
    fn screening_gives_the_shape_npyz_gives() {
        for text in [
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }          \n",
            "{'descr':'<f4','fortran_order':True,'shape':(2,3,4)}",
            "  { \"shape\" : ( 2 , 3 , 4 , ) , \"descr\" : \"<f4\" , \"fortran_order\" : False }  ",
        ] {
            assert_eq!(screen(text.as_bytes()), Ok(vec![2, 3, 4]), "{text}");
        }
        let end = ", 'descr': '<f4', 'fortran_order': False}";
        assert_eq!(screen(format!("{{'shape': (){end}").as_bytes()), Ok(vec![]));
        assert_eq!(screen(format!("{{'shape': (7,){end}").as_bytes()), Ok(vec![7]));
    }
}
