//! Fences in order, and which of the places between them a value has.

use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};

use crate::simd::Lanes;

/// What a floor has for each entry of the one above, a node: they are looked at all at once, without a
/// branch.
pub(super) const FAN: usize = 16;

/// Places in a row, each from its fence up to the next. That of a value is found in operations that
/// grow with the logarithm of the number of places.
pub(super) struct Floors {
    /// The first fence of each entry, floor by floor, the lowest first; NaN behind the last, as no
    /// value lies beyond it.
    fences: Vec<Fences>,
    /// The node at which each floor begins, the highest first.
    begins: Vec<usize>,
    places: usize,
}

clone_in_place!(Floors { fences, begins, places });

#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Fences([f64; FAN]);

/// The node at which each floor over so many places begins, the highest floor first and the lowest at
/// 0, and how many nodes there are.
pub(super) fn shape(places: usize) -> (Vec<usize>, usize) {
    let (mut begins, mut nodes, mut entries) = (Vec::new(), 0, places);
    while begins.is_empty() || entries > 1 {
        begins.insert(0, nodes);
        entries = entries.div_ceil(FAN);
        nodes += entries;
    }
    (begins, nodes)
}

impl Floors {
    /// Room for so many places, of which `fences` has the first; the first fence is below all values.
    pub fn new(room: usize, fences: &[f64]) -> Self {
        let (begins, nodes) = shape(room);
        let mut own = vec![Fences([f64::NAN; FAN]); nodes];
        cast_slice_mut(&mut own)[..fences.len()].copy_from_slice(fences);
        let mut floors = Floors { fences: own, begins, places: fences.len() };
        floors.raise(0);
        floors
    }

    /// How many places there may be.
    pub fn room(&self) -> usize {
        FAN * self.begins.iter().rev().nth(1).copied().unwrap_or(self.fences.len())
    }

    pub fn places(&self) -> usize {
        self.places
    }

    /// The least that is in a place.
    pub fn fence(&self, place: usize) -> f64 {
        cast_slice::<_, f64>(&self.fences)[place]
    }

    /// Whether no two values differ that a place may have.
    pub fn is_single(&self, place: usize) -> bool {
        let fence = self.fence(place);
        place + 1 == self.places || fence.next_up() == self.fence(place + 1)
    }

    /// The place of a value.
    #[inline(always)]
    pub fn find<L: Lanes>(&self, x: f64) -> usize {
        let x = L::splat(x);
        let mut place = 0;
        for &begin in &self.begins {
            let rows = cast_slice::<f64, L::Row>(&self.fences[begin + place].0);
            let mut begun = 0;
            for i in 0..FAN / L::COUNT {
                begun |= L::bits(x.ge(L::load(&rows[i]))) << (i * L::COUNT);
            }
            place = place * FAN + begun.count_ones() as usize - 1;
        }
        place
    }

    /// Parts a place in two, of which the upper begins at `fence`.
    pub fn part(&mut self, place: usize, fence: f64) {
        let fences: &mut [f64] = cast_slice_mut(&mut self.fences);
        fences.copy_within(place + 1..self.places, place + 2);
        fences[place + 1] = fence;
        self.places += 1;
        self.raise(place / FAN);
    }

    /// Sets the upper floors from the lowest, for nodes from that on.
    fn raise(&mut self, mut from: usize) {
        for floor in (1..self.begins.len()).rev() {
            let (begin, above) = (self.begins[floor], self.begins[floor - 1]);
            for node in from..above - begin {
                let first = self.fences[begin + node].0[0];
                self.fences[above + node / FAN].0[node % FAN] = first;
            }
            from /= FAN;
        }
    }
}
