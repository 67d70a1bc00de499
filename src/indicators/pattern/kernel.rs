//! One kernel for all patterns: the last bars, sums over those before them, and a condition.

use std::marker::PhantomData;

use super::chart::{Candle, Chart, Price};
use crate::kernel::state::{Clean, Latest, Totals};
use crate::kernel::{Input, Kernel, Output, Param, Spec, Stability, Value};
use crate::simd::Lanes;

/// A pattern with `P` parameters.
pub trait Pattern<const P: usize>: 'static {
    const NAME: &'static str;
    const TITLE: &'static str;
    const FORMULA: &'static str;
    const SOURCE: &'static str;
    const WARMUP: &'static str;
    const LOOKBACK: usize;
    /// How many candles it looks at, those that are only summed up aside.
    const CANDLES: usize;
    const RANGE: (i32, i32);
    const PARAMS: [Param; P];
    const SUMS: Sums;

    /// What stands for the newest candle. Mark it `#[inline(always)]`.
    fn value<C: Chart>(chart: &C, params: [Price<C>; P]) -> Price<C>;
}

/// What a pattern sums up over the candles before another.
pub struct Sums {
    pub bodies: bool,
    pub ranges: bool,
    pub shadows: bool,
}

impl Sums {
    /// What the words of a formula need; see `word!`.
    pub const fn of(words: &[&str]) -> Self {
        let mut sums = Sums { bodies: false, ranges: false, shadows: false };
        let mut i = 0;
        while i < words.len() {
            match words[i].as_bytes() {
                b"long" => sums.bodies = true,
                b"shadows" => sums.shadows = true,
                _ => sums.ranges = true,
            }
            i += 1;
        }
        sums
    }
}

/// The kernel of a pattern.
pub struct Of<T>(PhantomData<fn() -> T>);

impl<T: Pattern<P>, const P: usize> Kernel<4, P, 1> for Of<T> {
    const SPEC: Spec<4, P, 1> = Spec {
        name: T::NAME,
        title: T::TITLE,
        formula: T::FORMULA,
        source: T::SOURCE,
        warmup: T::WARMUP,
        inputs: [Input::Open, Input::High, Input::Low, Input::Close],
        params: T::PARAMS,
        outputs: [Output::new("").within(T::RANGE.0 as f64, T::RANGE.1 as f64)],
        stability: Stability::Exact,
    };

    type State<L: Lanes> = State<L, P>;

    fn lookback(_: [Value; P]) -> usize {
        T::LOOKBACK
    }

    fn reference(params: [Value; P], [open, high, low, close]: [&[f64]; 4], [y]: [&mut [f64]; 1]) {
        let bars = [open, high, low, close];
        let params = params.map(|param| Price(param.real()));
        for t in T::LOOKBACK..y.len() {
            let whole = |t: usize| (close[t] - open[t] + (high[t] - low[t])).is_finite();
            if (t - T::LOOKBACK..=t).all(whole) {
                y[t] = T::value(&Plain { bars, t }, params).0;
            }
        }
    }

    fn start<L: Lanes>(params: [Value; P]) -> State<L, P> {
        State {
            params: params.map(Value::real),
            before: Box::new(Before::new()),
            t: 0,
            clean: Clean::new(T::LOOKBACK + 1),
            left: T::LOOKBACK,
        }
    }

    #[inline(always)]
    fn step<L: Lanes>(state: &mut State<L, P>, now: [L; 4]) -> Option<[L; 1]> {
        let t = state.t;
        state.t = t.wrapping_add(1);
        let candles = Candles { now, t, before: &state.before };
        let candle = Candle::new(&candles, 0);
        let (body, range) = (candle.body().0, candle.range().0);
        // Comparisons pass over NaN, and infinities make some: neither may give a number.
        let size = body + range;
        #[allow(clippy::eq_op)] // NaN where it is not finite
        let spoilt = state.clean.spoilt(size - size);
        let shadows = candle.both_shadows().0;
        let value = if state.left == 0 {
            let mut params = [Price(L::splat(0.0)); P];
            for p in 0..P {
                params[p] = Price(L::splat(state.params[p]));
            }
            let value = T::value(&candles, params).0;
            Some([L::select(spoilt, L::splat(f64::NAN), value)])
        } else {
            state.left -= 1;
            None
        };
        let before = &mut *state.before;
        if T::CANDLES > 1 {
            for i in 0..4 {
                before.bars[i].put(t, now[i]);
            }
        }
        if T::SUMS.bodies {
            before.bodies.put(t, body);
        }
        if T::SUMS.ranges {
            before.ranges.put(t, range);
        }
        if T::SUMS.shadows {
            before.shadows.put(t, shadows);
        }
        value
    }
}

/// The definition's chart: a newest bar of whole series.
struct Plain<'a> {
    bars: [&'a [f64]; 4],
    t: usize,
}

