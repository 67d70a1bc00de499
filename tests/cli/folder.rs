//! A folder in which the program runs.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use ndarray::Array3;
use windrow::io::write_npy;

pub const PIPELINE: &str = r#"[input]
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

pub const COLUMNS: [&str; 4] = ["open", "close", "close_sma_3", "close_lag_1"];

/// A folder with `p.toml`, `x.npy` (f32) and `wide.npy` (f64), in which the program runs.
pub struct Folder(pub tempfile::TempDir);

impl Folder {
    pub fn new() -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("p.toml", PIPELINE);
        write_npy(folder.path("x.npy"), batch().view()).unwrap();
        write_npy(folder.path("wide.npy"), batch().mapv(f64::from).view()).unwrap();
        folder
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    /// Whether files hold what they are to.
    pub fn same(&self, files: &[(String, Vec<u8>)]) {
        for (name, bytes) in files {
            assert!(self.read(name) == *bytes, "{name}");
        }
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<String> = entries.map(|e| name(e).into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windrow"));
        command.args(arguments.split_whitespace()).current_dir(self.0.path());
        command.env_remove("WINDROW_LEVEL").stdin(Stdio::null());
        command
    }

    /// The program in a shell that first sets a limit: `-v` KiB of memory, or `-f` blocks of 512 bytes
    /// for a file, of which a write then gives an error as on a full disk, not a signal.
    #[cfg(target_os = "linux")]
    pub fn limited(&self, limit: &str, arguments: &str) -> Command {
        let windrow = env!("CARGO_BIN_EXE_windrow");
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("trap '' XFSZ; ulimit {limit}; exec {windrow} {arguments}"));
        shell.env_remove("WINDROW_LEVEL").current_dir(self.0.path());
        shell
    }

    /// Makes of shards that are whole what a run leaves that was interrupted after some of them.
    pub fn unfinish(&self, stem: &str, finished: usize) {
        let name = format!("{stem}.manifest.json");
        let mut manifest: serde_json::Value = serde_json::from_slice(&self.read(&name)).unwrap();
        let object = manifest.as_object_mut().unwrap();
        object.remove("fingerprint");
        object.remove("input");
        for column in object["columns"].as_array_mut().unwrap() {
            column.as_object_mut().unwrap().retain(|key, _| key == "name" || key == "warmup");
        }
        object["shards"]["files"].as_array_mut().unwrap().truncate(finished);
        self.write(&format!("{stem}.unfinished.json"), &manifest.to_string());
        for name in [name, format!("{stem}.fitted.json")] {
            fs::remove_file(self.path(&name)).unwrap();
        }
    }

    /// What a run that succeeds writes on stdout.
    pub fn run(&self, arguments: &str) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// How long a run takes that succeeds.
    pub fn time(&self, arguments: &str) -> Duration {
        let start = Instant::now();
        self.run(arguments);
        start.elapsed()
    }

    /// Writes a batch of that shape, and gives it.
    pub fn fill(&self, name: &str, shape: (usize, usize, usize)) -> Array3<f32> {
        let x = Array3::from_shape_fn(shape, |(i, t, f)| ((i * 7 + t * 3 + f) % 11) as f32);
        write_npy(self.path(name), x.view()).unwrap();
        x
    }

    pub fn json(&self, arguments: &str) -> serde_json::Value {
        let text = self.run(&format!("{arguments} --format json"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The line on stderr of a run that fails with this exit code and leaves the folder as it was.
    pub fn fail(&self, arguments: &str, code: i32) -> String {
        let before = self.names();
        let output = self.command(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr.clone()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}: {error}");
        assert!(output.stdout.is_empty(), "{arguments}: {output:?}");
        assert_eq!(self.names(), before, "{arguments}: left behind");
        error
    }

    /// As [`fail`](Folder::fail) with exit code 1 or 2: exactly this line.
    pub fn refuse(&self, arguments: &str, code: i32, line: &str) {
        assert_eq!(self.fail(arguments, code), format!("windrow: {line}\n"), "{arguments}");
    }
}

pub fn batch() -> Array3<f32> {
    Array3::from_shape_fn((20, 12, 2), |(i, t, f)| ((i * 7 + t * 3 + f * 5) % 11) as f32 + 0.25)
}

pub fn text(output: &Output) -> (String, String) {
    let utf8 = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (utf8(&output.stdout), utf8(&output.stderr))
}
