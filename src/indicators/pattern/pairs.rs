//! Patterns of two candles.

use super::chart::{Candle, Chart, Price, bearish, bullish, coloured, either};
use super::{MORRIS, NISON, pattern};

pattern! {
    Counterattack: |first, second|,
    "cdlcounterattack", "Counterattack",
    "100 where the second is white, -100 where it is black: two long candles of different colour \
     with equal closes", NISON;
    11, (-100, 100), [long, equal];
    coloured(
        first.is_unlike(second) & first.long() & second.long()
            & second.close().about(first.close(), first.equal()),
        second,
    )
}

pattern! {
    DarkCloudCover: |first, second|, penetration = 0.5,
    "cdldarkcloudcover", "Dark Cloud Cover",
    "-100: first long white; second black, opens above the first's high, closes within its body, by \
     more than penetration of it", NISON;
    11, (-100, 0), [long];
    bearish(
        first.white() & first.long() & second.black() & second.open().gt(first.high())
            & second.close().gt(first.open()) & second.closes_under(first, penetration),
    )
}

pattern! {
    DojiStar: |first, second|,
    "cdldojistar", "Doji Star",
    "second doji; -100: its body above that of a long white first; 100: below that of a long black \
     first", NISON;
    11, (-100, 100), [long, doji];
    {
        let star = first.long() & second.doji();
        either(
            star & first.black() & second.gaps_down(first),
            star & first.white() & second.gaps_up(first),
        )
    }
}

pattern! {
    Engulfing: |first, second|,
    "cdlengulfing", "Engulfing Pattern",
    "100 where the second is white, -100 where it is black: of different colour, the second's body \
     reaches beyond the first's at both ends; 80 or -80 where one end is the same", NISON;
    2, (-100, 100), [];
    {
        let white = second.white() & first.black()
            & engulfs(second.open(), second.close(), first.close(), first.open());
        let black = second.black() & first.white()
            & engulfs(second.close(), second.open(), first.open(), first.close());
        let apart = second.top().gt(first.top()) & second.bottom().lt(first.bottom());
        either(white, black) * strength(apart)
    }
}

/// A body from `low` to `high` covers another, and one end at most is the same.
#[inline(always)]
fn engulfs<C: Chart>(
    low: Price<C>,
    high: Price<C>,
    other_low: Price<C>,
    other_high: Price<C>,
) -> C::Truth {
    (high.ge(other_high) & low.lt(other_low)) | (high.gt(other_high) & low.le(other_low))
}

/// The whole of a value where bodies have no end in common, else 0.8 of it.
#[inline(always)]
fn strength<C: Chart>(apart: C::Truth) -> Price<C> {
    Price::select(apart, Price::number(1.0), Price::number(0.8))
}

pattern! {
    Hammer: |first, second|,
    "cdlhammer", "Hammer",
    "100: small without upper shadow, the lower one longer than the body, the body below the low \
     before or near it", NISON;
    11, (0, 100), [long, shadow, near];
    bullish(
        second.small() & second.long_lower(1.0) & second.no_upper()
            & second.bottom().le(first.low() + first.near()),
    )
}

pattern! {
    HangingMan: |first, second|,
    "cdlhangingman", "Hanging Man",
    "-100: small without upper shadow, the lower one longer than the body, the body above the high \
     before or near it", NISON;
    11, (-100, 0), [long, shadow, near];
    bearish(
        second.small() & second.long_lower(1.0) & second.no_upper()
            & second.bottom().ge(first.high() - first.near()),
    )
}

pattern! {
    Harami: |first, second|,
    "cdlharami", "Harami Pattern",
    "100 where the first is black, -100 where it is white: the short body of the second within the \
     long one of the first; 80 or -80 where one end is the same", NISON;
    11, (-100, 100), [long];
    harami(first, second, second.short())
}

pattern! {
    HaramiCross: |first, second|,
    "cdlharamicross", "Harami Cross Pattern",
    "100 where the first is black, -100 where it is white: a doji within the body of a long first; \
     80 or -80 where one end is the same", NISON;
    11, (-100, 100), [long, doji];
    harami(first, second, second.doji())
}

/// The body of a candle within that of a long one before it.
#[inline(always)]
fn harami<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>, little: C::Truth) -> Price<C> {
    let within = second.top().le(first.top()) & second.bottom().ge(first.bottom());
    let apart = second.top().lt(first.top()) & second.bottom().gt(first.bottom());
    let found = first.long() & little & within;
    either(found & first.black(), found & first.white()) * strength(apart)
}

