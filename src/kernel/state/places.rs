//! Where the newest value of a window stands in its order.

use bytemuck::cast_slice;

use super::clean::Clean;
use super::ranked::{each, row};
use super::recent::Recent;
use super::shelves::Shelves;
use crate::simd::Lanes;

/// The values of the last `length` timesteps.
pub(crate) struct Places<L> {
    /// The departed value, then those of the window.
    values: Recent<L>,
    /// Timesteps of the window that have been.
    seen: usize,
    /// Those of a long window in order, lane by lane, an infinity for every one that is missing:
    /// about the logarithm of it in operations. None of a short one, whose values are compared with
    /// the newest one by one, all lanes together.
    sorted: Vec<Shelves>,
}

clone_in_place!(Places<L> { values, seen, sorted });

/// Whether the newest is compared with all values of a window: longer ones took longer so than lane by
/// lane in order.
fn together<L: Lanes>(length: usize) -> bool {
    length <= 64 * L::COUNT
}

impl<L: Lanes> Places<L> {
    /// A window of `length` timesteps, 1 or more.
    pub fn new(length: usize) -> Self {
        let lanes = if together::<L>(length) { 0 } else { L::COUNT };
        let sorted = vec![Shelves::new(length); lanes];
        Places { values: Recent::new(length + 1), seen: 0, sorted }
    }

    /// Timesteps of the window that have been.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Takes a value, NaN if it is missing; gives how many of the `count` values in the window are
    /// below it, and how many are not above.
    #[inline(always)]
    pub fn step(&mut self, x: L, count: L) -> [L; 2] {
        let values = self.values.push(x);
        let length = values.len() - 1;
        let filled = self.seen == length;
        self.seen = (self.seen + 1).min(length);
        if self.sorted.is_empty() {
            let (one, zero) = (L::splat(1.0), L::splat(0.0));
            let [mut below, mut not_above] = [zero; 2];
            for &value in &values[values.len() - self.seen..] {
                below = below + one.keep(x.gt(value));
                not_above = not_above + one.keep(x.ge(value));
            }
            return [below, not_above];
        }
        // NaN has no place. One sign of zero: equal values must have equal bits.
        let infinity = L::splat(f64::INFINITY);
        let known = |x: L| L::select(x.is_nan(), infinity, x + L::splat(0.0));
        let departed = if filled { known(values[0]) } else { infinity };
        let [below, not_above] = self.exchange(departed, known(x));
        // Infinities that stand for nothing are behind all.
        [below, L::select(not_above.gt(count), count, not_above)]
    }

    #[inline(never)]
    fn exchange(&mut self, old: L, new: L) -> [L; 2] {
        let [old, new] = [row(old), row(new)];
        let [old, new] = [cast_slice::<_, f64>(&old), cast_slice(&new)];
        each(|lane| {
            let place = self.sorted[lane].exchange(old[lane], new[lane]);
            self.sorted[lane].rank_of(new[lane], place).map(|count| count as f64)
        })
    }
}

/// How many of the last values are smaller than the newest.
pub(crate) struct Rank<L> {
    /// The value itself, which is not smaller, among those before it.
    places: Places<L>,
    clean: Clean<L>,
    period: usize,
}

clone_in_place!(Rank<L> { places, clean, period });

impl<L: Lanes> Rank<L> {
    /// Among the `period` values before it, 1 or more.
    pub fn new(period: usize) -> Self {
        Rank { places: Places::new(period + 1), clean: Clean::new(period + 1), period }
    }

    /// Takes a value; gives its rank from 0 to 100, NaN if there is one among the values.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let spoilt = self.clean.spoilt(x);
        let period = L::splat(self.period as f64);
        let [smaller, _] = self.places.step(x, period);
        if self.places.seen() <= self.period {
            return None;
        }
        let rank = smaller / period * L::splat(100.0);
        Some(L::select(spoilt, L::splat(f64::NAN), rank))
    }
}
