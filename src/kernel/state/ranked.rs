//! The values of a window in order of size.

use bytemuck::{Zeroable, cast_slice, cast_slice_mut};

use super::around::Around;
use super::present::Present;
use crate::simd::Lanes;

/// Those of the last `length` timesteps that have a value, in every lane by itself.
pub(crate) struct Ranked<L> {
    /// An infinity for every value that is missing.
    sorted: Sorted<L>,
    length: usize,
    /// The place of the oldest value.
    at: usize,
    /// Whether it has taken as many timesteps as it holds.
    filled: bool,
    /// Whether it may be long enough.
    full: bool,
    present: Present<L>,
    least: f64,
}

clone_in_place!(Ranked<L> { sorted, length, at, filled, full, present, least });

/// Whether the lanes of a window are sorted together. Longer ones took longer so than lane by lane: from
/// 140 on at one lane, 240 at AVX2 and 500 at AVX-512.
fn together<L: Lanes>(length: usize) -> bool {
    length <= if L::COUNT == 1 { 128 } else { 320 }
}

/// A window whose lanes are kept side by side, or each by itself.
pub(super) enum Kept<T, S> {
    Together(T),
    Apart(Vec<S>),
}

impl<T: Clone, S: Clone> Clone for Kept<T, S> {
    fn clone(&self) -> Self {
        match self {
            Kept::Together(together) => Kept::Together(together.clone()),
            Kept::Apart(series) => Kept::Apart(series.clone()),
        }
    }
    /// In place, as in `clone_in_place`.
    fn clone_from(&mut self, other: &Self) {
        match (self, other) {
            (Kept::Together(together), Kept::Together(other)) => together.clone_from(other),
            (Kept::Apart(series), Kept::Apart(other)) => series.clone_from(other),
            (kept, other) => *kept = other.clone(),
        }
    }
}

/// The values of a window and their order; lane by lane, around the ranks that are asked for.
type Sorted<L> = Kept<Together<L>, Around>;

/// All lanes side by side. A step takes the departed value out and puts the new one in, in one pass
/// without branches: about ten operations a value of the window.
struct Together<L> {
    /// As they came.
    ring: Vec<L>,
    /// In order of size, and an infinity behind.
    sorted: Vec<L>,
}

clone_in_place!(Together<L> { ring, sorted });

/// A sorted window.
pub(crate) struct Order<'a, L: Lanes> {
    sorted: &'a mut Sorted<L>,
    length: usize,
    count: L,
    enough: L::Mask,
}

impl<L: Lanes> Order<'_, L> {
    /// The value of that rank in a window that has all its values, 0 for the smallest; NaN if it has
    /// not.
    #[inline(always)]
    pub fn rank(&mut self, rank: usize) -> L {
        L::select(self.enough, self.sorted.rank(rank), L::splat(f64::NAN))
    }

    /// The value a part of the way from the smallest to the largest, which may lie between two; NaN
    /// if the window has too few.
    #[inline(always)]
    pub fn quantile(&mut self, part: f64) -> L {
        let (lower, between) = place(part, self.length);
        let mut value;
        if between > 0.0 {
            let [below, above] = self.sorted.two(lower);
            value = part_way(below, above, between);
        } else {
            value = self.sorted.rank(lower);
        }
        if L::any(self.enough & L::splat(self.length as f64).gt(self.count)) {
            value = quantile_apart(self.sorted, self.count, part);
        }
        L::select(self.enough, value, L::splat(f64::NAN))
    }
}

/// The rank below a part of the way through so many values, and how far from it to the next.
#[inline(always)]
fn place(part: f64, count: usize) -> (usize, f64) {
    let place = part * (count - 1) as f64;
    // Not `fract`: without SSE4.1 that is a call.
    let lower = place as usize;
    (lower, place - lower as f64)
}

/// Between two values, of which two infinities have no difference, and others may have one beyond f64.
#[inline(always)]
fn part_way<L: Lanes>(below: L, above: L, part: f64) -> L {
    let (gap, part) = (above - below, L::splat(part));
    let mut value = below + gap * part;
    if L::any(!gap.is_finite()) {
        let half = L::splat(0.5);
        let (low, high) = (below * half, above * half);
        value = L::select(gap.is_finite(), value, (low + (high - low) * part) * L::splat(2.0));
    }
    L::select(below.eq(above), below, value)
}

/// So many values a lane.
#[inline(always)]
pub(super) fn each<L: Lanes, const N: usize>(mut of: impl FnMut(usize) -> [f64; N]) -> [L; N] {
    let mut rows = [[L::Row::zeroed()]; N];
    for lane in 0..L::COUNT {
        for (row, value) in rows.iter_mut().zip(of(lane)) {
            cast_slice_mut::<_, f64>(row)[lane] = value;
        }
    }
    rows.map(|row| L::load(&row[0]))
}

/// The values of the lanes.
#[inline(always)]
pub(super) fn row<L: Lanes>(x: L) -> [L::Row; 1] {
    let mut row = [L::Row::zeroed()];
    x.store(&mut row[0]);
    row
}

