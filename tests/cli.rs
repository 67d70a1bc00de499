//! The program, run as its users run it.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::assert::OutputAssertExt;
use ndarray::{Array3, s};
use windrow::io::{Batch, read_npy, write_npy};
use windrow::{Level, Pipeline};

const PIPELINE: &str = r#"[input]
columns = ["open", "close"]
[[step]]
op = "sma"
columns = "close"
period = 3
[[step]]
op = "standardize"
columns = ["open", "close"]
[[step]]
op = "lag"
columns = ["close"]
lags = [1]
"#;

const COLUMNS: [&str; 4] = ["open", "close", "close_sma_3", "close_lag_1"];

/// A folder with `p.toml`, `x.npy` (f32) and `wide.npy` (f64), in which the program runs.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("p.toml", PIPELINE);
        write_npy(folder.path("x.npy"), batch().view()).unwrap();
        write_npy(folder.path("wide.npy"), batch().mapv(f64::from).view()).unwrap();
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries.map(|e| name(e).into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windrow"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.env_remove("WINDROW_LEVEL").stdin(Stdio::null());
        command
    }

    /// What a run that succeeds writes on stdout.
    fn run(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, arguments: &str) -> serde_json::Value {
        let text = self.run(&format!("{arguments} --format json"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The line on stderr of a run that fails with this exit code and leaves the folder as it was.
    fn fail(&self, arguments: &str, code: i32) -> String {
        let before = self.names();
        let output = self.command(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {error}");
        assert!(output.stdout.is_empty(), "{arguments}: {output:?}");
        assert_eq!(self.names(), before, "{arguments}: left behind");
        error
    }

    /// As [`fail`](Folder::fail) with exit code 1 or 2: exactly this line.
    fn refuse(&self, arguments: &str, code: i32, line: &str) {
        assert_eq!(self.fail(arguments, code), format!("windrow: {line}\n"), "{arguments}");
    }
}

fn batch() -> Array3<f32> {
    Array3::from_shape_fn((20, 12, 2), |(i, t, f)| ((i * 7 + t * 3 + f * 5) % 11) as f32 + 0.25)
}

fn text(output: &Output) -> (String, String) {
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (utf8(&output.stdout), utf8(&output.stderr))
}

#[test]
fn build_writes_what_the_library_computes() {
    let folder = Folder::new();
    let output = folder.command("build p.toml x.npy -o y.npy").output().unwrap();
    output.clone().assert().success();
    let (stdout, stderr) = text(&output);
    assert_eq!(
        stdout,
        "y.npy           features, (20, 12, 4) f32\n\
         y.fitted.json   what was fitted, for `windrow transform`\n\
         y.columns.json  names and warm-ups of the 4 columns\n"
    );
    assert!(stderr.starts_with("fit 0.") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(
        folder.names(),
        ["p.toml", "wide.npy", "x.npy", "y.columns.json", "y.fitted.json", "y.npy"]
    );

    let fitted = Pipeline::from_toml(PIPELINE).unwrap().fit(batch().view()).unwrap();
    let Batch::F32(y) = read_npy(folder.path("y.npy")).unwrap() else { panic!("dtype") };
    let expected: Array3<f32> = fitted.transform(batch().view()).unwrap();
    assert_eq!(y.mapv(f32::to_bits), expected.mapv(f32::to_bits));
    assert_eq!(folder.read("y.fitted.json"), (fitted.to_json() + "\n").as_bytes());

    let columns: serde_json::Value =
        serde_json::from_slice(&folder.read("y.columns.json")).unwrap();
    let names: Vec<_> =
        columns["columns"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, COLUMNS);
    assert_eq!(columns["columns"][2]["warmup"], 2);
    assert_eq!(columns["shape"], serde_json::json!([20, 12, 4]));
}

#[test]
fn fit_then_transform_is_build() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    folder.run("fit p.toml x.npy -o f.json");
    let report = folder.json("transform f.json x.npy -o z.npy");
    assert_eq!(folder.read("f.json"), folder.read("y.fitted.json"));
    assert_eq!(folder.read("z.npy"), folder.read("y.npy"));
    assert_eq!(report["output"], "z.npy");
    assert_eq!(report["shape"], serde_json::json!([20, 12, 4]));
    assert!(report["transform_seconds"].is_f64() && report.get("fit_seconds").is_none());

    folder.run("transform f.json wide.npy -o wide_y.npy");
    let Batch::F64(wide) = read_npy(folder.path("wide_y.npy")).unwrap() else { panic!("dtype") };
    assert_eq!(wide.dim(), (20, 12, 4));
}

#[test]
fn threads_and_levels_decide_nothing() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy --threads 1 --level scalar");
    for (index, level) in Level::available().iter().enumerate() {
        let threads = index + 1;
        let report = folder.json(&format!(
            "build p.toml x.npy -o z.npy --force --threads {threads} --level {level}"
        ));
        assert_eq!((report["level"].as_str(), report["threads"].as_u64()), {
            (Some(level.name()), Some(threads as u64))
        });
        for name in ["npy", "fitted.json"] {
            let same = folder.read(&format!("z.{name}")) == folder.read(&format!("y.{name}"));
            assert!(same, "{level}: {name}");
        }
    }
    let reference = folder.json("--level reference build p.toml x.npy -o r.npy");
    assert_eq!(reference["level"], "reference");
    let (Batch::F32(r), Batch::F32(y)) =
        (read_npy(folder.path("r.npy")).unwrap(), read_npy(folder.path("y.npy")).unwrap())
    else {
        panic!("dtype")
    };
    assert!(r.iter().zip(&y).all(|(r, y)| r.is_nan() == y.is_nan() && !((r - y).abs() > 1e-6)));
}

#[test]
fn the_environment_names_a_level() {
    let folder = Folder::new();
    let run = |level: &str, arguments: &str| {
        let mut command = folder.command(arguments);
        text(&command.env("WINDROW_LEVEL", level).output().unwrap())
    };
    let build = "build p.toml x.npy -o y.npy --force --format json";
    assert!(run("portable", build).0.contains("\"level\": \"portable\""));
    assert!(
        run("portable", &format!("{build} --level scalar")).0.contains("\"level\": \"scalar\"")
    );
    let expected = "windrow: WINDROW_LEVEL: unknown level `scaler`; did you mean `scalar`?\n";
    assert_eq!(run("scaler", build), (String::new(), expected.to_owned()));
}

#[test]
fn plan_runs_nothing() {
    let folder = Folder::new();
    let before = folder.names();
    for arguments in ["plan p.toml", "plan p.toml x.npy", "plan p.toml --shape 20,12,2 --dtype f64"]
    {
        let shown = folder.run(arguments);
        assert!(COLUMNS.iter().all(|name| shown.contains(name)), "{shown}");
    }
    let plan = folder.json("plan p.toml wide.npy");
    assert_eq!(plan["size"]["output"], serde_json::json!([20, 12, 4]));
    assert_eq!(plan["size"]["dtype"], "f64");
    assert_eq!(folder.names(), before);

    let usage = folder.fail("plan p.toml x.npy --shape 1,2,3", 2);
    assert!(usage.contains("cannot be used with"), "{usage}");
    for shape in ["1,2", "1,2,3,4", "1,2,x", "-1,2,3"] {
        folder.fail(&format!("plan p.toml --shape {shape}"), 2);
    }
}

#[test]
fn inspect_counts_and_measures() {
    let folder = Folder::new();
    let mut x = Array3::from_shape_fn((2, 5, 2), |(i, t, f)| (i * 5 + t) as f64 + 100.0 * f as f64);
    x.slice_mut(s![.., .., 1]).fill(f64::NAN);
    x[[0, 0, 0]] = f64::INFINITY;
    write_npy(folder.path("z.npy"), x.view()).unwrap();
    assert_eq!(
        folder.run("inspect z.npy"),
        "z.npy: (2, 5, 2) f64, 160 bytes\n\n\
         feature  count  nan  infinite  min  mean      std  max\n\
         0           10    0         1    1     5  2.58199    9\n\
         1           10   10         0    -     -        -    -\n"
    );
    let report = folder.json("inspect z.npy");
    let [first, second] = [0, 1].map(|index| report["features"][index].clone());
    assert_eq!((first["count"].as_u64(), first["infinite"].as_u64()), (Some(10), Some(1)));
    assert_eq!(first["std"].as_f64(), Some((20.0f64 / 3.0).sqrt()));
    assert_eq!((second["nan"].as_u64(), second["mean"].is_null()), (Some(10), true));

    folder.run("build p.toml x.npy -o y.npy");
    let named = folder.json("inspect y.npy");
    assert_eq!(named["features"][2]["name"], "close_sma_3");
    assert!(folder.run("inspect y.npy").contains("\n2 close_sma_3 "));
}

#[test]
fn indicators_lists_and_describes() {
    let folder = Folder::new();
    let list = folder.json("indicators");
    let names: Vec<_> = list.as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, windrow::indicators::rows().map(|row| row.name).collect::<Vec<_>>());
    let shown = folder.run("indicators");
    for row in windrow::indicators::rows() {
        assert!(shown.contains(row.title), "{shown}");
        let one = folder.json(&format!("indicators {}", row.name));
        assert_eq!(one["title"], row.title);
        assert_eq!(one["parameters"].as_array().unwrap().len(), row.params.len());
    }
    for name in ["sma", "SMA"] {
        let shown = folder.run(&format!("indicators {name}"));
        assert!(shown.contains("\nparameters  period = 30: a whole number from "), "{shown}");
        assert!(shown.contains("\nwarm-up     period - 1 = 29 by default\n"), "{shown}");
    }
    folder.refuse("indicators smaa", 2, "unknown indicator `smaa`; did you mean `sma`?");
}

#[test]
fn what_is_described_can_be_built() {
    let folder = Folder::new();
    for row in windrow::indicators::rows() {
        let shown = folder.run(&format!("indicators {}", row.name));
        let (_, step) = shown.split_once("In a pipeline file:\n").unwrap();
        let columns = r#"["open", "high", "low", "close", "volume"]"#;
        folder.write("one.toml", &format!("[input]\ncolumns = {columns}\n{step}"));
        folder.run("plan one.toml");
    }
}

#[test]
fn errors_are_one_line_that_says_what_to_do() {
    let folder = Folder::new();
    let step = |replace: &str, with: &str| {
        assert!(PIPELINE.contains(replace));
        folder.write("bad.toml", &PIPELINE.replace(replace, with));
    };
    let bad = "build bad.toml x.npy -o y.npy";

    step("\"sma\"", "\"smaa\"");
    folder.refuse(bad, 1, "bad.toml: line 4: unknown op `smaa`; did you mean `sma`?");
    step("columns = \"close\"", "columns = \"clsoe\"");
    let error = folder.fail(bad, 1);
    assert!(error.ends_with(": unknown column `clsoe`; did you mean `close`?\n"), "{error}");
    step("period = 3", "period = 0");
    let error = folder.fail(bad, 1);
    assert!(
        error.starts_with("windrow: bad.toml: line 6: `period` of `sma` is 0; allowed: a whole")
    );
    step("period = 3", "perido = 3");
    let error = folder.fail(bad, 1);
    assert!(error.contains("line 6: ") && error.contains("`period`"), "{error}");
    for text in ["[input", "input = 3", "", "[input]\ncolumns = [1]", "\u{1b}[31m = \"\n\n"] {
        folder.write("bad.toml", text);
        let error = folder.fail(bad, 1);
        assert!(error.starts_with("windrow: bad.toml: ") && error.lines().count() == 1, "{error}");
        assert!(!error.contains('\u{1b}'), "{error}");
    }
    fs::write(folder.path("bad.toml"), b"[input]\n\xff").unwrap();
    let line = "bad.toml: is not text from byte 8 on; expected a pipeline file";
    folder.refuse(bad, 1, line);

    write_npy(folder.path("three.npy"), Array3::<f32>::zeros((4, 5, 3)).view()).unwrap();
    let line = "three.npy: has 3 features; the pipeline's input has 2 columns: open, close";
    folder.refuse("build p.toml three.npy -o y.npy", 1, line);
    folder.refuse("plan p.toml three.npy", 1, line);

    let missing = "No such file or directory (os error 2)";
    for (arguments, name) in [
        ("build missing.toml x.npy -o y.npy", "missing.toml"),
        ("build p.toml missing.npy -o y.npy", "missing.npy"),
        ("transform missing.json x.npy -o y.npy", "missing.json"),
        ("inspect missing.npy", "missing.npy"),
        ("plan missing.toml", "missing.toml"),
    ] {
        folder.refuse(arguments, 1, &format!("cannot open {name}: {missing}"));
    }
    folder.refuse("plan .", 1, ".: is a directory; expected a pipeline file");
    folder.refuse("inspect p.toml", 1, "p.toml: does not begin as a .npy file does");
    let line = "output is `y.csv`; expected a name that ends in `.npy`";
    folder.refuse("build p.toml x.npy -o y.csv", 2, line);
    let line = "no/y.fitted.json: its folder `no` does not exist";
    folder.refuse("build p.toml x.npy -o no/y.npy", 1, line);
    let error = folder.fail("transform p.toml x.npy -o y.npy", 1);
    assert!(error.starts_with("windrow: p.toml: ") && error.lines().count() == 1, "{error}");

    fs::create_dir(folder.path("d.npy")).unwrap();
    let line = "d.npy: is a directory; expected a file name";
    folder.refuse("transform f.json x.npy -o d.npy", 1, &format!("cannot open f.json: {missing}"));
    folder.refuse("build p.toml x.npy -o d.npy", 1, line);
}

#[test]
fn a_wrong_command_exits_with_2() {
    let folder = Folder::new();
    for arguments in [
        "",
        "biuld",
        "build",
        "build p.toml x.npy",
        "plan p.toml --level scaler",
        "plan p.toml --threads 0",
        "plan p.toml --threads many",
        "plan p.toml --format xml",
        "demo --samples 3",
        "indicators sma ema",
    ] {
        folder.fail(arguments, 2);
    }
    let error = folder.fail("plan p.toml --level scaler", 2);
    assert!(error.contains("unknown level `scaler`; did you mean `scalar`?"), "{error}");
    assert_eq!(folder.run("--version"), format!("windrow {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_batch_that_cannot_be_fitted_leaves_nothing() {
    let folder = Folder::new();
    let mut x = batch();
    x[[3, 4, 0]] = f32::NAN;
    write_npy(folder.path("nan.npy"), x.view()).unwrap();
    let line = "cannot fit `standardize`: column `open` is NaN at sample 3, timestep 4; \
                a fit needs finite values";
    folder.refuse("build p.toml nan.npy -o y.npy", 1, line);
    folder.refuse("fit p.toml nan.npy -o f.json", 1, line);
}

#[test]
fn existing_files_stay_unless_forced() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    let old = folder.read("y.npy");
    for (arguments, name) in [
        ("build p.toml wide.npy -o y.npy", "y.fitted.json"),
        ("fit p.toml wide.npy -o y.fitted.json", "y.fitted.json"),
        ("transform y.fitted.json wide.npy -o y.npy", "y.npy"),
    ] {
        folder.refuse(arguments, 1, &format!("{name}: exists already; --force replaces it"));
    }
    assert_eq!(folder.read("y.npy"), old);
    folder.run("build p.toml wide.npy -o y.npy --force");
    assert!(matches!(read_npy(folder.path("y.npy")), Ok(Batch::F64(_))));
}

#[cfg(unix)]
#[test]
fn an_output_is_never_an_input() {
    let folder = Folder::new();
    std::os::unix::fs::symlink("x.npy", folder.path("symbolic.npy")).unwrap();
    fs::hard_link(folder.path("x.npy"), folder.path("hard.npy")).unwrap();
    let old = folder.read("x.npy");
    for output in ["x.npy", "./x.npy", "symbolic.npy", "hard.npy"] {
        let line = format!("{output}: is the input x.npy; nothing is written");
        folder.refuse(&format!("build p.toml x.npy -o {output} --force"), 1, &line);
    }
    folder.refuse(
        "fit p.toml x.npy -o p.toml --force",
        1,
        "p.toml: is the input p.toml; nothing is written",
    );
    assert_eq!(folder.read("x.npy"), old);
}

#[test]
fn a_closed_stdout_is_quiet() {
    let folder = Folder::new();
    for arguments in ["indicators", "plan p.toml", "inspect x.npy", "--help", "indicators sma"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = folder.command(arguments).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), text(&output).1.as_str()), (Some(0), ""), "{arguments}");
    }
    // Nobody listens on stderr either.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let status = folder.command("inspect missing.npy").stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(1));
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_an_error() {
    let folder = Folder::new();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = folder.command("indicators").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).1.starts_with("windrow: cannot write the results"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    let old = folder.names().into_iter().map(|name| folder.read(&name)).collect::<Vec<_>>();
    let before = folder.names();
    // 2 blocks of 512 bytes; the signal ignored, a write gives an error as on a full disk.
    let mut shell = Command::new("sh");
    let windrow = env!("CARGO_BIN_EXE_windrow");
    let script =
        format!("trap '' XFSZ; ulimit -f 2; {windrow} build p.toml x.npy -o y.npy --force");
    let output = shell.args(["-c", &script]).current_dir(folder.0.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output).1;
    assert_eq!(error, "windrow: cannot write y.npy: File too large (os error 27)\n");
    assert_eq!(folder.names(), before);
    let new = folder.names().into_iter().map(|name| folder.read(&name)).collect::<Vec<_>>();
    assert!(new == old);
}

