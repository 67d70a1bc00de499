//! Small files that ask for much.

use ndarray::Array3;
use windrow::io::write_npy;

#[cfg(target_os = "linux")]
use crate::folder::text;
use crate::folder::{Folder, PIPELINE};

/// For blocks of the file, and for what threads work in; all else is little.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_the_system_refuses_is_an_error() {
    let folder = Folder::new();
    let step = "[[step]]\nop = 'standardize'\nper = 'sample'\n";
    folder.write("p.toml", &format!("[input]\ncolumns = ['a', 'b']\n{step}"));
    // Two blocks of 32 MB in and two out; a thread works in 192 MB.
    write_npy(folder.path("x.npy"), Array3::<f32>::zeros((8, 500_000, 2)).view()).unwrap();
    let run = |kibibytes: usize| {
        let arguments = "build p.toml x.npy -o y.npy --threads 2 --memory 2GiB";
        let mut shell = folder.limited(&format!("-v {kibibytes}"), arguments);
        // Else each thread reserves as much again for small things.
        let output = shell.env("MALLOC_ARENA_MAX", "1").output().unwrap();
        (output.status.code(), text(&output).1)
    };
    let before = folder.names();
    for (kibibytes, subject) in
        [(60_000, "a block of samples"), (260_000, "what the threads work in")]
    {
        let (code, error) = run(kibibytes);
        assert_eq!(code, Some(1), "{error}");
        assert!(error.starts_with(&format!("windrow: {subject} needs ")), "{error}");
        assert!(error.ends_with(" bytes, more than the system gives\n"), "{error}");
        assert_eq!(folder.names(), before);
    }
    assert_eq!(run(1_500_000).0, Some(0));
}

/// A window takes what its series fills, be it ever so long itself.
#[cfg(target_os = "linux")]
#[test]
fn windows_longer_than_the_series_take_what_the_series_fills() {
    let folder = Folder::new();
    let step = |op: &str, window: usize, i: usize| {
        let sizes = format!("window = {window}\nmin_periods = 1\nname = '{op}{i}'\n");
        format!("[[step]]\nop = '{op}'\ncolumns = 'open'\n{sizes}")
    };
    for op in ["rolling_median", "rolling_rank", "rolling_skew"] {
        let build = |window: usize, name: &str| {
            let steps: String = (0..60).map(|i| step(op, window, i)).collect();
            folder.write("p.toml", &format!("[input]\ncolumns = ['open', 'close']\n{steps}"));
            let arguments = format!("build p.toml x.npy -o {name}.npy --threads 1");
            let mut shell = folder.limited("-v 250000", &arguments);
            let output = shell.env("MALLOC_ARENA_MAX", "1").output().unwrap();
            assert_eq!(output.status.code(), Some(0), "{op}: {}", text(&output).1);
            folder.read(&format!("{name}.npy"))
        };
        let [long, short] =
            [(100_000, "long"), (12, "short")].map(|(w, name)| build(w, &format!("{op}{name}")));
        assert!(long == short, "{op}");
    }
}

#[test]
fn what_takes_more_than_the_cap_is_refused() {
    let folder = Folder::new();
    let step = "[[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = 50000\n";
    let steps: String = (0..1000).map(|i| format!("{step}name = 's{i}'\n")).collect();
    folder.write("windows.toml", &format!("[input]\ncolumns = ['a']\n{steps}"));
    write_npy(folder.path("long.npy"), Array3::<f32>::zeros((1, 50_001, 1)).view()).unwrap();
    let error = folder.fail("build windows.toml long.npy -o y.npy", 1);
    let start = "windrow: --memory is 268435456 bytes; two blocks of a timestep take ";
    assert!(error.starts_with(start), "{error}");

    let names: Vec<String> = (0..200).map(|i| format!("c{i}")).collect();
    let text = format!("[input]\ncolumns = {names:?}\n[[step]]\nop = 'robust'\n");
    folder.write("robust.toml", &text);
    write_npy(folder.path("wide.npy"), Array3::<f32>::zeros((2, 3, 200)).view()).unwrap();
    let error = folder.fail("fit robust.toml wide.npy -o f.json --threads 2", 1);
    assert!(error.starts_with("windrow: --memory is 268435456 bytes; "), "{error}");
    folder.run("fit robust.toml wide.npy -o f.json --threads 2 --memory 2GiB");
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let folder = Folder::new();
    folder.write("long.toml", &"#".repeat((1 << 20) + 1));
    let line = "long.toml: has 1048577 bytes; expected a pipeline file, of at most 1048576 bytes";
    folder.refuse("plan long.toml", 1, line);
}

