//! Lanes of f64, and the instruction sets they run on. The only place that names `wide`.
//!
//! Kernels are written once against [`Lanes`]; [`Level::dispatch`] picks the implementor. A level
//! is a value that exists only where the processor has all its features, so holding one is the
//! proof that its instructions may run.

pub(crate) mod functions;
mod lanes;
mod level;
mod plain;
mod portable;
mod scalar;
mod table;
#[cfg(target_arch = "x86_64")]
mod turn;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(test)]
mod tests;

pub use lanes::Lanes;
pub use level::Level;
pub(crate) use level::Task;
pub use table::Offsets;
pub(crate) use table::Table;
