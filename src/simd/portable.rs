//! Eight lanes by `wide`: the floor that every machine has.
//!
//! `wide` picks its instructions when the crate is compiled: SSE2, NEON or WebAssembly in a default
//! build, more with `-C target-cpu`. It cannot be dispatched at run time; see `x86.rs` for that.

use wide::f64x8;

use super::Lanes;

impl Lanes for f64x8 {
    const COUNT: usize = 8;
    type Row = [f64; 8];
    type Narrow = [f32; 8];
    type Mask = Mask;

    #[inline(always)]
    fn vectorize<R>(f: impl FnOnce() -> R) -> R {
        f()
    }
    #[inline(always)]
    fn splat(value: f64) -> Self {
        f64x8::splat(value)
    }
    #[inline(always)]
    fn load(row: &[f64; 8]) -> Self {
        f64x8::new(*row)
    }
    #[inline(always)]
    fn store(self, row: &mut [f64; 8]) {
        *row = self.to_array();
    }
    #[inline(always)]
    fn gt(self, other: Self) -> Mask {
        Mask(self.simd_gt(other))
    }
    #[inline(always)]
    fn ge(self, other: Self) -> Mask {
        Mask(self.simd_ge(other))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Mask {
        Mask(self.simd_eq(other))
    }
    #[inline(always)]
    fn select(mask: Mask, yes: Self, no: Self) -> Self {
        mask.0.bitselect(yes, no)
    }
    #[inline(always)]
    fn bits(mask: Mask) -> u32 {
        mask.0.to_bitmask()
    }
    #[inline(always)]
    fn any(mask: Mask) -> bool {
        mask.0.any()
    }
    #[inline(always)]
    fn abs(self) -> Self {
        f64x8::abs(self)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f64x8::sqrt(self)
    }
}

/// All bits of a lane set, or none.
#[derive(Clone, Copy)]
pub struct Mask(f64x8);

impl std::ops::BitAnd for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Mask(self.0 & other.0)
    }
}

impl std::ops::BitOr for Mask {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Mask(self.0 | other.0)
    }
}

impl std::ops::Not for Mask {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Mask(self.0 ^ f64x8::splat(f64::from_bits(u64::MAX)))
    }
}
