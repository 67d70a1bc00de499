//! The cycle that dominates a series.

use super::{Group, swak};
use crate::kernel::row;

mod ht_dcperiod;
mod ht_dcphase;
mod ht_phasor;
mod ht_sine;
mod ht_trendmode;

pub(super) const GROUP: Group = Group {
    name: "Cycle Indicators",
    rows: &[
        row::<ht_dcperiod::HtDcperiod, _, _, _>(),
        row::<ht_dcphase::HtDcphase, _, _, _>(),
        row::<ht_phasor::HtPhasor, _, _, _>(),
        row::<ht_sine::HtSine, _, _, _>(),
        row::<ht_trendmode::HtTrendmode, _, _, _>(),
        row::<swak::TwoPoleHighPass, _, _, _>(),
        row::<swak::BandPass, _, _, _>(),
        row::<swak::HighPass, _, _, _>(),
    ],
};
