//! Means and variances whose weights fade with age, and that pass over missing values.

use super::ema::settled;
use crate::simd::Lanes;

/// How weights fade.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    /// The part that each timestep takes off: from 0, excluded, to 1.
    pub alpha: f64,
    /// Whether the first value weighs as every later one; else it stands for all that was before it,
    /// and each later one takes the part `alpha` of the whole.
    pub adjust: bool,
    /// Whether weights stand still where a value is missing.
    pub ignore_na: bool,
}

/// The weighted mean and variance of all values so far.
#[derive(Clone)]
pub(crate) struct Fading<L> {
    weights: Weights,
    /// NaN after an infinite value.
    count: L,
    /// Seen from the origin.
    mean: L,
    /// For squares the first value, so that a level does not hide a spread; else zero.
    origin: L,
    /// The weight of all values so far, that of a new one being `new`.
    weight: L,
    /// Mean square about the mean.
    square: L,
    /// What such a square has of the variance: 1 less the sum of squared shares of the weight.
    part: L,
}

impl<L: Lanes> Fading<L> {
    /// Before any value.
    pub fn new(weights: Weights) -> Self {
        let zero = L::splat(0.0);
        let weight = L::splat(1.0);
        Fading { weights, count: zero, mean: zero, origin: zero, weight, square: zero, part: zero }
    }

    /// Takes a value, NaN where it is missing; gives the number of values and their mean. The number
    /// is NaN from an infinite one on.
    #[inline(always)]
    pub fn mean(&mut self, x: L) -> (L, L) {
        self.step::<false>(x);
        (self.count, self.mean)
    }

    /// As [`mean`](Fading::mean); gives the number of values and their variance, which is that of
    /// the values themselves if `bias`, NaN of a single one if not.
    #[inline(always)]
    pub fn variance(&mut self, x: L, bias: bool) -> (L, L) {
        self.step::<true>(x);
        (self.count, if bias { self.square } else { self.square / self.part })
    }

    #[inline(always)]
    fn step<const SQUARES: bool>(&mut self, x: L) {
        let Weights { alpha, adjust, ignore_na } = self.weights;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let present = !x.is_nan();
        let begun = self.count.gt(zero);
        let moves = begun & present;
        // NaN where the value is infinite.
        #[allow(clippy::eq_op)]
        let nothing = (x - x).keep(present);
        self.count = self.count + one.keep(present) + nothing;
        let fades = if ignore_na { moves } else { begun };
        let faded = self.weight * L::splat(1.0 - alpha);
        self.weight = L::select(fades, settled(faded), self.weight);

        // The mean moves by the new value's share of the weight.
        let new = if adjust { one } else { L::splat(alpha) };
        let share = new / (self.weight + new);
        if SQUARES {
            self.origin = L::select(begun | !present, self.origin, x);
        }
        let x = x - self.origin;
        let away = x - self.mean;
        let moved = self.mean + share * away;
        let moved = L::select(share.eq(one), x, settled(moved));
        self.mean = L::select(moves, moved, L::select(present, x, self.mean));
        let grown = if adjust { self.weight + new } else { one };
        self.weight = L::select(moves, grown, self.weight);
        if SQUARES {
            let rest = one - share;
            let square = rest * (self.square + share * (away * away));
            self.square = L::select(moves, settled(square), self.square);
            let part = rest * (L::splat(2.0) * share + self.part * rest);
            self.part = L::select(moves, part, self.part);
        }
    }
}
