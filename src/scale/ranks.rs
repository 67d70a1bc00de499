//! Exact quantiles of any number of values in bounded memory, in a few passes over them.
//!
//! A radix selection. Each pass counts the next 16 bits of keys that order as the values do, among
//! the values whose earlier bits are those of a wanted rank. Counts are whole numbers, so that parts
//! of the data merge without a difference.

use serde::{Deserialize, Serialize};

/// Bits that a pass finds.
const DIGIT: u32 = 16;

/// Passes until all bits are found.
pub(super) const PASSES: usize = (u64::BITS / DIGIT) as usize;

/// Bytes of the counts of one digit.
pub(super) const BYTES: usize = size_of::<u64>() << DIGIT;

/// Quantiles in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranks {
    /// Number of values.
    pub(super) count: u64,
    /// Passes that are done.
    passes: u32,
    /// The bits that any value has: f32 ends in zeros, which needs no passes.
    bits: u64,
    /// What is known of each wanted rank, in the order of [`wanted`].
    found: Vec<Found>,
    /// Counts of the next digit, for each beginning of a key that is found, in order.
    counts: Vec<Counts>,
}

/// A rank, narrowed down to keys that begin alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    /// Their first bits.
    prefix: u64,
    /// How many of them are before it.
    rank: u64,
}

/// How often each digit comes after a beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    prefix: u64,
    #[serde(with = "sparse")]
    digits: Vec<u64>,
}

/// The wanted quantiles of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles {
    /// Number of values.
    pub count: u64,
    /// Each quantile, in ascending order; none of no values.
    pub quantiles: Vec<f64>,
}

impl Ranks {
    /// Before the first pass.
    pub(super) fn new() -> Ranks {
        let counts = vec![Counts::new(0)];
        Ranks { count: 0, passes: 0, bits: 0, found: Vec::new(), counts }
    }

    /// The same wants, of no values of this pass yet.
    pub(super) fn fresh(&self) -> Ranks {
        let count = if self.passes == 0 { 0 } else { self.count };
        let counts = self.counts.iter().map(|counts| Counts::new(counts.prefix)).collect();
        Ranks { count, counts, found: self.found.clone(), ..*self }
    }

    /// Whether that many passes are done.
    pub(super) fn stands(&self, done: usize) -> bool {
        self.passes as usize == done
    }

    /// Whether both are of the same pass, and look for the same.
    pub(super) fn goes_with(&self, other: &Ranks) -> bool {
        let same = (self.passes, &self.found) == (other.passes, &other.found);
        same && (self.passes == 0 || self.count == other.count)
    }

