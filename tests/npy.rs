//! Files in and out: what is read, what is refused and in which words, what is left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ndarray::{Array3, ShapeBuilder, s};
use windrow::Dtype;
use windrow::io::{Batch, Output, npy_from_bytes, npy_layout, read_npy, write_npy};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A file of this version, header and data.
fn npy(version: u8, header: &[u8], data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY".to_vec();
    bytes.extend([version, 0]);
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header);
    bytes.extend(data);
    bytes
}

fn header(descr: &str, order: &str, shape: &str) -> Vec<u8> {
    format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n").into_bytes()
}

fn good(shape: &str) -> Vec<u8> {
    header("'<f4'", "False", shape)
}

/// The error for these bytes, found at once.
fn refused(bytes: &[u8]) -> String {
    let start = Instant::now();
    let error = npy_from_bytes("x.npy", bytes).unwrap_err().to_string();
    assert!(start.elapsed() < Duration::from_secs(1), "slow: {error}");
    assert!(error.starts_with("x.npy"), "no name: {error}");
    assert!(!error.contains('\n') && error.len() < 300, "not one short line: {error}");
    error
}

fn ramp() -> Array3<f32> {
    Array3::from_shape_fn((2, 3, 2), |(i, j, k)| (i * 6 + j * 2 + k) as f32)
}

fn ramp_bytes() -> Vec<u8> {
    ramp().iter().flat_map(|x| x.to_le_bytes()).collect()
}

#[test]
fn every_version_and_any_alignment_is_read() {
    for version in [1, 2, 3] {
        for padding in 0..70 {
            let mut header = good("(2, 3, 2)");
            header.splice(header.len() - 1..header.len() - 1, vec![b' '; padding]);
            let bytes = npy(version, &header, &ramp_bytes());
            assert_eq!(npy_from_bytes("x.npy", &bytes).unwrap(), Batch::F32(ramp()));
        }
    }
}

#[test]
fn what_is_not_npy() {
    for bytes in
        [&b"\x93NUM"[..], b"\x93NUMPY", b"\x92NUMPY\x01\0", b"\x93numpy\x01\0", b"a,b\n1,2"]
    {
        assert_eq!(
            refused(bytes),
            "x.npy: does not begin as a .npy, .npz or safetensors file does"
        );
    }
    assert_eq!(refused(b""), "x.npy: is empty; expected a .npy, .npz or safetensors file");
    assert_eq!(
        refused(b"PK\x03\x04 and more than that follows"),
        "x.npy: zip: does not end as NumPy's archives do"
    );
    for (major, minor) in [(4, 0), (1, 1), (0, 0), (255, 255)] {
        let mut bytes = npy(1, &good("(2, 3, 2)"), &ramp_bytes());
        bytes[6..8].copy_from_slice(&[major, minor]);
        assert_eq!(
            refused(&bytes),
            format!("x.npy: .npy version is {major}.{minor}; expected 1.0, 2.0 or 3.0")
        );
    }
}

#[test]
fn header_lengths_are_not_believed() {
    let mut bytes = b"\x93NUMPY\x02\0".to_vec();
    assert_eq!(refused(&bytes), "x.npy: ends inside its header, after 8 bytes");
    bytes.extend([0xff; 4]);
    assert_eq!(refused(&bytes), "x.npy: header is 4294967295 bytes long; at most 65536 are read");
    bytes[8..12].copy_from_slice(&100u32.to_le_bytes());
    assert_eq!(refused(&bytes), "x.npy: header ends at byte 112, but the file has 12");

    let good = npy(1, &good("(2, 3, 2)"), &ramp_bytes());
    let length = u16::from_le_bytes([good[8], good[9]]);
    for change in (-64..=-1).chain(1..=48) {
        let mut bytes = good.clone();
        bytes[8..10].copy_from_slice(&(length as i32 + change).to_le_bytes()[..2]);
        refused(&bytes);
    }
}