/// A build of several seconds, and its process once its temporary files are there.
#[cfg(unix)]
fn long_build(folder: &Folder) -> std::process::Child {
    folder.write(
        "slow.toml",
        "[input]\ncolumns = [\"x\"]\n[[step]]\nop = \"sma\"\ncolumns = \"x\"\nperiod = 20000\n",
    );
    let x = Array3::<f32>::zeros((20, 60_000, 1));
    write_npy(folder.path("long.npy"), x.view()).unwrap();
    let mut command = folder.command("build slow.toml long.npy -o y.npy --level reference");
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while !folder.names().iter().any(|name| name.ends_with(".tmp")) {
        assert!(start.elapsed() < Duration::from_secs(30), "no temporary file");
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(100));
    child
}

#[cfg(unix)]
#[test]
fn an_interrupted_build_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    for (name, signal) in [("INT", 2), ("TERM", 15)] {
        let folder = Folder::new();
        let mut child = long_build(&folder);
        let kill = format!("kill -{name} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(signal), "{status}");
        assert_eq!(folder.names(), ["long.npy", "p.toml", "slow.toml", "wide.npy", "x.npy"]);
    }
}

#[cfg(unix)]
#[test]
fn a_killed_build_leaves_no_output_and_hinders_no_other() {
    let folder = Folder::new();
    let mut child = long_build(&folder);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.names().iter().any(|name| name.starts_with("y.")), "{:?}", folder.names());
    folder.run("build slow.toml long.npy -o y.npy");
    assert_eq!(read_npy(folder.path("y.npy")).unwrap().shape(), [20, 60_000, 2]);
}

