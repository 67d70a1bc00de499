//! Files as others write them; `tests/files/make.py` says how these were made.

mod common;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use common::Random;
use ndarray::{Array3, Axis, s};
use windrow::io::{ArrayOutput, Batch, Fingerprint, Format, Output, Source, read_npy, write_npy};
use windrow::{Dtype, Element};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn at(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(name)
}

/// What the files hold.
fn ramp() -> Array3<f64> {
    Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (12 * i + 4 * j + k) as f64 - 5.0)
}

fn wide(batch: Batch) -> Array3<f64> {
    match batch {
        Batch::F32(x) => x.mapv(f64::from),
        Batch::F64(x) => x,
    }
}

fn read(name: &str, cast: Option<Dtype>) -> windrow::Result<Batch> {
    Source::open(&[at(name)], cast)?.read_all()
}

/// Why a file is refused, from its name on.
fn refusal(path: &Path, cast: Option<Dtype>) -> String {
    let error = Source::open(&[path], cast).and_then(|source| source.read_all());
    let error = error.expect_err("refused").to_string();
    assert!(!error.contains('\n') && error.len() < 400, "not one short line: {error}");
    let folder = format!("{}/", path.parent().unwrap().display());
    error.replace(&folder, "")
}

#[test]
fn numbers_of_all_types_are_read() {
    let dtypes = [("f4", Dtype::F32), ("f8", Dtype::F64)];
    for (name, dtype) in dtypes {
        for order in ["little", "big"] {
            let batch = read(&format!("{order}_{name}.npy"), None).unwrap();
            assert_eq!((batch.dtype(), wide(batch)), (dtype, ramp()), "{order} {name}");
        }
    }
    let signed = ["little_f2", "big_f2", "little_i8", "big_i4", "little_i2", "byte_i1"];
    let unsigned = ["byte_u1", "little_u2", "big_u4", "little_u8"];
    for name in signed.into_iter().chain(unsigned).chain(["big_f8", "little_f4"]) {
        let file = format!("{name}.npy");
        for cast in [Dtype::F32, Dtype::F64] {
            let batch = read(&file, Some(cast)).unwrap();
            let shift = if name.contains("_u") { 5.0 } else { 0.0 };
            assert_eq!((batch.dtype(), wide(batch)), (cast, ramp() + shift), "{name}");
        }
        if !name.ends_with("f8") && !name.ends_with("f4") {
            let error = refusal(&at(&file), None);
            assert!(error.contains("a cast to one of them is asked for (--cast f32)"), "{error}");
        }
    }
}

#[test]
fn fortran_order_and_two_axes_are_read() {
    assert_eq!(wide(read("fortran.npy", None).unwrap()), ramp());
    assert_eq!(wide(read("fortran_big.npy", None).unwrap()), ramp());
    let one = ramp().slice(s![1.., .., ..]).to_owned();
    assert_eq!(wide(read("two_axes.npy", None).unwrap()), one);
    assert_eq!(wide(read("two_axes_fortran.npy", None).unwrap()), one);
}

#[test]
fn arrays_in_archives_are_read_by_name() {
    for archive in ["stored.npz", "deflated.npz"] {
        assert_eq!(wide(read(&format!("{archive}:x"), None).unwrap()), ramp(), "{archive}");
        assert_eq!(
            refusal(&at(archive), None),
            format!("{archive}: holds x, other; expected one of them by name, as in {archive}:x")
        );
        assert_eq!(
            refusal(&at(&format!("{archive}:y")), None),
            format!("unknown array `y`; {archive} has x, other")
        );
        assert_eq!(
            refusal(&at(&format!("{archive}:other")), None),
            format!(
                "{archive}:other has shape (); expected (samples, timesteps, features), or \
                 (timesteps, features) of one sample"
            )
        );
    }
    assert_eq!(wide(read("single.npz", None).unwrap()), ramp());
    assert_eq!(wide(read("fortran.npz:x", None).unwrap()), ramp());
    assert_eq!(wide(read("fortran_deflated.npz", None).unwrap()), ramp());
    let plain =
        Source::from_bytes("x.npy", &fs::read(at("little_f4.npy")).unwrap(), Some("x"), None);
    let error = plain.unwrap_err().to_string();
    assert_eq!(error, "x.npy: is no archive, so it has no array `x`");
}

