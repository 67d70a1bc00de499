//! Where the newest value of a window stands in its order.

use bytemuck::cast_slice;

use super::clean::Clean;
use super::ranked::{Kept, each, row};
use super::recent::Recent;
use super::shelves::{Exchange, Shelves};
use crate::simd::{Lanes, Level};

/// The values of the last `length` timesteps.
pub(crate) struct Places<L> {
    values: Values<L>,
    length: usize,
    /// Timesteps of the window that have been.
    seen: usize,
}

clone_in_place!(Places<L> { values, length, seen });

/// As they came: the newest is compared with one after the other, in all lanes together. Or lane by lane,
/// in order, an infinity for every one that is missing: about the logarithm of the window in operations.
type Values<L> = Kept<Recent<L>, Shelves>;

/// Whether the newest is compared with all values of a window: longer ones took longer so than lane by
/// lane in order.
fn together<L: Lanes>(length: usize) -> bool {
    length <= 64 * L::COUNT
}

impl<L: Lanes> Places<L> {
    /// A window of `length` timesteps, 1 or more.
    pub fn new(length: usize) -> Self {
        let values = match together::<L>(length) {
            true => Kept::Together(Recent::new(length)),
            false => Kept::Apart(vec![Shelves::new(length); L::COUNT]),
        };
        Places { values, length, seen: 0 }
    }

    /// Timesteps of the window that have been.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Takes a value, NaN if it is missing; gives how many of the `count` values in the window are
    /// below it, and how many are not above.
    #[inline(always)]
    pub fn step(&mut self, x: L, count: L) -> [L; 2] {
        self.seen = (self.seen + 1).min(self.length);
        match &mut self.values {
            Kept::Together(recent) => {
                let values = recent.push(x);
                let (one, zero) = (L::splat(1.0), L::splat(0.0));
                let [mut below, mut not_above] = [zero; 2];
                for &value in &values[values.len() - self.seen..] {
                    below = below + one.keep(x.gt(value));
                    not_above = not_above + one.keep(x.ge(value));
                }
                [below, not_above]
            }
            Kept::Apart(shelves) => {
                // NaN has no place. One sign of zero: equal values must have equal bits.
                let known = L::select(x.is_nan(), L::splat(f64::INFINITY), x + L::splat(0.0));
                let [below, not_above] = exchange(shelves, known);
                // Infinities that stand for nothing are behind all.
                [below, L::select(not_above.gt(count), count, not_above)]
            }
        }
    }
}

/// Exchanges the oldest value of every lane; gives how many are below the new one, and how many are not
/// above it.
#[inline(never)]
fn exchange<L: Lanes>(shelves: &mut [Shelves], x: L) -> [L; 2] {
    // A search has no lanes, so it takes the widest registers whatever the level. It counts, so the bits
    // are the same.
    let (x, level) = (row(x), Level::best());
    let x = cast_slice::<_, f64>(&x);
    each(|lane| level.dispatch(Exchange(&mut shelves[lane], x[lane])).map(|count| count as f64))
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
