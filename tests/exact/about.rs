//! Statistics of the pairs of a window, and how far each may be off.
//!
//! A bound is that of the variance (C3) carried on: an anchor in the window is within `√w` deviations
//! of the mean, so a sum of squares or products about the means is off by `e = 4·w·(w + 4)·u` of the root
//! of the two sums of squares, and higher powers by as much for each power more.

use dashu::integer::IBig;

use super::{SCALE, ratio, whole};

/// Half the distance from 1 to the next number.
pub const UNIT: f64 = f64::EPSILON / 2.0;

/// What C3 allows a variance, as part of it.
pub fn part(count: usize) -> f64 {
    let w = count as f64;
    4.0 * w * (w + 4.0) * UNIT
}

/// Sums from the start on, over the timesteps at which both series are finite.
pub struct Pairs {
    counts: Vec<usize>,
    sums: [Vec<IBig>; 7],
}

/// Sums about the means of a window's pairs: each is a whole number, times a power of the count.
pub struct About {
    pub n: usize,
    /// `n·sum(da²)`, `n·sum(db²)`, `n·sum(da·db)`.
    aa: IBig,
    bb: IBig,
    ab: IBig,
    /// `n²·sum(da³)` and `n³·sum(da⁴)`.
    third: IBig,
    fourth: IBig,
    sum: IBig,
}

impl Pairs {
    pub fn new(a: &[f64], b: &[f64]) -> Self {
        let mut counts = vec![0];
        let mut sums: [Vec<IBig>; 7] = std::array::from_fn(|_| vec![IBig::ZERO]);
        for (a, b) in a.iter().zip(b) {
            let some = a.is_finite() && b.is_finite();
            counts.push(counts[counts.len() - 1] + usize::from(some));
            let [a, b] = [a, b].map(|x| if some { whole(*x) } else { IBig::ZERO });
            let (aa, ab, bb) = (&a * &a, &a * &b, &b * &b);
            let powers = [a.clone(), b, aa.clone(), bb, ab, &aa * &a, &aa * &aa];
            for (sums, power) in sums.iter_mut().zip(powers) {
                sums.push(&sums[sums.len() - 1] + power);
            }
        }
        Pairs { counts, sums }
    }

    pub fn about(&self, from: usize, to: usize) -> About {
        let count = self.counts[to] - self.counts[from];
        let [a, b, aa, bb, ab, a3, a4] = self.sums.each_ref().map(|sums| &sums[to] - &sums[from]);
        let n = IBig::from(count);
        let square = &a * &a;
        About {
            n: count,
            aa: &n * &aa - &square,
            bb: &n * &bb - &b * &b,
            ab: &n * &ab - &a * &b,
            third: &n * &n * &a3 - IBig::from(3) * &n * &a * &aa + IBig::from(2) * &a * &square,
            fourth: &n * &n * &n * &a4 - IBig::from(4) * &n * &n * &a * &a3
                + IBig::from(6) * &n * &square * &aa
                - IBig::from(3) * &square * &square,
            sum: a,
        }
    }
}

/// The root of a quotient, with the sign of a number.
fn root(sign: &IBig, square: f64) -> f64 {
    if *sign < IBig::ZERO { -square.sqrt() } else { square.sqrt() }
}

impl About {
    /// Each statistic, and how far a value may be off; none where there is none.
    pub fn cov(&self, ddof: usize) -> Option<(f64, f64)> {
        let by = IBig::from(self.n * self.n.checked_sub(ddof).filter(|n| *n > 0)?);
        let by = by << (2 * SCALE);
        let [a, b] = [&self.aa, &self.bb].map(|spread| ratio(spread, &by).sqrt());
        Some((ratio(&self.ab, &by), part(self.n) * a * b))
    }

    pub fn corr(&self) -> Option<(f64, f64)> {
        let by = &self.aa * &self.bb;
        let some = by > IBig::ZERO;
        let square = || ratio(&(&self.ab * &self.ab), &by);
        some.then(|| (root(&self.ab, square()), 2.0 * part(self.n) + 8.0 * UNIT))
    }

    /// Of b over a.
    pub fn slope(&self) -> Option<(f64, f64)> {
        let some = self.n > 1 && self.aa > IBig::ZERO;
        let most = || ratio(&self.bb, &self.aa).sqrt();
        some.then(|| (ratio(&self.ab, &self.aa), 2.01 * part(self.n) * most()))
    }

    pub fn zscore(&self, ddof: usize, newest: f64) -> Option<(f64, f64)> {
        if self.n <= ddof.max(1) || self.aa == IBig::ZERO {
            return None;
        }
        let above = IBig::from(self.n) * whole(newest) - &self.sum;
        let degrees = IBig::from(self.n - ddof);
        let square = ratio(&(&above * &above * &degrees), &(IBig::from(self.n) * &self.aa));
        let most = ((self.n - ddof) as f64).sqrt();
        Some((root(&above, square), most * part(self.n)))
    }

    pub fn skew(&self) -> Option<(f64, f64)> {
        if self.n < 3 || self.aa == IBig::ZERO {
            return None;
        }
        let n = self.n as f64;
        let by = IBig::from(self.n) * &self.aa * &self.aa * &self.aa;
        let size = n * (n - 1.0).sqrt() / (n - 2.0);
        let square = ratio(&(&self.third * &self.third), &by);
        // Powers of the differences to the anchor are in all within 13.4·w·(w + 4)·u of the spread,
        // which in turn adds 6 of them.
        Some((size * root(&self.third, square), size * 5.0 * part(self.n)))
    }

    pub fn kurt(&self) -> Option<(f64, f64)> {
        if self.n < 4 || self.aa == IBig::ZERO {
            return None;
        }
        let n = self.n as f64;
        let by = IBig::from(self.n) * &self.aa * &self.aa;
        let size = (n - 1.0) / ((n - 2.0) * (n - 3.0));
        let tails = n * (n + 1.0) * ratio(&self.fourth, &by);
        // As above: 43.4 of them, and 8.
        let allowed = n * (n + 1.0) * 13.0 * part(self.n);
        Some((size * (tails - 3.0 * (n - 1.0)), size * allowed))
    }
}