#[test]
fn tensors_are_read_by_name() {
    assert_eq!(wide(read("two.safetensors", None).unwrap()), ramp());
    assert_eq!(wide(read("two.safetensors:features", None).unwrap()), ramp());
    assert_eq!(wide(read("one.safetensors:x", Some(Dtype::F32)).unwrap()), ramp());
    let error = refusal(&at("two.safetensors:y"), None);
    assert_eq!(error, "unknown tensor `y`; there are: features, other");
    let good = fs::read(at("one.safetensors")).unwrap();
    let bytes = |bytes: &[u8]| {
        let source = Source::from_bytes("t", bytes, None, Some(Dtype::F32));
        source.and_then(|source| source.read_all()).map(drop).map_err(|error| error.to_string())
    };
    assert_eq!(bytes(&good), Ok(()));
    for length in 0..good.len() {
        assert!(bytes(&good[..length]).is_err(), "cut to {length}");
    }
    let lie = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let text = String::from_utf8_lossy(&good).into_owned();
        let start = text.find(from).expect(from);
        let mut lied = good.clone();
        lied[start..start + to.len()].copy_from_slice(to.as_bytes());
        bytes(&lied).expect_err(to)
    };
    assert!(lie("[0,96]", "[9,96]").contains("expected 96 bytes"));
    assert!(lie("[2,3,4]", "[2,3,5]").contains("expected 120 bytes"));
    assert!(lie("\"I32\"", "\"XX2\"").contains("dtype is `XX2`"));
    let error = bytes(b"\xff\xff\xff\0\0\0\0\0{}").unwrap_err();
    assert_eq!(error, "t: header is 16777215 bytes long; at most 1048576 are read");
}

#[test]
fn several_files_are_one_batch() {
    let folder = tempfile::tempdir().unwrap();
    let x = Array3::from_shape_fn((23, 5, 3), |(i, j, k)| (i * 100 + j * 10 + k) as f32);
    let mut first = 0;
    for (index, count) in [4, 0, 9, 10].into_iter().enumerate() {
        let part = x.slice(s![first..first + count, .., ..]);
        write_npy(folder.path().join(format!("part-{index}.npy")), part).unwrap();
        first += count;
    }
    let pattern = folder.path().join("part-*.npy");
    let source = Source::open(&[&pattern], None).unwrap();
    assert_eq!(source.layout().shape, [23, 5, 3]);
    assert_eq!(source.read_all().unwrap(), Batch::F32(x.clone()));
    // In blocks that end anywhere.
    for block in [1, 3, 8, 23] {
        let mut reader = source.reader();
        for expected in x.axis_chunks_iter(Axis(0), block) {
            let mut got = Array3::<f32>::zeros(expected.dim());
            reader.read(got.view_mut()).unwrap();
            assert_eq!(got, expected, "blocks of {block}");
        }
        let error = reader.read(Array3::<f32>::zeros((1, 5, 3)).view_mut()).unwrap_err();
        assert!(error.to_string().contains("at most (0, 5, 3)"), "{error}");
        reader.end().unwrap();
    }
    let error = source.reader().end().unwrap_err().to_string();
    assert_eq!(error, "the samples read is 0; expected all 23");

    write_npy(folder.path().join("part-4.npy"), Array3::<f64>::zeros((1, 5, 3)).view()).unwrap();
    assert_eq!(refusal(&pattern, None), "part-4.npy: dtype is `<f8`, but `<f4` in part-0.npy");
    assert_eq!(Source::open(&[&pattern], Some(Dtype::F64)).unwrap().layout().shape[0], 24);
    write_npy(folder.path().join("part-5.npy"), Array3::<f32>::zeros((1, 4, 3)).view()).unwrap();
    assert_eq!(
        refusal(&pattern, Some(Dtype::F32)),
        "part-5.npy has shape (1, 4, 3); expected (samples, 5, 3), as part-0.npy has"
    );
    assert_eq!(refusal(&folder.path().join("no-*.npy"), None), "no-*.npy: matches no file");
    assert_eq!(
        Source::open(&[] as &[PathBuf], None).unwrap_err().to_string(),
        "the list of files is empty; expected a file"
    );
}

#[test]
fn a_fingerprint_is_of_the_numbers() {
    let mut expected = Fingerprint::new();
    expected.push(ramp().mapv(|x| x as f32).as_slice().unwrap());
    for name in ["little_f4.npy", "big_f4.npy", "fortran.npy", "deflated.npz:x", "two.safetensors"]
    {
        let Batch::F32(x) = read(name, None).unwrap() else { panic!("dtype") };
        let mut found = Fingerprint::new();
        found.push(x.as_slice().unwrap());
        assert_eq!(found.text(), expected.text(), "{name}");
    }
}

