//! Many values in order of size, of one series.

/// As many values as it began with, sorted, of which any can be exchanged for another: the square
/// root of their number in operations, more or less.
///
/// They lie in order on shelves, each of which has as much room again as values when they are spread
/// evenly. A value goes to the last shelf that does not begin behind it; when there is no room left
/// all are spread anew. Measured for 1,000 values: 75 ns an exchange where one sorted array takes 97,
/// and for 10,000 values 165 where that takes 1,130.
pub(super) struct Shelves {
    values: Vec<f64>,
    counts: Vec<usize>,
    /// No value of a shelf is below its fence, and none on the shelves before is above.
    fences: Vec<f64>,
    room: usize,
    /// For spreading.
    all: Vec<f64>,
}

impl Clone for Shelves {
    fn clone(&self) -> Self {
        Shelves {
            values: self.values.clone(),
            counts: self.counts.clone(),
            fences: self.fences.clone(),
            room: self.room,
            all: self.all.clone(),
        }
    }
    /// In place, as in `clone_in_place`.
    fn clone_from(&mut self, other: &Self) {
        self.values.clone_from(&other.values);
        self.counts.clone_from(&other.counts);
        self.fences.clone_from(&other.fences);
    }
}

/// How many values of a sorted slice are below `x`.
#[inline(always)]
fn below(values: &[f64], x: f64) -> usize {
    let (mut first, mut size) = (0, values.len());
    while size > 1 {
        let half = size / 2;
        // No branch: which way it goes is a coin thrown.
        first += if values[first + half - 1] < x { half } else { 0 };
        size -= half;
    }
    first + usize::from(size == 1 && values[first] < x)
}

impl Shelves {
    /// `count` times the same value, which is above all others or equal; 1 or more times.
    pub fn new(count: usize, largest: f64) -> Self {
        let each = count.isqrt().next_power_of_two();
        let shelves = count.div_ceil(each);
        let mut shelves = Shelves {
            values: vec![largest; shelves * 2 * each],
            counts: vec![0; shelves],
            fences: vec![f64::NEG_INFINITY; shelves],
            room: 2 * each,
            all: vec![largest; count],
        };
        shelves.spread(count);
        shelves
    }

    /// Takes other values in place of all, as many.
    pub fn begin(&mut self, values: impl Iterator<Item = f64>) {
        for (place, value) in self.all.iter_mut().zip(values) {
            *place = value;
        }
        self.all.sort_unstable_by(f64::total_cmp);
        self.spread(self.all.len());
    }

    /// Puts the first of `all` on the shelves, evenly.
    fn spread(&mut self, count: usize) {
        let each = self.room / 2;
        for (shelf, values) in self.all.chunks(each).enumerate() {
            let here = count.saturating_sub(shelf * each).min(values.len());
            self.values[shelf * self.room..][..here].copy_from_slice(&values[..here]);
            self.counts[shelf] = here;
            if shelf > 0 {
                self.fences[shelf] = if here > 0 { values[0] } else { f64::INFINITY };
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn spread_anew(&mut self) {
        let mut count = 0;
        for (shelf, &here) in self.counts.iter().enumerate() {
            let values = &self.values[shelf * self.room..][..here];
            self.all[count..count + here].copy_from_slice(values);
            count += here;
        }
        self.spread(count);
    }

    /// The last shelf that does not begin behind `x`.
    #[inline(always)]
    fn shelf(&self, x: f64) -> usize {
        let (mut first, mut size) = (0, self.fences.len());
        while size > 1 {
            let half = size / 2;
            first += if self.fences[first + half] <= x { half } else { 0 };
            size -= half;
        }
        first
    }

    /// Takes out a value that is there, and puts in another; neither is NaN.
    #[inline(always)]
    pub fn exchange(&mut self, old: f64, new: f64) {
        let mut shelf = self.shelf(old);
        loop {
            let count = self.counts[shelf];
            let values = &mut self.values[shelf * self.room..][..count];
            let at = below(values, old);
            if at < count && values[at] == old {
                values.copy_within(at + 1.., at);
                self.counts[shelf] -= 1;
                break;
            }
            // Equal values may lie on several shelves.
            shelf -= 1;
        }
        let mut shelf = self.shelf(new);
        if self.counts[shelf] == self.room {
            self.spread_anew();
            shelf = self.shelf(new);
        }
        let count = self.counts[shelf];
        let values = &mut self.values[shelf * self.room..][..count + 1];
        let at = below(&values[..count], new);
        values.copy_within(at..count, at + 1);
        values[at] = new;
        self.counts[shelf] += 1;
    }

    /// How many values are below `x`, and how many are not above it.
    #[inline(always)]
    pub fn place(&self, x: f64) -> [usize; 2] {
        let on = |shelf: usize| &self.values[shelf * self.room..][..self.counts[shelf]];
        let last = self.shelf(x);
        // Equal values may lie on several shelves.
        let mut first = last;
        while first > 0 && self.fences[first] == x {
            first -= 1;
        }
        let before: usize = self.counts[..first].iter().sum();
        let between: usize = self.counts[first..last].iter().sum();
        let not_above = on(last).partition_point(|value| *value <= x);
        [before + below(on(first), x), before + between + not_above]
    }

    /// The value of that rank, 0 for the smallest.
    #[inline(always)]
    pub fn rank(&self, mut rank: usize) -> f64 {
        let mut shelf = 0;
        while rank >= self.counts[shelf] {
            rank -= self.counts[shelf];
            shelf += 1;
        }
        self.values[shelf * self.room + rank]
    }
}
