//! The words that kernels are made of. Each stands once, for any number of lanes.

/// Implements `Clone` so that `clone_from` keeps the memory it has: a state is cloned anew for
/// every tile, and allocating its windows took a thirtieth of the time of a whole transform.
macro_rules! clone_in_place {
    ($word:ident<$($parameter:ident),+> { $($field:ident),+ }) => {
        impl<$($parameter: Clone),+> Clone for $word<$($parameter),+> {
            fn clone(&self) -> Self {
                $word { $($field: self.$field.clone()),+ }
            }
            fn clone_from(&mut self, other: &Self) {
                $(self.$field.clone_from(&other.$field);)+
            }
        }
    };
}

mod adaptive;
pub(crate) mod average;
pub(crate) mod bands;
mod chain;
mod clean;
mod comoments;
mod delay;
mod ema;
mod extreme;
pub(crate) mod filter;
pub(crate) mod hilbert;
mod mean;
mod moments;
mod parabolic;
mod range;
mod ranked;
mod recent;
mod regression;
mod sliding;
mod totals;

pub(crate) use adaptive::{Fractal, Kaufman, Vidya};
pub(crate) use average::{AVERAGES, Average};
pub(crate) use bands::Bands;
pub(crate) use chain::{Double, Tillson, Triple, ZeroLag};
pub(crate) use clean::Clean;
pub(crate) use comoments::Joint;
pub(crate) use delay::Delay;
pub(crate) use ema::{Ema, approach};
pub(crate) use extreme::{Bottom, Extreme, Top};
pub(crate) use mean::{Bell, Hull, Mean, Triangular, Weighted, WeightedBy};
pub(crate) use moments::{About, Shape, Spread};
pub(crate) use parabolic::{Acceleration, Parabolic};
pub(crate) use range::{Movement, Total, TrueRange, flat};
pub(crate) use ranked::Ranked;
pub(crate) use recent::Recent;
pub(crate) use regression::Regression;
pub(crate) use sliding::{Extent, Highest, Item, Lowest, Plain, Sliding};
pub(crate) use totals::{Latest, Totals};
