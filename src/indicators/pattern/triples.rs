//! Patterns of three candles.

use super::chart::{Candle, Chart, Price, bearish, bullish, coloured, either};
use super::{MORRIS, NISON, pattern};

pattern! {
    TwoCrows: |first, second, third|,
    "cdl2crows", "Two Crows",
    "-100: first long white; second black, its body above the first's; third black, opens within \
     the second's body, closes within the first's", MORRIS;
    12, (-100, 0), [long];
    bearish(
        first.white() & first.long() & second.black() & second.gaps_up(first) & third.black()
            & third.open().between(second.close(), second.open())
            & third.close().between(first.open(), first.close()),
    )
}

pattern! {
    ThreeInside: |first, second, third|,
    "cdl3inside", "Three Inside Up/Down",
    "the short body of the second within the long one of the first; 100: first black, third white, \
     closes above the first's open; -100: first white, third black, closes below it", MORRIS;
    12, (-100, 100), [long];
    {
        let inside = second.top().lt(first.top()) & second.bottom().gt(first.bottom())
            & first.long() & second.short();
        either(
            inside & first.black() & third.white() & third.close().gt(first.open()),
            inside & first.white() & third.black() & third.close().lt(first.open()),
        )
    }
}

pattern! {
    ThreeOutside: |first, second, third|,
    "cdl3outside", "Three Outside Up/Down",
    "the body of the second around that of the first, of different colour; 100: second white, third \
     closes higher; -100: second black, third closes lower", MORRIS;
    3, (-100, 100), [];
    either(
        second.white() & first.black() & second.close().gt(first.open())
            & second.open().lt(first.close()) & third.close().gt(second.close()),
        second.black() & first.white() & second.open().gt(first.close())
            & second.close().lt(first.open()) & third.close().lt(second.close()),
    )
}

pattern! {
    ThreeStarsInSouth: |first, second, third|,
    "cdl3starsinsouth", "Three Stars In The South",
    "100: three black; first long, its lower shadow longer than its body; second shorter, opens \
     above the first's close within its range, its low below that close and not below the first's \
     low, some lower shadow; third small without shadows, within the second's range", MORRIS;
    12, (0, 100), [long, shadow];
    bullish(
        first.black() & second.black() & third.black() & first.long() & first.long_lower(1.0)
            & second.body().lt(first.body()) & second.open().gt(first.close())
            & second.open().le(first.high()) & second.low().lt(first.close())
            & second.low().ge(first.low()) & second.has_lower() & third.small()
            & third.no_lower() & third.no_upper() & third.low().gt(second.low())
            & third.high().lt(second.high()),
    )
}

/// Three white candles that close higher and higher, the second opening within or near the first.
#[inline(always)]
fn advance<C: Chart>(
    first: Candle<'_, C>,
    second: Candle<'_, C>,
    third: Candle<'_, C>,
) -> C::Truth {
    first.white()
        & second.white()
        & third.white()
        & third.close().gt(second.close())
        & second.close().gt(first.close())
        & second.opens_higher(first)
}

pattern! {
    ThreeWhiteSoldiers: |first, second, third|,
    "cdl3whitesoldiers", "Three Advancing White Soldiers",
    "100: three white without upper shadow, each closes higher than the one before, opens above its \
     open, and below its close or near it, and is not far shorter; third long", NISON;
    12, (0, 100), [long, shadow, near, far];
    bullish(
        advance(first, second, third) & third.opens_higher(second) & first.no_upper()
            & second.no_upper() & third.no_upper()
            & second.body().gt(first.body() - first.far())
            & third.body().gt(second.body() - second.far()) & third.long(),
    )
}

pattern! {
    AbandonedBaby: |first, second, third|, penetration = 0.3,
    "cdlabandonedbaby", "Abandoned Baby",
    "first long, second doji, third long; -100: first white, second above both others with its \
     shadows, third black, closes by more than penetration of the first's body below its close; \
     100: first black, second below both others, third white, closes as much above", NISON;
    12, (-100, 100), [long, doji];
    {
        let found = first.long() & second.doji() & third.long();
        either(
            found & first.black() & third.white() & third.closes_over(first, penetration)
                & second.clears_down(first) & third.clears_up(second),
            found & first.white() & third.black() & third.closes_under(first, penetration)
                & second.clears_up(first) & third.clears_down(second),
        )
    }
}

