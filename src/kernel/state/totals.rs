//! The last few values, and sums of them that depend on nothing else.

use crate::simd::Lanes;

/// How many values are kept: a power of two, so that a place is one mask away.
const KEPT: usize = 8;

/// The last eight values, by how long ago they came.
#[derive(Clone, Copy)]
pub(crate) struct Latest<L>([L; KEPT]);

impl<L: Lanes> Latest<L> {
    /// Before any value.
    pub fn new() -> Self {
        Latest([L::splat(0.0); KEPT])
    }

    /// Puts the value of timestep `t` in the place of the oldest.
    #[inline(always)]
    pub fn put(&mut self, t: usize, x: L) {
        self.0[t % KEPT] = x;
    }

    /// The value `ago` timesteps before `t`, the newest.
    #[inline(always)]
    pub fn at(&self, t: usize, ago: usize) -> L {
        self.0[t.wrapping_sub(ago) % KEPT]
    }
}

/// Sums over the last five and the last ten values, at each of the last eight timesteps.
///
/// A sum of ten is that of two of five, and one of five that of an oldest value and two pairs. This
/// order does not depend on where the series starts, as that of blocks does (`sliding.rs`): the sum
/// of a window has the same bits everywhere, so that a comparison with it has one answer. Nothing is
/// ever taken out of it.
#[derive(Clone, Copy)]
pub(crate) struct Totals<L> {
    one: Latest<L>,
    two: Latest<L>,
    five: Latest<L>,
    ten: Latest<L>,
}

impl<L: Lanes> Totals<L> {
    /// Before any value.
    pub fn new() -> Self {
        let none = Latest::new();
        Totals { one: none, two: none, five: none, ten: none }
    }

    /// Takes the value of timestep `t`, counted from anywhere.
    #[inline(always)]
    pub fn put(&mut self, t: usize, x: L) {
        let two = self.one.at(t, 1) + x;
        let four = self.two.at(t, 2) + two;
        let five = self.one.at(t, 4) + four;
        let ten = self.five.at(t, 5) + five;
        self.one.put(t, x);
        self.two.put(t, two);
        self.five.put(t, five);
        self.ten.put(t, ten);
    }

    /// The sum of the five values that end `ago` timesteps before `t`, the newest.
    #[inline(always)]
    pub fn five(&self, t: usize, ago: usize) -> L {
        self.five.at(t, ago)
    }

    /// The sum of the ten values that end `ago` timesteps before `t`, the newest.
    #[inline(always)]
    pub fn ten(&self, t: usize, ago: usize) -> L {
        self.ten.at(t, ago)
    }
}
