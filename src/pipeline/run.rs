//! How a pipeline is run: by which engine, and who wants to hear of it.

use std::fmt;

use crate::batch::Stores;
use crate::error::{Error, Line, Result};
use crate::simd::Level;

/// What computes a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The textbook definitions, step by step, on one thread: slow, and the oracle of the rest.
    Reference,
    /// The kernels at a level.
    Level(Level),
}

impl Engine {
    /// The engine of that name: `reference`, or a level's.
    ///
    /// # Errors
    ///
    /// An unknown name, or a level that this processor lacks.
    pub fn parse(name: &str) -> Result<Engine> {
        if name == "reference" {
            return Ok(Engine::Reference);
        }
        match Level::parse(name) {
            Ok(level) => Ok(Engine::Level(level)),
            Err(Error::Unknown { .. }) => {
                let known = Level::NAMES.into_iter().chain(["reference"]);
                Err(Error::unknown(Line::NONE, "level", name, known))
            }
            Err(error) => Err(error),
        }
    }

    /// The engine that the environment variable `WINDROW_LEVEL` names; the fastest level without.
    ///
    /// # Errors
    ///
    /// As [`parse`](Engine::parse).
    pub fn from_env() -> Result<Engine> {
        match std::env::var("WINDROW_LEVEL") {
            Ok(name) if !name.is_empty() => Engine::parse(&name),
            _ => Ok(Engine::default()),
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Engine::Level(Level::best())
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Engine::Reference => f.write_str("reference"),
            Engine::Level(level) => level.fmt(f),
        }
    }
}

/// An engine, how it writes, and whom to tell how far it is.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Run<'a> {
    /// What computes.
    pub engine: Engine,
    /// How a transform is written.
    pub stores: Stores,
    /// Called with the number of samples just done, from any thread.
    pub progress: Option<&'a (dyn Fn(usize) + Sync)>,
}

impl<'a> Run<'a> {
    /// A run by `engine`.
    pub fn new(engine: Engine) -> Self {
        Run { engine, ..Run::default() }
    }

    /// The same run, with a listener.
    pub fn with_progress(self, progress: &'a (dyn Fn(usize) + Sync)) -> Self {
        Run { progress: Some(progress), ..self }
    }

    /// The same run, with that kind of stores.
    pub fn with_stores(self, stores: Stores) -> Self {
        Run { stores, ..self }
    }

    pub(super) fn done(&self, samples: usize) {
        if let Some(progress) = self.progress {
            progress(samples);
        }
    }
}
