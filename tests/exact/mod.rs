//! Sums and moments of windows in exact arithmetic, for tests and benches.
#![allow(dead_code)] // each uses its part

pub mod about;

use dashu::base::BitTest;
use dashu::integer::IBig;

/// The exponent of the smallest number: every f64 is a whole number of 2⁻¹⁰⁷⁴.
pub const SCALE: usize = 1074;

/// A finite number in units of 2⁻¹⁰⁷⁴.
pub fn whole(x: f64) -> IBig {
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as usize;
    let fraction = bits & ((1 << 52) - 1);
    let mantissa = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    let size = IBig::from(mantissa) << (exponent.max(1) - 1);
    if x < 0.0 { -size } else { size }
}

/// The quotient of two whole numbers, the second positive.
pub fn ratio(a: &IBig, b: &IBig) -> f64 {
    // What f64 can hold of each, and the powers of two left over: in two steps, one may be beyond f64.
    let [(a, up), (b, down)] = [a, b].map(|x| {
        let shift = x.bit_len().saturating_sub(200);
        ((x >> shift).to_f64().value(), shift as i32)
    });
    let (power, half) = (up - down, (up - down) / 2);
    a / b * 2f64.powi(half) * 2f64.powi(power - half)
}

/// Sums of a series from its start on: those of a window are differences of two.
pub struct Exact {
    counts: Vec<usize>,
    sums: Vec<IBig>,
    sizes: Vec<IBig>,
    squares: Vec<IBig>,
}

/// What a window holds.
pub struct Window {
    pub count: usize,
    sum: IBig,
    size: IBig,
    squares: IBig,
}

impl Exact {
    /// Of a series; what is not finite counts as no value.
    pub fn new(x: &[f64]) -> Self {
        let zero = || vec![IBig::ZERO];
        let mut exact = Exact { counts: vec![0], sums: zero(), sizes: zero(), squares: zero() };
        for &x in x {
            let value = if x.is_finite() { whole(x) } else { IBig::ZERO };
            let push = |to: &mut Vec<IBig>, by: IBig| to.push(&to[to.len() - 1] + by);
            push(&mut exact.squares, &value * &value);
            push(&mut exact.sizes, if x < 0.0 { -&value } else { value.clone() });
            push(&mut exact.sums, value);
            exact.counts.push(exact.counts[exact.counts.len() - 1] + usize::from(x.is_finite()));
        }
        exact
    }

    /// The window of timesteps `from..to`.
    pub fn window(&self, from: usize, to: usize) -> Window {
        let of = |sums: &[IBig]| &sums[to] - &sums[from];
        Window {
            count: self.counts[to] - self.counts[from],
            sum: of(&self.sums),
            size: of(&self.sizes),
            squares: of(&self.squares),
        }
    }
}

impl Window {
    /// How far a sum is off, as part of the sum of absolute values; zero if both are.
    pub fn sum_error(&self, y: f64) -> f64 {
        self.part_of_size(whole(y) - &self.sum)
    }

    /// As [`sum_error`](Window::sum_error), of the mean times the number of values.
    pub fn mean_error(&self, y: f64) -> f64 {
        self.part_of_size(whole(y) * IBig::from(self.count) - &self.sum)
    }

    fn part_of_size(&self, error: IBig) -> f64 {
        if error == IBig::ZERO {
            return 0.0;
        }
        if self.size == IBig::ZERO { f64::INFINITY } else { ratio(&error, &self.size).abs() }
    }

    /// `count²` times the variance of the population, in the units of a square.
    fn spread(&self) -> IBig {
        &self.squares * IBig::from(self.count) - &self.sum * &self.sum
    }

    /// Whether all values are equal.
    pub fn flat(&self) -> bool {
        self.spread() == IBig::ZERO
    }

    /// How far a variance is off, as part of the variance; infinite if that is 0 and `y` is not.
    pub fn variance_error(&self, ddof: usize, y: f64) -> f64 {
        let spread = self.spread();
        let sized = IBig::from(self.count * (self.count - ddof));
        let error = (whole(y) << SCALE) * sized - &spread;
        match (error == IBig::ZERO, spread == IBig::ZERO) {
            (true, _) => 0.0,
            (false, true) => f64::INFINITY,
            (false, false) => ratio(&error, &spread).abs(),
        }
    }

    /// The variance, rounded.
    pub fn variance(&self, ddof: usize) -> f64 {
        let spread = self.spread();
        let sized = IBig::from(self.count * (self.count - ddof));
        if spread == IBig::ZERO { 0.0 } else { ratio(&spread, &(sized << (2 * SCALE))) }
    }
}
