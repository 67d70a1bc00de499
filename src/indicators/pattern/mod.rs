//! Candlestick patterns: a table of conditions over one kernel.
//!
//! A pattern is a few lines in the words of `chart.rs`, read by the kernel for all lanes and by the
//! definition for one series; TA-Lib holds both to what it means. Averages are those of its default
//! settings.

use super::Group;
use crate::kernel::row;

mod chart;
mod kernel;
mod longer;
mod pairs;
mod single;
mod triples;

use kernel::Of;

/// Where the patterns of the Japanese masters are written down.
const NISON: &str = "S. Nison, Japanese Candlestick Charting Techniques, 1991; TA-Lib";
/// Where the rarer ones are.
const MORRIS: &str = "G. Morris, CandlePower, 1992; TA-Lib";

/// Defines a pattern: its candles, oldest first, and its parameter; what it says of itself, its
/// warm-up, the range of its values, the words it is put in; the value.
macro_rules! pattern {
    (
        $row:ident: |$($candle:ident),+|, $param:ident = $default:literal,
        $name:literal, $title:literal, $formula:literal, $source:expr;
        $lookback:literal, $range:expr, [$($word:ident),*];
        $value:expr
    ) => {
        pattern! {
            @ $row, 1, [$crate::kernel::real(stringify!($param), &[], 0.0, 3e37, $default)],
            [$($candle),+], [$param], $name, $title, $formula, $source;
            $lookback, $range, [$($word),*]; $value
        }
    };
    (
        $row:ident: |$($candle:ident),+|,
        $name:literal, $title:literal, $formula:literal, $source:expr;
        $lookback:literal, $range:expr, [$($word:ident),*];
        $value:expr
    ) => {
        pattern! {
            @ $row, 0, [], [$($candle),+], [], $name, $title, $formula, $source;
            $lookback, $range, [$($word),*]; $value
        }
    };
    (
        @ $row:ident, $count:literal, $params:expr, [$($candle:ident),+], [$($param:ident)?],
        $name:literal, $title:literal, $formula:literal, $source:expr;
        $lookback:literal, $range:expr, [$($word:ident),*];
        $value:expr
    ) => {
        pub struct $row;

        impl $crate::indicators::pattern::kernel::Pattern<$count> for $row {
            const NAME: &'static str = $name;
            const TITLE: &'static str = $title;
            const FORMULA: &'static str = concat!(
                $formula, $("; ", $crate::indicators::pattern::word!($word)),*
            );
            const SOURCE: &'static str = $source;
            const WARMUP: &'static str = stringify!($lookback);
            const LOOKBACK: usize = $lookback;
            const CANDLES: usize = [$(stringify!($candle)),+].len();
            const RANGE: (i32, i32) = $range;
            const PARAMS: [$crate::kernel::Param; $count] = $params;
            const SUMS: $crate::indicators::pattern::kernel::Sums =
                $crate::indicators::pattern::kernel::Sums::of(&[$(stringify!($word)),*]);

            #[inline(always)]
            fn value<C: $crate::indicators::pattern::chart::Chart>(
                chart: &C,
                [$($param)?]: [$crate::indicators::pattern::chart::Price<C>; $count],
            ) -> $crate::indicators::pattern::chart::Price<C> {
                let [$($candle),+] = $crate::indicators::pattern::chart::last(chart);
                $value
            }
        }
    };
}
use pattern;

/// What a word of the formulas means.
macro_rules! word {
    (long) => {
        "long: the body is longer than the mean of the 10 before; short: it is not; small: it is \
         shorter"
    };
    (doji) => {
        "doji: the body is no longer than a tenth of the mean range of the 10 candles before"
    };
    (shadow) => {
        "no shadow: it is shorter than a tenth of the mean range of the 10 candles before; some \
         shadow: it is longer"
    };
    (shadows) => {
        "short shadow: it is shorter than the mean shadow of the 10 candles before"
    };
    (near) => {
        "near: within 0.2 of the mean range of the 5 candles before the older one"
    };
    (far) => {
        "far: by more than 0.6 of the mean range of the 5 candles before the older one"
    };
    (equal) => {
        "equal: within 0.05 of the mean range of the 5 candles before the older one"
    };
}
use word;

