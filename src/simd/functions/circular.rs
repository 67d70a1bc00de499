//! Sine and its kin, and their inverses.

use super::super::Lanes;
use super::{each, floor, nearest, polynomial, upper};

const HALF_PI: f64 = std::f64::consts::FRAC_PI_2;
/// What the double nearest to π/2 lacks.
const HALF_PI_REST: f64 = 6.123_233_995_736_766e-17;

/// From here on, the reduction of an angle would take more than three parts of π/2; those go to
/// `libm`, lane by lane.
const FAR: f64 = 1e6;

/// An angle within an eighth of a turn of a whole number of quarters, as their sine and cosine.
struct Reduced<L> {
    sine: L,
    cosine: L,
    /// Quarters, 0 to 3.
    quarter: L,
}

#[inline(always)]
fn reduced<L: Lanes>(x: L) -> Reduced<L> {
    // π/2 in three parts of 33 bits, whose products with n are exact, and the rest.
    const PARTS: [f64; 3] =
        [1.570_796_326_734_125_6, 6.077_100_506_303_966e-11, 2.022_266_248_711_166_5e-21];
    const REST: f64 = 8.478_427_660_368_9e-32;
    let n = nearest(x * L::splat(std::f64::consts::FRAC_2_PI));
    let a = x - n * L::splat(PARTS[0]);
    let part = n * L::splat(PARTS[1]);
    let b = a - part;
    let lost = (a - b) - part;
    let part = n * L::splat(PARTS[2]);
    let c = b - part;
    let rest = n * L::splat(REST) - (((b - c) - part) + lost);
    let y = c - rest;
    let tail = (c - y) - rest;

    let (half, one) = (L::splat(0.5), L::splat(1.0));
    let z = y * y;
    let r = polynomial(
        z,
        [
            0.008_333_333_333_322_49,
            -0.000_198_412_698_298_579_5,
            2.755_731_370_707_006_8e-6,
            -2.505_076_025_340_686_3e-8,
            1.589_690_995_211_55e-10,
        ],
    );
    let v = z * y;
    let first = v * L::splat(-0.166_666_666_666_666_32);
    let sine = y - ((z * (half * tail - v * r) - tail) - first);

    let r = z * polynomial(
        z,
        [
            0.041_666_666_666_666_6,
            -0.001_388_888_888_887_411,
            2.480_158_728_947_673e-5,
            -2.755_731_435_139_066_3e-7,
            2.087_572_321_298_175e-9,
            -1.135_964_755_778_819_5e-11,
        ],
    );
    let half_square = half * z;
    let w = one - half_square;
    let cosine = w + (((one - w) - half_square) + (z * r - y * tail));

    let quarter = n - L::splat(4.0) * floor(n * L::splat(0.25));
    Reduced { sine, cosine, quarter }
}

/// `y` where the angle is near enough, what `libm` says elsewhere.
#[inline(always)]
fn near<L: Lanes>(x: L, y: L, function: fn(f64) -> f64) -> L {
    let near = L::splat(FAR).gt(x.abs());
    if L::any(!near) { L::select(near, y, each(x, function)) } else { y }
}

/// Sine of an angle in radians.
#[inline(always)]
pub(crate) fn sin<L: Lanes>(x: L) -> L {
    let Reduced { sine, cosine, quarter } = reduced(x);
    let (one, two) = (L::splat(1.0), L::splat(2.0));
    let odd = quarter.eq(one) | quarter.gt(two);
    let y = L::select(odd, cosine, sine);
    near(x, L::select(quarter.ge(two), -y, y), libm::sin)
}

/// Cosine of an angle in radians.
#[inline(always)]
pub(crate) fn cos<L: Lanes>(x: L) -> L {
    let Reduced { sine, cosine, quarter } = reduced(x);
    let (one, two) = (L::splat(1.0), L::splat(2.0));
    let odd = quarter.eq(one) | quarter.gt(two);
    let y = L::select(odd, sine, cosine);
    near(x, L::select(quarter.eq(one) | quarter.eq(two), -y, y), libm::cos)
}

/// Tangent of an angle in radians.
#[inline(always)]
pub(crate) fn tan<L: Lanes>(x: L) -> L {
    let Reduced { sine, cosine, quarter } = reduced(x);
    let odd = quarter.eq(L::splat(1.0)) | quarter.gt(L::splat(2.0));
    let y = L::select(odd, -cosine, sine) / L::select(odd, sine, cosine);
    near(x, y, libm::tan)
}