#[test]
fn nesting_and_endless_digits_are_refused_at_once() {
    for depth in [20, 40, 30_000] {
        for (open, close) in [("[", "]"), ("(", ")"), ("{", "}"), ("(", "")] {
            let text = open.repeat(depth) + &close.repeat(depth);
            refused(&npy(2, text.as_bytes(), b""));
            refused(&npy(2, &header(&text, "False", "(2, 3, 2)"), b""));
            refused(&npy(2, &good(&text), b""));
        }
    }
    let digits = "9".repeat(20_000);
    assert_eq!(
        refused(&npy(2, &good(&format!("({digits}, 1, 1)")), b"")),
        "x.npy: header: the 20000 digits at byte 51 are larger than any axis"
    );
    refused(&npy(2, &good(&format!("({})", "1,".repeat(30_000))), b""));
}

#[test]
fn shapes_are_three_whole_numbers_whose_product_fits() {
    for shape in ["(6,)", "()", "(1, 2, 3, 2)", "(1, 1, 1, 1, 1, 1, 1, 1, 12)"] {
        let error = refused(&npy(1, &good(shape), &ramp_bytes()));
        let shown = shape.replace("1, 12)", "1, ... 9 axes)");
        let expected =
            "expected (samples, timesteps, features), or (timesteps, features) of one sample";
        assert_eq!(error, format!("x.npy has shape {shown}; {expected}"));
    }
    for (shape, found) in [
        ("(-2, 3, 2)", "expected a whole number at byte 51, found `-`"),
        ("(2.0, 3, 2)", "expected `,` at byte 52, found `.`"),
        ("(True, 3, 2)", "expected a whole number at byte 51, found `T`"),
        ("('2', 3, 2)", "expected a whole number at byte 51, found `'`"),
        ("(02, 3, 2)", "expected a whole number at byte 51, found `0`"),
        ("(12)", "expected `,` at byte 53, found `)`"),
        ("6", "expected `(` at byte 50, found `6`"),
        ("[2, 3, 2]", "expected `(` at byte 50, found `[`"),
        ("None", "expected `(` at byte 50, found `N`"),
    ] {
        let error = refused(&npy(1, &good(shape), &ramp_bytes()));
        assert_eq!(error, format!("x.npy: header: {found}"), "{shape}");
    }
    for shape in [
        "(4294967296, 4294967296, 1)",
        "(0, 9223372036854775808, 4)",
        "(18446744073709551615, 18446744073709551615, 18446744073709551615)",
    ] {
        let error = refused(&npy(1, &good(shape), b""));
        assert_eq!(error, format!("x.npy: shape {shape} is larger than any memory"));
    }
    assert_eq!(
        refused(&npy(1, &good("(4611686018427387904, 1, 1)"), b"")),
        "x.npy needs 18446744073709551616 bytes, more than a program can address"
    );
}

#[test]
fn data_is_as_long_as_the_shape_says() {
    let file = |data: &[u8]| npy(1, &good("(2, 3, 2)"), data);
    let takes = "shape (2, 3, 2) of `<f4` takes 48 bytes after the header, the file has";
    let bytes = ramp_bytes();
    for length in [0, 47] {
        assert_eq!(
            refused(&file(&bytes[..length])),
            format!("x.npy: is truncated: {takes} {length}")
        );
    }
    let longer = [bytes, vec![0]].concat();
    assert_eq!(refused(&file(&longer)), format!("x.npy: has trailing bytes: {takes} 49"));
    // Found from the file's length, before memory is taken.
    let error = refused(&npy(1, &good("(1000000000000000, 1, 1)"), &[0; 48]));
    assert!(error.contains("takes 4000000000000000 bytes"), "{error}");
}

