//! Sums without rounding, and what is read off them with one.

use std::fmt;
use std::ops::{Mul, Sub};

use dashu_int::ops::BitTest;
use dashu_int::{IBig, UBig};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bits before which the point stands: the square of the least f64 by the least weight has its last
/// bit there, or before.
const POINT: i32 = 2304;

/// Places of 64 bits. Up to 2^64 squares of f64 by the largest weight have 4516 bits.
const PLACES: usize = 72;

/// Bytes of a sum.
pub(super) const BYTES: usize = PLACES * size_of::<Place>();

/// Bits that a saved sum may have.
const MOST: usize = 64 * PLACES - 96;

/// A sum of f64, or of products of two, that holds every bit: the order of addition does not
/// matter, nor what was summed apart.
///
/// In JSON a text, such as `0x3p-1` for 1.5, which Python's `float.fromhex` reads. A superaccumulator
/// after Kulisch, whose places overlap so that no addition carries from one to the next (Neal, 2015:
/// "Fast exact summation using small and large superaccumulators").
#[derive(Clone)]
pub struct Exact {
    places: Box<[Place; PLACES]>,
}

/// A number of 256 bits in two's complement. An addition has 191 of them, so that 2^64 have room.
#[derive(Clone, Copy, Default)]
struct Place {
    low: u128,
    high: i128,
}

impl Place {
    #[inline]
    fn add(&mut self, other: Place) {
        let (low, carry) = self.low.overflowing_add(other.low);
        self.low = low;
        self.high = self.high.wrapping_add(other.high).wrapping_add(i128::from(carry));
    }

    /// The number, or it negated: without a branch, as signs change at random.
    #[inline]
    fn signed(self, negative: bool) -> Place {
        let flip = -i128::from(negative);
        let mut flipped = Place { low: self.low ^ flip as u128, high: self.high ^ flip };
        flipped.add(Place { low: u128::from(negative), high: 0 });
        flipped
    }
}

impl Exact {
    /// Zero.
    pub fn new() -> Exact {
        Exact { places: Box::new([Place::default(); PLACES]) }
    }

    /// Adds a finite number.
    #[inline]
    pub(super) fn add(&mut self, x: f64) {
        let x = Parts::of(x);
        self.add_scaled(x.mantissa.into(), x.exponent, x.negative);
    }

    /// Adds `times * x`.
    #[inline]
    pub(super) fn add_times(&mut self, times: u64, x: f64) {
        let x = Parts::of(x);
        self.add_scaled(u128::from(times) * u128::from(x.mantissa), x.exponent, x.negative);
    }

    /// Adds `times * x * y`.
    #[inline]
    pub(super) fn add_product(&mut self, mut times: u64, x: f64, y: f64) {
        let (x, y) = (Parts::of(x), Parts::of(y));
        let product = u128::from(x.mantissa) * u128::from(y.mantissa);
        let mut exponent = x.exponent + y.exponent;
        // A product has 106 bits, so that 22 are left.
        while times > 0 {
            let part = times & ((1 << 22) - 1);
            self.add_scaled(product * u128::from(part), exponent, x.negative != y.negative);
            times >>= 22;
            exponent += 22;
        }
    }

    /// Adds `weight * x * y`; the weight is within [`WEIGHTS`].
    pub(super) fn add_weighted(&mut self, weight: f64, x: f64, y: f64) {
        let (w, x, y) = (Parts::of(weight), Parts::of(x), Parts::of(y));
        let product = u128::from(x.mantissa) * u128::from(y.mantissa);
        let (exponent, negative) = (w.exponent + x.exponent + y.exponent, x.negative != y.negative);
        // Of 106 bits and 53.
        let (low, high) = (product & u128::from(u64::MAX), product >> 64);
        self.add_scaled(low * u128::from(w.mantissa), exponent, negative);
        self.add_scaled(high * u128::from(w.mantissa), exponent + 64, negative);
    }

    /// Adds `magnitude * 2^exponent`. Inlined, as what calls it: squares have no sign to be asked for.
    #[inline(always)]
    fn add_scaled(&mut self, magnitude: u128, exponent: i32, negative: bool) {
        let bit = (exponent + POINT) as usize;
        let shift = bit % 64;
        let high = magnitude >> 64 >> (64 - shift);
        let number = Place { low: magnitude << shift, high: high as i128 };
        self.places[bit / 64].add(number.signed(negative));
    }

