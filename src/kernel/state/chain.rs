//! Exponential averages of exponential averages.
//!
//! The weights of each sum to 1. They are written as differences to one of the averages, so that a
//! constant series stays exactly what it is.

use super::delay::Delay;
use super::ema::Ema;
use crate::simd::Lanes;

/// Exponential averages one of the other, as many as there are periods.
#[derive(Clone)]
pub(crate) struct Repeated<L, const N: usize>([Ema<L>; N]);

impl<L: Lanes, const N: usize> Repeated<L, N> {
    /// Of periods of 1 or more, the first one first.
    pub fn new(periods: [usize; N]) -> Self {
        Repeated(periods.map(Ema::new))
    }

    /// Takes a value; gives the last average when all are seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let mut value = x;
        for average in &mut self.0 {
            value = average.step(value)?;
        }
        Some(value)
    }
}

/// Mulloy's double average: `e1 + (e1 − e2)`.
#[derive(Clone)]
pub(crate) struct Double<L>(Ema<L>, Ema<L>);

impl<L: Lanes> Double<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        Double(Ema::new(period), Ema::new(period))
    }

    /// Takes a value; gives the average when both are seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let e1 = self.0.step(x)?;
        let e2 = self.1.step(e1)?;
        Some(e1 + (e1 - e2))
    }
}

/// Mulloy's triple average: `e3 + 3·(e1 − e2)`.
#[derive(Clone)]
pub(crate) struct Triple<L>(Ema<L>, Ema<L>, Ema<L>);

impl<L: Lanes> Triple<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        Triple(Ema::new(period), Ema::new(period), Ema::new(period))
    }

    /// Takes a value; gives the average when all three are seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let e1 = self.0.step(x)?;
        let e2 = self.1.step(e1)?;
        let e3 = self.2.step(e2)?;
        Some(e3 + L::splat(3.0) * (e1 - e2))
    }
}

/// Tillson's T3 with a volume factor v: `−v³·e6 + 3(v² + v³)·e5 − 3(2v² + v + v³)·e4 +
/// (1 + 3v + 3v² + v³)·e3`.
#[derive(Clone)]
pub(crate) struct Tillson<L> {
    averages: [Ema<L>; 6],
    /// Coefficients of e4, e5 and e6; with that of e3 they sum to 1.
    parts: [f64; 3],
}

impl<L: Lanes> Tillson<L> {
    /// Of a period, 1 or more.
    pub fn new(period: usize, v: f64) -> Self {
        let (square, cube) = (v * v, v * v * v);
        let parts = [-3.0 * (2.0 * square + v + cube), 3.0 * (square + cube), -cube];
        Tillson { averages: std::array::from_fn(|_| Ema::new(period)), parts }
    }

    /// Takes a value; gives the average when all six are seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let [s1, s2, s3, s4, s5, s6] = &mut self.averages;
        let e3 = s3.step(s2.step(s1.step(x)?)?)?;
        let e4 = s4.step(e3)?;
        let e5 = s5.step(e4)?;
        let e6 = s6.step(e5)?;
        let [c4, c5, c6] = self.parts;
        let older = L::splat(c6) * (e6 - e3) + L::splat(c5) * (e5 - e3);
        Some(e3 + (L::splat(c4) * (e4 - e3) + older))
    }
}

/// Ehlers' and Way's zero-lag average: of `2x[t] − x[t − lag]`, lag `(period − 1)/2`.
pub(crate) struct ZeroLag<L> {
    lag: Option<Delay<L>>,
    ema: Ema<L>,
}

clone_in_place!(ZeroLag<L> { lag, ema });

impl<L: Lanes> ZeroLag<L> {
    /// How far it looks back to extrapolate.
    pub fn lag(period: usize) -> usize {
        (period - 1) / 2
    }

    /// Of a period, 1 or more.
    pub fn new(period: usize) -> Self {
        let lag = Self::lag(period);
        ZeroLag { lag: (lag > 0).then(|| Delay::new(lag)), ema: Ema::new(period) }
    }

    /// Takes a value; gives the average when it is seeded.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<L> {
        let old = match &mut self.lag {
            Some(lag) => lag.step(x)?,
            None => x,
        };
        self.ema.step(L::splat(2.0) * x - old)
    }
}