/// An archive of one array, packed in some way.
fn archive(name: &str, method: CompressionMethod, bytes: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    zip.start_file(name, options).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

fn from_bytes(bytes: &[u8]) -> Result<Batch, String> {
    let source = Source::from_bytes("d.npz", bytes, None, None);
    source.and_then(|source| source.read_all()).map_err(|error| error.to_string())
}

#[test]
fn damage_in_an_archive_is_found() {
    for name in ["stored.npz:x", "deflated.npz:x", "fortran_deflated.npz:x"] {
        let file = name.split(':').next().unwrap();
        let good = fs::read(at(file)).unwrap();
        let whole = |bytes: &[u8]| {
            let source = Source::from_bytes(file, bytes, Some("x"), None);
            source.and_then(|source| source.read_all())
        };
        assert_eq!(wide(whole(&good).unwrap()), ramp());
        // NPZ-02: no flipped bit gives another number.
        for byte in 0..good.len() {
            for bit in [0, 3, 7] {
                let mut bytes = good.clone();
                bytes[byte] ^= 1 << bit;
                if let Ok(batch) = whole(&bytes) {
                    assert_eq!(wide(batch), ramp(), "{file}: bit {bit} of byte {byte}");
                }
            }
        }
        for length in 0..good.len() {
            assert!(whole(&good[..length]).is_err(), "{file} cut to {length}");
        }
    }
    let mut stored = fs::read(at("single.npz")).unwrap();
    let last = stored.windows(8).rposition(|bytes| bytes == 18f64.to_be_bytes()).unwrap();
    stored[last + 7] ^= 1;
    let error = from_bytes(&stored).unwrap_err();
    assert!(error.starts_with("d.npz:arr_0: is damaged: its check sum (CRC-32) is "), "{error}");
}

#[test]
fn archives_are_screened() {
    let npy = fs::read(at("little_f4.npy")).unwrap();
    let stored = |name: &str, bytes: &[u8]| archive(name, CompressionMethod::Stored, bytes);
    let deflated = |bytes: &[u8]| archive("x.npy", CompressionMethod::Deflated, bytes);
    assert!(from_bytes(&stored("x.npy", &npy)).is_ok() && from_bytes(&deflated(&npy)).is_ok());

    // NPZ-03: zeros beyond what the shape takes are not unpacked, or the damage would be met.
    let mut bomb = npy.clone();
    bomb.resize(80_000_000, 0);
    let mut bomb = deflated(&bomb);
    assert!(bomb.len() < 200_000);
    let middle = bomb.len() / 2;
    bomb[middle..middle + 100].fill(0xff);
    let error = from_bytes(&bomb).unwrap_err();
    assert!(error.contains("has trailing bytes"), "{error}");

    // NPZ-04, both ways, and a directory that lies about the size.
    for bytes in [&npy[..npy.len() - 1], &[&npy[..], &[0]].concat()] {
        for error in [from_bytes(&stored("x.npy", bytes)), from_bytes(&deflated(bytes))] {
            let error = error.unwrap_err();
            assert!(error.contains("takes 96 bytes after the header, the file has"), "{error}");
        }
    }
    let lie = |bytes: &[u8], claimed: u32| {
        let mut archive = deflated(bytes);
        let directory = archive.windows(4).rposition(|b| b == b"PK\x01\x02").unwrap();
        archive[directory + 24..directory + 28].copy_from_slice(&claimed.to_le_bytes());
        from_bytes(&archive).unwrap_err()
    };
    let longer = [&npy[..], &[0; 100]].concat();
    let error = lie(&longer, npy.len() as u32);
    assert!(error.ends_with("unpacks to more bytes than the archive says"), "{error}");
    let error = lie(&npy[..npy.len() - 8], npy.len() as u32);
    assert!(error.ends_with("the packed data ends early"), "{error}");

    // NPZ-06: names are names.
    for name in ["../evil.npy", "/abs.npy", "a/b.npy", ".npy", "x\u{1b}[31m.npy"] {
        assert!(from_bytes(&stored(name, &npy)).is_ok(), "{name}");
    }
    for name in ["dir/", "", "x.txt"] {
        assert_eq!(from_bytes(&stored(name, b"")).unwrap_err(), "d.npz: holds no array", "{name}");
    }
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for index in 0..70_000 {
        zip.start_file(format!("{index}\n\u{7}.npy"), SimpleFileOptions::default()).unwrap();
    }
    // NPZ-07 and NPZ-09: many arrays, safely listed.
    let error = from_bytes(&zip.finish().unwrap().into_inner()).unwrap_err();
    assert!(error.contains("holds 0??, 1??, ") && error.contains("... 70000 in all;"), "{error}");
    assert!(error.len() < 300, "{error}");
    let long = stored(&("n".repeat(60_000) + ".npy"), b"");
    assert!(from_bytes(&long).unwrap_err().len() < 200);

    // NPZ-08.
    let mut unknown = stored("x.npy", &npy);
    let directory = unknown.windows(4).rposition(|b| b == b"PK\x01\x02").unwrap();
    unknown[directory + 10] = 99;
    let error = from_bytes(&unknown).unwrap_err();
    assert!(
        error.contains("array `x`: is packed by ") || error.contains("zip directory"),
        "{error}"
    );
    let mut encrypted = stored("x.npy", &npy);
    encrypted[directory + 8] |= 1;
    let error = from_bytes(&encrypted).unwrap_err();
    assert!(error.contains("is encrypted"), "{error}");

    assert_eq!(
        from_bytes(b"PK\x05\x06").unwrap_err(),
        "d.npz: zip: does not end as NumPy's archives do"
    );
    let empty = ZipWriter::new(std::io::Cursor::new(Vec::new())).finish().unwrap().into_inner();
    assert_eq!(from_bytes(&empty).unwrap_err(), "d.npz: holds no array");
    let trailing = [stored("x.npy", &npy), vec![0]].concat();
    assert!(from_bytes(&trailing).unwrap_err().contains("does not end as NumPy's archives do"));
}

#[test]
fn mutations_of_archives_are_read_or_refused() {
    let goods = ["stored.npz", "deflated.npz", "single.npz", "two.safetensors"]
        .map(|name| fs::read(at(name)).unwrap());
    let mut random = Random(5);
    for round in 0..20_000 {
        let mut bytes = goods[random.below(goods.len())].clone();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.below(256) as u8,
                1 => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
                2 => bytes.insert(at, random.below(256) as u8),
                _ => drop(bytes.remove(at)),
            }
        }
        let start = std::time::Instant::now();
        let source = Source::from_bytes("m", &bytes, Some("x"), Some(Dtype::F32));
        if let Ok(batch) = source.and_then(|source| source.read_all()) {
            assert!(batch.shape().iter().product::<usize>() <= 24, "round {round}");
        }
        assert!(start.elapsed().as_millis() < 1000, "round {round}: {bytes:?}");
    }
}

