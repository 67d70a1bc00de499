//! Speed and direction of a price.

use super::Group;
use crate::kernel::row;

mod ac;
mod adx;
mod adxr;
mod ao;
mod aroon;
mod aroonosc;
mod bars;
mod cci;
mod cg;
mod changes;
mod chop;
mod cmo;
mod coppock;
mod crsi;
mod cti;
mod directional;
mod dosc;
mod dpo;
mod dx;
mod er;
mod eri;
mod fisher;
mod fosc;
mod fractal;
mod kdj;
mod kst;
mod macd;
mod macdext;
mod macdfix;
mod mfi;
mod net;
mod oscillators;
mod pso;
mod qstick;
mod reference;
mod rsi;
mod smi;
mod sqzmom;
mod stc;
mod stoch;
mod stochf;
mod stochrsi;
mod swing;
mod trix;
mod tsi;
mod ultosc;
mod vhf;
mod vortex;
mod wad;
mod wavetrend;
mod willr;

pub(super) const GROUP: Group = Group {
    name: "Momentum Indicators",
    rows: &[
        row::<ac::Ac, _, _, _>(),
        row::<adx::Adx, _, _, _>(),
        row::<adxr::Adxr, _, _, _>(),
        row::<ao::Ao, _, _, _>(),
        row::<oscillators::Apo, _, _, _>(),
        row::<aroon::Aroon, _, _, _>(),
        row::<aroonosc::Aroonosc, _, _, _>(),
        row::<swing::Asi, _, _, _>(),
        row::<bars::Bop, _, _, _>(),
        row::<cci::Cci, _, _, _>(),
        row::<cg::Cg, _, _, _>(),
        row::<chop::Chop, _, _, _>(),
        row::<chop::Choptr, _, _, _>(),
        row::<cmo::Cmo, _, _, _>(),
        row::<net::Cmou, _, _, _>(),
        row::<coppock::Coppock, _, _, _>(),
        row::<crsi::Crsi, _, _, _>(),
        row::<cti::Cti, _, _, _>(),
        row::<dosc::Dosc, _, _, _>(),
        row::<dpo::Dpo, _, _, _>(),
        row::<dx::Dx, _, _, _>(),
        row::<er::Er, _, _, _>(),
        row::<eri::Eri, _, _, _>(),
        row::<fisher::Fisher, _, _, _>(),
        row::<fosc::Fosc, _, _, _>(),
        row::<fractal::Fractal, _, _, _>(),
        row::<bars::Ibs, _, _, _>(),
        row::<net::Imi, _, _, _>(),
        row::<kdj::Kdj, _, _, _>(),
        row::<kst::Kst, _, _, _>(),
        row::<kst::Kstext, _, _, _>(),
        row::<macd::Macd, _, _, _>(),
        row::<macdext::Macdext, _, _, _>(),
        row::<macdfix::Macdfix, _, _, _>(),
        row::<mfi::Mfi, _, _, _>(),
        row::<directional::MinusDi, _, _, _>(),
        row::<directional::MinusDm, _, _, _>(),
        row::<changes::Mom, _, _, _>(),
        row::<directional::PlusDi, _, _, _>(),
        row::<directional::PlusDm, _, _, _>(),
        row::<oscillators::Ppo, _, _, _>(),
        row::<pso::Pso, _, _, _>(),
        row::<qstick::Qstick, _, _, _>(),
        row::<changes::Roc, _, _, _>(),
        row::<changes::Rocp, _, _, _>(),
        row::<changes::Rocr, _, _, _>(),
        row::<changes::Rocr100, _, _, _>(),
        row::<rsi::Rsi, _, _, _>(),
        row::<swing::Si, _, _, _>(),
        row::<smi::Smi, _, _, _>(),
        row::<sqzmom::Sqzmom, _, _, _>(),
        row::<stc::Stc, _, _, _>(),
        row::<stoch::Stoch, _, _, _>(),
        row::<stochf::Stochf, _, _, _>(),
        row::<stochrsi::Stochrsi, _, _, _>(),
        row::<trix::Trix, _, _, _>(),
        row::<tsi::Tsi, _, _, _>(),
        row::<ultosc::Ultosc, _, _, _>(),
        row::<vhf::Vhf, _, _, _>(),
        row::<vortex::Vortex, _, _, _>(),
        row::<wad::Wad, _, _, _>(),
        row::<wavetrend::Wavetrend, _, _, _>(),
        row::<willr::Willr, _, _, _>(),
    ],
};