impl Plain<'_> {
    /// A sum over the candles before another. The order is part of the definition, since a
    /// comparison may hang on the last bit.
    fn ten(&self, ago: usize, measure: fn(Candle<'_, Self>) -> Price<Self>) -> f64 {
        self.five(ago + 5, measure) + self.five(ago, measure)
    }

    fn five(&self, ago: usize, measure: fn(Candle<'_, Self>) -> Price<Self>) -> f64 {
        let before = |k: usize| measure(Candle::new(self, ago + k)).0;
        before(5) + ((before(4) + before(3)) + (before(2) + before(1)))
    }
}

impl Chart for Plain<'_> {
    type Number = f64;
    type Truth = bool;

    fn number(x: f64) -> f64 {
        x
    }
    fn gt(a: f64, b: f64) -> bool {
        a > b
    }
    fn ge(a: f64, b: f64) -> bool {
        a >= b
    }
    fn abs(a: f64) -> f64 {
        a.abs()
    }
    fn select(truth: bool, yes: f64, no: f64) -> f64 {
        if truth { yes } else { no }
    }
    fn open(&self, ago: usize) -> f64 {
        self.bars[0][self.t - ago]
    }
    fn high(&self, ago: usize) -> f64 {
        self.bars[1][self.t - ago]
    }
    fn low(&self, ago: usize) -> f64 {
        self.bars[2][self.t - ago]
    }
    fn close(&self, ago: usize) -> f64 {
        self.bars[3][self.t - ago]
    }
    fn bodies(&self, ago: usize) -> f64 {
        self.ten(ago, |candle| candle.body())
    }
    fn ranges(&self, ago: usize) -> f64 {
        self.ten(ago, |candle| candle.range())
    }
    fn late_ranges(&self, ago: usize) -> f64 {
        self.five(ago, |candle| candle.range())
    }
    fn shadows(&self, ago: usize) -> f64 {
        self.ten(ago, |candle| candle.both_shadows())
    }
}

pub struct State<L, const P: usize> {
    params: [f64; P],
    /// On the heap: it is large, and the rest lives in registers.
    before: Box<Before<L>>,
    /// Timesteps so far.
    t: usize,
    clean: Clean<L>,
    /// Timesteps left of the warm-up.
    left: usize,
}

impl<L: Lanes, const P: usize> Clone for State<L, P> {
    fn clone(&self) -> Self {
        let State { params, before, t, clean, left } = self;
        State { params: *params, before: before.clone(), t: *t, clean: *clean, left: *left }
    }
    /// Nothing that is older than the warm-up is ever looked at, so what was before may stay.
    fn clone_from(&mut self, other: &Self) {
        (self.params, self.t) = (other.params, other.t);
        (self.clean, self.left) = (other.clean, other.left);
    }
}

/// The bars before the newest, and those of the sums over them that the pattern uses.
#[derive(Clone)]
struct Before<L> {
    bars: [Latest<L>; 4],
    bodies: Totals<L>,
    ranges: Totals<L>,
    shadows: Totals<L>,
}

impl<L: Lanes> Before<L> {
    fn new() -> Self {
        let none = Totals::new();
        Before { bars: [Latest::new(); 4], bodies: none, ranges: none, shadows: none }
    }
}

/// The kernel's chart: the newest bar, at timestep `t`, and those before it.
struct Candles<'a, L> {
    now: [L; 4],
    t: usize,
    before: &'a Before<L>,
}

impl<L: Lanes> Candles<'_, L> {
    #[inline(always)]
    fn bar(&self, i: usize, ago: usize) -> L {
        if ago == 0 { self.now[i] } else { self.before.bars[i].at(self.t, ago) }
    }
}

impl<L: Lanes> Chart for Candles<'_, L> {
    type Number = L;
    type Truth = L::Mask;

    #[inline(always)]
    fn number(x: f64) -> L {
        L::splat(x)
    }
    #[inline(always)]
    fn gt(a: L, b: L) -> L::Mask {
        a.gt(b)
    }
    #[inline(always)]
    fn ge(a: L, b: L) -> L::Mask {
        a.ge(b)
    }
    #[inline(always)]
    fn abs(a: L) -> L {
        a.abs()
    }
    #[inline(always)]
    fn select(truth: L::Mask, yes: L, no: L) -> L {
        L::select(truth, yes, no)
    }
    #[inline(always)]
    fn open(&self, ago: usize) -> L {
        self.bar(0, ago)
    }
    #[inline(always)]
    fn high(&self, ago: usize) -> L {
        self.bar(1, ago)
    }
    #[inline(always)]
    fn low(&self, ago: usize) -> L {
        self.bar(2, ago)
    }
    #[inline(always)]
    fn close(&self, ago: usize) -> L {
        self.bar(3, ago)
    }
    #[inline(always)]
    fn bodies(&self, ago: usize) -> L {
        self.before.bodies.ten(self.t, ago + 1)
    }
    #[inline(always)]
    fn ranges(&self, ago: usize) -> L {
        self.before.ranges.ten(self.t, ago + 1)
    }
    #[inline(always)]
    fn late_ranges(&self, ago: usize) -> L {
        self.before.ranges.five(self.t, ago + 1)
    }
    #[inline(always)]
    fn shadows(&self, ago: usize) -> L {
        self.before.shadows.ten(self.t, ago + 1)
    }
}