#[test]
fn dictionaries_have_numpys_form() {
    for (text, expected) in [
        ("{'descr': '<f4', 'shape': (2, 3, 2), 'shape': (2, 3, 2)}", "a key for the second time"),
        ("{'descr': '<f4', 'fortran_order': False}", "a key is missing"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2), 'x': 1}", "unknown key"),
        ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3, 2)}", "expected `True` or `False`"),
        ("{'descr': '<f4', 'fortran_order': 'False', 'shape': (2, 3, 2)}", "expected `True` or"),
        ("{'descr': 'a\\'b', 'fortran_order': False, 'shape': (2, 3, 2)}", "expected plain text"),
        ("{'descr': '\u{e9}', 'fortran_order': False, 'shape': (2, 3, 2)}", "found byte 0xc3"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2)}\n\n", "expected spaces and"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2)}\0\0", "found byte 0x00"),
        ("{'descr':\t'<f4', 'fortran_order': False, 'shape': (2, 3, 2)}", "found byte 0x09"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2)} x", "found `x`"),
        ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2)", "found its end"),
        ("{,}", "expected `'` at byte 1"),
        ("", "expected `{` at byte 0, found its end"),
    ] {
        let error = refused(&npy(1, text.as_bytes(), &ramp_bytes()));
        assert!(
            error.starts_with("x.npy: header: ") && error.contains(expected),
            "{text}: {error}"
        );
    }
    for text in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2)}",
        "{\"shape\": (2, 3, 2,), \"descr\": \"<f4\", \"fortran_order\": False,}   \n",
    ] {
        let batch = npy_from_bytes("x.npy", &npy(1, text.as_bytes(), &ramp_bytes()));
        assert_eq!(batch.unwrap(), Batch::F32(ramp()), "{text}");
    }
}

#[test]
fn other_dtypes_are_named() {
    let bytes =
        |descr: &str| npy(1, &header(&format!("'{descr}'"), "False", "(2, 3, 4)"), &[0; 48]);
    for descr in ["<f2", ">i2", "<u2"] {
        let error = refused(&bytes(descr));
        let expected = format!(
            "x.npy: dtype is `{descr}`; f32 and f64 are read as they are, others where a cast to \
             one of them is asked for (--cast f32)"
        );
        assert_eq!(error, expected);
    }
    let expected = "expected f32 or f64, or f16 or integers with a cast";
    for (descr, problem) in [
        ("<f16", "; "),
        ("|b1", "; "),
        ("<c16", "; "),
        ("|O", ", Python objects, which are never read; "),
    ] {
        let error = refused(&bytes(descr));
        assert_eq!(error, format!("x.npy: dtype is `{descr}`{problem}{expected}"));
    }
    for descr in ["|V8", "|V0", "<U3", "<c16", "<M8[ns]", "float32", "", "<f99999999999999999999"] {
        let descr = format!("'{descr}'");
        for shape in ["(2, 3, 2)", "(1000000, 1000, 1000)"] {
            refused(&npy(1, &header(&descr, "False", shape), &ramp_bytes()));
        }
    }
    let bytes = npy(1, &header("[('a', '<f4')]", "False", "(2, 3, 2)"), &ramp_bytes());
    assert_eq!(refused(&bytes), "x.npy: header: structured dtype; expected `<f4` or `<f8`");
}

#[test]
fn mutations_of_good_files_are_read_or_refused() {
    let good = npy(1, &good("(2, 3, 2)"), &ramp_bytes());
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let bits = b"[](){}',: 0123456789<>|fiOTrueFalse\n\0\xff";
    for round in 0..50_000 {
        let mut bytes = good.clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] = random(256) as u8,
                1 => bytes[at] = bits[random(bits.len())],
                2 => bytes.insert(at, bits[random(bits.len())]),
                _ => drop(bytes.remove(at)),
            }
        }
        let start = Instant::now();
        let result = npy_from_bytes("x.npy", &bytes);
        assert!(start.elapsed() < Duration::from_secs(1), "round {round}: {bytes:?}");
        if let Ok(batch) = result {
            assert!(batch.shape().iter().product::<usize>() <= 24, "round {round}: {bytes:?}");
        }
    }
}

