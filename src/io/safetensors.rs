//! Headers of safetensors files: a length, a JSON object of tensors, then their numbers.
//!
//! The crate `safetensors` takes and gives whole files in memory; only the header is needed here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::archive::unnamed;
use super::header::{Header, three_axes};
use super::place::Bytes;
use super::stored::Stored;
use crate::batch::{self, Dtype};
use crate::error::{Error, Line, Result};

/// The tensor that is written.
pub(super) const NAME: &str = "features";

/// Longest header read: some 10,000 tensors.
const LONGEST: u64 = 1 << 20;
const ALIGNMENT: usize = 64;

/// Names of the format and of NumPy.
const DTYPES: [(&str, &str); 11] = [
    ("F16", "<f2"),
    ("F32", "<f4"),
    ("F64", "<f8"),
    ("I8", "|i1"),
    ("I16", "<i2"),
    ("I32", "<i4"),
    ("I64", "<i8"),
    ("U8", "|u1"),
    ("U16", "<u2"),
    ("U32", "<u4"),
    ("U64", "<u8"),
];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tensor {
    dtype: String,
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// Whether a file of nine bytes or more begins as one: a length that may be, and a brace.
pub(super) fn begins(start: &[u8]) -> bool {
    match start {
        [length @ .., b'{'] if length.len() == 8 => length[4..] == [0; 4],
        _ => false,
    }
}

/// The header of a tensor: that of the name, or the only one.
pub(super) fn read(bytes: &Arc<Bytes>, wanted: Option<&str>) -> Result<(String, Header)> {
    let place = bytes.place();
    let mut length = [0; 8];
    bytes.read_at(&mut length, 0)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        let problem = format!("header is {length} bytes long; at most {LONGEST} are read");
        return Err(place.refuse(problem));
    }
    let offset = 8 + length;
    if offset > place.size() {
        let problem = format!("header ends at byte {offset}, but the file has {}", place.size());
        return Err(place.refuse(problem));
    }
    let mut text = vec![0; length as usize];
    bytes.read_at(&mut text, 8)?;
    let refuse = |problem: String| place.refuse(format!("safetensors header: {problem}"));
    let mut tensors: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&text).map_err(|error| refuse(error.to_string()))?;
    tensors.remove("__metadata__");
    let name = match (wanted, tensors.len()) {
        (Some(name), _) => name.to_owned(),
        (None, 1) => tensors.keys().next().cloned().unwrap_or_default(),
        (None, _) if tensors.contains_key(NAME) => NAME.to_owned(),
        (None, _) => {
            let names: Vec<&str> = tensors.keys().map(String::as_str).collect();
            return Err(unnamed(place.name(), &names));
        }
    };
    let Some(tensor) = tensors.remove(&name) else {
        let known = tensors.keys().map(String::as_str);
        return Err(Error::unknown(Line::NONE, "tensor", &name, known));
    };
    let tensor: Tensor =
        serde_json::from_value(tensor).map_err(|error| refuse(error.to_string()))?;
    let descr = DTYPES.iter().find(|(theirs, _)| *theirs == tensor.dtype);
    let (_, descr) = descr.ok_or_else(|| {
        refuse(format!("dtype is `{:.16}`; expected floats or integers", tensor.dtype))
    })?;
    let stored = Stored::parse(descr).map_err(&refuse)?;
    let shape = three_axes(place.name(), &tensor.shape)?;
    let expected = batch::bytes(&place.name().display().to_string(), shape, stored.size())?;
    let [begin, end] = tensor.data_offsets;
    let fits = begin.checked_add(expected as u64) == Some(end)
        && end.checked_add(offset).is_some_and(|end| end <= place.size());
    if !fits {
        let problem = format!(
            "its numbers are bytes {begin} to {end} of {}; expected {expected} bytes",
            place.size() - offset
        );
        return Err(refuse(problem));
    }
    Ok((name, Header { shape, stored, fortran: false, offset: offset + begin }))
}

/// The header of a file with one tensor, whose numbers begin at a multiple of 64.
pub(super) fn write(path: &Path, shape: [usize; 3], dtype: Dtype) -> Result<Vec<u8>> {
    let bytes = batch::bytes(&path.display().to_string(), shape, dtype.size())?;
    let (theirs, _) = DTYPES
        .iter()
        .find(|(_, descr)| descr.ends_with(&format!("f{}", dtype.size())))
        .expect("both are listed");
    let tensor = Tensor {
        dtype: (*theirs).to_owned(),
        shape: shape.map(|n| n as u64).to_vec(),
        data_offsets: [0, bytes as u64],
    };
    let tensors = BTreeMap::from([(NAME, tensor)]);
    let mut text = serde_json::to_vec(&tensors).expect("plain names and numbers");
    // The format allows spaces at the end.
    text.resize((8 + text.len()).next_multiple_of(ALIGNMENT) - 8, b' ');
    Ok([&(text.len() as u64).to_le_bytes(), text.as_slice()].concat())
}
