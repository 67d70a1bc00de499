//! Averages and bands that are drawn over the price.

use super::{Group, swak};
use crate::kernel::row;

mod accbands;
mod alma;
mod bbands;
mod cksp;
mod dema;
mod donchian;
mod ema;
mod frama;
mod ht_trendline;
mod ichimoku;
mod kc;
mod ma;
mod mama;
mod mavp;
mod mcgd;
mod midpoint;
mod midprice;
mod moving;
mod parabolic;
mod sar;
mod sarext;
mod sma;
mod supertrend;
mod t3;
mod vidya;
mod vwma;
mod wma;
mod zigzag;

pub(super) const GROUP: Group = Group {
    name: "Overlap Studies",
    rows: &[
        row::<accbands::Accbands, _, _, _>(),
        row::<alma::Alma, _, _, _>(),
        row::<bbands::Bbands, _, _, _>(),
        row::<cksp::Cksp, _, _, _>(),
        row::<dema::Dema, _, _, _>(),
        row::<donchian::Donchian, _, _, _>(),
        row::<ema::Ema, _, _, _>(),
        row::<frama::Frama, _, _, _>(),
        row::<moving::Hma, _, _, _>(),
        row::<ht_trendline::HtTrendline, _, _, _>(),
        row::<ichimoku::Ichimoku, _, _, _>(),
        row::<moving::Kama, _, _, _>(),
        row::<kc::Kc, _, _, _>(),
        row::<ma::Ma, _, _, _>(),
        row::<mama::Mama, _, _, _>(),
        row::<mavp::Mavp, _, _, _>(),
        row::<mcgd::Mcgd, _, _, _>(),
        row::<midpoint::Midpoint, _, _, _>(),
        row::<midprice::Midprice, _, _, _>(),
        row::<moving::Rma, _, _, _>(),
        row::<sar::Sar, _, _, _>(),
        row::<sarext::Sarext, _, _, _>(),
        row::<sma::Sma, _, _, _>(),
        row::<supertrend::Supertrend, _, _, _>(),
        row::<swak::Butter, _, _, _>(),
        row::<swak::Gauss, _, _, _>(),
        row::<t3::T3, _, _, _>(),
        row::<moving::Tema, _, _, _>(),
        row::<moving::Trima, _, _, _>(),
        row::<vidya::Vidya, _, _, _>(),
        row::<vwma::Vwma, _, _, _>(),
        row::<wma::Wma, _, _, _>(),
        row::<zigzag::Zigzag, _, _, _>(),
        row::<moving::Zlema, _, _, _>(),
    ],
};
