//! Powers that make a column as normal as they can: Box and Cox (1964), Yeo and Johnson (2000).
//!
//! Of the exponent, the likelihood is concave (Kouider and Chen, 1995; Marchand and others, 2022:
//! "SecureFedYJ"), so that its derivative vanishes once. Each pass over the values takes that
//! derivative at one exponent, and the passes before say which is next: half of the digits that
//! a search for the maximum itself has would be lost in its flatness. All that a pass keeps are
//! exact sums, so that parts of the data merge without a difference.
//!
//! Powers of values far from zero are one number and rounding: of prices near 1000 the power -3 is
//! 0.333333333 whatever they are. Where all values are on one side of zero, powers are therefore measured
//! from that of one of them, the anchor, and by how fast they change there, which neither the likelihood
//! nor what is standardized can tell: with `d` the distance of the logarithms, `(exp(p·d) - 1)/p`. As
//! anchor serves the value with the largest power, beside which no other overflows.

use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::exact::{self, Exact, Total};

/// Passes over the values, at most; eight are usual. The first finds their ends.
pub(super) const PASSES: usize = 24;

/// How small the deviation of powers may be beside their mean: with less, rounding would show in the
/// first eight digits of what tells them apart. The exponent of a narrow column far from zero may be
/// so far below it that all of its powers are one number.
const MOST_ALIKE: f64 = 1e-8;

/// A family of powers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// `((1 + x)^p - 1) / p`, and `-((1 - x)^(2 - p) - 1) / (2 - p)` below zero.
    #[default]
    YeoJohnson,
    /// `(x^p - 1) / p`, of positive numbers only.
    BoxCox,
}

