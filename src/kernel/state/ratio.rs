//! Quotients that have a value where the divisor is nothing. A NaN stays NaN.

use crate::simd::Lanes;

/// `part / whole`; 0 where the whole is 0.
#[inline(always)]
pub(crate) fn quotient<L: Lanes>(part: L, whole: L) -> L {
    (part / whole).keep(divides(part, whole))
}

/// `100·(x / before − 1)`; 0 where the value before is 0.
#[inline(always)]
pub(crate) fn rate<L: Lanes>(x: L, before: L) -> L {
    let rate = (x / before - L::splat(1.0)) * L::splat(100.0);
    rate.keep(divides(x, before))
}

#[inline(always)]
fn divides<L: Lanes>(part: L, whole: L) -> L::Mask {
    !whole.eq(L::splat(0.0)) | part.is_nan()
}

/// `part / whole`; `nothing` where the whole is not above 0.
#[inline(always)]
pub(crate) fn share<L: Lanes>(part: L, whole: L, nothing: f64) -> L {
    let none = L::splat(0.0).ge(whole) & !part.is_nan();
    L::select(none, L::splat(nothing), part / whole)
}
