//! Other files in and out, what is written beside them, and whether that is still true.

use std::fs;
use std::process::Command;

use ndarray::{Array3, s};
use windrow::io::{Batch, Source, read_npy, write_npy};

use crate::folder::{Folder, batch, text};

/// A file that numpy made, of shape (2, 3, 4).
fn theirs(name: &str) -> String {
    format!("{}/tests/files/{name}", env!("CARGO_MANIFEST_DIR"))
}

const FOUR: &str = "[input]\ncolumns = [\"a\", \"b\", \"c\", \"d\"]\n\
                    [[step]]\nop = \"sma\"\ncolumns = \"a\"\nperiod = 2\n\
                    [[step]]\nop = \"standardize\"\ncolumns = [\"b\", \"c\"]\n";

#[test]
fn the_same_batch_gives_the_same_features_from_any_file() {
    let folder = Folder::new();
    folder.write("four.toml", FOUR);
    folder.run(&format!("build four.toml {} -o y.npy", theirs("little_f4.npy")));
    let expected = folder.read("y.npy");
    for input in [
        "big_f4.npy",
        "fortran.npy",
        "stored.npz:x",
        "deflated.npz:x",
        "two.safetensors",
        "single.npz --cast f32",
        "little_i8.npy --cast f32",
        "little_f2.npy --cast f32",
    ] {
        folder.run(&format!("build four.toml {} -o y.npy --force", theirs(input)));
        assert!(folder.read("y.npy") == expected, "{input}");
    }
    let error = folder.fail(&format!("build four.toml {} -o z.npy", theirs("little_i8.npy")), 1);
    assert!(error.contains("dtype is `<i8`; f32 and f64 are read as they are"), "{error}");
    let error = folder.fail(&format!("plan four.toml {}", theirs("stored.npz")), 1);
    assert!(error.contains("holds x, other; expected one of them by name"), "{error}");
}

#[test]
fn parts_are_joined_in_order() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    for (index, range) in [0..3, 3..11, 11..20].into_iter().enumerate() {
        let part = batch().slice(s![range, .., ..]).to_owned();
        write_npy(folder.path(&format!("part-{index}.npy")), part.view()).unwrap();
    }
    folder.run("build p.toml part-*.npy -o z.npy");
    assert!(folder.read("z.npy") == folder.read("y.npy"));
    folder.run("build p.toml part-0.npy part-1.npy part-2.npy -o z.npy --force");
    assert!(folder.read("z.npy") == folder.read("y.npy"));
    assert!(folder.read("z.fitted.json") == folder.read("y.fitted.json"));
    folder.refuse(
        "build p.toml part-*.npy -o part-1.npy --force",
        1,
        "part-1.npy: is the input part-1.npy; nothing is written",
    );
}

#[test]
fn the_ending_picks_the_format() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    for ending in ["npz", "safetensors"] {
        let name = format!("z.{ending}");
        folder.run(&format!("build p.toml x.npy -o {name} --force"));
        let read = |name: &str| read_npy(folder.path(name)).unwrap();
        let (Batch::F32(z), Batch::F32(y)) = (read(&name), read("y.npy")) else { panic!("dtype") };
        assert_eq!(z.mapv(f32::to_bits), y.mapv(f32::to_bits), "{ending}");
        assert!(folder.run(&format!("inspect {name}")).contains(", as it was written\n"));
    }
}

/// And what is beyond f32 is counted, and refused where all must be finite: FIT-29 of the cases.
#[test]
fn what_is_beside_features_says_where_they_come_from() {
    let folder = Folder::new();
    let mut x = batch();
    x[[4, 5, 1]] = f32::MAX;
    x[[4, 6, 1]] = f32::MAX;
    write_npy(folder.path("large.npy"), x.view()).unwrap();
    let sum = "[input]\ncolumns = [\"open\", \"close\"]\n[[step]]\nop = \"stddev\"\n\
               columns = \"close\"\nperiod = 2\ndeviations = 3e5\n";
    folder.write("sum.toml", sum);
    folder.run("build sum.toml large.npy -o y.npy");
    let beside: serde_json::Value = serde_json::from_slice(&folder.read("y.columns.json")).unwrap();
    assert_eq!(beside["windrow"], env!("CARGO_PKG_VERSION"));
    assert_eq!(beside["pipeline"], sum);
    assert_eq!((beside["shape"].clone(), beside["dtype"].clone()), {
        (serde_json::json!([20, 12, 3]), "f32".into())
    });
    assert_eq!(beside["input"]["files"], serde_json::json!(["large.npy"]));
    assert_eq!(beside["input"]["shape"], serde_json::json!([20, 12, 2]));
    let column = &beside["columns"][2];
    assert_eq!((column["warmup"].as_u64(), column["nan"].as_u64()), (Some(1), Some(20)));
    assert_eq!(column["infinite"].as_u64(), Some(2), "{column}");
    let source = Source::open(&[folder.path("large.npy")], None).unwrap();
    let mut fingerprint = windrow::io::Fingerprint::new();
    let Batch::F32(values) = source.read_all().unwrap() else { panic!("dtype") };
    fingerprint.push(values.as_slice().unwrap());
    assert_eq!(beside["input"]["fingerprint"], fingerprint.text());

    let line = "column `close_stddev_2_300000` is inf at sample 4, timestep 5; \
                --require-finite allows NaN in the first 1 timestep only";
    folder.refuse("build sum.toml large.npy -o z.npy --require-finite", 1, line);
    folder.run("build sum.toml x.npy -o z.npy --require-finite");
}

