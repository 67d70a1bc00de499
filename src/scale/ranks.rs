//! Exact quantiles of any number of values in bounded memory, in a few passes over them.
//!
//! A radix selection. Each pass counts the next bits of keys that order as the values do, among
//! the values whose earlier bits are those of a wanted rank: 16 bits, or fewer where there are many
//! ranks. Counts are whole numbers, so that parts of the data merge without a difference.
//!
//! Where it is asked for, the first pass is the only one. It counts more bits then, and a quantile is
//! the middle of the values that begin like it.

use serde::{Deserialize, Serialize};

/// Bits that the first pass finds, and another at most.
pub(super) const DIGIT: u32 = 16;

/// The same of one column of many, whose counts are all kept at once.
pub(super) const NARROW: u32 = 8;

/// The same where there is one pass: sign, exponent and 7 bits of the fraction, so that the middle of
/// values that begin alike is within a 256th part of each.
pub(super) const COARSE: u32 = 19;

/// Counts that a pass may keep in all: 4 MiB.
const MOST_COUNTS: usize = 1 << COARSE;

/// What is said of data that is not what it was.
const CHANGED: &str = "was not the same in all passes";

/// Bits that each pass but the first finds, of so many ranks; `digit` at most.
fn width(ranks: usize, digit: u32) -> u32 {
    (MOST_COUNTS / ranks.max(1)).max(2).ilog2().min(digit)
}

/// Passes until all bits are found, of so many quantiles, at most; the first finds `digit`.
pub(super) fn passes(quantiles: usize, digit: u32) -> usize {
    1 + (u64::BITS - digit).div_ceil(width(2 * quantiles, digit)) as usize
}

/// Bytes of the counts of one digit.
pub(super) const BYTES: usize = size_of::<u64>() << DIGIT;

/// The same where digits are narrow.
pub(super) const NARROW_BYTES: usize = size_of::<u64>() << NARROW;

/// Bytes of all counts, at most.
pub(super) const MOST_BYTES: usize = size_of::<u64>() * MOST_COUNTS;

/// Quantiles in the making.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SavedRanks")]
pub struct Ranks {
    /// Number of values.
    pub(super) count: u64,
    /// Passes that are done.
    passes: u32,
    /// Bits that the first pass finds, and another at most.
    #[serde(skip_serializing_if = "is_widest")]
    digit: u32,
    /// The bits that any value has: f32 ends in zeros, which needs no passes.
    bits: u64,
    /// The smallest and the largest value, where there is one pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends: Option<[f64; 2]>,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "SavedCounts")]
struct Counts {
    prefix: u64,
    /// Of the digit, in bits; beyond the last bit of a key it has zeros.
    width: u32,
    digits: Vec<u64>,
}

/// [`Ranks`] in JSON, where counts are short.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedRanks {
    count: u64,
    passes: u32,
    #[serde(default = "widest")]
    digit: u32,
    bits: u64,
    #[serde(default)]
    ends: Option<[f64; 2]>,
    found: Vec<Found>,
    counts: Vec<SavedCounts>,
}

/// [`Counts`] in JSON: pairs of a digit and how often it came.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedCounts {
    prefix: u64,
    #[serde(default = "widest", skip_serializing_if = "is_widest")]
    width: u32,
    digits: Vec<(usize, u64)>,
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

/// Where a quantile stands among sorted values: at a rank, or a share of the way to the next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    rank: u64,
    share: f64,
}

impl Place {
    /// Of a quantile in percent, as NumPy rounds it.
    pub fn of_percent(percent: f64, count: u64) -> Place {
        let place = (percent / 100.0) * count.saturating_sub(1) as f64;
        let rank = place.floor();
        Place { rank: rank as u64, share: place - rank }
    }

