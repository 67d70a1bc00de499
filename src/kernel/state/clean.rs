//! Whether a window holds a NaN.

use crate::simd::Lanes;

/// Looks for NaN in the last `length` values, without holding them.
#[derive(Clone, Copy)]
pub(crate) struct Clean<L> {
    length: f64,
    /// Timesteps since the last NaN.
    since: L,
}

impl<L: Lanes> Clean<L> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        Clean { length: length as f64, since: L::splat(length as f64) }
    }

    /// Takes a value; says whether the window holds a NaN.
    #[inline(always)]
    pub fn spoilt(&mut self, x: L) -> L::Mask {
        self.since = (self.since + L::splat(1.0)).keep(!x.is_nan());
        // The NaN itself counts as the first timestep.
        L::splat(self.length).gt(self.since)
    }
}
