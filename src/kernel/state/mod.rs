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
mod chain;
mod delay;
mod ema;
mod mean;
mod moments;
mod range;
mod sliding;

pub(crate) use average::{AVERAGES, Average};
pub(crate) use chain::Double;
pub(crate) use delay::Delay;
pub(crate) use ema::Ema;
pub(crate) use mean::{Mean, Weighted};
pub(crate) use moments::Spread;
pub(crate) use range::{Movement, Total, TrueRange, flat};
pub(crate) use sliding::{Highest, Lowest, Sliding};