#[test]
fn a_batch_comes_back_bit_for_bit() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let bits = [0x7fc0_1234_u32, 0xff80_0000, 0x8000_0000, 1, 0x7f7f_ffff, 0];
    let narrow = Array3::from_shape_fn((1, 3, 2), |(_, j, k)| f32::from_bits(bits[j * 2 + k]));
    write_npy(&path, narrow.view()).unwrap();
    let Batch::F32(back) = read_npy(&path).unwrap() else { panic!("dtype") };
    assert_eq!(back.mapv(f32::to_bits), narrow.mapv(f32::to_bits));

    for shape in [(0, 3, 2), (2, 0, 2), (2, 3, 0), (1, 1, 1), (5, 7, 3)] {
        let wide = Array3::from_shape_fn(shape, |(i, j, k)| (i * 100 + j * 10 + k) as f64 + 0.1);
        write_npy(&path, wide.view()).unwrap();
        assert_eq!(read_npy(&path).unwrap(), Batch::F64(wide));
    }
    assert_eq!(names(folder.path()), ["x.npy"]);
}

#[test]
fn views_of_any_order_are_written_in_c_order() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let x = Array3::from_shape_fn((40, 60, 50), |(i, j, k)| (i * 10_000 + j * 100 + k) as f64);
    let mut fortran = Array3::zeros((40, 60, 50).f());
    fortran.assign(&x);
    for view in [fortran.view(), x.slice(s![..;-1, 1.., ..;2]), x.view().reversed_axes()] {
        write_npy(&path, view).unwrap();
        assert_eq!(read_npy(&path).unwrap(), Batch::F64(view.to_owned()));
    }
}

#[test]
fn a_file_of_several_chunks_is_read_whole() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let x =
        Array3::from_shape_fn((3, 1000, 1111), |(i, j, k)| (i * 1_111_000 + j * 1111 + k) as f64);
    write_npy(&path, x.view()).unwrap();
    assert!(fs::metadata(&path).unwrap().len() > 3 * (8 << 20));
    assert_eq!(read_npy(&path).unwrap(), Batch::F64(x));
    let layout = npy_layout(&path).unwrap();
    assert_eq!((layout.shape, layout.dtype), ([3, 1000, 1111], Dtype::F64));
}