/// The angle of a tangent, from -π/2 to π/2.
#[inline(always)]
pub(crate) fn atan<L: Lanes>(x: L) -> L {
    let (zero, one) = (L::splat(0.0), L::splat(1.0));
    let (three_halves, two) = (L::splat(1.5), L::splat(2.0));
    let size = x.abs();
    // The tangent of the difference to the nearest of the angles whose tangents are 0, 1/2, 1, 3/2
    // and infinity; those angles, and what their doubles lack.
    let mut above = -one;
    let mut below = size;
    let mut angle = L::splat(HALF_PI);
    let mut rest = L::splat(HALF_PI_REST);
    let less = L::splat(39.0 / 16.0).gt(size);
    above = L::select(less, size - three_halves, above);
    below = L::select(less, one + three_halves * size, below);
    angle = L::select(less, L::splat(0.982_793_723_247_329), angle);
    rest = L::select(less, L::splat(1.390_331_103_123_099_8e-17), rest);
    let less = L::splat(19.0 / 16.0).gt(size);
    above = L::select(less, size - one, above);
    below = L::select(less, size + one, below);
    angle = L::select(less, L::splat(std::f64::consts::FRAC_PI_4), angle);
    rest = L::select(less, L::splat(HALF_PI_REST / 2.0), rest);
    let less = L::splat(11.0 / 16.0).gt(size);
    above = L::select(less, two * size - one, above);
    below = L::select(less, two + size, below);
    angle = L::select(less, L::splat(0.463_647_609_000_806_1), angle);
    rest = L::select(less, L::splat(2.269_877_745_296_168_7e-17), rest);
    let less = L::splat(7.0 / 16.0).gt(size);
    above = L::select(less, size, above);
    below = L::select(less, one, below);
    angle = L::select(less, zero, angle);
    rest = L::select(less, zero, rest);

    let t = above / below;
    let z = t * t;
    let w = z * z;
    let odd = z * polynomial(
        w,
        [
            0.333_333_333_333_329_3,
            0.142_857_142_725_034_66,
            0.090_908_871_334_365_07,
            0.066_610_731_373_875_31,
            0.049_768_779_946_159_324,
            0.016_285_820_115_365_782,
        ],
    );
    let even = w * polynomial(
        w,
        [
            -0.199_999_999_998_764_83,
            -0.111_111_104_054_623_56,
            -0.076_918_762_050_448_3,
            -0.058_335_701_337_905_735,
            -0.036_531_572_744_216_916,
        ],
    );
    let y = angle - ((t * (odd + even) - rest) - t);
    L::select(zero.gt(x), -y, y)
}

/// What the angle of a sine `s` is more than `s`, over `s`, given `s²` up to 1/4.
#[inline(always)]
fn arc<L: Lanes>(square: L) -> L {
    let p = polynomial(
        square,
        [
            0.166_666_666_666_666_66,
            -0.325_565_818_622_400_9,
            0.201_212_532_134_862_93,
            -0.040_055_534_500_679_41,
            0.000_791_534_994_289_814_5,
            3.479_331_075_960_212e-5,
        ],
    );
    let q = polynomial(
        square,
        [
            1.0,
            -2.403_394_911_734_414,
            2.020_945_760_233_505_7,
            -0.688_283_971_605_453_3,
            0.077_038_150_555_901_94,
        ],
    );
    square * p / q
}

/// Of a size from 1/2 to 1, half the angle whose cosine it is: its sine `s`, the upper part of that,
/// the rest, and [`arc`].
#[inline(always)]
fn halved<L: Lanes>(size: L) -> (L, L, L, L) {
    let square = (L::splat(1.0) - size) * L::splat(0.5);
    let s = square.sqrt();
    let high = upper(s);
    let rest = (square - high * high) / (s + high);
    let rest = rest.keep(s.gt(L::splat(0.0)));
    (s, high, rest, arc(square))
}

/// The angle of a sine, from -π/2 to π/2; NaN beyond ±1.
#[inline(always)]
pub(crate) fn asin<L: Lanes>(x: L) -> L {
    let (two, quarter_pi) = (L::splat(2.0), L::splat(std::f64::consts::FRAC_PI_4));
    let size = x.abs();
    let small = L::splat(0.5).gt(size);
    let inner = size + size * arc(size * size);
    let (s, high, rest, arc) = halved(size);
    let lost = L::splat(HALF_PI_REST) - two * rest;
    let outer = quarter_pi - ((two * s * arc - lost) - (quarter_pi - two * high));
    // NaN where the root above is one.
    let y = L::select(small, inner, outer);
    L::select(L::splat(0.0).gt(x), -y, y)
}

/// The angle of a cosine, from 0 to π; NaN beyond ±1.
#[inline(always)]
pub(crate) fn acos<L: Lanes>(x: L) -> L {
    let (zero, two, half_pi) = (L::splat(0.0), L::splat(2.0), L::splat(HALF_PI));
    let size = x.abs();
    let small = L::splat(0.5).gt(size);
    let inner = half_pi - (x - (L::splat(HALF_PI_REST) - x * arc(x * x)));
    let (s, high, rest, arc) = halved(size);
    let positive = two * (high + (arc * s + rest));
    let negative = two * (half_pi - (s + (arc * s - L::splat(HALF_PI_REST))));
    L::select(small, inner, L::select(zero.gt(x), negative, positive))
}
