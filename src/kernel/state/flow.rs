//! What volume says of a bar.

use super::ratio::share;
use crate::simd::Lanes;

/// The volume of a bar, counted upward as far as it closes near its high, downward as far as near
/// its low; 0 for a bar without a range.
#[inline(always)]
pub(crate) fn accumulation<L: Lanes>(high: L, low: L, close: L, volume: L) -> L {
    share((close - low) - (high - close), high - low, 0.0) * volume
}
