//! Counts between fences: which place a value has, and how many values are before it.

/// What a floor has for each entry of the one above: they are looked at all at once, without a
/// branch.
const FAN: usize = 16;

/// Places in a row, each from its fence up to the next, and how many values there are in each. A
/// value is found, counted, and the values before it are summed up, in operations that grow with the
/// logarithm of the number of places.
pub(super) struct Floors {
    /// The places, and above each floor one with an entry for every [`FAN`] of its own.
    floors: Vec<Floor>,
    places: usize,
}

struct Floor {
    /// The first fence of each entry; NaN behind the last, as no value lies beyond it.
    fences: Vec<f64>,
    counts: Vec<u32>,
}

clone_in_place!(Floors { floors, places });

clone_in_place!(Floor { fences, counts });

impl Floors {
    /// Room for so many places, or some more, of which `fences` has the first and their counts; the
    /// first fence is below all values.
    pub fn new(room: usize, fences: &[(f64, u32)]) -> Self {
        let mut floors = Floors { floors: Vec::new(), places: fences.len() };
        let mut entries = room;
        while floors.floors.is_empty() || entries > 1 {
            let size = entries.next_multiple_of(FAN);
            floors.floors.push(Floor { fences: vec![f64::NAN; size], counts: vec![0; size] });
            entries = size / FAN;
        }
        for (place, (fence, count)) in fences.iter().enumerate() {
            floors.floors[0].fences[place] = *fence;
            floors.floors[0].counts[place] = *count;
        }
        floors.raise(0);
        floors
    }

    /// How many places there may be.
    pub fn room(&self) -> usize {
        self.floors[0].fences.len()
    }

    pub fn places(&self) -> usize {
        self.places
    }

    /// The least that is in a place.
    pub fn fence(&self, place: usize) -> f64 {
        self.floors[0].fences[place]
    }

    /// How many values are in a place.
    pub fn count(&self, place: usize) -> usize {
        self.floors[0].counts[place] as usize
    }

    /// Whether no two values differ that a place, which is not the last, may have.
    pub fn is_single(&self, place: usize) -> bool {
        self.fence(place).next_up() == self.fence(place + 1)
    }

    /// The place of a value.
    #[inline(always)]
    pub fn find(&self, x: f64) -> usize {
        let mut place = 0;
        for floor in self.floors.iter().rev() {
            let fences = entries(&floor.fences, place);
            let begun: u64 = fences.iter().map(|fence| u64::from(*fence <= x)).sum();
            place = place * FAN + begun as usize - 1;
        }
        place
    }

    /// Counts one value more in a place.
    #[inline(always)]
    pub fn add(&mut self, mut place: usize) {
        for floor in &mut self.floors {
            floor.counts[place] += 1;
            place /= FAN;
        }
    }

    /// Counts one value less in a place that has some.
    #[inline(always)]
    pub fn remove(&mut self, mut place: usize) {
        for floor in &mut self.floors {
            floor.counts[place] -= 1;
            place /= FAN;
        }
    }

    /// How many values are in places before that.
    #[inline(always)]
    pub fn before(&self, mut place: usize) -> usize {
        let mut before = 0;
        for floor in &self.floors {
            let own = (place % FAN) as u32;
            let counts = entries(&floor.counts, place / FAN).iter().zip(0..);
            before += counts.map(|(count, i)| if i < own { *count } else { 0 }).sum::<u32>();
            place /= FAN;
        }
        before as usize
    }

    /// Parts a place in two, of which the upper begins at `fence`, with so many values in each.
    pub fn part(&mut self, place: usize, fence: f64, [lower, upper]: [usize; 2]) {
        let Floor { fences, counts } = &mut self.floors[0];
        let behind = place + 1..self.places;
        fences.copy_within(behind.clone(), place + 2);
        counts.copy_within(behind, place + 2);
        fences[place + 1] = fence;
        counts[place] = lower as u32;
        counts[place + 1] = upper as u32;
        self.places += 1;
        self.raise(place);
    }

    /// Sets the upper floors from the lowest, for places from that on.
    fn raise(&mut self, mut place: usize) {
        for floor in 1..self.floors.len() {
            place /= FAN;
            let (lower, upper) = self.floors.split_at_mut(floor);
            let (lower, upper) = (&lower[floor - 1], &mut upper[0]);
            for entry in place..lower.fences.len() / FAN {
                upper.fences[entry] = lower.fences[entry * FAN];
                upper.counts[entry] = entries(&lower.counts, entry).iter().sum();
            }
        }
    }
}

/// What a floor has for an entry of the one above.
#[inline(always)]
fn entries<T>(floor: &[T], entry: usize) -> &[T; FAN] {
    floor[entry * FAN..].first_chunk().expect("floors are whole")
}