    /// Adds the counts of another that [`goes_with`](Ranks::goes_with) this one.
    pub(super) fn merge(&mut self, other: &Ranks) {
        if self.passes == 0 {
            self.count = self.count.saturating_add(other.count);
        }
        self.bits |= other.bits;
        for (counts, more) in self.counts.iter_mut().zip(&other.counts) {
            for (count, more) in counts.digits.iter_mut().zip(&more.digits) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// Counts a finite value.
    #[inline]
    pub(super) fn push(&mut self, x: f64) {
        // Zero has one sign.
        let x = x + 0.0;
        let key = key(x);
        let left = u64::BITS - DIGIT * (self.passes + 1);
        let digit = (key >> left) as usize & ((1 << DIGIT) - 1);
        if self.passes == 0 {
            self.count += 1;
            self.bits |= x.to_bits();
            self.counts[0].digits[digit] += 1;
            return;
        }
        let prefix = key >> (left + DIGIT);
        if let Some(counts) = self.counts.iter_mut().find(|counts| counts.prefix == prefix) {
            counts.digits[digit] += 1;
        }
    }

    /// Ends a pass: the quantiles, in percent, if that was the last.
    ///
    /// # Errors
    ///
    /// In words: this pass did not see the values of those before.
    pub(super) fn end_pass(&mut self, percents: &[f64]) -> Result<Option<Quantiles>, String> {
        if self.passes == 0 {
            let found = |rank| Found { prefix: 0, rank };
            self.found = wanted(percents, self.count).into_iter().map(found).collect();
        }
        for found in &mut self.found {
            let counts = self.counts.iter().find(|counts| counts.prefix == found.prefix);
            let digit = counts.and_then(|counts| counts.locate(&mut found.rank));
            let digit = digit.ok_or("was not the same in all passes")?;
            found.prefix = found.prefix << DIGIT | digit;
        }
        self.passes += 1;
        let left = u64::BITS - DIGIT * self.passes;
        if left == 0 || self.bits.trailing_zeros() >= left {
            return Ok(Some(self.quantiles(percents, left)));
        }
        let mut prefixes: Vec<u64> = self.found.iter().map(|found| found.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        self.counts = prefixes.into_iter().map(Counts::new).collect();
        Ok(None)
    }

    /// Between two values as NumPy's method `linear`, rounding included.
    fn quantiles(&self, percents: &[f64], left: u32) -> Quantiles {
        let mut values = self.found.iter().map(|found| value(found.prefix, left));
        let mut value = || values.next().expect("a value each rank");
        let quantile = |&percent: &f64| {
            let share = place(percent, self.count).1;
            let low = value();
            if share == 0.0 {
                return low;
            }
            let high = value();
            match share < 0.5 {
                true => low + (high - low) * share,
                false => high - (high - low) * (1.0 - share),
            }
        };
        let percents = if self.count == 0 { &[] } else { percents };
        Quantiles { count: self.count, quantiles: percents.iter().map(quantile).collect() }
    }

    /// Whether passes over some values can have led here.
    pub(super) fn is_sound(&self, percents: &[f64]) -> bool {
        let counted = |counts: &Counts| {
            counts.digits.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count))
        };
        if self.passes == 0 {
            let [counts] = &self.counts[..] else { return false };
            return counts.prefix == 0
                && self.found.is_empty()
                && counted(counts) == Some(self.count);
        }
        let mut prefixes: Vec<u64> = self.found.iter().map(|found| found.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        self.passes < PASSES as u32
            && self.found.len() == wanted(percents, self.count).len()
            && self.found.iter().all(|found| found.prefix >> (DIGIT * self.passes) == 0)
            && prefixes.iter().eq(self.counts.iter().map(|counts| &counts.prefix))
            && self.counts.iter().all(|counts| counted(counts).is_some())
    }
}

impl Quantiles {
    pub(super) fn is_sound(&self, percents: &[f64]) -> bool {
        let expected = if self.count == 0 { 0 } else { percents.len() };
        self.quantiles.len() == expected
            && self.quantiles.is_sorted()
            && self.quantiles.iter().all(|quantile| quantile.is_finite())
    }
}

impl Counts {
    fn new(prefix: u64) -> Counts {
        Counts { prefix, digits: vec![0; 1 << DIGIT] }
    }

    /// The digit of a rank, which becomes the rank among those of that digit.
    fn locate(&self, rank: &mut u64) -> Option<u64> {
        for (digit, &count) in self.digits.iter().enumerate() {
            if *rank < count {
                return Some(digit as u64);
            }
            *rank -= count;
        }
        None
    }
}

/// The rank at or below a quantile, and the share of the next one in it.
fn place(percent: f64, count: u64) -> (u64, f64) {
    let place = (percent / 100.0) * count.saturating_sub(1) as f64;
    let rank = place.floor();
    (rank as u64, place - rank)
}

/// The ranks that the quantiles are made of: one each, or two where it is between them.
fn wanted(percents: &[f64], count: u64) -> Vec<u64> {
    let mut ranks = Vec::new();
    for &percent in percents.iter().filter(|_| count > 0) {
        let (rank, share) = place(percent, count);
        ranks.push(rank);
        if share > 0.0 {
            ranks.push(rank + 1);
        }
    }
    ranks
}

/// Orders as the value does.
fn key(x: f64) -> u64 {
    let bits = x.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

/// The value of a key without its last bits, which are zero in the value.
fn value(prefix: u64, left: u32) -> f64 {
    let key = if left == 0 { prefix } else { prefix << left };
    match key >> 63 {
        1 => f64::from_bits(key & !(1 << 63)),
        _ => f64::from_bits(!(key | ((1 << left) - 1))),
    }
}

/// Counts in JSON: pairs of a digit and how often it came.
mod sparse {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::DIGIT;

    pub fn serialize<S: Serializer>(digits: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(digits.iter().enumerate().filter(|(_, count)| **count > 0))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u64>, D::Error> {
        let pairs = Vec::<(usize, u64)>::deserialize(deserializer)?;
        let mut digits = vec![0; 1 << DIGIT];
        for (digit, count) in pairs {
            let place = digits.get_mut(digit);
            *place.ok_or_else(|| D::Error::custom(format!("{digit} is no digit")))? = count;
        }
        Ok(digits)
    }
}
