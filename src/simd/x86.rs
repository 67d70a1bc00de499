//! Eight lanes in AVX2 and in AVX-512 registers, chosen at run time.
//!
//! The intrinsics are written out, because plain `[f64; 8]` loops under `#[target_feature]` were
//! not enough: the state of a kernel is split into scalars before the vectoriser sees it, and half
//! of RSI came out as one- and two-lane instructions.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::lanes::{MANTISSA, operators};
use super::{Lanes, Offsets, turn};

// SAFETY, for every block in this file: the types below are private to `simd`. Other code meets
// them only as the `L` of `Task::run::<L>`, which `Level::dispatch` instantiates after the level
// was detected with every feature that the instructions here need (AVX2 and POPCNT; AVX-512 F and DQ).

/// 2⁵²: a whole number less than it, added, stands in the mantissa's bits as it is.
const WHOLE: f64 = 4_503_599_627_370_496.0;
/// The same for a negative one, and what an exponent is stored with.
const EXPONENT: f64 = 1.5 * WHOLE + 1023.0;

/// `yes` where the mask's bits are set.
#[target_feature(enable = "avx,avx2")]
#[inline]
fn blend(no: __m256d, yes: __m256d, mask: __m256d) -> __m256d {
    let (no, yes) = (_mm256_castpd_si256(no), _mm256_castpd_si256(yes));
    _mm256_castsi256_pd(_mm256_blendv_epi8(no, yes, _mm256_castpd_si256(mask)))
}

/// The lowest bits as an exponent.
#[target_feature(enable = "avx,avx2")]
#[inline]
fn raise2(x: __m256d) -> __m256d {
    _mm256_castsi256_pd(_mm256_slli_epi64::<52>(_mm256_castpd_si256(x)))
}

/// The exponent's bits in the lowest place, above 2⁵².
#[target_feature(enable = "avx,avx2")]
#[inline]
fn lower2(x: __m256d) -> __m256d {
    let bits = _mm256_castsi256_pd(_mm256_srli_epi64::<52>(_mm256_castpd_si256(x)));
    _mm256_or_pd(bits, _mm256_set1_pd(WHOLE))
}

/// Eight lanes in two 256-bit registers.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Avx2([__m256d; 2]);

/// Eight lanes in one 512-bit register.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Avx512(__m512d);

/// Applies an intrinsic to the halves of one or two pairs.
macro_rules! halves {
    ($wrap:expr, $op:ident($a:expr $(, $b:expr)? $(; $($constant:tt)*)?)) => {
        // SAFETY: see the head of the file.
        $wrap(unsafe { [
            $op $(::<$($constant)*>)? ($a.0[0] $(, $b.0[0])?),
            $op $(::<$($constant)*>)? ($a.0[1] $(, $b.0[1])?),
        ] })
    };
}

/// Applies an intrinsic to whole registers.
macro_rules! whole {
    ($wrap:expr, $op:ident($($a:expr),+ $(; $($constant:tt)*)?)) => {
        // SAFETY: see the head of the file.
        $wrap(unsafe { $op $(::<$($constant)*>)? ($($a),+) })
    };
}

/// What both levels do in AVX2: turning, and moving bytes.
macro_rules! by_turning {
    () => {
        #[inline(always)]
        fn gather_f32(lanes: &[&[f32]], targets: Offsets<'_>, arena: &mut [f32]) {
            // SAFETY: see the head of the file.
            unsafe { turn::gather_f32(lanes, targets, arena) }
        }
        #[inline(always)]
        fn gather_f64(lanes: &[&[f64]], targets: Offsets<'_>, arena: &mut [f64]) {
            // SAFETY: see the head of the file.
            unsafe { turn::gather_f64(lanes, targets, arena) }
        }
        #[inline(always)]
        fn scatter_f32(
            arena: &[f32],
            sources: Offsets<'_>,
            lanes: &mut [&mut [f32]],
            stream: bool,
        ) {
            // SAFETY: see the head of the file.
            unsafe { turn::scatter_f32(arena, sources, lanes, stream) }
        }
        #[inline(always)]
        fn scatter_f64(
            arena: &[f64],
            sources: Offsets<'_>,
            lanes: &mut [&mut [f64]],
            stream: bool,
        ) {
            // SAFETY: see the head of the file.
            unsafe { turn::scatter_f64(arena, sources, lanes, stream) }
        }
        #[inline(always)]
        fn prefetch(bytes: &[u8]) {
            turn::prefetch(bytes);
        }
        #[inline(always)]
        fn copy_past_cache(from: &[u8], to: &mut [u8]) {
            // SAFETY: see the head of the file.
            unsafe { turn::copy_past_cache(from, to) }
        }
        #[inline(always)]
        fn fence() {
            // SAFETY: SSE is part of x86-64.
            unsafe { _mm_sfence() }
        }
    };
}

