//! The few operations that kernels need, on one or several series at once.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};
use std::slice;

use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};

use super::{Offsets, plain};

/// The bits of a number's mantissa.
pub(super) const MANTISSA: u64 = (1 << 52) - 1;

/// One f64 of each of [`LANES`](Lanes::COUNT) series, all at the same timestep.
///
/// Every operation acts on each lane by itself and rounds once, as IEEE 754 says; none looks
/// across lanes, and there is no fused multiply-add. So an implementor cannot change a single bit
/// of any result. Implementations are `#[inline(always)]` and carry no `target_feature` of their
/// own: they take the features of the [`vectorize`](Lanes::vectorize) that they are inlined into.
pub trait Lanes:
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

    /// `[f32; COUNT]`: the same, of values that are stored as f32.
    type Narrow: Pod;

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
    /// `self` where the mask holds, zero elsewhere: one operation where `select` may take three.
    #[inline(always)]
    fn keep(self, mask: Self::Mask) -> Self {
        Self::select(mask, self, Self::splat(0.0))
    }
    /// A bit for every lane, the lowest for the first: one where the mask holds.
    fn bits(mask: Self::Mask) -> u32;
    /// Whether the mask holds in any lane.
    #[inline(always)]
    fn any(mask: Self::Mask) -> bool {
        Self::bits(mask) != 0
    }

    /// The value without its sign bit.
    fn abs(self) -> Self;
    /// Correctly rounded square root.
    fn sqrt(self) -> Self;
    /// 2 to the power of a whole number from -1022 to 1023.
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let mut row = [Self::Row::zeroed()];
        self.store(&mut row[0]);
        for value in cast_slice_mut::<_, f64>(&mut row) {
            *value = f64::from_bits(((*value as i64 + 1023) as u64) << 52);
        }
        Self::load(&row[0])
    }
    /// A positive number that is not denormal as its mantissa, from 1 to 2, and its exponent.
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mut rows = [Self::Row::zeroed(); 2];
        self.store(&mut rows[0]);
        let [mantissas, exponents] = &mut rows;
        let mantissas = cast_slice_mut::<_, f64>(slice::from_mut(mantissas));
        let exponents = cast_slice_mut::<_, f64>(slice::from_mut(exponents));
        for (mantissa, exponent) in mantissas.iter_mut().zip(exponents) {
            let bits = mantissa.to_bits();
            *exponent = (bits >> 52) as f64 - 1023.0;
            *mantissa = f64::from_bits((bits & MANTISSA) | 1.0_f64.to_bits());
        }
        (Self::load(&rows[0]), Self::load(&rows[1]))
    }

    /// Turns samples into rows: position `p` of every lane goes to the row of the arena that begins
    /// at offset `p` of `targets`.
    #[inline(always)]
    fn gather_f32(lanes: &[&[f32]], targets: Offsets<'_>, arena: &mut [f32]) {
        plain::gather(lanes, targets.as_slice(), 0, arena);
    }
    /// As [`gather_f32`](Lanes::gather_f32), for f64.
    #[inline(always)]
    fn gather_f64(lanes: &[&[f64]], targets: Offsets<'_>, arena: &mut [f64]) {
        plain::gather(lanes, targets.as_slice(), 0, arena);
    }
    /// Turns rows back into samples: position `p` of every lane comes from the row of the arena that
    /// begins at offset `p` of `sources`. `stream` lets it write past the cache where the lanes begin on a cache line; call
    /// [`fence`](Lanes::fence) when done.
    #[inline(always)]
    fn scatter_f32(arena: &[f32], sources: Offsets<'_>, lanes: &mut [&mut [f32]], stream: bool) {
        let _ = stream;
        plain::scatter(arena, sources.as_slice(), 0, lanes);
    }
    /// As [`scatter_f32`](Lanes::scatter_f32), for f64.
    #[inline(always)]
    fn scatter_f64(arena: &[f64], sources: Offsets<'_>, lanes: &mut [&mut [f64]], stream: bool) {
        let _ = stream;
        plain::scatter(arena, sources.as_slice(), 0, lanes);
    }
    /// Asks for bytes that will be read soon.
    #[inline(always)]
    fn prefetch(bytes: &[u8]) {
        let _ = bytes;
    }
    /// Copies bytes, past the cache where it can.
    #[inline(always)]
    fn copy_past_cache(from: &[u8], to: &mut [u8]) {
        to.copy_from_slice(from);
    }
    /// Makes what was written past the cache visible to other threads.
    #[inline(always)]
    fn fence() {}
    /// Reads a row of f32, exactly.
    #[inline(always)]
    fn widen(row: &Self::Narrow) -> Self {
        let mut wide = Self::Row::zeroed();
        let values = cast_slice::<_, f32>(slice::from_ref(row));
        for (wide, narrow) in
            cast_slice_mut::<_, f64>(slice::from_mut(&mut wide)).iter_mut().zip(values)
        {
            *wide = f64::from(*narrow);
        }
        Self::load(&wide)
    }
    /// Writes the lanes to a row of f32, each rounded once; every NaN has the bits of `f32::NAN`.
    #[inline(always)]
    fn narrow(self, row: &mut Self::Narrow) {
        let mut wide = Self::Row::zeroed();
        self.store(&mut wide);
        let values = cast_slice::<_, f64>(slice::from_ref(&wide));
        for (narrow, wide) in cast_slice_mut::<_, f32>(slice::from_mut(row)).iter_mut().zip(values)
        {
            *narrow = if wide.is_nan() { f32::NAN } else { *wide as f32 };
        }
    }

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

    /// The larger; NaN where either is NaN, `other` where they are equal. Cheapest where `self` is
    /// a constant.
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        let larger = Self::select(self.gt(other), self, other);
        Self::select(self.is_nan(), self, larger)
    }

    /// The smaller; NaN where either is NaN, `other` where they are equal. Cheapest where `self` is
    /// a constant.
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
