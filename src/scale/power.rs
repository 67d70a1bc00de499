//! Powers that make a column as normal as they can: Box and Cox (1964), Yeo and Johnson (2000).
//!
//! Of the exponent, the likelihood is concave (Kouider and Chen, 1995; Marchand and others, 2022:
//! "SecureFedYJ"), so that its derivative vanishes once. Each pass over the values takes that
//! derivative at one exponent, and the passes before say which is next: half of the digits that
//! a search for the maximum itself has would be lost in its flatness. All that a pass keeps are
//! exact sums, so that parts of the data merge without a difference.

use serde::{Deserialize, Serialize};

use super::affine::Affine;
use super::exact::{self, Exact, Total};

/// Passes over the values, at most; seven are usual.
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

    /// The sign of a number's power, the logarithm of its base, and the exponent.
    fn parts(self, x: f64, lambda: f64) -> (f64, f64, f64) {
        match self {
            Method::BoxCox => (1.0, libm::log(x), lambda),
            Method::YeoJohnson if x < 0.0 => (-1.0, libm::log1p(-x), 2.0 - lambda),
            Method::YeoJohnson => (1.0, libm::log1p(x), lambda),
        }
    }

    fn apply(self, x: f64, lambda: f64) -> f64 {
        let (sign, log, exponent) = self.parts(x, lambda);
        if log.is_infinite() && exponent != 0.0 {
            return sign * libm::expm1(exponent * log) / exponent;
        }
        sign * log * slant(exponent * log)
    }

    fn invert(self, y: f64, lambda: f64) -> f64 {
        let (sign, exponent) = match self {
            Method::YeoJohnson if y < 0.0 => (-1.0, 2.0 - lambda),
            _ => (1.0, lambda),
        };
        let size = sign * y;
        let log = if exponent == 0.0 { size } else { libm::log1p(exponent * size) / exponent };
        match self {
            Method::BoxCox => libm::exp(log),
            Method::YeoJohnson => sign * libm::expm1(log),
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
    /// To mean 0 and standard deviation 1, or nothing.
    pub then: Affine,
}

impl PowerMap {
    pub(super) fn apply(&self, x: f64) -> f64 {
        self.then.apply(self.method.apply(x, self.lambda))
    }

    pub(super) fn invert(&self, y: f64) -> f64 {
        self.method.invert(self.then.invert(y), self.lambda)
    }

    /// [`apply`](PowerMap::apply) by the formulas.
    pub(super) fn reference(&self, x: f64) -> f64 {
        let power = |base: f64, exponent: f64| match exponent {
            0.0 => libm::log(base),
            _ => (libm::pow(base, exponent) - 1.0) / exponent,
        };
        let y = match self.method {
            Method::BoxCox if x < 0.0 => f64::NAN,
            Method::BoxCox => power(x, self.lambda),
            Method::YeoJohnson if x < 0.0 => -power(1.0 - x, 2.0 - self.lambda),
            Method::YeoJohnson => power(1.0 + x, self.lambda),
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
    /// The sum of the logarithms, with their signs.
    logs: Exact,
    /// The exponents of earlier passes, and the derivative there.
    tried: Vec<[f64; 2]>,
    /// The exponent of this pass.
    lambda: f64,
    /// Of this pass: whether all powers are finite; the sums of the powers, of their squares, of
    /// their derivatives by the exponent, and of the products of both.
    finite: bool,
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
            logs: Exact::new(),
            tried: Vec::new(),
            lambda: FIRST,
            finite: true,
            sum: Exact::new(),
            squares: Exact::new(),
            slants: Exact::new(),
            products: Exact::new(),
        }
    }

    /// The same search, of no values of this pass yet.
    pub(super) fn fresh(&self) -> PowerSearch {
        let new = PowerSearch::new(self.method);
        if self.tried.is_empty() {
            return new;
        }
        let (logs, tried) = (self.logs.clone(), self.tried.clone());
        let PowerSearch { count, min, max, lambda, .. } = *self;
        PowerSearch { count, min, max, logs, tried, lambda, ..new }
    }

    /// Whether that many passes are done.
    pub(super) fn stands(&self, done: usize) -> bool {
        self.tried.len() == done
    }

    /// Whether both are of the same pass of the same search.
    pub(super) fn goes_with(&self, other: &PowerSearch) -> bool {
        let of = |search: &PowerSearch| (search.count, search.min, search.max);
        self.method == other.method
            && self.tried == other.tried
            && (self.tried.is_empty() || of(self) == of(other))
    }

    /// Adds the sums of another that [`goes_with`](PowerSearch::goes_with) this one.
    pub(super) fn merge(&mut self, other: &PowerSearch) {
        if self.tried.is_empty() && other.count > 0 {
            let none = self.count == 0;
            self.min = if none { other.min } else { self.min.min(other.min) };
            self.max = if none { other.max } else { self.max.max(other.max) };
            self.count = self.count.saturating_add(other.count);
            self.logs.merge(&other.logs);
        }
        self.finite &= other.finite;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
        self.slants.merge(&other.slants);
        self.products.merge(&other.products);
    }

    /// Adds a finite value.
    pub(super) fn push(&mut self, x: f64) {
        // Zero has one sign.
        let x = x + 0.0;
        let (sign, log, exponent) = self.method.parts(x, self.lambda);
        if self.tried.is_empty() {
            self.min = if self.count == 0 { x } else { self.min.min(x) };
            self.max = if self.count == 0 { x } else { self.max.max(x) };
            self.count += 1;
        }
        let power = sign * log * slant(exponent * log);
        let change = log * log * slant_change(exponent * log);
        if !power.is_finite() || !change.is_finite() {
            self.finite = false;
            return;
        }
        if self.tried.is_empty() {
            self.logs.add(sign * log);
        }
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
            return Ok(Some(Power { count, lambda, mean: 0.0, deviation: 0.0 }));
        }
        if self.method == Method::BoxCox && min <= 0.0 {
            let takes = "`box-cox` takes positive values only, `yeo-johnson` takes all";
            return Err(format!("has the value {min:?}; {takes}"));
        }
        let beyond = || format!("has a spread that f64 cannot raise to the power {lambda}");
        if !self.finite {
            return Err(beyond());
        }
        if min < max {
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
        }
        let total = Total::of_count(count);
        let mean = exact::mean(&self.sum, &total);
        let deviation = exact::deviation(&self.sum, &self.squares, &total, 0);
        if min < max && deviation < MOST_ALIKE * mean.abs() {
            return Err(beyond());
        }
        Ok(Some(Power { count, lambda, mean, deviation }))
    }

    /// Whether passes over some values can have led here.
    pub(super) fn is_sound(&self) -> bool {
        let next = if self.tried.is_empty() { Some(FIRST) } else { next(&self.tried) };
        self.tried.len() < PASSES
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
        let Power { lambda, mean, deviation, .. } = *self;
        lambda.is_finite() && mean.is_finite() && deviation.is_finite() && deviation >= 0.0
    }
}

/// The exponent of the first pass: nothing is changed.
const FIRST: f64 = 1.0;

/// The exponent to try next, or none where the last is it. The derivative falls.
fn next(tried: &[[f64; 2]]) -> Option<f64> {
    let &[last, slope] = tried.last()?;
    if slope == 0.0 || tried.len() >= PASSES {
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