/// Where lanes hold different numbers of values, each looks at other ranks.
#[inline(never)]
fn quantile_apart<L: Lanes>(sorted: &mut Sorted<L>, count: L, part: f64) -> L {
    let counts = row(count);
    each(|lane| {
        let count = cast_slice::<_, f64>(&counts)[lane] as usize;
        if count == 0 {
            return [0.0];
        }
        let (lower, between) = place(part, count);
        let below = sorted.rank_of(lane, lower);
        if between == 0.0 {
            return [below];
        }
        [part_way(below, sorted.rank_of(lane, lower + 1), between)]
    })[0]
}

impl<L: Lanes> Kept<Together<L>, Around> {
    /// As many infinities.
    fn new(length: usize) -> Self {
        let nothing = L::splat(f64::INFINITY);
        match together::<L>(length) {
            true => Kept::Together(Together {
                ring: vec![nothing; length],
                sorted: vec![nothing; length + 1],
            }),
            false => Kept::Apart(vec![Around::new(length); L::COUNT]),
        }
    }

    /// The value of that rank in every lane, 0 for the smallest.
    #[inline(always)]
    fn rank(&mut self, rank: usize) -> L {
        match self {
            Kept::Together(Together { sorted, .. }) => sorted[rank],
            Kept::Apart(series) => each(|lane| [series[lane].rank(rank)])[0],
        }
    }

    /// The values of that rank and the next.
    #[inline(always)]
    fn two(&mut self, rank: usize) -> [L; 2] {
        match self {
            Kept::Together(Together { sorted, .. }) => [sorted[rank], sorted[rank + 1]],
            Kept::Apart(series) => each(|lane| series[lane].two(rank)),
        }
    }

    /// The value of that rank in one lane.
    #[inline(always)]
    fn rank_of(&mut self, lane: usize, rank: usize) -> f64 {
        match self {
            Kept::Together(Together { sorted, .. }) => {
                cast_slice::<_, f64>(&row(sorted[rank]))[lane]
            }
            Kept::Apart(series) => series[lane].rank(rank),
        }
    }
}

#[inline(never)]
fn begin_together<L: Lanes>(sorted: &mut [L], ring: &[L]) {
    L::vectorize(
        #[inline(always)]
        || {
            for (held, new) in ring.iter().enumerate() {
                let nothing = L::splat(f64::INFINITY);
                exchange_together(&mut sorted[..held + 2], nothing, *new);
            }
        },
    );
}

/// In a sorted slice that ends in a value which is not below any and stays where it is.
#[inline(always)]
fn exchange_together<L: Lanes>(sorted: &mut [L], old: L, new: L) {
    let mut here = sorted[0];
    let mut before = L::splat(f64::NEG_INFINITY);
    for i in 0..sorted.len() - 1 {
        let next = sorted[i + 1];
        // From the departed value on, all move down a place.
        let left = L::select(here.ge(old), next, here);
        let lower = L::select(left.gt(new), new, left);
        sorted[i] = L::select(before.gt(lower), before, lower);
        before = left;
        here = next;
    }
}

/// Exchanges a value in every lane.
#[inline(never)]
fn exchange_apart<L: Lanes>(series: &mut [Around], at: usize, new: L) {
    for (series, new) in series.iter_mut().zip(cast_slice::<_, f64>(&row(new))) {
        series.exchange(at, *new);
    }
}

impl<L: Lanes> Ranked<L> {
    /// A window of `length` values, 1 or more.
    pub fn new(length: usize) -> Self {
        Self::of_part(length, length)
    }

    /// A window of `length` timesteps that needs `least` values, both 1 or more.
    pub fn of_part(length: usize, least: usize) -> Self {
        Ranked {
            sorted: Sorted::new(length),
            length,
            at: 0,
            filled: false,
            full: least < length,
            present: Present::new(length),
            least: least as f64,
        }
    }

    /// How many timesteps the window holds.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Takes a value; gives the window once it may be long enough.
    #[inline(always)]
    pub fn step(&mut self, x: L) -> Option<Order<'_, L>> {
        let (infinity, nan) = (L::splat(f64::INFINITY), x.is_nan());
        let count = self.present.step(nan);
        // NaN has no rank, so infinity stands for it. One sign of zero: equal values must have
        // equal bits.
        let new = L::select(nan, infinity, x + L::splat(0.0));
        match &mut self.sorted {
            Kept::Together(Together { ring, sorted }) => {
                let old = std::mem::replace(&mut ring[self.at], new);
                // Before it may be long enough nobody looks.
                if self.full {
                    // Of so many, no more were not infinite.
                    let held = if self.filled { self.length - 1 } else { self.at };
                    exchange_together(&mut sorted[..held + 2], old, new);
                } else if self.at + 1 == self.length {
                    begin_together(sorted, ring);
                }
            }
            Kept::Apart(series) => exchange_apart(series, self.at, new),
        }
        self.at += 1;
        if self.at == self.length {
            self.at = 0;
            self.filled = true;
            self.full = true;
        }
        if !self.full {
            return None;
        }
        let enough = count.ge(L::splat(self.least));
        Some(Order { sorted: &mut self.sorted, length: self.length, count, enough })
    }
}