pattern! {
    AdvanceBlock: |first, second, third|,
    "cdladvanceblock", "Advance Block",
    "-100: three white, each closes higher than the one before, opens above its open, and below its \
     close or near it; first long with a short upper shadow; second far shorter than the first and \
     third not longer than the second but near, or third far shorter than the second, or each \
     shorter than the one before and an upper shadow of the last two not short, or third shorter \
     than the second, its upper shadow longer than its body", NISON;
    12, (-100, 0), [long, shadows, near, far];
    {
        let weaker = (second.body().lt(first.body() - first.far())
            & third.body().lt(second.body() + second.near()))
            | third.body().lt(second.body() - second.far());
        let tired = (second.body().lt(first.body()) & (third.some_upper() | second.some_upper()))
            | third.long_upper(1.0);
        bearish(
            advance(first, second, third) & third.opens_higher(second) & first.long()
                & first.short_upper() & (weaker | (third.body().lt(second.body()) & tired)),
        )
    }
}

pattern! {
    EveningDojiStar: |first, second, third|, penetration = 0.3,
    "cdleveningdojistar", "Evening Doji Star",
    "-100: first long white; second doji, its body above the first's; third long black, closes by \
     more than penetration of the first's body below its close", NISON;
    12, (-100, 0), [long, doji];
    bearish(evening(first, second, third, penetration) & second.doji())
}

pattern! {
    EveningStar: |first, second, third|, penetration = 0.3,
    "cdleveningstar", "Evening Star",
    "-100: first long white; second short, its body above the first's; third long black, closes by \
     more than penetration of the first's body below its close", NISON;
    12, (-100, 0), [long];
    bearish(evening(first, second, third, penetration) & second.short())
}

/// A long white candle, a body above it, a long black one that comes back.
#[inline(always)]
fn evening<C: Chart>(
    first: Candle<'_, C>,
    second: Candle<'_, C>,
    third: Candle<'_, C>,
    penetration: Price<C>,
) -> C::Truth {
    first.white()
        & first.long()
        & second.gaps_up(first)
        & third.black()
        & third.long()
        & third.closes_under(first, penetration)
}

pattern! {
    GapSideSideWhite: |first, second, third|,
    "cdlgapsidesidewhite", "Up/Down-gap side-by-side white lines",
    "second and third white, opens equal, bodies near each other's length; 100: both bodies above \
     the first's; -100: both below", NISON;
    7, (-100, 100), [near, equal];
    {
        let beside = second.white() & third.white()
            & third.body().about(second.body(), second.near())
            & third.open().about(second.open(), second.equal());
        either(
            beside & second.gaps_up(first) & third.gaps_up(first),
            beside & second.gaps_down(first) & third.gaps_down(first),
        )
    }
}

pattern! {
    IdenticalThreeCrows: |first, second, third|,
    "cdlidentical3crows", "Identical Three Crows",
    "-100: three black without lower shadow, each closes lower than the one before, and opens equal \
     to its close", MORRIS;
    12, (-100, 0), [shadow, equal];
    bearish(
        first.black() & second.black() & third.black() & first.no_lower() & second.no_lower()
            & third.no_lower() & first.close().gt(second.close())
            & second.close().gt(third.close())
            & second.open().about(first.close(), first.equal())
            & third.open().about(second.close(), second.equal()),
    )
}

pattern! {
    MorningDojiStar: |first, second, third|, penetration = 0.3,
    "cdlmorningdojistar", "Morning Doji Star",
    "100: first long black; second doji, its body below the first's; third long white, closes by \
     more than penetration of the first's body above its close", NISON;
    12, (0, 100), [long, doji];
    bullish(morning(first, second, third, penetration) & second.doji())
}

pattern! {
    MorningStar: |first, second, third|, penetration = 0.3,
    "cdlmorningstar", "Morning Star",
    "100: first long black; second short, its body below the first's; third long white, closes by \
     more than penetration of the first's body above its close", NISON;
    12, (0, 100), [long];
    bullish(morning(first, second, third, penetration) & second.short())
}

