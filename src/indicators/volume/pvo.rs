//! Percentage volume oscillator.

use super::super::gaps::gap;
use super::super::reference::over;
use crate::kernel::Input::Volume;
use crate::kernel::state::ratio::quotient;

gap! {
    Pvo: Volume,
    "pvo", "Percentage Volume Oscillator",
    "y[t] = 100·(f - s) / s, f, s = averages of volume over the shorter and the longer period; 0 \
     where s is 0",
    "textbook; TA-Lib PVO";
    |fast, slow| over(fast - slow, *slow) * 100.0;
    quotient(fast - slow, slow) * L::splat(100.0)
}