#[test]
fn saved_state_is_read_within_the_cap() {
    let folder = Folder::new();
    folder.write("long.json", &"[".repeat((1 << 20) + 1));
    let says = "has 1048577 bytes; expected a fitted pipeline, from `windrow fit` or `windrow build`, \
                of at most 524288 bytes with this --memory";
    folder.refuse(
        "transform long.json x.npy -o y.npy --memory 30MiB",
        1,
        &format!("long.json: {says}"),
    );

    // Fits of quantiles, whose counts take far more than their text.
    let robust: String =
        (0..40).map(|_| "[[step]]\nop = 'robust'\ncolumns = ['open', 'close']\n").collect();
    let columns = PIPELINE.split_inclusive('\n').take(2).collect::<String>();
    folder.write("many.toml", &format!("{columns}{robust}"));
    folder.run("fit --partial many.toml x.npy -o part.json --memory 2GiB");
    let says = "windrow: part.json: its statistics may take ";
    for command in ["merge-fit part.json -o f.json", "fit --partial part.json x.npy -o more.json"] {
        let error = folder.fail(&format!("{command} --memory 25MiB"), 1);
        assert!(error.starts_with(says) && error.ends_with("; --memory is 26.2 MB\n"), "{error}");
    }
    folder.run("merge-fit part.json -o f.json --memory 2GiB");
}

#[test]
fn threads_are_no_more_than_are_of_use() {
    let folder = Folder::new();
    let processors = std::thread::available_parallelism().unwrap().get();
    let report = folder.json("build p.toml x.npy -o y.npy --threads 1024");
    assert_eq!(report["threads"], 1024.min(processors.max(64)));
}

/// Of `bench` and `demo`, which keep all in memory.
#[cfg(target_os = "linux")]
#[test]
fn a_batch_that_is_made_up_asks_for_its_memory() {
    let folder = Folder::new();
    let before = folder.names();
    for (arguments, subject) in [
        ("bench p.toml --shape 1000000000,100,2", "a block of samples"),
        ("bench p.toml --shape 200000,100,2", "a block of samples"),
        ("bench p.toml --shape 90000,100,2", "a block of samples"),
        ("demo d --samples 40000", "the output"),
        ("demo d --samples 400000", "a block of samples"),
    ] {
        let mut shell = folder.limited("-v 150000", &format!("{arguments} --threads 2"));
        let output = shell.env("MALLOC_ARENA_MAX", "1").output().unwrap();
        let error = text(&output).1;
        assert_eq!(output.status.code(), Some(1), "{arguments}: {error}");
        assert!(error.starts_with(&format!("windrow: {subject} needs ")), "{arguments}: {error}");
        let ends = " bytes, more than the system gives\n";
        assert!(error.ends_with(ends) && error.lines().count() == 1, "{arguments}: {error}");
        assert_eq!(folder.names(), before, "{arguments}");
    }
    folder.fail("bench p.toml --shape 18446744073709551615,100,2", 1);
}

#[test]
fn a_batch_that_is_made_up_keeps_to_the_memory_that_is_named() {
    let folder = Folder::new();
    for arguments in ["bench p.toml --shape 100000,100,2 --rounds 1", "demo d --samples 20000"] {
        let error = folder.fail(&format!("{arguments} --memory 64MiB"), 1);
        let starts = "windrow: --memory is 67.1 MB; input and output stay in memory, which takes ";
        assert!(error.starts_with(starts), "{error}");
    }
    folder.run("bench p.toml --shape 100,10,2 --rounds 1 --memory 64MiB");
    folder.run("demo d --samples 10 --memory 64MiB");
}
