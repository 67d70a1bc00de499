//! The vocabulary of the patterns: what a candle is, and how it stands to others.
//!
//! It is written once for any chart: the lanes of the kernel, and the plain numbers of the
//! definition, which differ in how they come by a bar and by the sums of those before it.
//!
//! Sizes are TA-Lib's default settings: long and short bodies against the mean of the ten before, a
//! doji and a shadow that is next to nothing against a tenth of the mean range of the ten before,
//! near, far and equal against parts of the mean range of the five before. TA-Lib divides a sum to
//! have the mean; here the other side is multiplied, which is exact where the division is not, so
//! that a candle among its like is neither longer nor shorter than their mean.

use std::ops::{Add, BitAnd, BitOr, Mul, Not, Sub};

/// Bars, and sums over those before each of them; `ago` counts from the newest.
pub trait Chart {
    type Number: Copy
        + Add<Output = Self::Number>
        + Sub<Output = Self::Number>
        + Mul<Output = Self::Number>;
    type Truth: Copy
        + BitAnd<Output = Self::Truth>
        + BitOr<Output = Self::Truth>
        + Not<Output = Self::Truth>;

    fn number(x: f64) -> Self::Number;
    fn gt(a: Self::Number, b: Self::Number) -> Self::Truth;
    fn ge(a: Self::Number, b: Self::Number) -> Self::Truth;
    fn abs(a: Self::Number) -> Self::Number;
    fn select(truth: Self::Truth, yes: Self::Number, no: Self::Number) -> Self::Number;

    fn open(&self, ago: usize) -> Self::Number;
    fn high(&self, ago: usize) -> Self::Number;
    fn low(&self, ago: usize) -> Self::Number;
    fn close(&self, ago: usize) -> Self::Number;

    /// The sum of the ten bodies before the candle.
    fn bodies(&self, ago: usize) -> Self::Number;
    /// The sum of the ten ranges before it.
    fn ranges(&self, ago: usize) -> Self::Number;
    /// The sum of the five ranges before it.
    fn late_ranges(&self, ago: usize) -> Self::Number;
    /// The sum of the shadows, both of each, of the ten before it.
    fn shadows(&self, ago: usize) -> Self::Number;
}

/// A price, or the distance between two.
pub struct Price<C: Chart>(pub C::Number);

impl<C: Chart> Copy for Price<C> {}

impl<C: Chart> Clone for Price<C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Chart> Add for Price<C> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Price(self.0 + other.0)
    }
}

impl<C: Chart> Sub for Price<C> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Price(self.0 - other.0)
    }
}

impl<C: Chart> Mul for Price<C> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Price(self.0 * other.0)
    }
}

impl<C: Chart> Price<C> {
    #[inline(always)]
    pub fn number(x: f64) -> Self {
        Price(C::number(x))
    }
    #[inline(always)]
    pub fn select(truth: C::Truth, yes: Self, no: Self) -> Self {
        Price(C::select(truth, yes.0, no.0))
    }
    #[inline(always)]
    pub fn times(self, factor: f64) -> Self {
        self * Self::number(factor)
    }
    #[inline(always)]
    pub fn abs(self) -> Self {
        Price(C::abs(self.0))
    }
    #[inline(always)]
    pub fn gt(self, other: Self) -> C::Truth {
        C::gt(self.0, other.0)
    }
    #[inline(always)]
    pub fn ge(self, other: Self) -> C::Truth {
        C::ge(self.0, other.0)
    }
    #[inline(always)]
    pub fn lt(self, other: Self) -> C::Truth {
        C::gt(other.0, self.0)
    }
    #[inline(always)]
    pub fn le(self, other: Self) -> C::Truth {
        C::ge(other.0, self.0)
    }
    /// Strictly between two others.
    #[inline(always)]
    pub fn between(self, low: Self, high: Self) -> C::Truth {
        self.gt(low) & self.lt(high)
    }
    /// No further from another than a margin.
    #[inline(always)]
    pub fn about(self, other: Self, margin: Self) -> C::Truth {
        self.ge(other - margin) & self.le(other + margin)
    }
}

/// A candle of a chart.
pub struct Candle<'a, C> {
    chart: &'a C,
    ago: usize,
}

impl<C> Copy for Candle<'_, C> {}

impl<C> Clone for Candle<'_, C> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

