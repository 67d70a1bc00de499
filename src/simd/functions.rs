//! Functions of lanes beyond arithmetic.
//!
//! Each lane goes through the crate `libm`, whose bits are the same on every machine; those of the
//! standard library depend on the system, and those of `wide` on the flags of the build.

use bytemuck::{Zeroable, cast_slice_mut};

use super::Lanes;

/// Applies a function of one value to each lane.
#[inline(always)]
fn each<L: Lanes>(x: L, function: fn(f64) -> f64) -> L {
    let mut row = [L::Row::zeroed()];
    x.store(&mut row[0]);
    for value in cast_slice_mut::<_, f64>(&mut row) {
        *value = function(*value);
    }
    L::load(&row[0])
}

/// Defines functions of lanes by those of one value.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $function:path;)*) => {$(
        $(#[$doc])*
        #[inline(always)]
        pub(crate) fn $name<L: Lanes>(x: L) -> L {
            each(x, $function)
        }
    )*};
}

functions! {
    /// Natural logarithm; -∞ at 0, NaN below.
    ln = libm::log;
    /// Logarithm to base 10; -∞ at 0, NaN below.
    log10 = libm::log10;
    /// e to the power of x.
    exp = libm::exp;
    /// Sine of an angle in radians.
    sin = libm::sin;
    /// Cosine of an angle in radians.
    cos = libm::cos;
    /// Tangent of an angle in radians.
    tan = libm::tan;
    /// The angle of a sine, from -π/2 to π/2; NaN beyond ±1.
    asin = libm::asin;
    /// The angle of a cosine, from 0 to π; NaN beyond ±1.
    acos = libm::acos;
    /// The angle of a tangent, from -π/2 to π/2.
    atan = libm::atan;
    /// Hyperbolic sine.
    sinh = libm::sinh;
    /// Hyperbolic cosine.
    cosh = libm::cosh;
    /// Hyperbolic tangent.
    tanh = libm::tanh;
}

/// The largest whole number that is not larger.
#[inline(always)]
pub(crate) fn floor<L: Lanes>(x: L) -> L {
    // From 2⁵² on all numbers are whole; below, adding it leaves no room for a fraction.
    let (zero, whole) = (L::splat(0.0), L::splat(4_503_599_627_370_496.0));
    let shift = L::select(whole.gt(x.abs()), whole, zero);
    let shift = L::select(zero.gt(x), -shift, shift);
    let near = (x + shift) - shift;
    let below = near - L::select(near.gt(x), L::splat(1.0), zero);
    // A whole number, an infinity or NaN is given back with its bits.
    L::select(x.gt(below), below, x)
}

/// The smallest whole number that is not smaller.
#[inline(always)]
pub(crate) fn ceil<L: Lanes>(x: L) -> L {
    -floor(-x)
}

/// The entry of a table at the index of each lane, a whole number within it.
#[inline(always)]
pub(crate) fn pick<L: Lanes>(index: L, table: &[(f64, f64)]) -> (L, L) {
    let (mut first, mut second) = ([L::Row::zeroed()], [L::Row::zeroed()]);
    index.store(&mut first[0]);
    let (lanes, others) = (cast_slice_mut::<_, f64>(&mut first), cast_slice_mut(&mut second));
    for lane in 0..L::COUNT {
        (lanes[lane], others[lane]) = table[lanes[lane] as usize];
    }
    (L::load(&first[0]), L::load(&second[0]))
}
