//! Patterns of four candles and more.

use super::chart::{Candle, Chart, Price, bearish, bullish, coloured, either};
use super::{MORRIS, NISON, pattern};

pattern! {
    ThreeBlackCrows: |before, first, second, third|,
    "cdl3blackcrows", "Three Black Crows",
    "-100: a white candle, then three black ones without lower shadow that close lower and lower, \
     the first below the high before, the others opening within the body before", NISON;
    13, (-100, 0), [shadow];
    bearish(
        before.white() & first.black() & second.black() & third.black()
            & second.open().between(first.close(), first.open())
            & third.open().between(second.close(), second.open())
            & before.high().gt(first.close()) & first.close().gt(second.close())
            & second.close().gt(third.close()) & first.no_lower() & second.no_lower()
            & third.no_lower(),
    )
}

pattern! {
    ThreeLineStrike: |first, second, third, fourth|,
    "cdl3linestrike", "Three-Line Strike",
    "three of one colour, second and third opening within the body before or near it, fourth of the \
     other colour; 100: three white that close higher and higher, fourth opens above the third's \
     close, closes below the first's open; -100: three black that close lower and lower, fourth \
     opens below the third's close, closes above the first's open", MORRIS;
    8, (-100, 100), [near];
    {
        let found = first.is_like(second) & second.is_like(third) & third.is_unlike(fourth)
            & second.opens_near(first) & third.opens_near(second);
        either(
            found & third.white() & third.close().gt(second.close())
                & second.close().gt(first.close()) & fourth.open().gt(third.close())
                & fourth.close().lt(first.open()),
            found & third.black() & third.close().lt(second.close())
                & second.close().lt(first.close()) & fourth.open().lt(third.close())
                & fourth.close().gt(first.open()),
        )
    }
}

pattern! {
    Breakaway: |first, second, third, fourth, fifth|,
    "cdlbreakaway", "Breakaway",
    "first long, second and fourth of its colour, fifth of the other; 100: first black, second's \
     body below the first's, third and fourth with lower high and low each, fifth closes between \
     the second's open and the first's close; -100: first white, second's body above the first's, \
     third and fourth with higher high and low each, fifth closes between them", MORRIS;
    14, (-100, 100), [long];
    {
        let found = first.is_like(second) & second.is_like(fourth) & fourth.is_unlike(fifth)
            & first.long();
        either(
            found & first.black() & second.gaps_down(first) & falls(second, third)
                & falls(third, fourth) & fifth.close().between(second.open(), first.close()),
            found & first.white() & second.gaps_up(first) & falls(third, second)
                & falls(fourth, third) & fifth.close().between(first.close(), second.open()),
        )
    }
}

/// High and low are lower in the second.
#[inline(always)]
fn falls<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> C::Truth {
    second.high().lt(first.high()) & second.low().lt(first.low())
}

pattern! {
    ConcealBabySwallow: |first, second, third, fourth|,
    "cdlconcealbabyswall", "Concealing Baby Swallow",
    "100: four black; first and second without shadows; third's body below the second's, with some \
     upper shadow that reaches into the second's body; fourth's range around the third's", MORRIS;
    13, (0, 100), [shadow];
    bullish(
        first.black() & second.black() & third.black() & fourth.black() & first.no_lower()
            & first.no_upper() & second.no_lower() & second.no_upper()
            & third.gaps_down(second) & third.has_upper() & third.high().gt(second.close())
            & fourth.high().gt(third.high()) & fourth.low().lt(third.low()),
    )
}

pattern! {
    Hikkake: |a, b, c, d, e, f|,
    "cdlhikkake", "Hikkake Pattern",
    "an inside bar, high lower and low higher, then 100: high and low lower; -100: high and low \
     higher; 200 or -200: the first close of the three after that is above the inside bar's high, \
     or below its low, where no new pattern begins", "D. Chesler, 2004; TA-Lib";
    5, (-200, 200), [];
    {
        let traps = [trap(d, e, f), trap(c, d, e), trap(b, c, d), trap(a, b, c)];
        confirmed(traps, [e, d, c, b], [f, e, d])
    }
}

pattern! {
    ModifiedHikkake: |a, b, c, d, e, f, g|,
    "cdlhikkakemod", "Modified Hikkake Pattern",
    "two bars, each inside the one before, then 100: high and low lower, the first of the two \
     closing near its low; -100: high and low higher, it closing near its high; 200 or -200: the \
     first close of the three after that is above the second inside bar's high, or below its low, \
     where no new pattern begins", "D. Chesler, 2004; TA-Lib";
    10, (-200, 200), [near];
    {
        let traps = [
            double_trap(d, e, f, g),
            double_trap(c, d, e, f),
            double_trap(b, c, d, e),
            double_trap(a, b, c, d),
        ];
        confirmed(traps, [f, e, d, c], [g, f, e])
    }
}

/// Up and down.
type Trap<C> = (<C as Chart>::Truth, <C as Chart>::Truth);

