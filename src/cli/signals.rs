//! An interrupted run leaves no temporary file behind.

use std::path::PathBuf;
use std::sync::{Mutex, Once};

use windrow::io::Output;

static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

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
fn listen() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    // Without the listener a signal still ends the program; only the file stays.
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        for signal in signals.forever() {
            // Held to the end, so that no file is made after this.
            let paths = TEMPORARY.lock().expect("nothing panics while it holds the list");
            for path in &*paths {
                let _ = std::fs::remove_file(path);
            }
            if !paths.is_empty() {
                super::print::message("windrow: interrupted; what was under way is removed");
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
fn listen() {}