    /// Of one of `quantiles` that are evenly spread from the smallest value to the largest.
    pub fn of_even(index: u64, quantiles: u64, count: u64) -> Place {
        let steps = u128::from(quantiles.saturating_sub(1).max(1));
        let place = u128::from(index) * u128::from(count.saturating_sub(1));
        Place { rank: (place / steps) as u64, share: (place % steps) as f64 / steps as f64 }
    }
}

impl Ranks {
    /// Before the first pass.
    pub(super) fn new(digit: u32) -> Ranks {
        let counts = vec![Counts::new(0, digit)];
        Ranks { count: 0, passes: 0, digit, bits: 0, ends: None, found: Vec::new(), counts }
    }

    /// Whether there is one pass, which gives no exact quantiles.
    pub(super) fn is_coarse(&self) -> bool {
        self.digit == COARSE
    }

    /// The same wants, of no values of this pass yet.
    pub(super) fn fresh(&self) -> Ranks {
        let count = if self.passes == 0 { 0 } else { self.count };
        let counts = self.counts.iter();
        let counts = counts.map(|counts| Counts::new(counts.prefix, counts.width)).collect();
        Ranks { count, counts, found: self.found.clone(), ends: None, ..*self }
    }

    /// Whether that many passes are done.
    pub(super) fn stands(&self, done: usize) -> bool {
        self.passes as usize == done
    }

    /// Whether both are of the same pass, and look for the same.
    pub(super) fn goes_with(&self, other: &Ranks) -> bool {
        let of = |ranks: &Ranks| (ranks.passes, ranks.digit);
        let same = of(self) == of(other) && self.found == other.found;
        same && (self.passes == 0 || self.count == other.count)
    }

