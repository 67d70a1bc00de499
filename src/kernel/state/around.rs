//! The values of a window around a rank, of one series.

#[cfg(test)]
mod tests;

/// The last values of a series, and those around a rank in order.
///
/// A rank moves by one place at most when a value is exchanged for another, so most values are compared
/// with the one that has it and with the ends of what is in order, and that is all, whatever the window.
/// When the rank has left what is in order, all values are looked at for those that come next: as many
/// operations as there are values, once in as many exchanges as are in order, about their square root.
///
/// Measured for the median of noise, 1,000 and 100,000 values: 48 and 26 ns an exchange, and 100 for
/// 100,000 with a trend, where shelves (see `Shelves`) that find every value its place took 85, 85 and
/// 150.
pub(super) struct Around {
    /// In the order in which they came, round and round.
    values: Vec<f64>,
    /// How many values to either side of a rank are put in order.
    reach: usize,
    /// All values from `low` to `high` in order of size, each of them once, and how often it is there.
    sorted: Vec<f64>,
    counts: Vec<u32>,
    low: f64,
    high: f64,
    /// What was last sought, from `low` to `high`; NaN at first.
    sought: f64,
    /// The first of `sorted` that is not below it.
    here: usize,
    /// How many values are below it.
    before: usize,
}

clone_in_place!(Around { values, reach, sorted, counts, low, high, sought, here, before });

impl Around {
    /// `count` infinities, 1 or more.
    pub fn new(count: usize) -> Self {
        Around {
            values: vec![f64::INFINITY; count],
            // A third as many made a trend through 100,000 values take twice as long; with a third more no
            // difference could be told.
            reach: 32.max(3 * count.isqrt()),
            sorted: Vec::new(),
            counts: Vec::new(),
            low: f64::NAN,
            high: f64::NAN,
            sought: f64::NAN,
            here: 0,
            before: 0,
        }
    }

    /// Exchanges the value at a place for a new one, which is not NaN; zero has one sign.
    #[inline(always)]
    pub fn exchange(&mut self, at: usize, new: f64) {
        let old = std::mem::replace(&mut self.values[at], new);
        self.before += usize::from(new < self.sought);
        self.before -= usize::from(old < self.sought);
        if self.holds(old) | self.holds(new) {
            self.exchange_here(old, new);
        }
    }

    fn holds(&self, x: f64) -> bool {
        (self.low <= x) & (x <= self.high)
    }

    #[inline(never)]
    fn exchange_here(&mut self, old: f64, new: f64) {
        if self.holds(old) {
            let at = self.place(old);
            self.counts[at] -= 1;
            if self.counts[at] == 0 {
                self.sorted.remove(at);
                self.counts.remove(at);
                self.here -= usize::from(old < self.sought);
            }
        }
        if self.holds(new) {
            let at = self.place(new);
            if self.sorted.get(at) == Some(&new) {
                self.counts[at] += 1;
            } else {
                self.sorted.insert(at, new);
                self.counts.insert(at, 1);
                self.here += usize::from(new < self.sought);
            }
        }
        let reach = self.reach;
        if self.sorted.len() > 8 * reach {
            self.keep(self.here.saturating_sub(reach), (self.here + reach).min(self.sorted.len()));
        }
    }

    fn place(&self, x: f64) -> usize {
        self.sorted.partition_point(|value| *value < x)
    }

    /// Keeps some of what is in order; not nothing.
    fn keep(&mut self, from: usize, to: usize) {
        if to < self.sorted.len() {
            self.high = self.sorted[to - 1];
        }
        if from > 0 {
            self.low = self.sorted[from];
        }
        self.sorted.truncate(to);
        self.sorted.drain(..from);
        self.counts.truncate(to);
        self.counts.drain(..from);
        self.here -= from;
    }

    /// The value of that rank, 0 for the smallest.
    #[inline(always)]
    pub fn rank(&mut self, rank: usize) -> f64 {
        match self.counts.get(self.here) {
            Some(&count) if rank.wrapping_sub(self.before) < count as usize => {
                self.sorted[self.here]
            }
            _ => self.seek(rank),
        }
    }