/// The range is within the range before.
#[inline(always)]
fn inside<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> C::Truth {
    second.high().lt(first.high()) & second.low().gt(first.low())
}

/// An inside bar and a move away from it.
#[inline(always)]
fn trap<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>, third: Candle<'_, C>) -> Trap<C> {
    let inside = inside(first, second);
    (inside & falls(second, third), inside & falls(third, second))
}

/// Two inside bars and a move away from the second, the first having closed near that end.
#[inline(always)]
fn double_trap<C: Chart>(
    first: Candle<'_, C>,
    second: Candle<'_, C>,
    third: Candle<'_, C>,
    fourth: Candle<'_, C>,
) -> Trap<C> {
    let inside = inside(first, second);
    let (up, down) = trap(second, third, fourth);
    (
        inside & up & second.close().le(second.low() + second.near()),
        inside & down & second.close().ge(second.high() - second.near()),
    )
}

/// 100 for a new trap; 200 where the newest of the last three is confirmed now, and was not before.
/// All are newest first: traps, their inside bars, the candles that may confirm.
#[inline(always)]
fn confirmed<C: Chart>(
    traps: [Trap<C>; 4],
    bars: [Candle<'_, C>; 4],
    closes: [Candle<'_, C>; 3],
) -> Price<C> {
    let (up, down) = traps[0];
    let mut value = either(up, down);
    let mut newest = !(up | down);
    for k in 1..4 {
        let (mut up, mut down) = traps[k];
        let later = newest & !(up | down);
        (up, down) = (newest & up, newest & down);
        for j in 1..k {
            up = up & closes[j].close().le(bars[k].high());
            down = down & closes[j].close().ge(bars[k].low());
        }
        up = up & closes[0].close().gt(bars[k].high());
        down = down & closes[0].close().lt(bars[k].low());
        value = value + either(up, down).times(2.0);
        newest = later;
    }
    value
}

pattern! {
    LadderBottom: |first, second, third, fourth, fifth|,
    "cdlladderbottom", "Ladder Bottom",
    "100: three black with lower and lower opens and closes; fourth black with some upper shadow; \
     fifth white, opens above the fourth's body, closes above its high", MORRIS;
    14, (0, 100), [shadow];
    bullish(
        first.black() & second.black() & third.black() & first.open().gt(second.open())
            & second.open().gt(third.open()) & first.close().gt(second.close())
            & second.close().gt(third.close()) & fourth.black() & fourth.has_upper()
            & fifth.white() & fifth.open().gt(fourth.open()) & fifth.close().gt(fourth.high()),
    )
}

pattern! {
    MatHold: |first, second, third, fourth, fifth|, penetration = 0.5,
    "cdlmathold", "Mat Hold",
    "100: first long white; second small black, its body above the first's; third and fourth small, \
     falling, partly within the first's body, but by less than penetration of it; fifth white, \
     opens above the fourth's close, closes above the highs of second to fourth", MORRIS;
    14, (0, 100), [long];
    {
        let floor = first.close() - first.body() * penetration;
        bullish(
            first.white() & second.black() & fifth.white() & second.gaps_up(first)
                & third.bottom().between(floor, first.close())
                & fourth.bottom().between(floor, first.close()) & third.top().lt(second.open())
                & fourth.top().lt(third.top()) & fifth.open().gt(fourth.close())
                & fifth.close().gt(second.high()) & fifth.close().gt(third.high())
                & fifth.close().gt(fourth.high()) & first.long() & second.small()
                & third.small() & fourth.small(),
        )
    }
}

pattern! {
    RiseFallThreeMethods: |first, second, third, fourth, fifth|,
    "cdlrisefall3methods", "Rising/Falling Three Methods",
    "first and fifth long and of one colour, second to fourth small, of the other, their bodies \
     partly within the first's range; 100: first white, second to fourth closing lower and lower, \
     fifth opens above the fourth's close, closes above the first's; -100: first black, all the \
     other way", NISON;
    14, (-100, 100), [long];
    {
        let found = first.is_unlike(second) & second.is_like(third) & third.is_like(fourth)
            & fourth.is_unlike(fifth) & touches(first, second) & touches(first, third)
            & touches(first, fourth) & first.long() & second.small() & third.small()
            & fourth.small() & fifth.long();
        let rise = closes_fall(second, third) & closes_fall(third, fourth)
            & fifth.open().gt(fourth.close()) & closes_fall(fifth, first);
        let fall = closes_fall(third, second) & closes_fall(fourth, third)
            & fifth.open().lt(fourth.close()) & closes_fall(first, fifth);
        coloured(found & ((first.white() & rise) | (first.black() & fall)), first)
    }
}

/// The body of the second is partly within the range of the first.
#[inline(always)]
fn touches<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> C::Truth {
    second.bottom().lt(first.high()) & second.top().gt(first.low())
}

/// The second closes lower than the first.
#[inline(always)]
fn closes_fall<C: Chart>(first: Candle<'_, C>, second: Candle<'_, C>) -> C::Truth {
    second.close().lt(first.close())
}
