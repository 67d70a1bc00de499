//! Moving averages whose only parameter is a period: one kernel for all.

use super::super::reference::{average, place};
use crate::kernel::state::average::{lookback, stability};
use crate::kernel::state::{Ema, Hull, Kaufman, Triangular, Triple, ZeroLag};
use crate::kernel::{Input, Kernel, Output, Spec, Stability, Value, int};
use crate::simd::Lanes;

/// Defines such a row: its number among the types of averages, its default period, what it says of
/// itself, its word and how that begins. With a period of 1 each gives its input back.
macro_rules! moving {
    (
        $row:ident: $kind:literal, $default:literal, $stability:ident,
        $name:literal, $title:literal, $formula:literal, $source:literal, $warmup:literal;
        $word:ident::$start:ident
    ) => {
        pub(super) struct $row;

        impl Kernel<1, 1, 1> for $row {
            const SPEC: Spec<1, 1, 1> = Spec {
                name: $name,
                title: $title,
                formula: $formula,
                source: $source,
                warmup: $warmup,
                inputs: [Input::Series("x")],
                params: [int("period", &["timeperiod"], 1, 100_000, $default)],
                outputs: [Output::new("")],
                stability: Stability::$stability,
            };

            /// `None` for a period of 1.
            type State<L: Lanes> = Option<$word<L>>;

            fn lookback([period]: [Value; 1]) -> usize {
                lookback($kind, period.int())
            }

            fn stability([period]: [Value; 1]) -> Stability {
                stability($kind, period.int())
            }

            fn reference([period]: [Value; 1], [x]: [&[f64]; 1], [y]: [&mut [f64]; 1]) {
                place(&average($kind, period.int(), x), y);
            }

            fn start<L: Lanes>([period]: [Value; 1]) -> Option<$word<L>> {
                (period.int() > 1).then(|| $word::$start(period.int()))
            }

            #[inline(always)]
            fn step<L: Lanes>(state: &mut Option<$word<L>>, [x]: [L; 1]) -> Option<[L; 1]> {
                Some([match state {
                    Some(word) => word.step(x)?,
                    None => x,
                }])
            }
        }
    };
}

moving! {
    Hma: 9, 20, Rounding,
    "hma", "Hull Moving Average",
    "y[t] = WMA(2·WMA(x, period/2) - WMA(x, period), isqrt(period)), both rounded down",
    "A. Hull, 2005; TA-Lib HMA", "period - 1 + isqrt(period) - 1"; Hull::new
}

moving! {
    Kama: 6, 30, Converging,
    "kama", "Kaufman Adaptive Moving Average",
    "y[t] = y[t-1] + k²·(x[t] - y[t-1]), k = 2/31 + e·(2/3 - 2/31), e = |x[t] - x[t-period]| over \
     the sum of the last period |x[t] - x[t-1]|, 1 where that is 0; y before the first: x before it",
    "P. Kaufman, Smarter Trading, 1995; TA-Lib KAMA", "period * min(period - 1, 1)"; Kaufman::new
}

moving! {
    Rma: 13, 30, Converging,
    "rma", "Wilder's Smoothed Moving Average",
    "y[t] = y[t-1] + (x[t] - y[t-1]) / period; first value: mean of the first period values",
    "J. W. Wilder, New Concepts in Technical Trading Systems, 1978; TA-Lib RMA", "period - 1";
    Ema::wilder
}

moving! {
    Tema: 4, 30, Converging,
    "tema", "Triple Exponential Moving Average",
    "y[t] = 3·e1[t] - 3·e2[t] + e3[t], e1 = EMA(x, period), e2 = EMA(e1, period), e3 = EMA(e2, \
     period)",
    "P. Mulloy, Stocks & Commodities 12:1, 1994; TA-Lib TEMA", "3 * (period - 1)"; Triple::new
}

moving! {
    Trima: 5, 30, Rounding,
    "trima", "Triangular Moving Average",
    "y[t] = sum(w·x) / sum(w) over the last period values, w = 1, 2, ... up to the middle and down \
     again",
    "textbook; TA-Lib TRIMA", "period - 1"; Triangular::new
}

moving! {
    Zlema: 12, 30, Converging,
    "zlema", "Zero-Lag Exponential Moving Average",
    "y[t] = EMA(2·x[t] - x[t-lag], period), lag = (period - 1)/2 rounded down",
    "J. Ehlers, R. Way, 2010; TA-Lib ZLEMA", "period - 1 + (period - 1) / 2"; ZeroLag::new
}
