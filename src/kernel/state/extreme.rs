//! Where the extremes of a window stand.

use std::marker::PhantomData;

use super::held::Held;
use super::sliding::Fold;
use crate::simd::Lanes;

/// Which of two values is the more extreme.
pub(crate) trait Side: Copy + Send + 'static {
    /// What every other value beats.
    const LEAST: f64;
    /// Whether `newer` takes the place of `older`: of equal values, it does.
    fn beats<L: Lanes>(newer: L, older: L) -> L::Mask;
}

/// The largest.
#[derive(Clone, Copy)]
pub(crate) struct Top;

/// The smallest.
#[derive(Clone, Copy)]
pub(crate) struct Bottom;

impl Side for Top {
    const LEAST: f64 = f64::NEG_INFINITY;
    #[inline(always)]
    fn beats<L: Lanes>(newer: L, older: L) -> L::Mask {
        newer.ge(older)
    }
}

impl Side for Bottom {
    const LEAST: f64 = f64::INFINITY;
    #[inline(always)]
    fn beats<L: Lanes>(newer: L, older: L) -> L::Mask {
        older.ge(newer)
    }
}

/// A value and its timestep; NaN if there is one. What has no timestep takes no other's place.
#[derive(Clone, Copy)]
pub(crate) struct Placed<L, S> {
    value: L,
    at: L,
    side: PhantomData<S>,
}

impl<L: Lanes, S: Side> Fold<[L; 2]> for Placed<L, S> {
    #[inline(always)]
    fn single([value, at]: [L; 2], _: [L; 2]) -> Self {
        Placed { value, at, side: PhantomData }
    }
    #[inline(always)]
    fn join(older: Self, newer: Self) -> Self {
        let beats = S::beats(newer.value, older.value) & !newer.at.is_nan();
        let newer_wins = beats | newer.value.is_nan();
        Placed {
            value: L::select(newer_wins, newer.value, older.value),
            at: L::select(newer_wins, newer.at, older.at),
            side: PhantomData,
        }
    }
}

/// Where the most extreme of the last `length` values stands; of equal ones, the newest.
pub(crate) struct Extreme<L, S> {
    window: Held<L, [L; 2], Placed<L, S>>,
    now: f64,
}

clone_in_place!(Extreme<L, S> { window, now });

/// What [`Extreme`] gives; all NaN if the window holds one.
pub(crate) struct Found<L> {
    /// Its timestep, counted from 0 at the start of the series.
    pub at: L,
    /// How many timesteps ago that is.
    pub ago: L,
}

impl<L: Lanes, S: Side> Extreme<L, S> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        Self::of_part(length, length)
    }

    /// A window of `length` timesteps that needs `least` values, both 1 or more.
    pub fn of_part(length: usize, least: usize) -> Self {
        Extreme { window: Held::new(length, least), now: -1.0 }
    }

    /// Takes a value; gives the extreme of the window once it may have one.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Found<L>> {
        self.now += 1.0;
        let now = L::splat(self.now);
        let nan = L::splat(f64::NAN);
        let instead = [L::splat(S::LEAST), nan];
        let (Placed { value, at, .. }, enough) = self.window.step([x, now], instead)?;
        let at = L::select(enough & !value.is_nan(), at, nan);
        Some(Found { at, ago: now - at })
    }
}
