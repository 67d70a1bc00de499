//! Counts in a row, and how many there are before each.

use super::floors::{FAN, shape};

/// A count for each place: one more and one less is counted, and all before a place are summed up, in
/// operations that grow with the logarithm of the number of places.
#[derive(Default)]
pub(super) struct Sums {
    /// What the same node counts before each of its entries, floor by floor, the lowest first.
    before: Vec<Before>,
    /// The node at which each floor begins, the highest first.
    begins: Vec<usize>,
}

clone_in_place!(Sums { before, begins });

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Before([u32; FAN]);

/// From 15 - i on: a one for every entry behind the i-th.
static ONES: [u32; 2 * FAN] = {
    let mut ones = [0; 2 * FAN];
    let mut i = FAN;
    while i < 2 * FAN {
        ones[i] = 1;
        i += 1;
    }
    ones
};

impl Before {
    /// Counts one more, or less, in an entry: all behind it have so many more before.
    #[inline(always)]
    fn count(&mut self, entry: usize, of: impl Fn(u32, u32) -> u32) {
        // All at once, from copies: in place, one entry after the other would be counted.
        let ones: &[u32; FAN] = ONES[FAN - 1 - entry..].first_chunk().expect("twice as many");
        let (before, ones, mut counted) = (self.0, *ones, [0; FAN]);
        for i in 0..FAN {
            counted[i] = of(before[i], ones[i]);
        }
        self.0 = counted;
    }
}

impl Sums {
    /// Takes the counts of the first of so many places; the others have none.
    pub fn set(&mut self, room: usize, counts: impl Iterator<Item = u32>) {
        let nodes;
        (self.begins, nodes) = shape(room);
        self.before.resize(nodes, Before([0; FAN]));
        let mut totals: Vec<u32> = counts.collect();
        for &begin in self.begins.iter().rev() {
            let nodes = totals.len().div_ceil(FAN);
            totals.resize(nodes * FAN, 0);
            for node in 0..nodes {
                let mut sum = 0;
                for i in 0..FAN {
                    self.before[begin + node].0[i] = sum;
                    sum += totals[node * FAN + i];
                }
                // In place: a node comes before all that it counts.
                totals[node] = sum;
            }
            totals.truncate(nodes);
        }
    }

    /// Counts one less in a place that has some, and one more in another.
    #[inline(always)]
    pub fn exchange(&mut self, mut less: usize, mut more: usize) {
        for &begin in self.begins.iter().rev() {
            self.before[begin + less / FAN].count(less % FAN, u32::wrapping_sub);
            self.before[begin + more / FAN].count(more % FAN, u32::wrapping_add);
            less /= FAN;
            more /= FAN;
        }
    }

    /// How many there are in places before that.
    #[inline(always)]
    pub fn before(&self, mut place: usize) -> usize {
        let mut before = 0;
        for &begin in self.begins.iter().rev() {
            before += self.before[begin + place / FAN].0[place % FAN];
            place /= FAN;
        }
        before as usize
    }
}
