//! A bar on stderr, where stderr is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::session::Session;

/// Work in samples. Gone from the terminal when it is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    pub fn new(session: &Session, what: &'static str, samples: usize) -> Progress {
        let target = match session.quiet {
            true => ProgressDrawTarget::hidden(),
            // indicatif draws nothing where stderr is no terminal.
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(samples as u64), target);
        let template = "{msg:12} {wide_bar} {human_pos} of {human_len} samples, {eta} left";
        bar.set_style(ProgressStyle::with_template(template).expect("a valid template"));
        bar.set_message(what);
        Progress(bar)
    }

    /// This many samples more are done; from any thread.
    pub fn advance(&self, samples: usize) {
        self.0.inc(samples as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