impl Method {
    /// The names, as pipeline files write them.
    pub(crate) const NAMES: [(&'static str, Method); 2] =
        [("yeo-johnson", Method::YeoJohnson), ("box-cox", Method::BoxCox)];

    /// The exponent that the search begins with: the one that changes nothing, or for which the unit of
    /// the values does not matter.
    fn first(self) -> f64 {
        match self {
            Method::YeoJohnson => 1.0,
            Method::BoxCox => 0.0,
        }
    }

    /// The sign of a number's power, and its exponent; `below`: whether it is below zero.
    fn side(self, below: bool, lambda: f64) -> (f64, f64) {
        match self {
            Method::YeoJohnson if below => (-1.0, 2.0 - lambda),
            _ => (1.0, lambda),
        }
    }

    /// The logarithm of the base of a number's power.
    fn log(self, x: f64) -> f64 {
        match self {
            Method::BoxCox => libm::log(x),
            Method::YeoJohnson => libm::log1p(x.abs()),
        }
    }

    /// The value from which powers of others from `min` to `max` are measured, if any.
    fn anchor(self, lambda: f64, min: f64, max: f64) -> Option<f64> {
        let zero = self == Method::YeoJohnson;
        if zero && min < 0.0 && max > 0.0 {
            return None;
        }
        let (_, exponent) = self.side(max <= 0.0, lambda);
        // The logarithm grows away from zero.
        let (nearest, farthest) = if max > 0.0 { (min, max) } else { (max, min) };
        let anchor = if exponent > 0.0 { farthest } else { nearest };
        // The power of zero is zero.
        (!zero || anchor != 0.0).then_some(anchor)
    }

    /// The sign of a number's power, the logarithm of its base, and the exponent. With an anchor, on the
    /// same side of zero, the logarithm is that of the quotient of both bases.
    fn parts(self, anchor: Option<f64>, x: f64, lambda: f64) -> (f64, f64, f64) {
        // Zero is on both sides.
        let below = x < 0.0 || (x == 0.0 && anchor.is_some_and(|anchor| anchor < 0.0));
        let (sign, exponent) = self.side(below, lambda);
        let Some(anchor) = anchor else { return (sign, self.log(x), exponent) };
        let base = match self {
            Method::BoxCox => anchor,
            Method::YeoJohnson => 1.0 + anchor.abs(),
        };
        let beyond = sign * (x - anchor) / base;
        let near = beyond.abs() < 0.5;
        let log = if near { libm::log1p(beyond) } else { self.log(x) - self.log(anchor) };
        (sign, log, exponent)
    }

    /// Whether a number is on the other side of zero than an anchor.
    fn is_across(self, anchor: f64, x: f64) -> bool {
        self == Method::YeoJohnson && x * anchor.signum() < 0.0
    }

    /// The power, measured from that of the anchor.
    fn apply(self, anchor: Option<f64>, x: f64, lambda: f64) -> f64 {
        if let Some(anchor) = anchor.filter(|&anchor| self.is_across(anchor, x)) {
            let power = self.apply(None, x, lambda);
            // Infinity stays, however large the change is.
            let stays = power.is_infinite();
            let power = if stays { power } else { power / self.change(anchor, lambda) };
            return power + self.zero(anchor, lambda);
        }
        let (sign, log, exponent) = self.parts(anchor, x, lambda);
        if log.is_infinite() && exponent != 0.0 {
            return sign * libm::expm1(exponent * log) / exponent;
        }
        sign * log * slant(exponent * log)
    }

    /// How fast powers change at the anchor, beside the logarithm.
    fn change(self, anchor: f64, lambda: f64) -> f64 {
        let (_, log, exponent) = self.parts(None, anchor, lambda);
        libm::exp(exponent * log)
    }

    /// Zero's power, measured from that of the anchor.
    fn zero(self, anchor: f64, lambda: f64) -> f64 {
        let (sign, log, exponent) = self.parts(None, anchor, lambda);
        -sign * log * slant(-exponent * log)
    }

    fn invert(self, anchor: Option<f64>, y: f64, lambda: f64) -> f64 {
        let Some(anchor) = anchor else { return self.invert_from(0.0, y < 0.0, y, lambda) };
        let below = anchor < 0.0;
        if self == Method::YeoJohnson {
            let from_zero = y - self.zero(anchor, lambda);
            if if below { from_zero > 0.0 } else { from_zero < 0.0 } {
                let power = from_zero * self.change(anchor, lambda);
                return self.invert_from(0.0, power < 0.0, power, lambda);
            }
        }
        self.invert_from(self.log(anchor), below, y, lambda)
    }

    /// The number, below zero or not, whose power is `y` measured from that with this logarithm.
    fn invert_from(self, from: f64, below: bool, y: f64, lambda: f64) -> f64 {
        let (sign, exponent) = self.side(below, lambda);
        let size = sign * y;
        let log = if exponent == 0.0 { size } else { libm::log1p(exponent * size) / exponent };
        match self {
            Method::BoxCox => libm::exp(from + log),
            Method::YeoJohnson => sign * libm::expm1(from + log),
        }
    }
}

/// `(exp(u) - 1) / u`.
fn slant(u: f64) -> f64 {
    if u == 0.0 { 1.0 } else { libm::expm1(u) / u }
}

/// The derivative of [`slant`].
fn slant_change(u: f64) -> f64 {
    if u.abs() >= 1.0 {
        return (libm::exp(u) * (u - 1.0) + 1.0) / (u * u);
    }
    // The sum of u^k / (k! (k + 2)).
    let (mut sum, mut term) = (0.0, 1.0);
    for k in 0..20 {
        sum += term / f64::from(k + 2);
        term *= u / f64::from(k + 1);
    }
    sum
}

/// A power, and what is done to it then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerMap {
    /// The family.
    pub method: Method,
    /// The exponent.
    pub lambda: f64,
    /// The value from whose power the others are measured, by how fast powers change there; none for
    /// powers as they are.
    pub anchor: Option<f64>,
    /// To mean 0 and standard deviation 1, or nothing.
    pub then: Affine,
}

impl PowerMap {
    pub(super) fn apply(&self, x: f64) -> f64 {
        self.then.apply(self.method.apply(self.anchor, x, self.lambda))
    }

    pub(super) fn invert(&self, y: f64) -> f64 {
        self.method.invert(self.anchor, self.then.invert(y), self.lambda)
    }

    /// [`apply`](PowerMap::apply) by the formulas.
    pub(super) fn reference(&self, x: f64) -> f64 {
        // Of a logarithm.
        let power = |log: f64, exponent: f64| match exponent {
            0.0 => log,
            _ => libm::expm1(exponent * log) / exponent,
        };
        let Self { method, lambda, anchor, .. } = *self;
        let of = |x: f64, anchor: Option<f64>| {
            let (sign, log, exponent) = method.parts(anchor, x, lambda);
            sign * power(log, exponent)
        };
        let y = match anchor {
            Some(anchor) if method.is_across(anchor, x) => {
                let (_, log, exponent) = method.parts(None, anchor, lambda);
                let apart = of(x, None) - of(anchor, None);
                if apart.is_infinite() { apart } else { apart / libm::exp(exponent * log) }
            }
            _ => of(x, anchor),
        };
        self.then.apply(y)
    }
}

/// The search for the exponent of a column, under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PowerSearch {
    /// Number of values.
    pub(super) count: u64,
    pub(super) method: Method,
    /// The smallest and the largest value; 0 of no values.
    min: f64,
    max: f64,
    /// Whether these are all: in the first pass they are not.
    measured: bool,
    /// The exponents of earlier passes, and the derivative there.
    tried: Vec<[f64; 2]>,
    /// The exponent of this pass.
    lambda: f64,
    /// Of this pass: whether all powers are finite; the sums of the logarithms, with their signs, of the
    /// powers, of their squares, of their derivatives by the exponent, and of the products of both.
    finite: bool,
    logs: Exact,
    sum: Exact,
    squares: Exact,
    slants: Exact,
    products: Exact,
}

