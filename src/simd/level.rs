//! Which instruction set a run uses, and the step from a run-time level to compile-time lanes.

use std::fmt;
use std::sync::OnceLock;

use super::Lanes;
use crate::error::{Error, Line, Result};

/// An instruction set that this processor has.
///
/// A value exists only where every feature of the level was detected, so holding one is the proof
/// that it may run. All levels give the same bits; they differ in speed only. Scalers that stand alone
/// and searches among the values of long windows take the fastest one, whatever the level of a run:
/// each lane is a series by itself, parts merge exactly, and counts are exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Work that is generic over its lanes, to be run at a level.
pub(crate) trait Task {
    /// What it gives back.
    type Output;
    /// The work; mark it `#[inline(always)]`.
    fn run<L: Lanes>(self) -> Self::Output;
}

impl Level {
    /// One series at a time: the baseline of every comparison.
    pub const SCALAR: Level = Level(Kind::Scalar);
    /// Eight lanes in the registers that the build was compiled for.
    pub const PORTABLE: Level = Level(Kind::Portable);

    /// Every name that [`parse`](Level::parse) knows, on any machine.
    pub const NAMES: [&'static str; 4] = ["scalar", "portable", "avx2", "avx512"];

    /// The levels of this machine, slowest first.
    ///
    /// ```
    /// let levels = windrow::Level::available();
    /// assert_eq!(levels[0], windrow::Level::SCALAR);
    /// ```
    pub fn available() -> &'static [Level] {
        static LEVELS: OnceLock<Vec<Level>> = OnceLock::new();
        LEVELS.get_or_init(|| {
            #[allow(unused_mut)]
            let mut levels = vec![Level::SCALAR, Level::PORTABLE];
            #[cfg(target_arch = "x86_64")]
            {
                // Every feature that `x86.rs` enables or uses is asked for by name: a virtual
                // machine may offer one without the other.
                let avx2 = is_x86_feature_detected!("avx")
                    && is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("popcnt");
                if avx2 {
                    levels.push(Level(Kind::Avx2));
                }
                if avx2
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                {
                    levels.push(Level(Kind::Avx512));
                }
            }
            levels
        })
    }

    /// The fastest level of this machine.
    pub fn best() -> Level {
        *Level::available().last().expect("scalar is always there")
    }

    /// The level of that name.
    ///
    /// # Errors
    ///
    /// An unknown name, or a level that this processor lacks.
    pub fn parse(name: &str) -> Result<Level> {
        let found = Level::available().iter().find(|level| level.name() == name);
        match found {
            Some(level) => Ok(*level),
            None if Level::NAMES.contains(&name) => {
                let names: Vec<_> = Level::available().iter().map(|level| level.name()).collect();
                Err(Error::value(
                    Line::NONE,
                    "level",
                    format!("`{name}`, which this processor lacks"),
                    format!("it has {}", names.join(", ")),
                ))
            }
            None => Err(Error::unknown(Line::NONE, "level", name, Level::NAMES)),
        }
    }

    /// The name, as [`parse`](Level::parse) takes it.
    pub fn name(self) -> &'static str {
        match self.0 {
            Kind::Scalar => "scalar",
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => "avx512",
        }
    }

    /// How many series advance together at this level: the lanes of a plane.
    pub fn lanes(self) -> usize {
        struct Count;
        impl Task for Count {
            type Output = usize;
            fn run<L: Lanes>(self) -> usize {
                L::COUNT
            }
        }
        self.dispatch(Count)
    }

    /// Runs `task` on the lanes of this level, with its instructions enabled.
    pub(crate) fn dispatch<T: Task>(self, task: T) -> T::Output {
        fn run<L: Lanes, T: Task>(task: T) -> T::Output {
            L::vectorize(
                #[inline(always)]
                || task.run::<L>(),
            )
        }
        match self.0 {
            Kind::Scalar => run::<f64, T>(task),
            Kind::Portable => run::<wide::f64x8, T>(task),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => run::<super::x86::Avx2, T>(task),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx512 => run::<super::x86::Avx512, T>(task),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
