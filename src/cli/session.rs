//! The global arguments, resolved.

use anyhow::anyhow;
use windrow::Engine;

use super::arguments::{Format, Global};
use super::{Usage, memory};

/// Threads beyond the processors that are started on demand: more take longer to start than a small
/// file to build.
const MOST_THREADS: usize = 64;

/// How this run works and how it talks.
pub struct Session {
    pub format: Format,
    pub quiet: bool,
    /// Bytes that may be taken, if the command says so.
    pub memory: Option<usize>,
    level: Option<Engine>,
    pool: rayon::ThreadPool,
}

impl Session {
    pub fn new(global: Global) -> anyhow::Result<Session> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = global.threads.map_or(0, usize::from).min(processors.max(MOST_THREADS));
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(|error| anyhow!("cannot start the threads: {error}"))?;
        let Global { format, quiet, memory, level, .. } = global;
        Ok(Session { format, quiet, memory, level, pool })
    }

    /// Runs `work` on the threads asked for.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    /// Bytes that may be taken.
    pub fn memory(&self) -> usize {
        self.memory.unwrap_or(memory::DEFAULT)
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