    /// Whether it is more than zero.
    pub(super) fn is_positive(&self) -> bool {
        self.number().units > IBig::ZERO
    }

    /// Adds what another holds.
    pub(super) fn merge(&mut self, other: &Exact) {
        for (place, more) in self.places.iter_mut().zip(other.places.iter()) {
            place.add(*more);
        }
    }

    fn number(&self) -> Number {
        // Each place keeps its lowest 64 bits and hands on the others, which three more hold.
        let mut words = [[0; 8]; PLACES + 3];
        let mut carried = Place::default();
        let behind = std::iter::repeat(&Place { low: 0, high: 0 });
        for (word, place) in words.iter_mut().zip(self.places.iter().chain(behind)) {
            carried.add(*place);
            *word = (carried.low as u64).to_le_bytes();
            carried.low = carried.low >> 64 | (carried.high as u128) << 64;
            carried.high >>= 64;
        }
        let first = words.iter().take_while(|word| **word == [0; 8]).count();
        let units = IBig::from_le_bytes(words[first..].as_flattened());
        Number::new(units, 64 * first as i64 - i64::from(POINT))
    }

    fn parse(text: &str) -> Option<Exact> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (hex, exponent) = text.strip_prefix("0x")?.split_once('p')?;
        let bit = usize::try_from(exponent.parse::<i32>().ok()?.checked_add(POINT)?).ok()?;
        if hex.is_empty() || hex.len() > MOST / 4 || bit > MOST {
            return None;
        }
        let units = UBig::from_str_radix(hex, 16).ok()? << bit;
        if units.bit_len() > MOST {
            return None;
        }
        let mut exact = Exact::new();
        for (place, bytes) in exact.places.iter_mut().zip(units.to_le_bytes().chunks(8)) {
            let mut whole = [0; 8];
            whole[..bytes.len()].copy_from_slice(bytes);
            let number = Place { low: u64::from_le_bytes(whole).into(), high: 0 };
            *place = number.signed(negative);
        }
        Some(exact)
    }
}

impl Default for Exact {
    fn default() -> Self {
        Exact::new()
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Exact) -> bool {
        self.number() == other.number()
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Number { units, exponent } = self.number();
        let sign = if units < IBig::ZERO { "-" } else { "" };
        write!(f, "{sign}0x{:x}p{exponent}", units.into_parts().1)
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exact, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("`{text}` is no sum such as `0x3p-1`"));
        Exact::parse(&text).ok_or_else(wrong)
    }
}

/// Weights of which sums hold every bit, and zero.
pub(super) const WEIGHTS: [f64; 2] = [1e-30, 1e30];

/// Any number of bits: `units * 2^exponent`, with odd units, so that it is as short as it can be (the
/// sums themselves are of some thousand bits: a deviation took 10 µs); zero has exponent 0.
#[derive(Clone, PartialEq)]
struct Number {
    units: IBig,
    exponent: i64,
}

impl Number {
    fn new(units: IBig, exponent: i64) -> Number {
        match units.trailing_zeros() {
            Some(zeros) => Number { units: units >> zeros, exponent: exponent + zeros as i64 },
            None => Number { units, exponent: 0 },
        }
    }

    /// Its units in those of a smaller exponent.
    fn at(&self, exponent: i64) -> IBig {
        &self.units << (self.exponent - exponent) as usize
    }
}

impl Mul for &Number {
    type Output = Number;

    fn mul(self, other: &Number) -> Number {
        Number::new(&self.units * &other.units, self.exponent + other.exponent)
    }
}

impl Sub for Number {
    type Output = Number;

    fn sub(self, other: Number) -> Number {
        let exponent = self.exponent.min(other.exponent);
        Number::new(self.at(exponent) - other.at(exponent), exponent)
    }
}

/// By what sums are divided: so many values, or their weights.
pub(super) struct Total(Number);

impl Total {
    pub fn of_count(count: u64) -> Total {
        Total(Number::new(IBig::from(count), 0))
    }

    /// Of a sum of weights, none of which is negative.
    pub fn of_weights(weights: &Exact) -> Total {
        Total(weights.number())
    }

    /// Whether it is more than `ddof`.
    pub fn exceeds(&self, ddof: u64) -> bool {
        self.less(ddof).units > IBig::ZERO
    }

    /// What is left without `ddof`.
    fn less(&self, ddof: u64) -> Number {
        self.0.clone() - Total::of_count(ddof).0
    }
}

