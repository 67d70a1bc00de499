//! What becomes of NaN in a fit.

use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::map::Map;
use super::scaler::Scaler;
use super::statistics::Statistics;

/// What a fit does where a column is NaN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// It fails, and names the cell.
    #[default]
    Error,
    /// It goes on without the cell, which stays NaN; a column of nothing else becomes NaN.
    Ignore,
}

impl Missing {
    /// The names, as pipeline files write them.
    pub(crate) const NAMES: [(&'static str, Missing); 2] =
        [("error", Missing::Error), ("ignore", Missing::Ignore)];

    /// The map for a column with these statistics.
    pub(crate) fn map(self, scaler: &Scaler, statistics: &Statistics) -> Result<Map, String> {
        let none = || Map::Affine(Affine::new(f64::NAN, f64::NAN));
        match statistics {
            _ if statistics.count() == 0 => match self {
                Missing::Ignore => Ok(none()),
                Missing::Error => scaler.map(statistics),
            },
            Statistics::Timesteps(each) => {
                let map = |(timestep, of): (usize, &Statistics)| match of.count() {
                    // Warm-up, or all ignored.
                    0 => Ok(none()),
                    _ => scaler.map(of).map_err(|problem| timed(problem, timestep)),
                };
                each.iter().enumerate().map(map).collect::<Result<_, _>>().map(Map::Timesteps)
            }
            _ => scaler.map(statistics),
        }
    }

    /// Whether the value is to be left out.
    pub(crate) fn skips(self, x: f64) -> bool {
        self == Missing::Ignore && x.is_nan()
    }
}

/// A problem of one timestep.
pub(super) fn timed(problem: String, timestep: usize) -> String {
    format!("{problem}, at timestep {timestep}")
}
