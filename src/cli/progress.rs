//! A bar on stderr, where stderr is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use windrow::io::Layout;

use super::memory::Blocks;
use super::session::Session;

/// Work in samples, or in timesteps where samples are cut. Gone from the terminal when it is
/// dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Of some passes over a file.
    pub fn of_parts(
        session: &Session,
        what: &'static str,
        layout: Layout,
        blocks: Blocks,
        passes: usize,
    ) -> Progress {
        let [samples, timesteps, _] = layout.shape;
        match blocks.cut_samples(timesteps) {
            true => Progress::new(session, what, samples * timesteps * passes, "timesteps"),
            false => Progress::new(session, what, samples * passes, "samples"),
        }
    }

    pub fn new(session: &Session, what: &'static str, amount: usize, unit: &str) -> Progress {
        let target = match session.quiet {
            true => ProgressDrawTarget::hidden(),
            // indicatif draws nothing where stderr is no terminal.
            false => ProgressDrawTarget::stderr(),
        };
        let bar = ProgressBar::with_draw_target(Some(amount as u64), target);
        let template =
            format!("{{msg:12}} {{wide_bar}} {{human_pos}} of {{human_len}} {unit}, {{eta}} left");
        bar.set_style(ProgressStyle::with_template(&template).expect("a valid template"));
        bar.set_message(what);
        Progress(bar)
    }

    /// This many more are done; from any thread.
    pub fn advance(&self, amount: usize) {
        self.0.inc(amount as u64);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
