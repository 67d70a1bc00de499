//! The few operations that kernels need, on one or several series at once.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use bytemuck::Pod;

/// One f64 of each of [`LANES`](Lanes::COUNT) series, all at the same timestep.
///
/// Every operation acts on each lane by itself and rounds once, as IEEE 754 says; none looks
/// across lanes, and there is no fused multiply-add. So an implementor cannot change a single bit
/// of any result. Implementations are `#[inline(always)]` and carry no `target_feature` of their
/// own: they take the features of the [`vectorize`](Lanes::vectorize) that they are inlined into.
pub(crate) trait Lanes:
    Copy
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// How many series advance together.
    const COUNT: usize;

    /// `[f64; COUNT]`: one timestep of a plane in memory.
    type Row: Pod;

    /// One truth value a lane.
    type Mask: Copy
        + BitAnd<Output = Self::Mask>
        + BitOr<Output = Self::Mask>
        + Not<Output = Self::Mask>;

    /// Runs `f` with this implementor's instructions enabled.
    fn vectorize<R>(f: impl FnOnce() -> R) -> R;

    /// The same value in every lane.
    fn splat(value: f64) -> Self;
    /// Reads a row.
    fn load(row: &Self::Row) -> Self;
    /// Writes a row.
    fn store(self, row: &mut Self::Row);

    /// `self > other`; false where either is NaN.
    fn gt(self, other: Self) -> Self::Mask;
    /// `self >= other`; false where either is NaN.
    fn ge(self, other: Self) -> Self::Mask;
    /// `self == other`; false where either is NaN.
    fn eq(self, other: Self) -> Self::Mask;
    /// `yes` where the mask holds, `no` elsewhere.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// Whether the mask holds in any lane.
    fn any(mask: Self::Mask) -> bool;

    /// The value without its sign bit.
    fn abs(self) -> Self;
    /// Correctly rounded square root.
    fn sqrt(self) -> Self;

    /// `self < other`; false where either is NaN.
    #[inline(always)]
    fn lt(self, other: Self) -> Self::Mask {
        other.gt(self)
    }

    /// Whether the lane is NaN.
    #[inline(always)]
    fn is_nan(self) -> Self::Mask {
        !self.eq(self)
    }

    /// Whether the lane is neither NaN nor infinite.
    #[inline(always)]
    fn is_finite(self) -> Self::Mask {
        Self::splat(f64::INFINITY).gt(self.abs())
    }

    /// The larger; NaN where either is NaN, `other` where they are equal.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        let larger = Self::select(self.gt(other), self, other);
        Self::select(self.is_nan(), self, larger)
    }

    /// The smaller; NaN where either is NaN, `other` where they are equal.
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        let smaller = Self::select(other.gt(self), self, other);
        Self::select(self.is_nan(), self, smaller)
    }
}

/// Implements arithmetic operators of a lanes type, one expression each.
#[cfg(target_arch = "x86_64")]
macro_rules! operators {
    ($lanes:ty: $($operator:ident $method:ident($a:ident, $b:ident) = $body:expr;)*) => {$(
        impl ::std::ops::$operator for $lanes {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                let ($a, $b) = (self, other);
                $body
            }
        }
    )*};
}
#[cfg(target_arch = "x86_64")]
pub(super) use operators;