    /// Adds the counts of another that [`goes_with`](Ranks::goes_with) this one.
    pub(super) fn merge(&mut self, other: &Ranks) {
        if self.passes == 0 {
            self.count = self.count.saturating_add(other.count);
        }
        self.bits |= other.bits;
        if let Some(ends) = other.ends {
            self.reach(ends);
        }
        for (counts, more) in self.counts.iter_mut().zip(&other.counts) {
            for (count, more) in counts.digits.iter_mut().zip(&more.digits) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// Values of that size came.
    #[inline]
    fn reach(&mut self, [low, high]: [f64; 2]) {
        let [least, most] = self.ends.unwrap_or([low, high]);
        self.ends = Some([least.min(low), most.max(high)]);
    }

    /// Whether these are of one column of many.
    pub(super) fn is_narrow(&self) -> bool {
        self.digit <= NARROW && self.counts.iter().all(|counts| counts.width <= NARROW)
    }

    /// How many bits of a key are found, and how wide the digit of this pass is.
    fn digit(&self) -> (u32, u32) {
        let width = self.counts.first().map_or(self.digit, |counts| counts.width);
        let found = if self.passes == 0 { 0 } else { self.digit + (self.passes - 1) * width };
        (found, width.min(u64::BITS - found))
    }

    /// Counts a finite value.
    #[inline]
    pub(super) fn push(&mut self, x: f64) {
        // Zero has one sign.
        let x = x + 0.0;
        let key = key(x);
        let (found, width) = self.digit();
        let digit = (key >> (u64::BITS - found - width)) as usize & ((1 << width) - 1);
        if self.passes == 0 {
            self.count += 1;
            self.bits |= x.to_bits();
            if self.is_coarse() {
                self.reach([x, x]);
            }
            self.counts[0].digits[digit] += 1;
            return;
        }
        let prefix = key >> (u64::BITS - found);
        if let Ok(own) = self.counts.binary_search_by_key(&prefix, |counts| counts.prefix) {
            self.counts[own].digits[digit] += 1;
        }
    }

    /// Ends a pass: the quantiles at these places, if that was the last.
    ///
    /// # Errors
    ///
    /// In words: this pass did not see the values of those before.
    pub(super) fn end_pass(&mut self, places: &[Place]) -> Result<Option<Quantiles>, String> {
        if self.passes == 0 {
            let found = |rank| Found { prefix: 0, rank };
            self.found = wanted(places).into_iter().map(found).collect();
        }
        let (found_bits, width) = self.digit();
        // Those of one beginning mostly follow each other.
        let mut below: Option<(u64, Vec<u64>)> = None;
        for found in &mut self.found {
            if below.as_ref().is_none_or(|(prefix, _)| *prefix != found.prefix) {
                let own = self.counts.iter().find(|counts| counts.prefix == found.prefix);
                below = Some((found.prefix, own.ok_or(CHANGED)?.running()));
            }
            let sums = &below.as_ref().expect("just set").1;
            let digit = sums.partition_point(|sum| *sum <= found.rank);
            if digit == sums.len() {
                return Err(CHANGED.to_owned());
            }
            found.rank -= digit.checked_sub(1).map_or(0, |before| sums[before]);
            found.prefix = found.prefix << width | digit as u64;
        }
        self.passes += 1;
        let left = u64::BITS - found_bits - width;
        if self.bits.trailing_zeros() >= left || self.is_coarse() {
            return Ok(Some(self.quantiles(places, left)));
        }
        let width = self::width(self.found.len(), self.digit);
        self.counts =
            self.prefixes().into_iter().map(|prefix| Counts::new(prefix, width)).collect();
        Ok(None)
    }

    /// The beginnings of the wanted ranks, in order, each once: ranks between two values may go back.
    fn prefixes(&self) -> Vec<u64> {
        let mut prefixes: Vec<u64> = self.found.iter().map(|found| found.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        prefixes
    }

    fn quantiles(&self, places: &[Place], left: u32) -> Quantiles {
        let ranks = wanted(places).into_iter().zip(&self.found);
        let mut values = ranks.map(|(rank, found)| self.value(rank, found.prefix, left));
        let mut value = || values.next().expect("a value each rank");
        let quantile = |&Place { share, .. }: &Place| {
            let low = value();
            if share == 0.0 { low } else { between(low, value(), share) }
        };
        Quantiles { count: self.count, quantiles: places.iter().map(quantile).collect() }
    }

    /// The value of a rank, which begins so; where several may, the middle of them, and zero for those
    /// next to it.
    fn value(&self, rank: u64, prefix: u64, left: u32) -> f64 {
        let nearest = value(prefix, left);
        if self.bits.trailing_zeros() >= left {
            return nearest;
        }
        let middle = f64::from_bits(nearest.to_bits() | 1 << (left - 1));
        match self.ends {
            Some([low, _]) if rank == 0 => low,
            Some([_, high]) if rank + 1 == self.count => high,
            Some([low, high]) if nearest != 0.0 => middle.clamp(low, high),
            _ => 0.0,
        }
    }

    /// Whether the smallest and the largest value are those that were counted, if they are kept.
    fn has_ends(&self, digits: &[u64]) -> bool {
        let Some([low, high]) = self.ends else { return !self.is_coarse() || self.count == 0 };
        let came = |count: &u64| *count > 0;
        let digit = |x: f64| Some((key(x) >> (u64::BITS - self.digit)) as usize);
        self.is_coarse()
            && low.is_finite()
            && high.is_finite()
            && low <= high
            && digits.iter().position(came) == digit(low)
            && digits.iter().rposition(came) == digit(high)
    }

    /// Whether passes over some values can have led here.
    pub(super) fn is_sound(&self, places: &[Place]) -> bool {
        let counted = |counts: &Counts| {
            counts.digits.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count))
        };
        if self.passes == 0 {
            let [counts] = &self.counts[..] else { return false };
            return (counts.prefix, counts.width) == (0, self.digit)
                && [NARROW, DIGIT, COARSE].contains(&self.digit)
                && self.found.is_empty()
                && self.has_ends(&counts.digits)
                && counted(counts) == Some(self.count);
        }
        let width = width(self.found.len(), self.digit);
        let bits = u64::from(self.digit) + u64::from(self.passes - 1) * u64::from(width);
        [NARROW, DIGIT].contains(&self.digit)
            && bits < u64::from(u64::BITS)
            && self.ends.is_none()
            && self.found.len() == wanted(places).len()
            && self.found.iter().all(|found| found.prefix >> bits == 0)
            && self.prefixes().into_iter().eq(self.counts.iter().map(|counts| counts.prefix))
            && self.counts.iter().all(|counts| counts.width == width && counted(counts).is_some())
    }
}

/// The quantiles at these places of sorted values.
pub(super) fn of_sorted(values: &[f64], places: &[Place]) -> Quantiles {
    let quantile = |&Place { rank, share }: &Place| {
        let low = values[rank as usize];
        if share == 0.0 { low } else { between(low, values[rank as usize + 1], share) }
    };
    Quantiles { count: values.len() as u64, quantiles: places.iter().map(quantile).collect() }
}

/// Between two finite values as NumPy's method `linear`, rounding included; its difference may be
/// beyond f64.
pub(super) fn between(low: f64, high: f64, share: f64) -> f64 {
    if (high - low).is_infinite() {
        return 2.0 * between(low / 2.0, high / 2.0, share);
    }
    match share < 0.5 {
        true => low + (high - low) * share,
        false => high - (high - low) * (1.0 - share),
    }
}

impl Quantiles {
    pub(super) fn is_sound(&self, places: &[Place]) -> bool {
        self.quantiles.len() == places.len()
            && self.quantiles.is_sorted()
            && self.quantiles.iter().all(|quantile| quantile.is_finite())
    }
}

impl Counts {
    fn new(prefix: u64, width: u32) -> Counts {
        Counts { prefix, width, digits: vec![0; 1 << width] }
    }

