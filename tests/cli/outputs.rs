//! Outputs appear whole or not at all, whatever happens.

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::assert::OutputAssertExt;
use ndarray::Array3;
use windrow::io::{Batch, read_npy, write_npy};

use crate::folder::{Folder, batch, text};

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
fn columns_with_cells_that_are_no_numbers_are_told() {
    let folder = Folder::new();
    let mut x = batch();
    x[[3, 4, 0]] = f32::INFINITY;
    write_npy(folder.path("inf.npy"), x.view()).unwrap();
    let sma =
        "[input]\ncolumns = [\"open\", \"close\"]\n[[step]]\nop = \"sma\"\ncolumns = \"close\"\n";
    folder.write("long.toml", &format!("{sma}period = 30\n"));
    let warnings = |arguments: &str| {
        let (_, stderr) = text(&folder.command(arguments).output().unwrap());
        let lines = stderr.lines().filter(|line| line.starts_with("warning"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let empty = "warning: no number in 1 of 3 columns: close_sma_30";
    let astray = "warning: NaN beyond the warm-up, or infinite values, in 1 of 3 columns, most in \
                  `open`: 1 of 240 cells";
    assert_eq!(warnings("build long.toml x.npy -o a.npy"), [empty]);
    assert_eq!(warnings("build long.toml inf.npy -o b.npy --shard-samples 8"), [empty, astray]);
    assert_eq!(warnings("transform b.fitted.json inf.npy -o c.npy"), [empty, astray]);
    assert_eq!(warnings("build long.toml inf.npy -o d.npy --quiet"), [""; 0]);
    folder.write("short.toml", &format!("{sma}period = 12\n"));
    assert_eq!(warnings("build short.toml x.npy -o e.npy"), [""; 0]);
}

#[test]
fn existing_files_stay_unless_forced() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    let old = folder.read("y.npy");
    for (arguments, name) in [
        ("build p.toml wide.npy -o y.npy", "y.fitted.json"),
        ("fit p.toml wide.npy -o y.fitted.json", "y.fitted.json"),
        ("transform y.fitted.json wide.npy -o y.npy", "y.columns.json"),
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
    let line = "windrow: cannot write the results: No space left on device (os error 28)\n";
    assert_eq!(text(&output).1, line);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_old_file() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    let old = folder.names().into_iter().map(|name| folder.read(&name)).collect::<Vec<_>>();
    let before = folder.names();
    let output = folder.limited("-f 2", "build p.toml x.npy -o y.npy --force").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output).1;
    assert_eq!(error, "windrow: cannot write y.npy: File too large (os error 27)\n");
    assert_eq!(folder.names(), before);
    let new = folder.names().into_iter().map(|name| folder.read(&name)).collect::<Vec<_>>();
    assert!(new == old);
}

/// A build of several seconds, begun by a shell that first does something, and its process once its
/// three temporary files are there.
#[cfg(unix)]
fn long_build(folder: &Folder, first: &str) -> std::process::Child {
    folder.write(
        "slow.toml",
        "[input]\ncolumns = [\"x\"]\n[[step]]\nop = \"sma\"\ncolumns = \"x\"\nperiod = 20000\n",
    );
    let x = Array3::<f32>::zeros((20, 60_000, 1));
    write_npy(folder.path("long.npy"), x.view()).unwrap();
    let windrow = env!("CARGO_BIN_EXE_windrow");
    let build =
        format!("{first} exec {windrow} build slow.toml long.npy -o y.npy --level reference");
    let mut shell = Command::new("sh");
    let command = shell.args(["-c", &build]).current_dir(folder.0.path());
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while folder.names().iter().filter(|name| name.ends_with(".tmp")).count() < 3 {
        assert!(start.elapsed() < Duration::from_secs(30), "no temporary files");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[cfg(unix)]
#[test]
fn an_interrupted_build_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    for (name, signal) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        let folder = Folder::new();
        let child = long_build(&folder, "");
        let kill = format!("kill -{name} {}", child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.signal(), Some(signal), "{output:?}");
        let line = "windrow: interrupted; what was under way is removed\n";
        assert_eq!(text(&output).1, line);
        assert_eq!(folder.names(), ["long.npy", "p.toml", "slow.toml", "wide.npy", "x.npy"]);
    }
}

/// As `nohup` has it.
#[cfg(target_os = "linux")]
#[test]
fn a_hang_up_that_is_ignored_ends_no_build() {
    let folder = Folder::new();
    let child = long_build(&folder, "trap '' HUP;");
    let kill = format!("kill -HUP {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(folder.path("y.npy").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_in_shards_says_how_it_goes_on() {
    let folder = Folder::new();
    folder.write(
        "slow.toml",
        "[input]\ncolumns = [\"x\"]\n[[step]]\nop = \"sma\"\ncolumns = \"x\"\nperiod = 8000\n",
    );
    write_npy(folder.path("long.npy"), Array3::<f32>::zeros((12, 24_000, 1)).view()).unwrap();
    let build = "build slow.toml long.npy -o y.npy --shard-samples 1 --level reference --resume";
    let mut command = folder.command(build);
    let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let start = Instant::now();
    while !folder.path("y-00000.npy").exists() {
        assert!(start.elapsed() < Duration::from_secs(30), "no shard");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = format!("kill -INT {}", child.id());
    assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let line = "windrow: interrupted; what was under way is removed; the shards that \
                y.unfinished.json names are kept: --resume goes on from there\n";
    assert_eq!(text(&output).1, line);
    assert!(!folder.names().iter().any(|name| name.ends_with(".tmp")), "{:?}", folder.names());
    folder.run(build);
    assert_eq!(folder.json("inspect y.manifest.json")["verified"], true);
}

#[cfg(unix)]
#[test]
fn a_killed_build_leaves_no_output_and_hinders_no_other() {
    let folder = Folder::new();
    let mut child = long_build(&folder, "");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.names().iter().any(|name| name.starts_with("y.")), "{:?}", folder.names());
    let strays = folder.names().into_iter().filter(|name| name.ends_with(".tmp")).count();
    assert_eq!(strays, 3, "{:?}", folder.names());
    let output = folder.command("build slow.toml long.npy -o y.npy").output().unwrap();
    output.clone().assert().success();
    let error = text(&output).1;
    assert_eq!(error.lines().filter(|line| line.ends_with(", left by a killed run")).count(), 3);
    assert!(!folder.names().iter().any(|name| name.ends_with(".tmp")), "{:?}", folder.names());
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
