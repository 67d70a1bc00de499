//! A fast average of a price less a slow one, and that in percent.

use super::super::gaps::gap;
use super::super::reference::over;
use crate::kernel::Input::Series;
use crate::kernel::state::ratio::quotient;

gap! {
    Apo: Series("x"),
    "apo", "Absolute Price Oscillator",
    "y[t] = average of the shorter period - average of the longer one",
    "textbook; TA-Lib APO";
    |fast, slow| fast - slow; fast - slow
}

gap! {
    Ppo: Series("x"),
    "ppo", "Percentage Price Oscillator",
    "y[t] = 100·(f - s) / s, f, s = averages of the shorter and the longer period; 0 where s is 0",
    "textbook; TA-Lib PPO";
    |fast, slow| over(fast - slow, *slow) * 100.0;
    quotient(fast - slow, slow) * L::splat(100.0)
}