/// A finite f64: `mantissa * 2^exponent`.
struct Parts {
    negative: bool,
    mantissa: u64,
    exponent: i32,
}

impl Parts {
    #[inline]
    fn of(x: f64) -> Parts {
        let bits = x.to_bits();
        let (fraction, field) = (bits & ((1 << 52) - 1), (bits >> 52 & 0x7FF) as i32);
        let mantissa = if field == 0 { fraction } else { fraction | 1 << 52 };
        Parts { negative: bits >> 63 != 0, mantissa, exponent: field.max(1) - 1075 }
    }
}

/// `sum / total`, rounded once.
pub(super) fn mean(sum: &Exact, total: &Total) -> f64 {
    ratio(&sum.number(), &total.0)
}

/// `a / b`, rounded once.
fn ratio(a: &Number, b: &Number) -> f64 {
    let Quotient { value, exponent, inexact } = Quotient::of(a, b, 64);
    let ratio = nearest(value, exponent, inexact);
    if (a.units < IBig::ZERO) != (b.units < IBig::ZERO) { -ratio } else { ratio }
}

/// `total` times the sum of squares of the differences to the mean; negative for sums that no
/// numbers have.
fn spread(sum: &Exact, squares: &Exact, total: &Total) -> Number {
    let sum = sum.number();
    &squares.number() * &total.0 - &sum * &sum
}

/// Whether there are so many numbers that have these sums.
pub(super) fn agree(sum: &Exact, squares: &Exact, total: &Total) -> bool {
    spread(sum, squares, total).units >= IBig::ZERO
}

/// The standard deviation with `ddof` taken off `total`, rounded once.
pub(super) fn deviation(sum: &Exact, squares: &Exact, total: &Total, ddof: u64) -> f64 {
    let (spread, divisor) = (spread(sum, squares, total), &total.0 * &total.less(ddof));
    let Quotient { value, exponent, inexact } = Quotient::of(&spread, &divisor, 124);
    let root = value.isqrt();
    nearest(root, exponent / 2, inexact || root * root != value)
}

/// The covariance of some numbers with others over their own variance, rounded once: of both, the
/// sums of numbers and of products with the first. None if all of the first are equal.
pub(super) fn regression(
    (sum, squares): (&Exact, &Exact),
    (others, products): (&Exact, &Exact),
    total: &Total,
) -> Option<f64> {
    let variance = spread(sum, squares, total);
    if variance.units.is_zero() {
        return None;
    }
    let covariance = &products.number() * &total.0 - &sum.number() * &others.number();
    Some(ratio(&covariance, &variance))
}

/// The leading bits of a quotient's magnitude: `value * 2^exponent`, and a little more if `inexact`.
/// The exponent is even.
struct Quotient {
    value: u128,
    exponent: i64,
    inexact: bool,
}

impl Quotient {
    /// `a / b` to `bits` bits or up to two more.
    fn of(a: &Number, b: &Number, bits: i64) -> Quotient {
        let length = |x: &Number| x.units.bit_len() as i64;
        let exponent = a.exponent - b.exponent - (bits + 1 + length(b) - length(a));
        let exponent = exponent + (exponent & 1);
        let shift = a.exponent - b.exponent - exponent;
        let shifted = |x: &Number, by: i64| x.units.clone().into_parts().1 << by.max(0) as usize;
        let (a, b) = (shifted(a, shift), shifted(b, -shift));
        let value = u128::try_from(&a / &b).expect("two more than 124 bits at most");
        Quotient { value, exponent, inexact: UBig::from(value) * b != a }
    }
}

/// `value * 2^exponent`, and a little more if `inexact`, as the nearest f64; ties go to even.
fn nearest(value: u128, exponent: i64, inexact: bool) -> f64 {
    let bits = i64::from(u128::BITS - value.leading_zeros());
    // All but 53 bits go, and of small numbers what is below the least f64.
    let drop = (bits - 53).max(-1074 - exponent).max(1);
    if value == 0 || drop > 127 {
        return 0.0;
    }
    let (mut kept, rest, half) = (value >> drop, value & ((1 << drop) - 1), 1 << (drop - 1));
    if rest > half || (rest == half && (inexact || kept & 1 == 1)) {
        kept += 1;
    }
    libm::ldexp(kept as f64, (exponent + drop) as i32)
}
