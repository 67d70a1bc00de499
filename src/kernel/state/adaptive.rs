//! Exponential averages whose factor follows how straight the series runs.

use super::delay::Delay;
use super::ema::approach;
use super::sliding::{Extent, Plain, Sliding};
use crate::simd::{Lanes, functions};

/// The distance between the ends of the last `period` changes, over the way between them: Kaufman's
/// efficiency ratio, from 0 to 1.
#[derive(Clone)]
struct Efficiency<L> {
    ends: Delay<L>,
    way: Sliding<L, Plain<L>>,
    /// First value, last value, and the way so far while the window fills.
    first: L,
    last: L,
    so_far: L,
    begun: bool,
}

/// What one value says of the efficiency.
struct Reading<L> {
    /// The ratio; `flat` where nothing moved.
    ratio: L,
    /// The value before this one.
    last: L,
    /// Whether the window was full.
    full: bool,
}

impl<L: Lanes> Efficiency<L> {
    fn new(period: usize) -> Self {
        let zero = L::splat(0.0);
        Efficiency {
            ends: Delay::new(period),
            way: Sliding::new(period),
            first: zero,
            last: zero,
            so_far: zero,
            begun: false,
        }
    }

    /// Takes a value; gives nothing for the first one, which is no change.
    #[inline(always)]
    fn step(&mut self, x: L, flat: L) -> Option<Reading<L>> {
        let end = self.ends.step(x);
        let last = std::mem::replace(&mut self.last, x);
        if !self.begun {
            self.begun = true;
            self.first = x;
            return None;
        }
        let change = (x - last).abs();
        self.so_far = self.so_far + change;
        let (way, full) = match self.way.step(change) {
            Some((total, _)) => (total.0, true),
            None => (self.so_far, false),
        };
        let distance = (x - end.unwrap_or(self.first)).abs();
        // Rounding could carry it past 1, where the average would run ahead of the series.
        let ratio = L::splat(1.0).min(distance / way);
        let ratio = L::select(way.gt(L::splat(0.0)), ratio, flat);
        Some(Reading { ratio, last, full })
    }
}

/// Kaufman's adaptive average: `k` runs from that of 30 timesteps to that of 2 with efficiency.
#[derive(Clone)]
pub(crate) struct Kaufman<L> {
    efficiency: Efficiency<L>,
    value: L,
    begun: bool,
}

impl<L: Lanes> Kaufman<L> {
    /// Over `period` changes, 1 or more.
    pub fn new(period: usize) -> Self {
        Kaufman { efficiency: Efficiency::new(period), value: L::splat(0.0), begun: false }
    }

    /// Takes a value; gives the average after `period` changes.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let (slow, fast) = (2.0 / 31.0, 2.0 / 3.0);
        let reading = self.efficiency.step(x, L::splat(1.0))?;
        if !reading.full {
            return None;
        }
        if !self.begun {
            self.begun = true;
            self.value = reading.last;
        }
        let k = reading.ratio * L::splat(fast - slow) + L::splat(slow);
        self.value = approach(self.value, x, k * k);
        Some(self.value)
    }
}

/// Chande's VIDYA: an exponential average of `period`, its `k` times the efficiency over some
/// changes. The recursion starts with the series, on what the window holds so far.
#[derive(Clone)]
pub(crate) struct Vidya<L> {
    efficiency: Efficiency<L>,
    factor: f64,
    value: L,
    begun: bool,
}

impl<L: Lanes> Vidya<L> {
    /// How many changes a period looks at as a type of average: three quarters of it.
    pub fn changes(period: usize) -> usize {
        (3 * period + 2) / 4
    }

    /// Of a period, 2 or more, and a number of changes, 1 or more.
    pub fn new(period: usize, changes: usize) -> Self {
        Vidya {
            efficiency: Efficiency::new(changes),
            factor: 2.0 / (period as f64 + 1.0),
            value: L::splat(0.0),
            begun: false,
        }
    }

    /// Takes a value; gives the average when the window is full.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let reading = self.efficiency.step(x, L::splat(0.0));
        if !self.begun {
            self.begun = true;
            self.value = x;
        }
        let reading = reading?;
        let k = L::splat(self.factor) * reading.ratio;
        self.value = approach(self.value, x, k);
        reading.full.then_some(self.value)
    }
}

/// Ehlers's FRAMA: an exponential average of the middles of bars, its `k` falling from 1 as the
/// ranges of the two halves of a window add up to more than that of the whole.
#[derive(Clone)]
pub(crate) struct Fractal<L> {
    newer: Sliding<[L; 2], Extent<L>>,
    /// Highest and lowest of the half before it.
    older: [Delay<L>; 2],
    value: L,
    /// Whether a window was full; its last price is the value before the first.
    begun: bool,
}

impl<L: Lanes> Fractal<L> {
    /// Of a half of the window, 1 or more.
    pub fn new(half: usize) -> Self {
        Fractal {
            newer: Sliding::new(half),
            older: [Delay::new(half), Delay::new(half)],
            value: L::splat(0.0),
            begun: false,
        }
    }

    /// Takes a bar; gives the average after a window, and one bar more.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L) -> Option<L> {
        let price = (high + low) / L::splat(2.0);
        let (newer, _): (Extent<L>, _) = self.newer.step([high, low])?;
        let [highest, lowest] = &mut self.older;
        let older = (highest.step(newer.highest), lowest.step(newer.lowest));
        let (Some(highest), Some(lowest)) = older else { return None };
        if !self.begun {
            self.begun = true;
            self.value = price;
            return None;
        }
        let (one, other) = (newer.highest - newer.lowest, highest - lowest);
        let whole = newer.highest.max(highest) - newer.lowest.min(lowest);
        let parts = one + other;
        let zero = L::splat(0.0);
        let rough = one.gt(zero) & other.gt(zero) & parts.gt(whole);
        // Where it is not rough the ratio may be 0/0.
        let ratio = L::select(rough, parts / whole, L::splat(1.0));
        let k = functions::exp(functions::ln(ratio) * L::splat(-4.6 / std::f64::consts::LN_2));
        // A price that is reached is taken as it is.
        self.value = L::select(rough, approach(self.value, price, k), price);
        Some(self.value)
    }
}