pattern! {
    HomingPigeon: |first, second|,
    "cdlhomingpigeon", "Homing Pigeon",
    "100: first long black; second short black, its body within the first's", MORRIS;
    11, (0, 100), [long];
    bullish(
        first.black() & second.black() & first.long() & second.short()
            & second.open().lt(first.open()) & second.close().gt(first.close()),
    )
}

pattern! {
    InNeck: |first, second|,
    "cdlinneck", "In-Neck Pattern",
    "-100: first long black; second white, opens below the first's low, closes at its close or \
     equal above it", NISON;
    11, (-100, 0), [long, equal];
    bearish(
        neck(first, second) & second.close().le(first.close() + first.equal())
            & second.close().ge(first.close()),
    )
}

/// A long black candle, then a white one that opens below its low.
#[inline(always)]
fn neck<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> C::Truth {
    first.black() & first.long() & second.white() & second.open().lt(first.low())
}

pattern! {
    InvertedHammer: |first, second|,
    "cdlinvertedhammer", "Inverted Hammer",
    "100: small without lower shadow, the upper one longer than the body, the body below the one \
     before", NISON;
    11, (0, 100), [long, shadow];
    bullish(
        second.gaps_down(first) & second.small() & second.long_upper(1.0) & second.no_lower(),
    )
}

pattern! {
    Kicking: |first, second|,
    "cdlkicking", "Kicking",
    "two long candles without shadows and of different colour that do not touch; 100: a white one \
     above a black one; -100: a black one below a white one", MORRIS;
    11, (-100, 100), [long, shadow];
    {
        let (up, down) = kicks(first, second);
        either(up, down)
    }
}

/// Up and down.
#[inline(always)]
fn kicks<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> (C::Truth, C::Truth) {
    let found = first.marubozu() & second.marubozu();
    (
        found & first.black() & second.white() & second.clears_up(first),
        found & first.white() & second.black() & second.clears_down(first),
    )
}

pattern! {
    KickingByLength: |first, second|,
    "cdlkickingbylength", "Kicking - bull/bear determined by the longer marubozu",
    "two long candles without shadows and of different colour that do not touch, a white one above \
     a black one or a black one below a white one; 100 where the longer is white, -100 where it is \
     black", MORRIS;
    11, (-100, 100), [long, shadow];
    {
        let (up, down) = kicks(first, second);
        let newer = second.body().gt(first.body());
        either((up & newer) | (down & !newer), (down & newer) | (up & !newer))
    }
}

pattern! {
    MatchingLow: |first, second|,
    "cdlmatchinglow", "Matching Low", "100: two black candles with equal closes", MORRIS;
    6, (0, 100), [equal];
    bullish(
        first.black() & second.black() & second.close().about(first.close(), first.equal()),
    )
}

pattern! {
    OnNeck: |first, second|,
    "cdlonneck", "On-Neck Pattern",
    "-100: first long black; second white, opens below the first's low, closes equal to it", NISON;
    11, (-100, 0), [long, equal];
    bearish(neck(first, second) & second.close().about(first.low(), first.equal()))
}

pattern! {
    Piercing: |first, second|,
    "cdlpiercing", "Piercing Pattern",
    "100: first long black; second long white, opens below the first's low, closes within its body, \
     above the middle of it", NISON;
    11, (0, 100), [long];
    bullish(
        neck(first, second) & second.long() & second.close().lt(first.open())
            & second.closes_over(first, Price::number(0.5)),
    )
}

pattern! {
    SeparatingLines: |first, second|,
    "cdlseparatinglines", "Separating Lines",
    "two candles of different colour with equal opens, the second long; 100: it is white without \
     lower shadow; -100: black without upper shadow", NISON;
    11, (-100, 100), [long, shadow, equal];
    {
        let found = first.is_unlike(second) & second.long()
            & second.open().about(first.open(), first.equal());
        either(
            found & second.white() & second.no_lower(),
            found & second.black() & second.no_upper(),
        )
    }
}

pattern! {
    ShootingStar: |first, second|,
    "cdlshootingstar", "Shooting Star",
    "-100: small without lower shadow, the upper one longer than the body, the body above the one \
     before", NISON;
    11, (-100, 0), [long, shadow];
    bearish(second.gaps_up(first) & second.small() & second.long_upper(1.0) & second.no_lower())
}

pattern! {
    Thrusting: |first, second|,
    "cdlthrusting", "Thrusting Pattern",
    "-100: first long black; second white, opens below the first's low, closes within its body, \
     more than equal above its close and no higher than the middle", NISON;
    11, (-100, 0), [long, equal];
    bearish(
        neck(first, second) & second.close().gt(first.close() + first.equal())
            & !second.closes_over(first, Price::number(0.5)),
    )
}