/// The power of a column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Power {
    /// Number of values.
    pub count: u64,
    /// The exponent.
    pub lambda: f64,
    /// The value from which the powers are measured, as in [`PowerMap`].
    pub anchor: Option<f64>,
    /// The mean of the powers.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

impl PowerSearch {
    pub(super) fn new(method: Method) -> PowerSearch {
        PowerSearch {
            count: 0,
            method,
            min: 0.0,
            max: 0.0,
            measured: false,
            tried: Vec::new(),
            lambda: method.first(),
            finite: true,
            logs: Exact::new(),
            sum: Exact::new(),
            squares: Exact::new(),
            slants: Exact::new(),
            products: Exact::new(),
        }
    }

    /// The same search, of no values of this pass yet.
    pub(super) fn fresh(&self) -> PowerSearch {
        let new = PowerSearch::new(self.method);
        let PowerSearch { count, min, max, measured, lambda, .. } = *self;
        match measured {
            true => {
                PowerSearch { count, min, max, measured, tried: self.tried.clone(), lambda, ..new }
            }
            false => new,
        }
    }

    /// Whether that many passes are done.
    pub(super) fn stands(&self, done: usize) -> bool {
        self.tried.len() + usize::from(self.measured) == done
    }

    /// Whether both are of the same pass of the same search.
    pub(super) fn goes_with(&self, other: &PowerSearch) -> bool {
        let of = |search: &PowerSearch| (search.count, search.min, search.max);
        self.method == other.method
            && self.measured == other.measured
            && self.tried == other.tried
            && (!self.measured || of(self) == of(other))
    }

    /// Adds the sums of another that [`goes_with`](PowerSearch::goes_with) this one.
    pub(super) fn merge(&mut self, other: &PowerSearch) {
        if !self.measured && other.count > 0 {
            let none = self.count == 0;
            self.min = if none { other.min } else { self.min.min(other.min) };
            self.max = if none { other.max } else { self.max.max(other.max) };
            self.count = self.count.saturating_add(other.count);
        }
        self.finite &= other.finite;
        self.logs.merge(&other.logs);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.slants.merge(&other.slants);
        self.products.merge(&other.products);
    }

    /// Adds a finite value.
    pub(super) fn push(&mut self, x: f64) {
        // Zero has one sign.
        let x = x + 0.0;
        if !self.measured {
            self.min = if self.count == 0 { x } else { self.min.min(x) };
            self.max = if self.count == 0 { x } else { self.max.max(x) };
            self.count += 1;
            return;
        }
        let anchor = self.method.anchor(self.lambda, self.min, self.max);
        let (sign, log, exponent) = self.method.parts(anchor, x, self.lambda);
        let power = sign * log * slant(exponent * log);
        let change = log * log * slant_change(exponent * log);
        if !power.is_finite() || !change.is_finite() {
            self.finite = false;
            return;
        }
        self.logs.add(sign * log);
        self.sum.add(power);
        self.squares.add_product(1, power, power);
        self.slants.add(change);
        self.products.add_product(1, power, change);
    }