pub(super) const GROUP: Group = Group {
    name: "Pattern Recognition",
    rows: &[
        row::<Of<triples::TwoCrows>, _, _, _>(),
        row::<Of<longer::ThreeBlackCrows>, _, _, _>(),
        row::<Of<triples::ThreeInside>, _, _, _>(),
        row::<Of<longer::ThreeLineStrike>, _, _, _>(),
        row::<Of<triples::ThreeOutside>, _, _, _>(),
        row::<Of<triples::ThreeStarsInSouth>, _, _, _>(),
        row::<Of<triples::ThreeWhiteSoldiers>, _, _, _>(),
        row::<Of<triples::AbandonedBaby>, _, _, _>(),
        row::<Of<triples::AdvanceBlock>, _, _, _>(),
        row::<Of<single::BeltHold>, _, _, _>(),
        row::<Of<longer::Breakaway>, _, _, _>(),
        row::<Of<single::ClosingMarubozu>, _, _, _>(),
        row::<Of<longer::ConcealBabySwallow>, _, _, _>(),
        row::<Of<pairs::Counterattack>, _, _, _>(),
        row::<Of<pairs::DarkCloudCover>, _, _, _>(),
        row::<Of<single::Doji>, _, _, _>(),
        row::<Of<pairs::DojiStar>, _, _, _>(),
        row::<Of<single::DragonflyDoji>, _, _, _>(),
        row::<Of<pairs::Engulfing>, _, _, _>(),
        row::<Of<triples::EveningDojiStar>, _, _, _>(),
        row::<Of<triples::EveningStar>, _, _, _>(),
        row::<Of<triples::GapSideSideWhite>, _, _, _>(),
        row::<Of<single::GravestoneDoji>, _, _, _>(),
        row::<Of<pairs::Hammer>, _, _, _>(),
        row::<Of<pairs::HangingMan>, _, _, _>(),
        row::<Of<pairs::Harami>, _, _, _>(),
        row::<Of<pairs::HaramiCross>, _, _, _>(),
        row::<Of<single::HighWave>, _, _, _>(),
        row::<Of<longer::Hikkake>, _, _, _>(),
        row::<Of<longer::ModifiedHikkake>, _, _, _>(),
        row::<Of<pairs::HomingPigeon>, _, _, _>(),
        row::<Of<triples::IdenticalThreeCrows>, _, _, _>(),
        row::<Of<pairs::InNeck>, _, _, _>(),
        row::<Of<pairs::InvertedHammer>, _, _, _>(),
        row::<Of<pairs::Kicking>, _, _, _>(),
        row::<Of<pairs::KickingByLength>, _, _, _>(),
        row::<Of<longer::LadderBottom>, _, _, _>(),
        row::<Of<single::LongLeggedDoji>, _, _, _>(),
        row::<Of<single::LongLine>, _, _, _>(),
        row::<Of<single::Marubozu>, _, _, _>(),
        row::<Of<pairs::MatchingLow>, _, _, _>(),
        row::<Of<longer::MatHold>, _, _, _>(),
        row::<Of<triples::MorningDojiStar>, _, _, _>(),
        row::<Of<triples::MorningStar>, _, _, _>(),
        row::<Of<pairs::OnNeck>, _, _, _>(),
        row::<Of<pairs::Piercing>, _, _, _>(),
        row::<Of<single::RickshawMan>, _, _, _>(),
        row::<Of<longer::RiseFallThreeMethods>, _, _, _>(),
        row::<Of<pairs::SeparatingLines>, _, _, _>(),
        row::<Of<pairs::ShootingStar>, _, _, _>(),
        row::<Of<single::ShortLine>, _, _, _>(),
        row::<Of<single::SpinningTop>, _, _, _>(),
        row::<Of<triples::StalledPattern>, _, _, _>(),
        row::<Of<triples::StickSandwich>, _, _, _>(),
        row::<Of<single::Takuri>, _, _, _>(),
        row::<Of<triples::TasukiGap>, _, _, _>(),
        row::<Of<pairs::Thrusting>, _, _, _>(),
        row::<Of<triples::Tristar>, _, _, _>(),
        row::<Of<triples::UniqueThreeRiver>, _, _, _>(),
        row::<Of<triples::UpsideGapTwoCrows>, _, _, _>(),
        row::<Of<triples::SideGapThreeMethods>, _, _, _>(),
    ],
};
