//! What volume says of the price.

use super::Group;
use crate::kernel::row;

mod ad;
mod adosc;
mod cmf;
mod efi;
mod emv;
mod indices;
mod kvo;
mod marketfi;
mod obv;
mod pvo;
mod pvt;

mod rvol;
mod vwap;

pub(super) const GROUP: Group = Group {
    name: "Volume Indicators",
    rows: &[
        row::<ad::Ad, _, _, _>(),
        row::<adosc::Adosc, _, _, _>(),
        row::<cmf::Cmf, _, _, _>(),
        row::<efi::Efi, _, _, _>(),
        row::<emv::Emv, _, _, _>(),
        row::<kvo::Kvo, _, _, _>(),
        row::<marketfi::Marketfi, _, _, _>(),
        row::<indices::Nvi, _, _, _>(),
        row::<obv::Obv, _, _, _>(),
        row::<indices::Pvi, _, _, _>(),
        row::<pvo::Pvo, _, _, _>(),
        row::<pvt::Pvt, _, _, _>(),
        row::<rvol::Rvol, _, _, _>(),
        row::<vwap::Vwap, _, _, _>(),
    ],
};