operators! { Avx2:
    Add add(a, b) = halves!(Avx2, _mm256_add_pd(a, b));
    Sub sub(a, b) = halves!(Avx2, _mm256_sub_pd(a, b));
    Mul mul(a, b) = halves!(Avx2, _mm256_mul_pd(a, b));
    Div div(a, b) = halves!(Avx2, _mm256_div_pd(a, b));
}

// Dividing by what stays through its reciprocal and two corrections, to the same bits, took 0.35 of the
// time by itself, and 0.87 (variance) to 1.08 (Hull's mean) in a window.
operators! { Avx512:
    Add add(a, b) = whole!(Avx512, _mm512_add_pd(a.0, b.0));
    Sub sub(a, b) = whole!(Avx512, _mm512_sub_pd(a.0, b.0));
    Mul mul(a, b) = whole!(Avx512, _mm512_mul_pd(a.0, b.0));
    Div div(a, b) = whole!(Avx512, _mm512_div_pd(a.0, b.0));
}

impl std::ops::Neg for Avx2 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        halves!(Avx2, _mm256_xor_pd(self, Avx2::splat(-0.0)))
    }
}

impl std::ops::Neg for Avx512 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        whole!(Avx512, _mm512_xor_pd(self.0, Avx512::splat(-0.0).0))
    }
}

impl Lanes for Avx2 {
    const COUNT: usize = 8;
    type Row = [f64; 8];
    type Narrow = [f32; 8];
    type Mask = Mask2;

