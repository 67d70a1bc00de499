//! Directional movement, after Wilder.

use super::ema::settle;
use super::range::TrueRange;
use crate::simd::Lanes;

/// By how much a bar went beyond the one before, upward and downward: the larger of the two, the
/// other is zero.
#[derive(Clone)]
pub(crate) struct Movement<L> {
    before: Option<(L, L)>,
}

impl<L: Lanes> Movement<L> {
    /// Before the first bar.
    pub fn new() -> Self {
        Movement { before: None }
    }

    /// Takes a bar; gives its upward and downward movement.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L) -> Option<[L; 2]> {
        let (last_high, last_low) = self.before.replace((high, low))?;
        let zero = L::splat(0.0);
        let (up, down) = (high - last_high, last_low - low);
        Some([up.keep(up.gt(down) & up.gt(zero)), down.keep(down.gt(up) & down.gt(zero))])
    }
}

/// Wilder's running total of a period: the first `period - 1` values summed, then
/// `y += x − y/period`. A period of 1 gives the input back.
#[derive(Clone)]
pub(crate) struct Total<L> {
    period: usize,
    /// The timestep of the first total given.
    first: usize,
    seen: usize,
    factor: f64,
    value: L,
}

impl<L: Lanes> Total<L> {
    /// Given from the sum of `period - 1` values on.
    pub fn new(period: usize) -> Self {
        let (first, factor) = ((period - 1).max(1), 1.0 / period as f64);
        Total { period, first, seen: 0, factor, value: L::splat(0.0) }
    }

    /// Given from the `period`-th value on: the sum that it starts from is one short.
    pub fn whole(period: usize) -> Self {
        Total { first: period, ..Self::new(period) }
    }

    /// Takes a value; gives the total.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        self.seen += 1;
        if self.seen >= self.period {
            let left = self.value - self.value * L::splat(self.factor);
            self.value = settle(left + x, self.seen);
        } else {
            self.value = self.value + x;
        }
        (self.seen >= self.first).then_some(self.value)
    }
}

/// The running totals of both movements and of the true range.
#[derive(Clone)]
pub(crate) struct Direction<L> {
    movement: Movement<L>,
    range: TrueRange<L>,
    plus: Total<L>,
    minus: Total<L>,
    ranges: Total<L>,
}

/// What [`Direction`] gives.
pub(crate) struct Totals<L> {
    pub plus: L,
    pub minus: L,
    pub range: L,
}

impl<L: Lanes> Direction<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        let total = Total::whole(period);
        Direction {
            movement: Movement::new(),
            range: TrueRange::new(),
            plus: total.clone(),
            minus: total.clone(),
            ranges: total,
        }
    }

    /// Takes a bar; gives the totals after `period` movements.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L, close: L) -> Option<Totals<L>> {
        let movement = self.movement.step(high, low);
        let range = self.range.step(high, low, close)?;
        let [plus, minus] = movement?;
        let (plus, minus) = (self.plus.step(plus), self.minus.step(minus));
        let range = self.ranges.step(range)?;
        Some(Totals { plus: plus?, minus: minus?, range })
    }
}

impl<L: Lanes> Totals<L> {
    /// The directional index, `100·|plus − minus| / (plus + minus)`, and where it has a value: where
    /// movement is more than rounding of the range. NaN where that is unknown.
    #[inline(always)]
    pub fn index(&self) -> (L, L::Mask) {
        /// The least sum of both movements, as a part of the range.
        const LEAST: f64 = 1e-16;
        let sum = self.plus + self.minus;
        let stands = (L::splat(LEAST) * self.range).gt(sum) | L::splat(0.0).ge(self.range);
        (L::splat(100.0) * ((self.plus - self.minus).abs() / sum), !stands)
    }
}

/// The average of the directional index: the first is the mean of `period` indices, the others move
/// by `1/period`. Where nothing moves the index is 0 in that mean, and passed over later.
#[derive(Clone)]
pub(crate) struct AverageDirection<L> {
    direction: Direction<L>,
    period: usize,
    seen: usize,
    value: L,
}

impl<L: Lanes> AverageDirection<L> {
    /// Of a period, 2 or more.
    pub fn new(period: usize) -> Self {
        let direction = Direction::new(period);
        AverageDirection { direction, period, seen: 0, value: L::splat(0.0) }
    }

    /// Takes a bar; gives the average after `2·period - 1` bars.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L, close: L) -> Option<L> {
        let (index, moves) = self.direction.step(high, low, close)?.index();
        let period = L::splat(self.period as f64);
        if self.seen < self.period {
            // While seeding, `value` is the sum.
            self.value = self.value + index.keep(moves);
            self.seen += 1;
            if self.seen < self.period {
                return None;
            }
            self.value = self.value / period;
        } else {
            self.value = self.value + ((index - self.value) / period).keep(moves);
        }
        Some(self.value)
    }
}
