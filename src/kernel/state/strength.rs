//! What goes up against what goes down.

use super::ema::Ema;
use super::ratio::share;
use crate::simd::Lanes;

/// Wilder averages of what goes up and of what goes down.
#[derive(Clone)]
pub(crate) struct Balance<L> {
    up: Ema<L>,
    down: Ema<L>,
}

impl<L: Lanes> Balance<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        let average = Ema::wilder(period);
        Balance { up: average.clone(), down: average }
    }

    /// Takes both; gives their averages.
    #[inline(always)]
    pub fn step(&mut self, up: L, down: L) -> Option<(L, L)> {
        let up = self.up.step(up);
        let down = self.down.step(down)?;
        Some((up?, down))
    }
}

/// The rise and the fall from a value to the next: one of them is zero.
#[inline(always)]
pub(crate) fn rise_and_fall<L: Lanes>(change: L) -> (L, L) {
    let zero = L::splat(0.0);
    (zero.max(change), zero.max(-change))
}

/// The part of both that goes up, from 0 to 100; 50 where nothing does anything.
#[inline(always)]
pub(crate) fn upward<L: Lanes>(up: L, down: L) -> L {
    L::splat(100.0) * share(up, up + down, 0.5)
}

/// What is left of both after they are set against each other, from -100 to 100.
#[inline(always)]
pub(crate) fn net<L: Lanes>(up: L, down: L) -> L {
    L::splat(100.0) * share(up - down, up + down, 0.0)
}

/// Wilder averages of the rises and the falls of a series.
#[derive(Clone)]
pub(crate) struct Strength<L> {
    before: Option<L>,
    balance: Balance<L>,
}

impl<L: Lanes> Strength<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        Strength { before: None, balance: Balance::new(period) }
    }

    /// Takes a value; gives the averages after `period` changes.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<(L, L)> {
        let (rise, fall) = rise_and_fall(x - self.before.replace(x)?);
        self.balance.step(rise, fall)
    }
}