    /// How many values have a digit or a smaller one.
    fn running(&self) -> Vec<u64> {
        let mut sum = 0_u64;
        let add = |count: &u64| {
            sum = sum.saturating_add(*count);
            sum
        };
        self.digits.iter().map(add).collect()
    }
}

fn widest() -> u32 {
    DIGIT
}

fn is_widest(width: &u32) -> bool {
    *width == DIGIT
}

impl From<Counts> for SavedCounts {
    fn from(Counts { prefix, width, digits }: Counts) -> SavedCounts {
        let came = |(_, count): &(usize, u64)| *count > 0;
        SavedCounts { prefix, width, digits: digits.into_iter().enumerate().filter(came).collect() }
    }
}

impl TryFrom<SavedRanks> for Ranks {
    type Error = String;

    fn try_from(saved: SavedRanks) -> Result<Ranks, String> {
        let SavedRanks { count, passes, digit, bits, ends, found, counts } = saved;
        // A short text may ask for many, and for far more memory than a fit takes.
        let many = counts.iter().map(|counts| 1_usize << counts.width.min(COARSE)).sum::<usize>();
        if many > MOST_COUNTS {
            return Err(format!("{many} counts; allowed: up to {MOST_COUNTS}"));
        }
        let counts = counts.into_iter().map(Counts::try_from).collect::<Result<_, String>>()?;
        Ok(Ranks { count, passes, digit, bits, ends, found, counts })
    }
}

impl TryFrom<SavedCounts> for Counts {
    type Error = String;

    fn try_from(saved: SavedCounts) -> Result<Counts, String> {
        let SavedCounts { prefix, width, digits } = saved;
        if !(1..=COARSE).contains(&width) {
            return Err(format!("a digit of {width} bits; allowed: 1 to {COARSE}"));
        }
        let mut counts = Counts::new(prefix, width);
        for (digit, count) in digits {
            let place = counts.digits.get_mut(digit);
            *place.ok_or_else(|| format!("{digit} is no digit"))? = count;
        }
        Ok(counts)
    }
}

/// The ranks that quantiles are made of: one each, or two where it is between them.
fn wanted(places: &[Place]) -> Vec<u64> {
    let mut ranks = Vec::new();
    for &Place { rank, share } in places {
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