fn written<O: Element>(path: &Path, x: &Array3<O>) -> Vec<u8> {
    let (samples, timesteps, features) = x.dim();
    let format = Format::of(path).unwrap();
    let output = Output::create(path).unwrap();
    let shape = [samples, timesteps, features];
    let mut array = ArrayOutput::begin(output, format, shape, O::DTYPE).unwrap();
    for sample in x.outer_iter() {
        array.push(sample.as_slice().unwrap()).unwrap();
    }
    array.end().unwrap().commit().unwrap();
    fs::read(path).unwrap()
}

#[test]
fn what_is_written_comes_back_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, _) in Format::ENDINGS {
        let path = folder.path().join(format!("y.{ending}"));
        let first = written(&path, &ramp());
        assert_eq!(read_npy(&path).unwrap(), Batch::F64(ramp()), "{ending}");
        assert_eq!(written(&path, &ramp()), first, "{ending}: the same bytes again");
        let narrow = ramp().mapv(|x| x as f32);
        written(&path, &narrow);
        assert_eq!(read_npy(&path).unwrap(), Batch::F32(narrow), "{ending}");
        written(&path, &Array3::<f32>::zeros((0, 3, 4)));
        assert_eq!(read_npy(&path).unwrap().shape(), [0, 3, 4], "{ending}");
    }
    let output = Output::create(folder.path().join("z.npy")).unwrap();
    let mut array = ArrayOutput::begin(output, Format::Npy, [1, 2, 3], Dtype::F32).unwrap();
    let error = array.push(&[0f64]).unwrap_err().to_string();
    assert_eq!(error, "the dtype of values is f64; the output is f32");
    let error = array.push(&[0f32; 7]).unwrap_err().to_string();
    assert_eq!(error, "the number of values is 7; the shape has room for 6 more");
    let error = array.end().unwrap_err().to_string();
    assert_eq!(error, "the number of missing values is 6; expected none");
}

/// Readers of others, where they are there.
#[test]
fn others_read_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (ending, _) in Format::ENDINGS {
        written(&folder.path().join(format!("y.{ending}")), &ramp());
    }
    let python = |code: &str| {
        let mut python = std::process::Command::new("python3");
        python.arg("-c").arg(code).current_dir(folder.path()).output()
    };
    let load = "import numpy as np, zipfile\n\
                x = np.arange(24.0).reshape(2, 3, 4) - 5\n\
                assert (np.load('y.npz')['features'] == x).all()\n\
                assert zipfile.ZipFile('y.npz').testzip() is None\n\
                assert (np.load('y.npy', mmap_mode='r') == x).all()\n";
    let tensors = "from safetensors.numpy import load_file\n\
                   import numpy as np\n\
                   x = np.arange(24.0).reshape(2, 3, 4) - 5\n\
                   assert (load_file('y.safetensors')['features'] == x).all()\n";
    for (modules, code) in [("numpy", load), ("safetensors.numpy", tensors)] {
        match python(&format!("import {modules}")) {
            Ok(found) if found.status.success() => {
                let out = python(code).unwrap();
                assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            }
            _ => eprintln!("skipped: no python3 with {modules}"),
        }
    }
}
