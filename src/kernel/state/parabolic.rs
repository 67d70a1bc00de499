//! Wilder's parabolic stop and reverse.

use super::ema::approach;
use crate::simd::Lanes;

/// How fast the stop follows in one direction.
#[derive(Clone, Copy)]
pub(crate) struct Acceleration {
    /// After a turn.
    pub first: f64,
    /// Added at every new extreme.
    pub step: f64,
    /// Never more than this.
    pub most: f64,
}

impl Acceleration {
    /// Neither the first nor a step may exceed the most.
    fn bounded(self) -> Self {
        let Acceleration { first, step, most } = self;
        Acceleration { first: first.min(most), step: step.min(most), most }
    }
}

/// The stop, in coordinates that are turned over while it stands above the price: there the trend
/// always rises, so that one rule serves both directions and all lanes.
#[derive(Clone)]
pub(crate) struct Parabolic<L> {
    start: f64,
    offset: f64,
    long: Acceleration,
    short: Acceleration,
    /// High and low of the bar before.
    before: Option<(L, L)>,
    begun: bool,
    /// 1 or -1.
    direction: L,
    stop: L,
    extreme: L,
    acceleration: L,
}

/// What holds for a rise, or for a fall.
#[inline(always)]
fn pick<L: Lanes>(rises: L::Mask, long: f64, short: f64) -> L {
    L::select(rises, L::splat(long), L::splat(short))
}

/// What [`Parabolic`] gives.
pub(crate) struct Stop<L> {
    /// 1 while the stop is below the price, -1 above.
    pub direction: L,
    /// The stop times the direction.
    pub turned: L,
}

impl<L: Lanes> Parabolic<L> {
    /// A positive `start` is the first stop of a rise, a negative one, turned over, of a fall; 0
    /// lets the first two bars decide. At a turn, the part `offset` of the stop is added away from
    /// the price.
    pub fn new(start: f64, offset: f64, long: Acceleration, short: Acceleration) -> Self {
        let zero = L::splat(0.0);
        Parabolic {
            start,
            offset,
            long: long.bounded(),
            short: short.bounded(),
            before: None,
            begun: false,
            direction: zero,
            stop: zero,
            extreme: zero,
            acceleration: zero,
        }
    }

    /// Takes a bar; gives the stop from the second on.
    #[inline(always)]
    pub fn step(&mut self, high: L, low: L) -> Option<Stop<L>> {
        let (mut last_high, mut last_low) = self.before.replace((high, low))?;
        let zero = L::splat(0.0);
        if !self.begun {
            self.begin(high, low, last_high, last_low);
            (last_high, last_low) = (high, low);
        }
        // The low of the turned bar is below the stop: the trend is over.
        let rises = self.direction.gt(zero);
        let turns = self.stop.ge(L::select(rises, low, -high));
        self.direction = L::select(turns, -self.direction, self.direction);

        let rises = self.direction.gt(zero);
        let (long, short) = (self.long, self.short);
        let top = L::select(rises, high, -low);
        let bottom = L::select(rises, low, -high).min(L::select(rises, last_low, -last_high));

        let fresh = (-self.extreme).min(bottom);
        let fresh = fresh - fresh * pick(rises, self.offset, -self.offset);
        let stop = L::select(turns, fresh, self.stop);
        let faster = self.acceleration + pick(rises, long.step, short.step);
        let faster = pick::<L>(rises, long.most, short.most).min(faster);
        let acceleration = L::select(top.gt(self.extreme), faster, self.acceleration);
        self.acceleration = L::select(turns, pick(rises, long.first, short.first), acceleration);
        self.extreme = L::select(turns, top, top.max(self.extreme));
        self.stop = approach(stop, self.extreme, self.acceleration).min(bottom);
        Some(Stop { direction: self.direction, turned: stop })
    }

    #[inline(always)]
    fn begin(&mut self, high: L, low: L, last_high: L, last_low: L) {
        self.begun = true;
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        let (up, down) = (high - last_high, last_low - low);
        let falls = down.gt(zero) & down.gt(up);
        let direction = L::select(falls, -one, one);
        let stop = L::select(falls, -last_high, last_low);
        let start = L::splat(self.start);
        let given = !start.eq(zero);
        self.direction = L::select(given, L::select(start.gt(zero), one, -one), direction);
        self.stop = L::select(given, start, stop);
        let rises = self.direction.gt(zero);
        self.extreme = L::select(rises, high, -low);
        let (long, short) = (L::splat(self.long.first), L::splat(self.short.first));
        self.acceleration = L::select(rises, long, short);
    }
}
