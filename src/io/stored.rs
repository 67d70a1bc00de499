//! How numbers stand in a file: their type and byte order, and the way to f32 or f64.

use bytemuck::cast_slice_mut;
use half::f16;

use crate::batch::{Dtype, Element};

/// A type of numbers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stored {
    kind: Kind,
    big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F16,
    F32,
    F64,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
}

const KINDS: [(&str, Kind); 11] = [
    ("f2", Kind::F16),
    ("f4", Kind::F32),
    ("f8", Kind::F64),
    ("i1", Kind::I8),
    ("i2", Kind::I16),
    ("i4", Kind::I32),
    ("i8", Kind::I64),
    ("u1", Kind::U8),
    ("u2", Kind::U16),
    ("u4", Kind::U32),
    ("u8", Kind::U64),
];

impl Stored {
    /// What NumPy's name of a dtype stands for: `<f4`.
    ///
    /// # Errors
    ///
    /// In words: a type that holds no plain numbers.
    pub fn parse(descr: &str) -> Result<Stored, String> {
        let expected = "expected f32 or f64, or f16 or integers with a cast";
        let kind = KINDS.iter().find(|(name, _)| descr.get(1..) == Some(name));
        let order = descr.bytes().next();
        match (kind, order) {
            (Some(&(_, kind)), Some(order @ (b'<' | b'>'))) => {
                Ok(Stored { kind, big_endian: order == b'>' })
            }
            (Some(&(_, kind @ (Kind::I8 | Kind::U8))), Some(b'|')) => {
                Ok(Stored { kind, big_endian: false })
            }
            _ if descr.get(1..2) == Some("O") => {
                Err(format!("dtype is `{descr}`, Python objects, which are never read; {expected}"))
            }
            _ => Err(format!("dtype is `{descr}`; {expected}")),
        }
    }

    /// The type of this machine's own numbers.
    pub fn native(dtype: Dtype) -> Stored {
        let kind = match dtype {
            Dtype::F32 => Kind::F32,
            Dtype::F64 => Kind::F64,
        };
        Stored { kind, big_endian: cfg!(target_endian = "big") }
    }

    /// NumPy's name.
    pub fn descr(self) -> String {
        let (name, _) = KINDS.iter().find(|(_, kind)| *kind == self.kind).expect("each is listed");
        let order = match self.kind {
            Kind::I8 | Kind::U8 => '|',
            _ if self.big_endian => '>',
            _ => '<',
        };
        format!("{order}{name}")
    }

    /// What it is read as when nothing is asked: only numbers that stay what they are.
    pub fn own_dtype(self) -> Option<Dtype> {
        match self.kind {
            Kind::F32 => Some(Dtype::F32),
            Kind::F64 => Some(Dtype::F64),
            _ => None,
        }
    }

    /// Bytes a number.
    pub fn size(self) -> usize {
        match self.kind {
            Kind::I8 | Kind::U8 => 1,
            Kind::F16 | Kind::I16 | Kind::U16 => 2,
            Kind::F32 | Kind::I32 | Kind::U32 => 4,
            Kind::F64 | Kind::I64 | Kind::U64 => 8,
        }
    }

    /// Whether bytes of the file are numbers of `E` as they are.
    pub fn is<E: Element>(self) -> bool {
        self == Stored::native(E::DTYPE)
    }

    /// Turns the bytes of numbers into numbers, each rounded once to the nearest.
    pub fn decode<E: Element>(self, bytes: &[u8], into: &mut [E]) {
        match E::DTYPE {
            Dtype::F32 => decode_f32(self, bytes, cast_slice_mut(into)),
            Dtype::F64 => decode_f64(self, bytes, cast_slice_mut(into)),
        }
    }
}

/// Defines a way to one type; `as` between numbers rounds to the nearest, and from f32 to f64 and
/// from small integers it is exact.
macro_rules! decode {
    ($name:ident, $target:ty, $half:ident) => {
        fn $name(stored: Stored, bytes: &[u8], into: &mut [$target]) {
            macro_rules! each {
                ($source:ty) => {
                    each!($source, |x: $source| x as $target)
                };
                ($source:ty, $convert:expr) => {{
                    let numbers = bytes.as_chunks::<{ size_of::<$source>() }>().0;
                    let convert = $convert;
                    match stored.big_endian {
                        true => into
                            .iter_mut()
                            .zip(numbers)
                            .for_each(|(x, bytes)| *x = convert(<$source>::from_be_bytes(*bytes))),
                        false => into
                            .iter_mut()
                            .zip(numbers)
                            .for_each(|(x, bytes)| *x = convert(<$source>::from_le_bytes(*bytes))),
                    }
                }};
            }
            match stored.kind {
                Kind::F16 => each!(f16, f16::$half),
                Kind::F32 => each!(f32),
                Kind::F64 => each!(f64),
                Kind::I8 => each!(i8),
                Kind::I16 => each!(i16),
                Kind::I32 => each!(i32),
                Kind::I64 => each!(i64),
                Kind::U8 => each!(u8),
                Kind::U16 => each!(u16),
                Kind::U32 => each!(u32),
                Kind::U64 => each!(u64),
            }
        }
    };
}

decode!(decode_f32, f32, to_f32);
decode!(decode_f64, f64, to_f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for (name, _) in KINDS {
            let order = if name.ends_with('1') { '|' } else { '>' };
            let descr = format!("{order}{name}");
            assert_eq!(Stored::parse(&descr).unwrap().descr(), descr);
        }
        assert!(Stored::native(Dtype::F32).is::<f32>() && !Stored::native(Dtype::F32).is::<f64>());
        for descr in ["", "f4", "|f4", "=f4", "<f4 ", "<f1", "<c8", "|b1", "<U3", "<i16", "é4"] {
            assert!(Stored::parse(descr).is_err(), "{descr}");
        }
    }

    fn one<E: Element>(descr: &str, bytes: &[u8]) -> f64 {
        let mut into = [E::zeroed()];
        Stored::parse(descr).unwrap().decode(bytes, &mut into);
        into[0].widen()
    }

    #[test]
    fn numbers_are_rounded_once() {
        // np.float16(1.5), the smallest denormal, and -inf.
        for (bits, x) in [(0x3e00_u16, 1.5), (1, 2f64.powi(-24)), (0xfc00, f64::NEG_INFINITY)] {
            assert_eq!(one::<f32>("<f2", &bits.to_le_bytes()), x);
            assert_eq!(one::<f64>(">f2", &bits.to_be_bytes()), x);
        }
        // By way of f64 this would round to 2^61: a tie that the last bit breaks.
        let tie = (1_i64 << 61) + (1 << 37) + 1;
        assert_eq!(one::<f32>("<i8", &tie.to_le_bytes()), ((1_i64 << 61) + (1 << 38)) as f64);
        assert_eq!(one::<f64>("<u8", &u64::MAX.to_le_bytes()), 2f64.powi(64));
        assert_eq!(one::<f32>("|i1", &[0x80]), -128.0);
        assert_eq!(one::<f32>(">f8", &0.1f64.to_be_bytes()), f64::from(0.1f32));
        assert_eq!(one::<f64>(">u2", &[1, 2]), 258.0);
        assert_eq!(one::<f64>(">i4", &(-2_i32).to_be_bytes()), -2.0);
    }
}