    #[inline(always)]
    fn vectorize<R>(f: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx,avx2,popcnt")]
        #[inline]
        fn enter<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        // SAFETY: see the head of the file.
        unsafe { enter(f) }
    }
    #[inline(always)]
    fn splat(value: f64) -> Self {
        // SAFETY: see the head of the file.
        Avx2(unsafe { [_mm256_set1_pd(value), _mm256_set1_pd(value)] })
    }
    #[inline(always)]
    fn load(row: &[f64; 8]) -> Self {
        let start = row.as_ptr();
        // SAFETY: see the head of the file; the eight values of `row` are read, unaligned.
        Avx2(unsafe { [_mm256_loadu_pd(start), _mm256_loadu_pd(start.add(4))] })
    }
    #[inline(always)]
    fn store(self, row: &mut [f64; 8]) {
        let start = row.as_mut_ptr();
        // SAFETY: see the head of the file; the eight values of `row` are written, unaligned.
        unsafe {
            _mm256_storeu_pd(start, self.0[0]);
            _mm256_storeu_pd(start.add(4), self.0[1]);
        }
    }
    #[inline(always)]
    fn gt(self, other: Self) -> Mask2 {
        halves!(Mask2, _mm256_cmp_pd(self, other; _CMP_GT_OQ))
    }
    #[inline(always)]
    fn ge(self, other: Self) -> Mask2 {
        halves!(Mask2, _mm256_cmp_pd(self, other; _CMP_GE_OQ))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Mask2 {
        halves!(Mask2, _mm256_cmp_pd(self, other; _CMP_EQ_OQ))
    }
    #[inline(always)]
    fn select(mask: Mask2, yes: Self, no: Self) -> Self {
        // Not `_mm256_blendv_pd`: of `x = select(mask, y, x)` with x in memory the compiler makes a
        // masked store, which some processors take twenty cycles for. There is none of bytes.
        // SAFETY: see the head of the file.
        Avx2(unsafe { [blend(no.0[0], yes.0[0], mask.0[0]), blend(no.0[1], yes.0[1], mask.0[1])] })
    }
    #[inline(always)]
    fn keep(self, mask: Mask2) -> Self {
        halves!(Avx2, _mm256_and_pd(self, mask))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // The instruction gives its second operand where either is NaN; all bits set are NaN too.
        let larger = halves!(Avx2, _mm256_max_pd(self, other));
        halves!(Avx2, _mm256_or_pd(larger, self.is_nan()))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        let smaller = halves!(Avx2, _mm256_min_pd(self, other));
        halves!(Avx2, _mm256_or_pd(smaller, self.is_nan()))
    }
    #[inline(always)]
    fn bits(mask: Mask2) -> u32 {
        // SAFETY: see the head of the file.
        unsafe { (_mm256_movemask_pd(mask.0[0]) | _mm256_movemask_pd(mask.0[1]) << 4) as u32 }
    }
    #[inline(always)]
    fn any(mask: Mask2) -> bool {
        // SAFETY: see the head of the file.
        unsafe { _mm256_movemask_pd(_mm256_or_pd(mask.0[0], mask.0[1])) != 0 }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        halves!(Avx2, _mm256_andnot_pd(Avx2::splat(-0.0), self))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        halves!(Avx2, _mm256_sqrt_pd(self))
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let Avx2(halves) = self + Avx2::splat(EXPONENT);
        // SAFETY: see the head of the file.
        Avx2(unsafe { [raise2(halves[0]), raise2(halves[1])] })
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mantissa = halves!(Avx2, _mm256_and_pd(self, Avx2::splat(f64::from_bits(MANTISSA))));
        let mantissa = halves!(Avx2, _mm256_or_pd(mantissa, Avx2::splat(1.0)));
        // SAFETY: see the head of the file.
        let exponent = Avx2(unsafe { [lower2(self.0[0]), lower2(self.0[1])] });
        (mantissa, exponent - Avx2::splat(WHOLE + 1023.0))
    }
    by_turning!();
    #[inline(always)]
    fn widen(row: &[f32; 8]) -> Self {
        let start = row.as_ptr();
        // SAFETY: see the head of the file; the eight values of `row` are read, unaligned.
        Avx2(unsafe {
            [_mm256_cvtps_pd(_mm_loadu_ps(start)), _mm256_cvtps_pd(_mm_loadu_ps(start.add(4)))]
        })
    }
    #[inline(always)]
    fn narrow(self, row: &mut [f32; 8]) {
        // SAFETY: see the head of the file; the eight values of `row` are written, unaligned.
        unsafe {
            let halves = [_mm256_cvtpd_ps(self.0[0]), _mm256_cvtpd_ps(self.0[1])];
            _mm256_storeu_ps(row.as_mut_ptr(), one_nan(_mm256_set_m128(halves[1], halves[0])));
        }
    }
}

impl Lanes for Avx512 {
    const COUNT: usize = 8;
    type Row = [f64; 8];
    type Narrow = [f32; 8];
    type Mask = Mask512;