/// A long black candle, a body below it, a long white one that comes back.
#[inline(always)]
fn morning<C: Chart>(
    first: Candle<'_, C>,
    second: Candle<'_, C>,
    third: Candle<'_, C>,
    penetration: Price<C>,
) -> C::Truth {
    first.black()
        & first.long()
        & second.gaps_down(first)
        & third.white()
        & third.long()
        & third.closes_over(first, penetration)
}

pattern! {
    StalledPattern: |first, second, third|,
    "cdlstalledpattern", "Stalled Pattern",
    "-100: three white, each closes higher than the one before; first and second long; second opens \
     above the first's open, and below its close or near it, no upper shadow; third small, opens no \
     lower than its body and near below the second's close", NISON;
    12, (-100, 0), [long, shadow, near];
    bearish(
        advance(first, second, third) & first.long() & second.long() & second.no_upper()
            & third.small()
            & third.open().ge(second.close() - third.body() - second.near()),
    )
}

pattern! {
    StickSandwich: |first, second, third|,
    "cdlsticksandwich", "Stick Sandwich",
    "100: first black; second white, its low above the first's close; third black, closes equal to \
     the first", MORRIS;
    7, (0, 100), [equal];
    bullish(
        first.black() & second.white() & third.black() & second.low().gt(first.close())
            & third.close().about(first.close(), first.equal()),
    )
}

pattern! {
    TasukiGap: |first, second, third|,
    "cdltasukigap", "Tasuki Gap",
    "bodies of the second and third near each other's length; 100: second white, its body above the \
     first's, third black, opens within the second's body, closes below it and above the first's; \
     -100: second black, its body below the first's, third white, opens within the second's body, \
     closes above it and below the first's", NISON;
    7, (-100, 100), [near];
    {
        let alike = (second.body() - third.body()).abs().lt(second.near());
        either(
            alike & second.gaps_up(first) & second.white() & third.black()
                & third.open().between(second.open(), second.close())
                & third.close().between(first.top(), second.open()),
            alike & second.gaps_down(first) & second.black() & third.white()
                & third.open().between(second.close(), second.open())
                & third.close().between(second.open(), first.bottom()),
        )
    }
}

pattern! {
    Tristar: |first, second, third|,
    "cdltristar", "Tristar Pattern",
    "three doji, all beside the candles before the first; -100: the second's body above the \
     first's, the third's not as high; 100: the second's body below the first's, the third's not as \
     low", NISON;
    12, (-100, 100), [doji];
    {
        let stars = first.doji() & second.doji_beside(first) & third.doji_beside(first);
        either(
            stars & second.gaps_down(first) & third.bottom().gt(second.bottom()),
            stars & second.gaps_up(first) & third.top().lt(second.top()),
        )
    }
}

pattern! {
    UniqueThreeRiver: |first, second, third|,
    "cdlunique3river", "Unique 3 River",
    "100: first long black; second black, closes above the first's close, opens no higher than its \
     open, its low lower; third small white, opens above the second's low", MORRIS;
    12, (0, 100), [long];
    bullish(
        first.black() & second.black() & third.white() & second.close().gt(first.close())
            & second.open().le(first.open()) & second.low().lt(first.low())
            & third.open().gt(second.low()) & first.long() & third.small(),
    )
}

pattern! {
    UpsideGapTwoCrows: |first, second, third|,
    "cdlupsidegap2crows", "Upside Gap Two Crows",
    "-100: first long white; second short black, its body above the first's; third black, its body \
     around the second's, closes above the first's close", NISON;
    12, (-100, 0), [long];
    bearish(
        first.white() & first.long() & second.black() & second.short() & second.gaps_up(first)
            & third.black() & third.open().gt(second.open())
            & third.close().between(first.close(), second.close()),
    )
}

pattern! {
    SideGapThreeMethods: |first, second, third|,
    "cdlxsidegap3methods", "Upside/Downside Gap Three Methods",
    "third of the other colour, opens within the second's body, closes within the first's; 100: \
     first and second white, the second's body above the first's; -100: both black, the second's \
     below", MORRIS;
    2, (-100, 100), [];
    {
        let back = first.is_like(second) & second.is_unlike(third)
            & third.open().between(second.bottom(), second.top())
            & third.close().between(first.bottom(), first.top());
        coloured(
            back & ((first.white() & second.gaps_up(first))
                | (first.black() & second.gaps_down(first))),
            first,
        )
    }
}