    /// Ends a pass: the power, if that was the last.
    ///
    /// # Errors
    ///
    /// In words: values that the method cannot take, or a spread that f64 cannot.
    pub(super) fn end_pass(&mut self) -> Result<Option<Power>, String> {
        let PowerSearch { count, lambda, min, max, .. } = *self;
        if count == 0 {
            return Ok(Some(Power { count, lambda: 1.0, anchor: None, mean: 0.0, deviation: 0.0 }));
        }
        if self.method == Method::BoxCox && min <= 0.0 {
            let takes = "`box-cox` takes positive values only, `yeo-johnson` takes all";
            return Err(format!("has the value {min:?}; {takes}"));
        }
        if min == max {
            let mean = self.method.apply(None, min, 1.0);
            return Ok(Some(Power { count, lambda: 1.0, anchor: None, mean, deviation: 0.0 }));
        }
        if !self.measured {
            self.measured = true;
            return Ok(None);
        }
        let beyond = || format!("has a spread that f64 cannot raise to the power {lambda}");
        if !self.finite {
            return Err(beyond());
        }
        let Self { sum, squares, slants, products, logs, .. } = &*self;
        let total = Total::of_count(count);
        let ratio = exact::regression((sum, squares), (slants, products), &total);
        let slope =
            exact::mean(logs, &Total::of_count(1)) - count as f64 * ratio.ok_or_else(beyond)?;
        if !slope.is_finite() {
            return Err(beyond());
        }
        self.tried.push([lambda, slope]);
        if let Some(next) = next(&self.tried) {
            self.lambda = next;
            *self = self.fresh();
            return Ok(None);
        }
        let mean = exact::mean(&self.sum, &total);
        let deviation = exact::deviation(&self.sum, &self.squares, &total, 0);
        if deviation < MOST_ALIKE * mean.abs() {
            return Err(beyond());
        }
        let anchor = self.method.anchor(lambda, min, max);
        Ok(Some(Power { count, lambda, anchor, mean, deviation }))
    }

    /// Whether passes over some values can have led here.
    pub(super) fn is_sound(&self) -> bool {
        let first = Some(self.method.first());
        let next = if self.tried.is_empty() { first } else { next(&self.tried) };
        self.tried.len() < TRIES
            && (self.measured || self.tried.is_empty())
            && self.tried.as_flattened().iter().all(|number| number.is_finite())
            && next == Some(self.lambda)
            && self.min.is_finite()
            && self.max.is_finite()
            && self.min <= self.max
            && exact::agree(&self.sum, &self.squares, &Total::of_count(self.count))
    }
}

impl Power {
    pub(super) fn is_sound(&self) -> bool {
        let Power { lambda, anchor, mean, deviation, .. } = *self;
        anchor.is_none_or(f64::is_finite)
            && lambda.is_finite()
            && mean.is_finite()
            && deviation.is_finite()
            && deviation >= 0.0
    }
}

/// Exponents that are tried, at most.
const TRIES: usize = PASSES - 1;

/// The exponent to try next, or none where the last is it. The derivative falls.
fn next(tried: &[[f64; 2]]) -> Option<f64> {
    let &[last, slope] = tried.last()?;
    if slope == 0.0 || tried.len() >= TRIES {
        return None;
    }
    let below = tried.iter().filter(|[_, slope]| *slope > 0.0).max_by(|a, b| a[0].total_cmp(&b[0]));
    let above = tried.iter().filter(|[_, slope]| *slope < 0.0).min_by(|a, b| a[0].total_cmp(&b[0]));
    let step = libm::ldexp(1.0, tried.len() as i32 - 1);
    let next = match (below, above) {
        (Some(below), Some(above)) => between(below, above, tried),
        (Some(below), None) => below[0] + step,
        (None, above) => above?[0] - step,
    };
    let near = 1e-12 * last.abs().max(1.0);
    ((next - last).abs() > near).then_some(next)
}

/// Where a parabola through the three smallest derivatives, turned on its side, says that it
/// vanishes; the middle of what is left where that is no help.
fn between(below: &[f64; 2], above: &[f64; 2], tried: &[[f64; 2]]) -> f64 {
    let mut nearest = tried.to_vec();
    nearest.sort_by(|a, b| a[1].abs().total_cmp(&b[1].abs()));
    let secant = |[x, f]: [f64; 2], [y, g]: [f64; 2]| x + (y - x) * (f / (f - g));
    let guess = match nearest[..] {
        [a, b, c, ..] => {
            let weight = |f: f64, g: f64, h: f64| g / (f - g) * (h / (f - h));
            a[0] * weight(a[1], b[1], c[1])
                + b[0] * weight(b[1], a[1], c[1])
                + c[0] * weight(c[1], a[1], b[1])
        }
        _ => secant(*below, *above),
    };
    // Beyond eight, every other halves what is left.
    let halves = tried.len() > 8 && tried.len().is_multiple_of(2);
    match !halves && below[0] < guess && guess < above[0] {
        true => guess,
        false => below[0] + (above[0] - below[0]) / 2.0,
    }
}
