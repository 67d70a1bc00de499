//! A moving average whose period is another series.

use bytemuck::{Zeroable, cast_slice};

use super::average::{self, Average, lookback};
use super::delay::Wait;
use super::recent::Recent;
use super::sliding::Item;
use super::totals::Latest;
use crate::simd::{Lanes, functions};

/// An average of one of the types of [`Average`], over as many values as each lane asks for at each
/// timestep, within bounds.
pub(crate) struct Varying<L> {
    bounds: [f64; 2],
    average: Kind<L>,
}

clone_in_place!(Varying<L> { bounds, average });

/// A mean can be taken of the window that is asked for; every other average must have been there
/// before.
#[derive(Clone)]
enum Kind<L> {
    Mean(Means<L>),
    All(Vec<Late<L>>),
}

/// The average of one period, begun late.
struct Late<L> {
    period: f64,
    wait: Wait,
    average: Average<L>,
}

clone_in_place!(Late<L> { period, wait, average });

/// The last of the periods that differ: all of 2 or more are one to MAMA, and all are one where nothing
/// is averaged.
fn last(kind: u8, least: usize, most: usize) -> usize {
    match kind {
        7 => most.min(least.max(2)),
        10 => least,
        _ => most,
    }
}

impl<L: Lanes> Varying<L> {
    /// Averages of a type, by number, over periods from `least` to `most`, 1 or more. They give their
    /// first value together, the shorter ones beginning as much later.
    pub fn new(kind: u8, least: usize, most: usize) -> Self {
        let (longest, most) = (lookback(kind, most), last(kind, least, most));
        let late = |period: usize| Late {
            period: period as f64,
            wait: Wait(longest - lookback(kind, period)),
            average: Average::new(kind, period),
        };
        let average = match kind {
            0 => Kind::Mean(Means::new(most)),
            _ => Kind::All((least..=most).map(late).collect()),
        };
        Varying { bounds: [least as f64, most as f64], average }
    }

    /// How many values the averages of these periods keep of a series, about.
    pub fn kept(kind: u8, least: usize, most: usize) -> usize {
        // A state is there twice, a window may hold each value twice and a few sums of it, and what is not
        // a window is fifty values or so.
        const WINDOWS: usize = 2 * 4;
        const OTHER: usize = 2 * 64;
        let count = last(kind, least, most) - least + 1;
        match kind {
            0 => WINDOWS * most,
            _ if average::has_window(kind) => WINDOWS * (least + most) * count / 2 + OTHER * count,
            _ => OTHER * count,
        }
    }

    /// Takes a value and a period, of which it takes the whole part within the bounds; gives the
    /// average once the longest has one, NaN where the period is NaN.
    #[inline(always)]
    pub fn step(&mut self, x: L, period: L) -> Option<L> {
        let [least, most] = self.bounds;
        let period = functions::floor(L::splat(least).max(L::splat(most).min(period)));
        match &mut self.average {
            Kind::Mean(means) => means.step(x, period),
            Kind::All(averages) => step_all(averages, x, period),
        }
    }
}

/// Apart, as it has all types of averages in it.
#[inline(never)]
fn step_all<L: Lanes>(averages: &mut [Late<L>], x: L, period: L) -> Option<L> {
    L::vectorize(
        #[inline(always)]
        || {
            let (mut chosen, mut there) = (L::splat(f64::NAN), true);
            for Late { period: own, wait, average } in averages {
                let value = if wait.over() { average.step(x) } else { None };
                match value {
                    Some(value) => {
                        chosen = L::select(period.eq(L::splat(*own)), value, chosen);
                    }
                    None => there = false,
                }
            }
            if there { Some(chosen) } else { None }
        },
    )
}

/// Values that are added up beforehand.
const EIGHT: f64 = 8.0;

/// The means of the last values, of as many as each lane asks for.
///
/// A window is as many sums of eight values as it has room for, and single values before them, all
/// as differences to the newest: a constant stays what it is, and nothing but the window counts. The
/// sums double, so that eight equal values have a sum without rounding. A step takes an eighth of
/// the longest window that a lane asks for, and at most all of it where lanes differ.
struct Means<L> {
    t: usize,
    values: Recent<L>,
    eights: Recent<L>,
    one: Latest<L>,
    two: Latest<L>,
    four: Latest<L>,
}

clone_in_place!(Means<L> { t, values, eights, one, two, four });

impl<L: Lanes> Means<L> {
    /// Of up to `most` values, 1 or more.
    fn new(most: usize) -> Self {
        let none = Latest::new();
        let (values, eights) = (Recent::new(most), Recent::new(most));
        Means { t: 0, values, eights, one: none, two: none, four: none }
    }

    /// Takes a value, and how many to take the mean of; gives it once there are so many as the most.
    #[inline(always)]
    fn step(&mut self, x: L, period: L) -> Option<L> {
        let two = self.one.at(self.t, 1) + x;
        let four = self.two.at(self.t, 2) + two;
        let eight = self.four.at(self.t, 4) + four;
        self.one.put(self.t, x);
        self.two.put(self.t, two);
        self.four.put(self.t, four);
        self.t = self.t.wrapping_add(1);
        let eights = self.eights.push(eight);
        let values = self.values.step(x)?;

        let anchor = x.anchor();
        let sum = match common(period) {
            Some(period) => sum_together(values, eights, anchor, period),
            None => sum_apart(values, eights, anchor, period),
        };
        Some(anchor + sum / period)
    }
}

/// The number that all lanes hold, if they do; it is not negative.
#[inline(always)]
fn common<L: Lanes>(x: L) -> Option<usize> {
    let mut row = [L::Row::zeroed()];
    x.store(&mut row[0]);
    let first = cast_slice::<_, f64>(&row)[0];
    if L::any(!x.eq(L::splat(first))) { None } else { Some(first as usize) }
}

/// The sum of the last `period` values, as differences to the anchor.
#[inline(always)]
fn sum_together<L: Lanes>(values: &[L], eights: &[L], anchor: L, period: usize) -> L {
    let anchors = L::splat(EIGHT) * anchor;
    let values = &values[values.len() - period..];
    let (rest, _) = values.split_at(period % 8);
    let mut sum = L::splat(0.0);
    for eight in eights[eights.len() - (period - rest.len())..].chunks_exact(8).rev() {
        sum = sum + (eight[7] - anchors);
    }
    for value in rest.iter().rev() {
        sum = sum + (*value - anchor);
    }
    sum
}

/// The same of as many values as each lane asks for. Lanes that ask for none of a block add zero,
/// which changes nothing.
#[inline(always)]
fn sum_apart<L: Lanes>(values: &[L], eights: &[L], anchor: L, period: L) -> L {
    let anchors = L::splat(EIGHT) * anchor;
    let whole = functions::floor(period * L::splat(1.0 / EIGHT));
    let rest = period - whole * L::splat(EIGHT);
    let mut sum = L::splat(0.0);
    for (j, (values, eights)) in values.rchunks(8).zip(eights.rchunks(8)).enumerate() {
        let j = L::splat(j as f64);
        let here = whole.eq(j);
        if L::any(here) {
            for (i, value) in values.iter().rev().enumerate() {
                sum = sum + (*value - anchor).keep(here & rest.gt(L::splat(i as f64)));
            }
        }
        let further = whole.gt(j);
        if !L::any(further) {
            break;
        }
        sum = sum + (eights[eights.len() - 1] - anchors).keep(further);
    }
    sum
}
