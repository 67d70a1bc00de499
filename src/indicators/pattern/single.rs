//! Patterns of one candle.

use super::chart::{bullish, coloured, either};
use super::{MORRIS, NISON, pattern};

pattern! {
    BeltHold: |candle|,
    "cdlbelthold", "Belt-hold",
    "100: long white without lower shadow; -100: long black without upper shadow", NISON;
    10, (-100, 100), [long, shadow];
    either(
        candle.long() & candle.white() & candle.no_lower(),
        candle.long() & candle.black() & candle.no_upper(),
    )
}

pattern! {
    ClosingMarubozu: |candle|,
    "cdlclosingmarubozu", "Closing Marubozu",
    "100: long white without upper shadow; -100: long black without lower shadow", MORRIS;
    10, (-100, 100), [long, shadow];
    either(
        candle.long() & candle.white() & candle.no_upper(),
        candle.long() & candle.black() & candle.no_lower(),
    )
}

pattern! {
    Doji: |candle|,
    "cdldoji", "Doji", "100: doji", NISON;
    10, (0, 100), [doji];
    bullish(candle.doji())
}

pattern! {
    DragonflyDoji: |candle|,
    "cdldragonflydoji", "Dragonfly Doji",
    "100: doji without upper shadow and with some lower shadow", NISON;
    10, (0, 100), [doji, shadow];
    bullish(candle.doji() & candle.no_upper() & candle.has_lower())
}

pattern! {
    GravestoneDoji: |candle|,
    "cdlgravestonedoji", "Gravestone Doji",
    "100: doji without lower shadow and with some upper shadow", NISON;
    10, (0, 100), [doji, shadow];
    bullish(candle.doji() & candle.no_lower() & candle.has_upper())
}

pattern! {
    HighWave: |candle|,
    "cdlhighwave", "High-Wave Candle",
    "100 white, -100 black: small, each shadow longer than two bodies", NISON;
    10, (-100, 100), [long];
    coloured(candle.small() & candle.long_upper(2.0) & candle.long_lower(2.0), candle)
}

pattern! {
    LongLeggedDoji: |candle|,
    "cdllongleggeddoji", "Long Legged Doji", "100: doji with a shadow longer than its body", NISON;
    10, (0, 100), [doji];
    bullish(candle.doji() & (candle.long_lower(1.0) | candle.long_upper(1.0)))
}

pattern! {
    LongLine: |candle|,
    "cdllongline", "Long Line Candle", "100 white, -100 black: long, both shadows short", MORRIS;
    10, (-100, 100), [long, shadows];
    coloured(candle.long() & candle.short_upper() & candle.short_lower(), candle)
}

pattern! {
    Marubozu: |candle|,
    "cdlmarubozu", "Marubozu", "100 white, -100 black: long without shadows", NISON;
    10, (-100, 100), [long, shadow];
    coloured(candle.marubozu(), candle)
}

pattern! {
    RickshawMan: |candle|,
    "cdlrickshawman", "Rickshaw Man",
    "100: doji, each shadow longer than the body, the body at or near the middle of the range",
    NISON;
    10, (0, 100), [doji, near];
    {
        let middle = candle.low() + candle.range().times(0.5);
        let central = candle.bottom().le(middle + candle.near())
            & candle.top().ge(middle - candle.near());
        bullish(candle.doji() & candle.long_lower(1.0) & candle.long_upper(1.0) & central)
    }
}

pattern! {
    ShortLine: |candle|,
    "cdlshortline", "Short Line Candle", "100 white, -100 black: small, both shadows short", MORRIS;
    10, (-100, 100), [long, shadows];
    coloured(candle.small() & candle.short_upper() & candle.short_lower(), candle)
}

pattern! {
    SpinningTop: |candle|,
    "cdlspinningtop", "Spinning Top",
    "100 white, -100 black: small, each shadow longer than the body", NISON;
    10, (-100, 100), [long];
    coloured(candle.small() & candle.long_upper(1.0) & candle.long_lower(1.0), candle)
}

pattern! {
    Takuri: |candle|,
    "cdltakuri", "Takuri (Dragonfly Doji with very long lower shadow)",
    "100: doji without upper shadow, the lower one longer than two bodies", NISON;
    10, (0, 100), [doji, shadow];
    bullish(candle.doji() & candle.no_upper() & candle.long_lower(2.0))
}
