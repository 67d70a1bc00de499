//! Windows whose fold has a value that changes nothing: it can stand for a missing one.

use super::present::Present;
use super::sliding::{Fold, Sliding};
use super::sparse::Partial;
use crate::simd::Lanes;

/// The fold of the last `length` timesteps, where at least so many of them have a value.
pub(crate) struct Held<L, X, F> {
    window: Sliding<X, F>,
    /// `None` where every timestep of the window must have one: NaN then spoils the fold by itself.
    present: Option<Present<L>>,
    least: f64,
}

clone_in_place!(Held<L, X, F> { window, present, least });

impl<L: Lanes, X: Partial<L>, F: Fold<X>> Held<L, X, F> {
    /// A window of `length` timesteps that needs `least` values, both 1 or more.
    pub fn new(length: usize, least: usize) -> Self {
        let present = (least < length).then(|| Present::new(length));
        Held { window: Sliding::new(length), present, least: least as f64 }
    }

    /// Takes a value, and what stands for it where it is missing; gives the fold, and where it
    /// counts, once the window may have one.
    #[inline(always)]
    pub fn step(&mut self, x: X, instead: X) -> Option<(F, L::Mask)> {
        let missing = x.missing();
        let (x, enough) = match &mut self.present {
            Some(present) => {
                let enough = present.step(missing).ge(L::splat(self.least));
                (X::choose(missing, instead, x), enough)
            }
            None => (x, L::splat(0.0).eq(L::splat(0.0))),
        };
        let (fold, _) = self.window.push(x);
        if self.present.is_none() && !self.window.full() {
            return None;
        }
        Some((fold, enough))
    }
}