    #[inline(always)]
    fn vectorize<R>(f: impl FnOnce() -> R) -> R {
        #[target_feature(enable = "avx,avx2,avx512f,avx512dq,popcnt")]
        #[inline]
        fn enter<R>(f: impl FnOnce() -> R) -> R {
            f()
        }
        // SAFETY: see the head of the file.
        unsafe { enter(f) }
    }
    #[inline(always)]
    fn splat(value: f64) -> Self {
        whole!(Avx512, _mm512_set1_pd(value))
    }
    #[inline(always)]
    fn load(row: &[f64; 8]) -> Self {
        // SAFETY: see the head of the file; the eight values of `row` are read, unaligned.
        Avx512(unsafe { _mm512_loadu_pd(row.as_ptr()) })
    }
    #[inline(always)]
    fn store(self, row: &mut [f64; 8]) {
        // SAFETY: see the head of the file; the eight values of `row` are written, unaligned.
        unsafe { _mm512_storeu_pd(row.as_mut_ptr(), self.0) }
    }
    #[inline(always)]
    fn gt(self, other: Self) -> Mask512 {
        whole!(Mask512, _mm512_cmp_pd_mask(self.0, other.0; _CMP_GT_OQ))
    }
    #[inline(always)]
    fn ge(self, other: Self) -> Mask512 {
        whole!(Mask512, _mm512_cmp_pd_mask(self.0, other.0; _CMP_GE_OQ))
    }
    #[inline(always)]
    fn eq(self, other: Self) -> Mask512 {
        whole!(Mask512, _mm512_cmp_pd_mask(self.0, other.0; _CMP_EQ_OQ))
    }
    #[inline(always)]
    fn select(mask: Mask512, yes: Self, no: Self) -> Self {
        whole!(Avx512, _mm512_mask_blend_pd(mask.0, no.0, yes.0))
    }
    #[inline(always)]
    fn keep(self, mask: Mask512) -> Self {
        whole!(Avx512, _mm512_maskz_mov_pd(mask.0, self.0))
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        // The instruction gives its second operand where either is NaN.
        Self::select(self.is_nan(), self, whole!(Avx512, _mm512_max_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        Self::select(self.is_nan(), self, whole!(Avx512, _mm512_min_pd(self.0, other.0)))
    }
    #[inline(always)]
    fn bits(mask: Mask512) -> u32 {
        u32::from(mask.0)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        whole!(Avx512, _mm512_andnot_pd(Avx512::splat(-0.0).0, self.0))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        whole!(Avx512, _mm512_sqrt_pd(self.0))
    }
    #[inline(always)]
    fn power_of_two(self) -> Self {
        let Avx512(sum) = self + Avx512::splat(EXPONENT);
        // SAFETY: see the head of the file.
        Avx512(unsafe { _mm512_castsi512_pd(_mm512_slli_epi64::<52>(_mm512_castpd_si512(sum))) })
    }
    #[inline(always)]
    fn split(self) -> (Self, Self) {
        let mask = Avx512::splat(f64::from_bits(MANTISSA));
        let mantissa = whole!(Avx512, _mm512_and_pd(self.0, mask.0));
        let mantissa = whole!(Avx512, _mm512_or_pd(mantissa.0, Avx512::splat(1.0).0));
        // SAFETY: see the head of the file.
        let bits = unsafe { _mm512_srli_epi64::<52>(_mm512_castpd_si512(self.0)) };
        let bits = whole!(Avx512, _mm512_castsi512_pd(bits));
        let exponent = whole!(Avx512, _mm512_or_pd(bits.0, Avx512::splat(WHOLE).0));
        (mantissa, exponent - Avx512::splat(WHOLE + 1023.0))
    }
    by_turning!();
    #[inline(always)]
    fn widen(row: &[f32; 8]) -> Self {
        // SAFETY: see the head of the file; the eight values of `row` are read, unaligned.
        Avx512(unsafe { _mm512_cvtps_pd(_mm256_loadu_ps(row.as_ptr())) })
    }
    #[inline(always)]
    fn narrow(self, row: &mut [f32; 8]) {
        // SAFETY: see the head of the file; the eight values of `row` are written, unaligned.
        unsafe {
            // By class: NaN of both kinds becomes the first operand, all others stay.
            let table = _mm512_set1_epi64(0x1111_1100);
            let nan = _mm512_set1_pd(f64::NAN);
            let values = _mm512_fixupimm_pd::<0>(nan, self.0, table);
            _mm256_storeu_ps(row.as_mut_ptr(), _mm512_cvtpd_ps(values));
        }
    }
}

/// The values with one bit pattern for NaN. After rounding, because eight f32 are one register.
#[inline(always)]
fn one_nan(values: __m256) -> __m256 {
    // SAFETY: see the head of the file.
    unsafe {
        let nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(values, values);
        _mm256_blendv_ps(values, _mm256_set1_ps(f32::NAN), nan)
    }
}

/// All bits of a lane set, or none.
#[derive(Clone, Copy)]
pub(super) struct Mask2([__m256d; 2]);

impl std::ops::BitAnd for Mask2 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        halves!(Mask2, _mm256_and_pd(self, other))
    }
}

impl std::ops::BitOr for Mask2 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        halves!(Mask2, _mm256_or_pd(self, other))
    }
}

impl std::ops::Not for Mask2 {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        halves!(Mask2, _mm256_xor_pd(self, Avx2::splat(f64::from_bits(u64::MAX))))
    }
}

/// One bit a lane.
#[derive(Clone, Copy)]
pub(super) struct Mask512(__mmask8);

impl std::ops::BitAnd for Mask512 {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Mask512(self.0 & other.0)
    }
}

impl std::ops::BitOr for Mask512 {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Mask512(self.0 | other.0)
    }
}

impl std::ops::Not for Mask512 {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Mask512(!self.0)
    }
}