    /// The values of that rank and the next.
    #[inline(always)]
    pub fn two(&mut self, rank: usize) -> [f64; 2] {
        let lower = self.rank(rank);
        if rank + 1 < self.before + self.counts[self.here] as usize {
            return [lower; 2];
        }
        match self.sorted.get(self.here + 1) {
            Some(upper) => [lower, *upper],
            None => [lower, self.seek(rank + 1)],
        }
    }

    #[inline(never)]
    fn seek(&mut self, rank: usize) -> f64 {
        loop {
            while rank < self.before && self.here > 0 {
                self.here -= 1;
                self.before -= self.counts[self.here] as usize;
            }
            while let Some(&count) = self.counts.get(self.here)
                && rank >= self.before + count as usize
            {
                self.before += count as usize;
                self.here += 1;
            }
            let is_below = rank < self.before;
            if !is_below && self.here < self.sorted.len() {
                self.sought = self.sorted[self.here];
                return self.sought;
            }
            if !self.extend(!is_below) {
                self.fill(rank);
            }
        }
    }

    /// Puts what comes next above, or below, in order too, and lets go of the other end; gives whether
    /// it was found.
    fn extend(&mut self, above: bool) -> bool {
        let reach = self.reach;
        let (length, kept) = (self.sorted.len(), self.sorted.len().min(reach));
        if kept < 2 {
            return false;
        }
        // It may lie as close together as what is in order.
        let (end, mut width) = match above {
            true => (self.high, self.high - self.sorted[length - kept]),
            false => (self.low, self.low - self.sorted[kept - 1]),
        };
        for _ in 0..3 {
            let next = end + width;
            let found = self.between(end, next, 4 * reach);
            if found.len() > 4 * reach {
                width /= 4.0;
            } else if found.len() < reach / 4 {
                width *= 4.0;
            } else {
                let (values, counts) = distinct(found);
                if above {
                    self.keep(length - kept, length);
                    self.high = next;
                    self.sorted.extend(values);
                    self.counts.extend(counts);
                } else {
                    self.keep(0, kept);
                    self.low = next;
                    self.here += values.len();
                    self.sorted.splice(..0, values);
                    self.counts.splice(..0, counts);
                }
                return true;
            }
        }
        false
    }

    /// The values from one end up to another one, without the first; not all if they are more than
    /// `most`.
    fn between(&self, end: f64, next: f64, most: usize) -> Vec<f64> {
        let (low, high) = (end.min(next), end.max(next));
        let is_there = |x: &f64| (low <= *x) & (*x <= high) & (*x != end);
        let mut found = Vec::new();
        // Few are, so that most of the time is this look at some of them at once.
        for values in self.values.chunks(16) {
            if values.iter().map(|x| u64::from(is_there(x))).sum::<u64>() > 0 {
                found.extend(values.iter().filter(|x| is_there(x)));
                if found.len() > most {
                    break;
                }
            }
        }
        found
    }

    /// Puts the values around a rank in order, wherever it is.
    fn fill(&mut self, rank: usize) {
        let (reach, last) = (self.reach, self.values.len() - 1);
        let (from, to) = (rank.saturating_sub(reach), (rank + reach).min(last));
        let mut values = self.values.clone();
        values.select_nth_unstable_by(from, f64::total_cmp);
        values[from..].select_nth_unstable_by(to - from, f64::total_cmp);
        (self.sorted, self.counts) = distinct(values[from..=to].to_vec());
        let ends = self.sorted.len() - 1;
        (self.low, self.high) = (self.sorted[0], self.sorted[ends]);
        // Equal values of the ends may be on either side of them.
        let count = |values: &[f64], x: f64| values.iter().filter(|value| **value == x).count();
        let below = count(&values[..from], self.low);
        self.counts[0] += below as u32;
        self.counts[ends] += count(&values[to + 1..], self.high) as u32;
        (self.sought, self.here, self.before) = (self.low, 0, from - below);
    }
}

/// The values in order, each of them once, and how often it is there.
fn distinct(mut values: Vec<f64>) -> (Vec<f64>, Vec<u32>) {
    values.sort_unstable_by(f64::total_cmp);
    values.chunk_by(|a, b| a == b).map(|equal| (equal[0], equal.len() as u32)).unzip()
}
