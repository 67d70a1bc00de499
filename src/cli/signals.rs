//! An interrupted run leaves no temporary file behind.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Removes this file when the program is interrupted or told to stop.
pub fn remove_on_signal(path: &Path) {
    let mut paths = TEMPORARY.lock().expect("nothing panics while it holds the list");
    if paths.is_empty() {
        listen();
    }
    paths.push(path.to_owned());
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
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
fn listen() {}
