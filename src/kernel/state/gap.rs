//! A fast and a slow average of the same series.

use super::average::Average;
use super::delay::Wait;
use super::ema::Ema;
use super::mean::Mean;
use crate::simd::Lanes;

/// What smooths a series.
pub(crate) trait Smoother<L>: Clone {
    /// Takes a value; gives the smoothed one once there is one.
    fn step(&mut self, x: L) -> Option<L>;
}

macro_rules! smoothers {
    ($($word:ident),+) => {$(
        impl<L: Lanes> Smoother<L> for $word<L> {
            #[inline(always)]
            fn step(&mut self, x: L) -> Option<L> {
                $word::step(self, x)
            }
        }
    )+};
}
smoothers!(Average, Ema, Mean);

/// Two averages, each of which may begin late.
pub(crate) struct Pair<A> {
    fast: A,
    slow: A,
    waits: [Wait; 2],
}

clone_in_place!(Pair<A> { fast, slow, waits });

impl<A> Pair<A> {
    /// Both from the first value on.
    pub fn new(fast: A, slow: A) -> Self {
        Pair { fast, slow, waits: [Wait(0); 2] }
    }

    /// The one that takes fewer values before its first begins late, so that both give their first
    /// value together.
    pub fn together(fast: A, slow: A, lookbacks: [usize; 2]) -> Self {
        let [fast_lookback, slow_lookback] = lookbacks;
        let longest = fast_lookback.max(slow_lookback);
        Pair { fast, slow, waits: [Wait(longest - fast_lookback), Wait(longest - slow_lookback)] }
    }

    /// Takes a value; gives the fast and the slow average once there are both.
    #[inline(always)]
    pub fn step<L>(&mut self, x: L) -> Option<(L, L)>
    where
        L: Lanes,
        A: Smoother<L>,
    {
        let [late_fast, late_slow] = &mut self.waits;
        let fast = if late_fast.over() { self.fast.step(x) } else { None };
        let slow = if late_slow.over() { self.slow.step(x) } else { None };
        Some((fast?, slow?))
    }
}

impl<L: Lanes> Pair<Ema<L>> {
    /// Exponential averages that give their first value together.
    pub fn exponential(fast: usize, slow: usize) -> Self {
        Pair::together(Ema::new(fast), Ema::new(slow), [fast - 1, slow - 1])
    }
}

/// Appel's convergence and divergence: the fast average less the slow one, an average of that, and
/// what is between both.
pub(crate) struct Convergence<A> {
    pair: Pair<A>,
    signal: A,
}

clone_in_place!(Convergence<A> { pair, signal });

impl<A> Convergence<A> {
    /// Of a pair, and the average of its difference.
    pub fn new(pair: Pair<A>, signal: A) -> Self {
        Convergence { pair, signal }
    }

    /// Takes a value; gives the three lines.
    #[inline(always)]
    pub fn step<L>(&mut self, x: L) -> Option<[L; 3]>
    where
        L: Lanes,
        A: Smoother<L>,
    {
        let (fast, slow) = self.pair.step(x)?;
        let gap = fast - slow;
        let signal = self.signal.step(gap)?;
        Some([gap, signal, gap - signal])
    }
}