#[test]
fn missing_files_and_folders_are_named() {
    let folder = folder();
    let missing = folder.path().join("missing.npy");
    assert_eq!(
        read_npy(&missing).unwrap_err().to_string(),
        format!("cannot open {}: No such file or directory (os error 2)", missing.display())
    );
    assert_eq!(
        read_npy(folder.path()).unwrap_err().to_string(),
        format!("{}: is a directory; expected a .npy file", folder.path().display())
    );
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_without_waiting() {
    let folder = folder();
    let fifo = folder.path().join("fifo.npy");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    let socket = folder.path().join("socket.npy");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut paths = vec![PathBuf::from("/dev/zero"), PathBuf::from("/dev/null"), socket];
    match made {
        Ok(status) if status.success() => paths.push(fifo),
        _ => eprintln!("skipped: mkfifo is missing"),
    }
    for path in paths {
        let problem = "is not a regular file; expected a";
        let read = read_npy(&path).unwrap_err().to_string();
        assert_eq!(read, format!("{}: {problem} .npy file", path.display()));
        let write = Output::create(&path).unwrap_err().to_string();
        assert_eq!(
            write,
            format!("{}: is not a regular file; expected a file name", path.display())
        );
    }
}

#[test]
fn outputs_appear_whole_or_not_at_all() {
    let folder = folder();
    let path = folder.path().join("x.npy");
    let text = folder.path().join("x.json");
    let open = || {
        let first = Output::create(&path).unwrap().write_npy(ramp().view()).unwrap();
        let mut second = Output::create(&text).unwrap();
        second.write_text("{}\n").unwrap();
        [first, second]
    };
    let outputs = open();
    assert!(!path.exists() && !text.exists());
    assert_eq!(names(folder.path()).len(), 2, "two temporary files");
    drop(outputs);
    assert!(names(folder.path()).is_empty(), "nothing left behind");

    Output::commit_all(open()).unwrap();
    assert_eq!(names(folder.path()), ["x.json", "x.npy"]);
    assert_eq!(read_npy(&path).unwrap(), Batch::F32(ramp()));
}

#[test]
fn a_commit_that_fails_takes_back_what_had_appeared() {
    let folder = folder();
    let paths = ["a.json", "b.json"].map(|name| folder.path().join(name));
    let outputs = paths.each_ref().map(|path| Output::create_new(path).unwrap());
    fs::write(&paths[1], "theirs").unwrap();
    let error = Output::commit_all(outputs).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot create {}", paths[1].display())), "{error}");
    assert_eq!(names(folder.path()), ["b.json"]);
    assert_eq!(fs::read_to_string(&paths[1]).unwrap(), "theirs");
}

#[test]
fn targets_that_cannot_be_written_are_refused_at_once() {
    let folder = folder();
    let refused = |path: &Path| Output::create(path).unwrap_err().to_string();
    let at = folder.path();
    assert_eq!(refused(at), format!("{}: is a directory; expected a file name", at.display()));
    let missing = at.join("missing/x.npy");
    assert_eq!(
        refused(&missing),
        format!(
            "{}: its folder `{}` does not exist",
            missing.display(),
            at.join("missing").display()
        )
    );
    assert_eq!(refused(Path::new("")), ": is not a file name");

    let path = at.join("x.npy");
    fs::write(&path, "old").unwrap();
    let error = Output::create_new(&path).unwrap_err().to_string();
    assert_eq!(error, format!("{}: exists already", path.display()));
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_modes_are_kept() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);

    fs::write(at("ordinary"), "").unwrap();
    write_npy(at("x.npy"), ramp().view()).unwrap();
    assert_eq!(mode(&at("x.npy")), mode(&at("ordinary")), "the umask decides");

    fs::set_permissions(at("x.npy"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink(at("x.npy"), at("link.npy")).unwrap();
    write_npy(at("link.npy"), ramp().mapv(f64::from).view()).unwrap();
    assert!(fs::symlink_metadata(at("link.npy")).unwrap().is_symlink());
    assert_eq!(read_npy(at("x.npy")).unwrap().dtype(), Dtype::F64);
    assert_eq!(mode(&at("x.npy")), 0o640, "a replaced file lends its mode");

    symlink(at("nothing"), at("dangling.npy")).unwrap();
    assert_eq!(
        Output::create(at("dangling.npy")).unwrap_err().to_string(),
        format!(
            "{}: is a symbolic link to nothing; expected a file name",
            at("dangling.npy").display()
        )
    );
}

/// Files of NumPy's own making, where there is a NumPy.
#[test]
fn numpy_reads_what_is_written() {
    let python = |code: &str, path: &Path| {
        std::process::Command::new("python3").arg("-c").arg(code).arg(path).output()
    };
    let folder = folder();
    let path = folder.path().join("x.npy");
    if !python("import numpy", &path).is_ok_and(|out| out.status.success()) {
        eprintln!("skipped: no python3 with numpy");
        return;
    }
    write_npy(&path, ramp().view()).unwrap();
    let code = "import sys, io, numpy as np\n\
                for mode in (None, 'r'):\n\
                \x20   x = np.load(sys.argv[1], mmap_mode=mode)\n\
                \x20   assert x.dtype == '<f4' and x.shape == (2, 3, 2), x\n\
                \x20   assert (x.ravel() == np.arange(12)).all(), x\n\
                b = io.BytesIO(); np.save(b, np.array(x))\n\
                assert b.getvalue() == open(sys.argv[1], 'rb').read()";
    let out = python(code, &path).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// Real files, where their folder is there.
#[test]
fn real_files_are_read() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    if !data.is_dir() {
        eprintln!("skipped: no ../shared/data");
        return;
    }
    assert_eq!(read_npy(data.join("eurusd_windows.npy")).unwrap().shape(), [977, 120, 5]);
    assert_eq!(read_npy(data.join("tickers_ohlcv.npy")).unwrap().dtype(), Dtype::F64);
    assert_eq!(read_npy(data.join("etth1.npy")).unwrap().shape(), [1, 17420, 7]);
}