/// The last candles of a chart, oldest first.
#[inline(always)]
pub fn last<C: Chart, const N: usize>(chart: &C) -> [Candle<'_, C>; N] {
    let mut candles = [Candle { chart, ago: 0 }; N];
    for i in 0..N {
        candles[i].ago = N - 1 - i;
    }
    candles
}

impl<'a, C: Chart> Candle<'a, C> {
    #[inline(always)]
    pub fn new(chart: &'a C, ago: usize) -> Self {
        Candle { chart, ago }
    }
    #[inline(always)]
    pub fn open(self) -> Price<C> {
        Price(self.chart.open(self.ago))
    }
    #[inline(always)]
    pub fn high(self) -> Price<C> {
        Price(self.chart.high(self.ago))
    }
    #[inline(always)]
    pub fn low(self) -> Price<C> {
        Price(self.chart.low(self.ago))
    }
    #[inline(always)]
    pub fn close(self) -> Price<C> {
        Price(self.chart.close(self.ago))
    }

    /// Closes no lower than it opened.
    #[inline(always)]
    pub fn white(self) -> C::Truth {
        self.close().ge(self.open())
    }
    #[inline(always)]
    pub fn black(self) -> C::Truth {
        !self.white()
    }
    /// The upper end of the body.
    #[inline(always)]
    pub fn top(self) -> Price<C> {
        Price::select(self.white(), self.close(), self.open())
    }
    /// The lower end of the body.
    #[inline(always)]
    pub fn bottom(self) -> Price<C> {
        Price::select(self.white(), self.open(), self.close())
    }
    #[inline(always)]
    pub fn body(self) -> Price<C> {
        (self.close() - self.open()).abs()
    }
    #[inline(always)]
    pub fn range(self) -> Price<C> {
        self.high() - self.low()
    }
    /// The shadow above the body.
    #[inline(always)]
    pub fn upper(self) -> Price<C> {
        self.high() - self.top()
    }
    /// The shadow below the body.
    #[inline(always)]
    pub fn lower(self) -> Price<C> {
        self.bottom() - self.low()
    }
    #[inline(always)]
    pub fn both_shadows(self) -> Price<C> {
        self.upper() + self.lower()
    }

    #[inline(always)]
    fn bodies(self) -> Price<C> {
        Price(self.chart.bodies(self.ago))
    }
    #[inline(always)]
    fn ranges(self) -> Price<C> {
        Price(self.chart.ranges(self.ago))
    }
    #[inline(always)]
    fn shadows(self) -> Price<C> {
        Price(self.chart.shadows(self.ago))
    }

    /// Its body is longer than the mean of the ten before.
    #[inline(always)]
    pub fn long(self) -> C::Truth {
        self.body().times(10.0).gt(self.bodies())
    }
    /// Its body is no longer than the mean of the ten before.
    #[inline(always)]
    pub fn short(self) -> C::Truth {
        self.body().times(10.0).le(self.bodies())
    }
    /// Its body is shorter than the mean of the ten before.
    #[inline(always)]
    pub fn small(self) -> C::Truth {
        self.body().times(10.0).lt(self.bodies())
    }
    /// Its body is next to nothing.
    #[inline(always)]
    pub fn doji(self) -> C::Truth {
        self.doji_beside(self)
    }
    /// Its body is next to nothing beside the ten ranges before another candle.
    #[inline(always)]
    pub fn doji_beside(self, other: Self) -> C::Truth {
        self.body().times(100.0).le(other.ranges())
    }
    /// Its upper shadow is next to nothing.
    #[inline(always)]
    pub fn no_upper(self) -> C::Truth {
        self.upper().times(100.0).lt(self.ranges())
    }
    /// Its lower shadow is next to nothing.
    #[inline(always)]
    pub fn no_lower(self) -> C::Truth {
        self.lower().times(100.0).lt(self.ranges())
    }
    /// Its upper shadow is more than next to nothing.
    #[inline(always)]
    pub fn has_upper(self) -> C::Truth {
        self.upper().times(100.0).gt(self.ranges())
    }
    /// Its lower shadow is more than next to nothing.
    #[inline(always)]
    pub fn has_lower(self) -> C::Truth {
        self.lower().times(100.0).gt(self.ranges())
    }
    /// Its upper shadow is shorter than the mean of shadows.
    #[inline(always)]
    pub fn short_upper(self) -> C::Truth {
        self.upper().times(20.0).lt(self.shadows())
    }
    /// Its lower shadow is shorter than the mean of shadows.
    #[inline(always)]
    pub fn short_lower(self) -> C::Truth {
        self.lower().times(20.0).lt(self.shadows())
    }
    /// Its upper shadow is longer than the mean of shadows.
    #[inline(always)]
    pub fn some_upper(self) -> C::Truth {
        self.upper().times(20.0).gt(self.shadows())
    }
    /// Its upper shadow is longer than so many bodies.
    #[inline(always)]
    pub fn long_upper(self, bodies: f64) -> C::Truth {
        self.upper().gt(self.body().times(bodies))
    }
    /// Its lower shadow is longer than so many bodies.
    #[inline(always)]
    pub fn long_lower(self, bodies: f64) -> C::Truth {
        self.lower().gt(self.body().times(bodies))
    }

