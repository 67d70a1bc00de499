//! The global arguments, resolved.

use anyhow::Context;
use windrow::Engine;

use super::Usage;
use super::arguments::{Format, Global};

/// How this run works and how it talks.
pub struct Session {
    pub format: Format,
    pub quiet: bool,
    /// Bytes that may be taken.
    pub memory: usize,
    level: Option<Engine>,
    pool: rayon::ThreadPool,
}

impl Session {
    pub fn new(global: Global) -> anyhow::Result<Session> {
        let threads = global.threads.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.context("cannot start the threads")?;
        let Global { format, quiet, memory, level, .. } = global;
        Ok(Session { format, quiet, memory, level, pool })
    }

    /// Runs `work` on the threads asked for.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// What `--level` says, or `WINDROW_LEVEL`, or the best.
    pub fn engine(&self) -> anyhow::Result<Engine> {
        match self.level {
            Some(engine) => Ok(engine),
            None => {
                Engine::from_env().map_err(|error| Usage(format!("WINDROW_LEVEL: {error}")).into())
            }
        }
    }

    pub fn json(&self) -> bool {
        self.format == Format::Json
    }
}