#[cfg(unix)]
#[test]
fn outputs_have_the_mode_of_ordinary_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let windrow = env!("CARGO_BIN_EXE_windrow");
    for (umask, mode) in [("022", 0o644), ("077", 0o600), ("002", 0o664)] {
        let script = format!("umask {umask}; {windrow} build p.toml x.npy -o y.npy");
        let mut shell = Command::new("sh");
        let output = shell.args(["-c", &script]).current_dir(folder.0.path()).output().unwrap();
        output.assert().success();
        for name in ["y.npy", "y.fitted.json", "y.columns.json"] {
            let found = fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777;
            assert_eq!(found, mode, "{name} under umask {umask}");
            fs::remove_file(folder.path(name)).unwrap();
        }
    }
}

#[test]
fn quiet_is_quiet() {
    let folder = Folder::new();
    let output = folder.command("build p.toml x.npy -o y.npy --quiet").output().unwrap();
    assert_eq!(text(&output).1, "");
    assert!(!output.stdout.is_empty());
}

#[test]
fn empty_batches_go_through_or_are_refused_in_words() {
    let folder = Folder::new();
    folder.write(
        "plain.toml",
        &PIPELINE.replace("standardize", "lag").replace(
            "columns = [\"open\", \"close\"]\n[[step]]\nop = \"lag\"",
            "columns = [\"open\"]\nlags = [2]\n[[step]]\nop = \"lag\"",
        ),
    );
    for shape in [(0, 12, 2), (5, 0, 2), (5, 1, 2)] {
        write_npy(folder.path("e.npy"), Array3::<f32>::zeros(shape).view()).unwrap();
        folder.run("build plain.toml e.npy -o e_y.npy --force");
        assert_eq!(read_npy(folder.path("e_y.npy")).unwrap().shape()[..2], [shape.0, shape.1]);
        folder.run("inspect e.npy");
    }
}

