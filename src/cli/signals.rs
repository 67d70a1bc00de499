//! An interrupted run leaves no temporary file behind.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, OnceLock};

use windrow::io::Output;

static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// The file that says what a run which is interrupted leaves for another to continue.
static UNFINISHED: OnceLock<PathBuf> = OnceLock::new();

/// The run can be continued from now on, with what this file names.
pub fn resumable(unfinished: &Path) {
    UNFINISHED.get_or_init(|| unfinished.to_owned());
}

/// Makes an output whose temporary file is removed when the program is interrupted or told to stop;
/// a signal waits until it is known.
pub fn made(make: impl FnOnce() -> windrow::Result<Output>) -> windrow::Result<Output> {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(listen);
    let mut paths = TEMPORARY.lock().expect("nothing panics while it holds the list");
    let output = make()?;
    paths.push(output.temporary().to_owned());
    Ok(output)
}

/// Runs `act`, which gives these files other names; a signal waits for its end.
pub fn undisturbed<T>(files: &[PathBuf], act: impl FnOnce() -> T) -> T {
    let mut paths = TEMPORARY.lock().expect("nothing panics while it holds the list");
    let result = act();
    paths.retain(|path| !files.contains(path));
    result
}

#[cfg(unix)]
fn interrupted() -> String {
    let mut line = "windrow: interrupted; what was under way is removed".to_owned();
    if let Some(unfinished) = UNFINISHED.get() {
        let name = unfinished.display();
        line += &format!("; the shards that {name} names are kept: --resume goes on from there");
    }
    line
}

#[cfg(unix)]
fn listen() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::sync::mpsc::channel;
    use std::thread::Builder;

    // Without the listener a signal still ends the program; only the file stays. Signals are not
    // taken before somebody listens: they would be lost.
    let (ready, listening) = channel::<()>();
    let _ = Builder::new().spawn(move || {
        let signals = match hang_ups_end() {
            true => Signals::new([SIGINT, SIGTERM, SIGHUP]),
            false => Signals::new([SIGINT, SIGTERM]),
        };
        drop(ready);
        let Ok(mut signals) = signals else { return };
        for signal in signals.forever() {
            // Held to the end, so that no file is made after this.
            let paths = TEMPORARY.lock().expect("nothing panics while it holds the list");
            for path in &*paths {
                let _ = std::fs::remove_file(path);
            }
            if !paths.is_empty() {
                super::print::message(&interrupted());
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    let _ = listening.recv();
}

/// Whether a closed terminal ends the program, as far as the system tells: not one that was started
/// by `nohup`.
#[cfg(unix)]
fn hang_ups_end() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    ignored.is_some_and(|signals| signals >> (signal_hook::consts::SIGHUP - 1) & 1 == 0)
}

#[cfg(not(unix))]
fn listen() {}