#[test]
fn inspect_finds_what_was_changed() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    assert!(folder.run("inspect y.npy").starts_with("y.npy: (20, 12, 4) f32, 3.8 kB, as it was"));
    assert_eq!(folder.json("inspect y.npy")["verified"], true);
    let mut bytes = folder.read("y.npy");
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(folder.path("y.npy"), &bytes).unwrap();
    let output = folder.command("inspect y.npy").output().unwrap();
    let (shown, error) = text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        shown.starts_with("y.npy: (20, 12, 4) f32, 3.8 kB, NOT as it was written\n"),
        "{shown}"
    );
    assert_eq!(error, "windrow: y.npy: is not what y.columns.json describes\n");

    folder.write("y.columns.json", "{}");
    let error = text(&folder.command("inspect y.npy").output().unwrap()).1;
    assert!(error.starts_with("windrow: y.columns.json: saved state: the manifest is"), "{error}");
    write_npy(folder.path("y.npy"), Array3::<f32>::zeros((1, 2, 3)).view()).unwrap();
    fs::remove_file(folder.path("y.columns.json")).unwrap();
    assert!(folder.json("inspect y.npy").get("verified").is_none());
}

/// OUT-11, where strace is there and may trace.
#[cfg(target_os = "linux")]
#[test]
fn files_are_on_the_disk_before_they_appear() {
    let folder = Folder::new();
    let mut strace = Command::new("strace");
    strace.args(["-f", "-o", "trace", "-e", "trace=fsync,rename,renameat,renameat2,link"]);
    strace.args([env!("CARGO_BIN_EXE_windrow"), "build", "p.toml", "x.npy", "-o", "y.npy"]);
    match strace.current_dir(folder.0.path()).output() {
        Ok(output) if output.status.success() => {}
        _ => return eprintln!("skipped: no strace"),
    }
    let trace = fs::read_to_string(folder.path("trace")).unwrap();
    // A call counts where it begins: one that another thread's line cuts in two goes on after `<...`.
    let kinds: Vec<bool> = trace
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1)?.split_once('('))
        // Of a thread that ends meanwhile, strace writes `???(`.
        .filter(|(call, _)| *call != "???")
        .map(|(call, _)| call != "fsync")
        .collect();
    // Three files synced, three moved, the folder synced.
    assert_eq!(kinds, [false, false, false, true, true, true, false], "{trace}");
}

#[test]
fn inspect_checks_what_was_written_whatever_it_is_cast_to() {
    let folder = Folder::new();
    folder.run("build p.toml wide.npy -o y.npy");
    folder.run("build p.toml x.npy -o z.npy");
    for arguments in ["y.npy --cast f32", "y.npy --cast f64", "z.npy --cast f64"] {
        let report = folder.json(&format!("inspect {arguments}"));
        assert_eq!(report["verified"], true, "{arguments}");
        assert!(arguments.ends_with(report["dtype"].as_str().unwrap()), "{arguments}");
    }
    let mut bytes = folder.read("y.npy");
    // Less than f32 holds.
    let last = bytes.len() - 8;
    bytes[last] ^= 1;
    fs::write(folder.path("y.npy"), &bytes).unwrap();
    let output = folder.command("inspect y.npy --cast f32").output().unwrap();
    assert_eq!(text(&output).1, "windrow: y.npy: is not what y.columns.json describes\n");
}

#[test]
fn files_that_are_joined_are_told_in_their_order() {
    let folder = Folder::new();
    let told = |arguments: &str| {
        let error = text(&folder.command(arguments).output().unwrap()).1;
        error.lines().find(|line| line.starts_with("joined")).map(str::to_owned)
    };
    for index in 1..=12 {
        let sample = batch().slice(s![index..=index, .., ..]).to_owned();
        write_npy(folder.path(&format!("part-{index}.npy")), sample.view()).unwrap();
    }
    let all =
        "joined in this order: part-1.npy, part-10.npy, part-11.npy, ..., part-9.npy (12 files)";
    let build = "build p.toml part-*.npy -o y.npy --force";
    assert_eq!(told(build).as_deref(), Some(all));
    assert_eq!(told(&format!("{build} --quiet")), None);
    assert_eq!(told("build p.toml part-1.npy -o y.npy --force"), None);
    let two = "joined in this order: part-9.npy, part-2.npy (2 files)";
    assert_eq!(
        told("inverse y.fitted.json part-9.npy part-2.npy --columns open,close -o z.npy"),
        Some(two.to_owned())
    );
    assert!(folder.run("build --help").contains("part-10 before part-2"));
}

#[test]
fn files_that_are_not_read_are_told_which_are() {
    let folder = Folder::new();
    let formats = ".npy, .npz or safetensors file";
    for (name, bytes) in
        [("a.safetensors", "{broken"), ("b.csv", "1,2,3\n4,5,6\n"), ("c.json", "{\"a\": [1, 2]}")]
    {
        folder.write(name, bytes);
        let line = format!("{name}: does not begin as a {formats} does");
        folder.refuse(&format!("inspect {name}"), 1, &line);
    }
    folder.write("d.npz", "");
    folder.refuse("inspect d.npz", 1, &format!("d.npz: is empty; expected a {formats}"));

    let header = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},
                     "b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    let bytes = [&length, header.as_bytes(), &[0; 8]].concat();
    fs::write(folder.path("e.safetensors"), bytes).unwrap();
    let line = "e.safetensors: holds a, b; expected one of them by name, as in e.safetensors:a";
    folder.refuse("inspect e.safetensors", 1, line);
}