#[test]
fn the_demo_makes_a_folder_that_can_be_built_on() {
    if windrow::indicators::find("macd").is_err() {
        eprintln!("skipped: the catalogue has no macd yet");
        return;
    }
    let folder = Folder::new();
    let shown = folder.run("demo --samples 50 market");
    for line in [
        "Made market: 50 price series of 120 bars (open, high, low, close, volume), f32",
        "timestep  raw close",
        "Checked against the textbook definitions: ",
        "windrow build market/pipeline.toml market/train.npy -o market/mine.npy",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let mut names: Vec<_> = fs::read_dir(folder.path("market")).unwrap().collect();
    assert_eq!(names.drain(..).filter(|entry| entry.is_ok()).count(), 7);
    assert_eq!(read_npy(folder.path("market/train.npy")).unwrap().shape(), [40, 120, 5]);
    assert_eq!(read_npy(folder.path("market/test_features.npy")).unwrap().shape(), [10, 120, 20]);

    // What it says to do next works, and gives the same features.
    let (_, next) = shown.split_once("Next: ").unwrap();
    for command in next.lines().filter_map(|line| line.trim().strip_prefix("windrow ")) {
        folder.run(command);
    }
    assert_eq!(folder.read("market/mine.npy"), folder.read("market/train_features.npy"));
    assert_eq!(folder.read("market/mine_test.npy"), folder.read("market/test_features.npy"));

    let line = "market/pipeline.toml: exists already; --force replaces it";
    folder.refuse("demo --samples 50 market", 1, line);
    let again = folder.json("demo --samples 50 market --force --threads 1 --level scalar");
    assert_eq!(again["features"], serde_json::json!([40, 120, 20]));
    assert_eq!(folder.read("market/mine.npy"), folder.read("market/train_features.npy"));
    let line = "cannot create no/market: No such file or directory (os error 2)";
    folder.refuse("demo no/market", 1, line);
    let line = "p.toml: is a file; expected a folder, or a name for a new one";
    folder.refuse("demo p.toml", 1, line);
}
