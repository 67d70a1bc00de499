//! Powers of e, logarithms, hyperbolic functions.

use super::super::Lanes;
use super::{nearest, polynomial, upper};

const LN2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// e to the power of x.
#[inline(always)]
pub(crate) fn exp<L: Lanes>(x: L) -> L {
    power(x, 0.0)
}

/// `exp(x)/2^halvings`, for no more than a few of them.
#[inline(always)]
fn power<L: Lanes>(x: L, halvings: f64) -> L {
    // Beyond these it is infinite, or zero.
    let x = L::splat(712.0).min(L::splat(-746.0).max(x));
    let n = nearest(x * L::splat(std::f64::consts::LOG2_E));
    let (high, low) = (x - n * L::splat(LN2_HIGH), n * L::splat(LN2_LOW));
    let r = high - low;
    let square = r * r;
    let c = r - square
        * polynomial(
            square,
            [
                0.166_666_666_666_666_02,
                -0.002_777_777_777_701_559_3,
                6.613_756_321_437_934e-5,
                -1.653_390_220_546_525_2e-6,
                4.138_136_797_057_238_5e-8,
            ],
        );
    let y = L::splat(1.0) - ((low - (r * c) / (L::splat(2.0) - c)) - high);
    // In two steps: one may lie beyond the largest number, or round below the smallest.
    let n = n - L::splat(halvings);
    let half = nearest(n * L::splat(0.5));
    y * half.power_of_two() * (n - half).power_of_two()
}

/// A positive number as `(1 + f)·2^k`, `1 + f` from √½ to √2, and what the logarithm of `1 + f` is
/// made of: `f - square + s·(square + rest)`, `square = f²/2`.
struct Logarithm<L> {
    f: L,
    k: L,
    square: L,
    tail: L,
}

#[inline(always)]
fn logarithm<L: Lanes>(x: L) -> Logarithm<L> {
    let (half, one) = (L::splat(0.5), L::splat(1.0));
    let small = L::splat(f64::MIN_POSITIVE).gt(x);
    let x = L::select(small, x * L::splat(18_014_398_509_481_984.0), x);
    let (mantissa, exponent) = x.split();
    let large = mantissa.gt(L::splat(std::f64::consts::SQRT_2));
    let f = L::select(large, mantissa * half, mantissa) - one;
    let k = exponent + one.keep(large) - L::splat(54.0).keep(small);
    let square = half * f * f;
    let s = f / (L::splat(2.0) + f);
    let z = s * s;
    let rest = z * polynomial(
        z,
        [
            0.666_666_666_666_673_5,
            0.399_999_999_994_094_2,
            0.285_714_287_436_623_9,
            0.222_221_984_321_497_84,
            0.181_835_721_616_180_5,
            0.153_138_376_992_093_73,
            0.147_981_986_051_165_86,
        ],
    );
    Logarithm { f, k, square, tail: s * (square + rest) }
}

/// `y`, the logarithm of a positive number, or what it is of any other.
#[inline(always)]
fn of_positive<L: Lanes>(x: L, y: L) -> L {
    let (zero, infinity) = (L::splat(0.0), L::splat(f64::INFINITY));
    let other = L::select(x.gt(zero), infinity, L::splat(f64::NAN));
    let other = L::select(x.eq(zero), -infinity, other);
    L::select(x.gt(zero) & infinity.gt(x), y, other)
}

/// Natural logarithm; -∞ at 0, NaN below.
#[inline(always)]
pub(crate) fn ln<L: Lanes>(x: L) -> L {
    let Logarithm { f, k, square, tail } = logarithm(x);
    let y = (tail + k * L::splat(LN2_LOW)) - square + f + k * L::splat(LN2_HIGH);
    of_positive(x, y)
}

