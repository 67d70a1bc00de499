//! The words that kernels are made of. Each stands once, for any number of lanes.

/// Implements `Clone` so that `clone_from` keeps the memory it has: a state is cloned anew for
/// every tile, and allocating its windows took a thirtieth of the time of a whole transform.
macro_rules! clone_in_place {
    ($word:ident$(<$($parameter:ident),+>)? { $($field:tt),+ }) => {
        impl$(<$($parameter: Clone),+>)? Clone for $word$(<$($parameter),+>)? {
            fn clone(&self) -> Self {
                $word { $($field: self.$field.clone()),+ }
            }
            fn clone_from(&mut self, other: &Self) {
                $(self.$field.clone_from(&other.$field);)+
            }
        }
    };
}
pub(crate) use clone_in_place;

/// More memory for values, no more than `length`: a window takes what its series fills, be it ever so
/// long itself.
///
/// By value, so that the state that it is taken from stays in registers.
#[cold]
#[inline(never)]
fn longer<T: Copy>(mut values: Vec<T>, length: usize, nothing: T) -> Vec<T> {
    values.resize(values.len().max(8).saturating_mul(2).min(length), nothing);
    values
}

/// Memory full of one value.
#[cold]
#[inline(never)]
fn filled<T: Copy>(length: usize, value: T) -> Vec<T> {
    vec![value; length]
}

mod adaptive;
mod around;
pub(crate) mod average;
pub(crate) mod bands;
mod chain;
mod clean;
mod comoments;
mod delay;
mod direction;
mod ema;
mod extreme;
mod fading;
pub(crate) mod filter;
mod floors;
pub(crate) mod flow;
mod gap;
mod held;
pub(crate) mod hilbert;
mod mean;
mod moments;
mod parabolic;
mod places;
mod present;
mod range;
mod ranked;
pub(crate) mod ratio;
mod recent;
mod regression;
mod shelves;
mod sliding;
mod sparse;
pub(crate) mod stochastic;
pub(crate) mod strength;
mod sums;
mod totals;
mod varying;

pub(crate) use adaptive::{Efficiency, Fractal, Kaufman, Vidya};
pub(crate) use average::{AVERAGES, Average};
pub(crate) use bands::Bands;
pub(crate) use chain::{Double, Repeated, Tillson, Triple, ZeroLag};
pub(crate) use clean::Clean;
pub(crate) use comoments::{Comoments, Joint};
pub(crate) use delay::{Delay, Wait};
pub(crate) use direction::{AverageDirection, Direction, Movement, Total};
pub(crate) use ema::{Ema, approach};
pub(crate) use extreme::{Bottom, Extreme, Top};
pub(crate) use fading::{Fading, Weights};
pub(crate) use gap::{Convergence, Pair, Smoother};
pub(crate) use held::Held;
pub(crate) use mean::{Bell, Dispersed, Dispersion, Hull, Mean, Triangular, Weighted, WeightedBy};
pub(crate) use moments::{About, Moments, Powers, Shape, Spread};
pub(crate) use parabolic::{Acceleration, Parabolic};
pub(crate) use places::{Places, Rank};
pub(crate) use present::Present;
pub(crate) use range::{TrueRange, flat, typical};
pub(crate) use ranked::Ranked;
pub(crate) use regression::{Line, Regression};
pub(crate) use sliding::{Extent, Growing, Highest, Lowest, Plain, Sliding, Sum, Sums};
pub(crate) use sparse::{Counted, Window};
pub(crate) use stochastic::Position;
pub(crate) use totals::{Latest, Totals};
pub(crate) use varying::Varying;
