//! Statistics and maps in words, for errors. Numbers are written as in JSON, so that they are found
//! there; `{:?}` writes 1e308 as such.

use std::fmt;

use super::affine::Affine;
use super::power::Power;
use super::statistics::{Extent, Statistics};

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.count();
        match self {
            Statistics::Moments(moments) => {
                let [sum, squares] = moments.sums();
                write!(f, "{count} values with the sum {sum} and the sum of squares {squares}")
            }
            Statistics::Extent(Extent { min, max, .. }) => {
                write!(f, "{count} values from {min:?} to {max:?}")
            }
            Statistics::Quantiles(found) => {
                let quantiles: Vec<String> =
                    found.quantiles.iter().map(|value| format!("{value:?}")).collect();
                write!(f, "{count} values with the quantiles {}", quantiles.join(", "))
            }
            Statistics::Power(Power { lambda, anchor, mean, deviation, .. }) => {
                let of = |anchor: &f64| format!(", measured from that of {anchor:?},");
                let from = anchor.as_ref().map_or(String::new(), of);
                write!(
                    f,
                    "{count} values whose powers of {lambda:?}{from} have the mean {mean:?} and the \
                     deviation {deviation:?}"
                )
            }
            Statistics::Ranks(_) | Statistics::PowerSearch(_) => {
                write!(f, "{count} values in a fit under way")
            }
            Statistics::Timesteps(each) => {
                write!(f, "{count} values at {} timesteps", each.len())
            }
        }
    }
}

impl fmt::Display for Affine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Affine { center, factor, low, clip } = self;
        write!(f, "center {center:?}, factor {factor:?}, low {low:?}")?;
        match clip {
            Some([low, high]) => write!(f, ", clip {low:?} to {high:?}"),
            None => Ok(()),
        }
    }
}