/// Natural logarithm of 1 + x, for small x without the loss of that sum; -∞ at -1, NaN below.
#[inline(always)]
pub(crate) fn ln_1p<L: Lanes>(x: L) -> L {
    let (zero, one, infinity) = (L::splat(0.0), L::splat(1.0), L::splat(f64::INFINITY));
    let sum = one + x;
    let part = sum - x;
    // What the sum lost, relative to it.
    let lost = ((x - (sum - part)) + (one - part)) / sum;
    let Logarithm { f, k, square, tail } = logarithm(sum);
    let y = (tail + (k * L::splat(LN2_LOW) + lost)) - square + f + k * L::splat(LN2_HIGH);
    let y = of_positive(sum, y);
    // Zero keeps its sign.
    L::select(x.eq(zero) | x.eq(infinity), x, y)
}

/// Logarithm to base 10; -∞ at 0, NaN below.
#[inline(always)]
pub(crate) fn log10<L: Lanes>(x: L) -> L {
    const HIGH: f64 = 0.434_294_481_878_168_9;
    const LOW: f64 = 2.508_294_671_164_527_5e-11;
    const TWO_HIGH: f64 = 0.301_029_995_663_611_77;
    const TWO_LOW: f64 = 3.694_239_077_158_931e-13;
    let Logarithm { f, k, square, tail } = logarithm(x);
    // Whole powers of 10 come out whole: the products with `high` are exact.
    let high = upper(f - square);
    let low = (f - high) - square + tail;
    let (a, b) = (high * L::splat(HIGH), k * L::splat(TWO_HIGH));
    let rest = k * L::splat(TWO_LOW) + (low + high) * L::splat(LOW) + low * L::splat(HIGH);
    let sum = b + a;
    of_positive(x, (rest + ((b - sum) + a)) + sum)
}

/// `exp(x) - 1` for x from 0 to 50.
#[inline(always)]
fn exp_less_one<L: Lanes>(x: L) -> L {
    let (half, one, three) = (L::splat(0.5), L::splat(1.0), L::splat(3.0));
    let n = nearest(x * L::splat(std::f64::consts::LOG2_E));
    let (high, low) = (x - n * L::splat(LN2_HIGH), n * L::splat(LN2_LOW));
    let r = high - low;
    let lost = (high - r) - low;
    let (half_r, half_square) = (half * r, half * r * r);
    let r1 = polynomial(
        half_square,
        [
            1.0,
            -0.033_333_333_333_333_13,
            0.001_587_301_587_254_814_6,
            -7.936_507_578_674_88e-5,
            4.008_217_827_329_362e-6,
            -2.010_992_181_836_243_7e-7,
        ],
    );
    let t = three - r1 * half_r;
    let e = half_square * ((r1 - t) / (L::splat(6.0) - r * t));
    let e = r * (e - lost) - lost - half_square;
    let power = n.power_of_two();
    ((one - one / power) - (e - r)) * power
}

/// Hyperbolic sine.
#[inline(always)]
pub(crate) fn sinh<L: Lanes>(x: L) -> L {
    let (half, one) = (L::splat(0.5), L::splat(1.0));
    let size = x.abs();
    let t = exp_less_one(L::splat(22.0).min(size));
    let small = half * (L::splat(2.0) * t - t * t / (t + one));
    let middle = half * (t + t / (t + one));
    let y = L::select(one.gt(size), small, middle);
    let y = L::select(size.gt(L::splat(22.0)), power(size, 1.0), y);
    L::select(L::splat(0.0).gt(x), -y, y)
}

/// Hyperbolic cosine.
#[inline(always)]
pub(crate) fn cosh<L: Lanes>(x: L) -> L {
    let half = L::splat(0.5);
    let size = x.abs();
    let t = exp(size);
    let large = size.gt(L::splat(22.0));
    L::select(large, power(size, 1.0), half * t + half / t)
}

/// Hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh<L: Lanes>(x: L) -> L {
    let (one, two) = (L::splat(1.0), L::splat(2.0));
    let size = x.abs();
    let t = exp_less_one(two * L::splat(22.0).min(size));
    let y = L::select(size.gt(L::splat(0.55)), one - two / (t + two), t / (t + two));
    L::select(L::splat(0.0).gt(x), -y, y)
}
