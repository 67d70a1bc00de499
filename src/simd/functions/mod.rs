//! Functions of lanes beyond arithmetic, at most two units in the last place off.
//!
//! They are made of the operations of [`Lanes`] alone, so that their bits are the same at every
//! level and on every machine: those of the standard library depend on the system, and those of
//! `wide` on the flags of the build. Reductions and coefficients are those of fdlibm (Copyright ©
//! 1993 by Sun Microsystems, Inc.; permission to use, copy, modify, and distribute this software is
//! freely granted, provided that this notice is preserved), its branches turned into selections.

mod circular;
mod exponential;
#[cfg(test)]
mod tests;

use bytemuck::{Zeroable, cast_slice_mut};

pub(crate) use circular::{acos, asin, atan, cos, sin, tan};
pub(crate) use exponential::{cosh, exp, ln, ln_1p, log10, sinh, tanh};

use super::Lanes;

/// The largest whole number that is not larger.
#[inline(always)]
pub(crate) fn floor<L: Lanes>(x: L) -> L {
    // From 2⁵² on all numbers are whole; below, adding it leaves no room for a fraction.
    let (zero, whole) = (L::splat(0.0), L::splat(4_503_599_627_370_496.0));
    let shift = whole.keep(whole.gt(x.abs()));
    let shift = L::select(zero.gt(x), -shift, shift);
    let near = (x + shift) - shift;
    let below = near - L::splat(1.0).keep(near.gt(x));
    // A whole number, an infinity or NaN is given back with its bits.
    L::select(x.gt(below), below, x)
}

/// The smallest whole number that is not smaller.
#[inline(always)]
pub(crate) fn ceil<L: Lanes>(x: L) -> L {
    -floor(-x)
}

/// The whole number nearest to `x`, for what is below 2⁵¹.
#[inline(always)]
fn nearest<L: Lanes>(x: L) -> L {
    let shift = L::splat(6_755_399_441_055_744.0);
    (x + shift) - shift
}

/// `c[0] + c[1]·x + c[2]·x² + ...`
#[inline(always)]
fn polynomial<L: Lanes, const N: usize>(x: L, c: [f64; N]) -> L {
    let mut sum = L::splat(c[N - 1]);
    for i in (0..N - 1).rev() {
        sum = sum * x + L::splat(c[i]);
    }
    sum
}

/// The upper 21 bits of a number, which leave room for a factor of 32.
#[inline(always)]
fn upper<L: Lanes>(x: L) -> L {
    let shifted = x * L::splat(4_294_967_297.0);
    shifted - (shifted - x)
}

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
