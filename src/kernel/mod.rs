//! What a kernel is: its contract, its description, and how the catalogue holds it.
//!
//! A kernel signs [`Kernel`]: a `SPEC`, a warm-up, a textbook `reference`, and `step`, which takes
//! one timestep of several series at once and carries a state. Everything else is done here, once
//! for all of them: the loop over time, the cut at any timestep, the policy for NaN, the
//! instruction sets. [`row()`] erases the type, so that a catalogue is a table of [`Row`]s.

mod contract;
mod instance;
mod row;
mod segments;
mod spec;
pub(crate) mod state;
mod strays;

pub(crate) use contract::Kernel;
pub use instance::Running;
pub use row::Row;
pub(crate) use row::row;
pub use spec::{Input, Kind, Nan, Output, Param, Stability, Value};
pub(crate) use spec::{Spec, choice, int, real};