    /// A fifth of the mean range of the five before.
    #[inline(always)]
    pub fn near(self) -> Price<C> {
        self.late_ranges().times(0.04)
    }
    /// Three fifths of the mean range of the five before.
    #[inline(always)]
    pub fn far(self) -> Price<C> {
        self.late_ranges().times(0.12)
    }
    /// A twentieth of the mean range of the five before.
    #[inline(always)]
    pub fn equal(self) -> Price<C> {
        self.late_ranges().times(0.01)
    }
    #[inline(always)]
    fn late_ranges(self) -> Price<C> {
        Price(self.chart.late_ranges(self.ago))
    }

    /// Its body is above another.
    #[inline(always)]
    pub fn gaps_up(self, from: Self) -> C::Truth {
        self.bottom().gt(from.top())
    }
    /// Its body is below another.
    #[inline(always)]
    pub fn gaps_down(self, from: Self) -> C::Truth {
        self.top().lt(from.bottom())
    }
    /// It is above another with all its shadows.
    #[inline(always)]
    pub fn clears_up(self, from: Self) -> C::Truth {
        self.low().gt(from.high())
    }
    /// It is below another with all its shadows.
    #[inline(always)]
    pub fn clears_down(self, from: Self) -> C::Truth {
        self.high().lt(from.low())
    }
    /// Long, with next to no shadows.
    #[inline(always)]
    pub fn marubozu(self) -> C::Truth {
        self.long() & self.no_upper() & self.no_lower()
    }
    /// Opens within the body of another, or near it.
    #[inline(always)]
    pub fn opens_near(self, other: Self) -> C::Truth {
        self.open().ge(other.bottom() - other.near()) & self.open().le(other.top() + other.near())
    }
    /// Opens above the open of a white candle and no further above its close than near.
    #[inline(always)]
    pub fn opens_higher(self, other: Self) -> C::Truth {
        self.open().gt(other.open()) & self.open().le(other.close() + other.near())
    }
    /// Both of one colour.
    #[inline(always)]
    pub fn is_like(self, other: Self) -> C::Truth {
        (self.white() & other.white()) | (self.black() & other.black())
    }
    /// Of different colours.
    #[inline(always)]
    pub fn is_unlike(self, other: Self) -> C::Truth {
        !self.is_like(other)
    }
    /// Closes so much of another's body below its close.
    #[inline(always)]
    pub fn closes_under(self, other: Self, part: Price<C>) -> C::Truth {
        self.close().lt(other.close() - other.body() * part)
    }
    /// Closes so much of another's body above its close.
    #[inline(always)]
    pub fn closes_over(self, other: Self, part: Price<C>) -> C::Truth {
        self.close().gt(other.close() + other.body() * part)
    }
}

/// 100 where a pattern is found, else 0.
#[inline(always)]
pub fn bullish<C: Chart>(found: C::Truth) -> Price<C> {
    Price::select(found, Price::number(100.0), Price::number(0.0))
}

/// -100 where a pattern is found, else 0.
#[inline(always)]
pub fn bearish<C: Chart>(found: C::Truth) -> Price<C> {
    Price::select(found, Price::number(-100.0), Price::number(0.0))
}

/// 100 where one pattern is found, -100 where its opposite is.
#[inline(always)]
pub fn either<C: Chart>(up: C::Truth, down: C::Truth) -> Price<C> {
    Price::select(up, Price::number(100.0), bearish(down))
}

/// 100 where a pattern is found and its candle is white, -100 where that is black.
#[inline(always)]
pub fn coloured<C: Chart>(found: C::Truth, candle: Candle<'_, C>) -> Price<C> {
    either(found & candle.white(), found & candle.black())
}
