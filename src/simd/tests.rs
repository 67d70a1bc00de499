//! Conformance: every operation of every implementor gives the bits of the scalar operation.

use std::ops::Range;

use bytemuck::{Pod, cast_slice, cast_slice_mut};

use super::{Lanes, Level, Table, Task};

/// Values that break vector code: signs of zero, denormals, infinities, NaN, neighbours of one.
const SEEDS: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::MIN_POSITIVE,
    5e-324,
    -5e-324,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1.0 + f64::EPSILON,
    -1.5,
    1e-310,
    3.7e15,
];

/// Seeds and random bit patterns in all pairings that matter: every seed meets every seed in every
/// lane position.
fn pairs() -> Vec<(f64, f64)> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        f64::from_bits(state ^ (state >> 29))
    };
    let mut pairs: Vec<(f64, f64)> =
        SEEDS.iter().flat_map(|&a| SEEDS.iter().map(move |&b| (a, b))).collect();
    pairs.extend((0..4096).map(|_| (random(), random())));
    // An odd rotation moves each pair through all lanes.
    let rotated: Vec<_> = (1..8).flat_map(|k| pairs[k..].to_vec()).collect();
    pairs.extend(rotated);
    pairs.truncate(pairs.len() / 8 * 8);
    pairs
}

type Results = Vec<Vec<u64>>;
type Operation<L> = (&'static str, Box<dyn Fn(L, L) -> L>);

struct AllOperations<'a>(&'a [(f64, f64)]);

impl Task for AllOperations<'_> {
    type Output = Results;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Results {
        let (a, b): (Vec<f64>, Vec<f64>) = self.0.iter().copied().unzip();
        let a: &[L::Row] = cast_slice(&a);
        let b: &[L::Row] = cast_slice(&b);
        let as_number = |mask| L::select(mask, L::splat(1.0), L::splat(0.0));
        let operations: Vec<Operation<L>> = vec![
            ("add", Box::new(|a, b| a + b)),
            ("sub", Box::new(|a, b| a - b)),
            ("mul", Box::new(|a, b| a * b)),
            ("div", Box::new(|a, b| a / b)),
            ("neg", Box::new(|a, _| -a)),
            ("abs", Box::new(|a, _| a.abs())),
            ("sqrt", Box::new(|a, _| a.sqrt())),
            ("max", Box::new(|a, b| a.max(b))),
            ("min", Box::new(|a, b| a.min(b))),
            ("gt", Box::new(move |a, b| as_number(a.gt(b)))),
            ("ge", Box::new(move |a, b| as_number(a.ge(b)))),
            ("lt", Box::new(move |a, b| as_number(a.lt(b)))),
            ("eq", Box::new(move |a, b| as_number(a.eq(b)))),
            ("is_nan", Box::new(move |a, _| as_number(a.is_nan()))),
            ("is_finite", Box::new(move |a, _| as_number(a.is_finite()))),
            ("and", Box::new(move |a, b| as_number(a.gt(b) & a.is_finite()))),
            ("or", Box::new(move |a, b| as_number(a.gt(b) | a.is_nan()))),
            ("not", Box::new(move |a, b| as_number(!a.gt(b)))),
            ("select", Box::new(|a, b| L::select(a.gt(b), b, a))),
            ("keep", Box::new(|a, b| a.keep(a.gt(b)))),
            ("splat", Box::new(|a, _| L::select(a.is_nan(), L::splat(-0.0), a))),
        ];
        operations
            .iter()
            .map(|(_, operation)| {
                let mut out = vec![0.0; self.0.len()];
                let rows: &mut [L::Row] = cast_slice_mut(&mut out);
                for ((a, b), row) in a.iter().zip(b).zip(rows) {
                    operation(L::load(a), L::load(b)).store(row);
                }
                out.iter()
                    .map(|x| if x.is_nan() { f64::NAN.to_bits() } else { x.to_bits() })
                    .collect()
            })
            .collect()
    }
}

#[test]
fn every_level_gives_the_bits_of_the_scalar_operations() {
    let pairs = pairs();
    let expected = Level::SCALAR.dispatch(AllOperations(&pairs));
    for level in Level::available() {
        let got = level.dispatch(AllOperations(&pairs));
        for (operation, (got, expected)) in got.iter().zip(&expected).enumerate() {
            for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
                assert_eq!(
                    got, expected,
                    "{level}, operation {operation}, operands {:?}",
                    pairs[i]
                );
            }
        }
    }
    let missing: Vec<_> = Level::NAMES
        .iter()
        .filter(|name| !Level::available().iter().any(|l| l.name() == **name))
        .collect();
    println!("levels this machine could not run: {missing:?}");
}

#[test]
fn the_scalar_operations_mean_what_they_say() {
    let nan = f64::NAN;
    assert!(Lanes::max(nan, 1.0).is_nan() && Lanes::max(1.0, nan).is_nan());
    assert!(Lanes::min(nan, 1.0).is_nan() && Lanes::min(1.0, nan).is_nan());
    assert_eq!((Lanes::max(2.0, 1.0), Lanes::min(2.0, 1.0)), (2.0, 1.0));
    assert_eq!(Lanes::max(0.0, -0.0).to_bits(), (-0.0_f64).to_bits(), "equal: the second");
    assert!(
        !Lanes::is_finite(f64::INFINITY) && !Lanes::is_finite(nan) && Lanes::is_finite(f64::MAX)
    );
}

#[test]
fn a_level_this_processor_lacks_is_an_error_that_lists_what_it_has() {
    for name in Level::NAMES {
        match Level::parse(name) {
            Ok(level) => assert_eq!(level.name(), name),
            Err(error) => {
                assert!(error.to_string().contains("which this processor lacks; it has scalar"))
            }
        }
    }
    let error = Level::parse("avx").unwrap_err().to_string();
    assert!(error.starts_with("unknown level `avx`; did you mean `avx"), "{error}");
}

/// Every value of a list, from f32 and back.
struct WidenAndNarrow<'a>(&'a [f32], &'a [f64]);

impl Task for WidenAndNarrow<'_> {
    type Output = (Vec<u64>, Vec<u32>);
    #[inline(always)]
    fn run<L: Lanes>(self) -> Self::Output {
        let WidenAndNarrow(narrow, wide) = self;
        let mut widened = vec![0.0_f64; narrow.len()];
        let rows: &[L::Narrow] = cast_slice(narrow);
        for (row, out) in rows.iter().zip(cast_slice_mut::<_, L::Row>(&mut widened)) {
            L::widen(row).store(out);
        }
        let mut narrowed = vec![0.0_f32; wide.len()];
        let rows: &[L::Row] = cast_slice(wide);
        for (row, out) in rows.iter().zip(cast_slice_mut::<_, L::Narrow>(&mut narrowed)) {
            L::load(row).narrow(out);
        }
        (
            widened.iter().map(|x| x.to_bits()).collect(),
            narrowed.iter().map(|x| x.to_bits()).collect(),
        )
    }
}

#[test]
fn widening_is_exact_and_narrowing_rounds_once_with_one_nan() {
    let (a, b): (Vec<f64>, Vec<f64>) = pairs().into_iter().unzip();
    let wide = [a, b].concat();
    let narrow: Vec<f32> = wide.iter().map(|x| *x as f32).filter(|x| !x.is_nan()).collect();
    let narrow = &narrow[..narrow.len() / 8 * 8];
    let one_nan = |x: &f64| if x.is_nan() { f32::NAN.to_bits() } else { (*x as f32).to_bits() };
    let widened: Vec<u64> = narrow.iter().map(|x| f64::from(*x).to_bits()).collect();
    let narrowed: Vec<u32> = wide.iter().map(one_nan).collect();
    for level in Level::available() {
        let got = level.dispatch(WidenAndNarrow(narrow, &wide));
        assert!(got.0 == widened, "{level} widens to other bits");
        assert!(got.1 == narrowed, "{level} narrows to other bits");
    }
}

/// Bytes of a cache line.
const LINE: usize = 64;

/// Values that a call may write, with at least a cache line of guards before and behind them.
/// Streaming stores are assembly, which no sanitizer sees.
struct Guarded {
    bytes: Vec<u8>,
    inner: Range<usize>,
}

impl Guarded {
    const GUARD: u8 = 0xA5;

    /// `length` bytes that begin `shift` bytes behind where a cache line does.
    fn new(shift: usize, length: usize) -> Guarded {
        let bytes = vec![Self::GUARD; 3 * LINE + shift + length];
        let start = bytes.as_ptr().align_offset(LINE) + LINE + shift;
        Guarded { bytes, inner: start..start + length }
    }

    /// As [`new`](Guarded::new), counted in values.
    fn of<T>(shift: usize, length: usize) -> Guarded {
        Guarded::new(shift * size_of::<T>(), length * size_of::<T>())
    }

    fn values<T: Pod>(&mut self) -> &mut [T] {
        cast_slice_mut(&mut self.bytes[self.inner.clone()])
    }

    /// The values, once it is sure that nothing was written around them.
    fn untouched<T: Pod>(&self) -> &[T] {
        let (before, behind) = (&self.bytes[..self.inner.start], &self.bytes[self.inner.end..]);
        assert!(before.iter().all(|byte| *byte == Self::GUARD), "written before the values");
        assert!(behind.iter().all(|byte| *byte == Self::GUARD), "written behind the values");
        cast_slice(&self.bytes[self.inner.clone()])
    }
}

/// Turns eight samples of some length into rows and back, through tables in reverse order.
struct ThereAndBack {
    samples: Vec<Vec<f64>>,
    shift: usize,
    stream: bool,
}

impl Task for ThereAndBack {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let ThereAndBack { samples, shift, stream } = self;
        let length = samples[0].len();
        let table = Table::new((0..length).rev(), L::COUNT);
        let table = table.of(0..length);
        for first in (0..8).step_by(L::COUNT) {
            let wide = &samples[first..first + L::COUNT];
            let narrow: Vec<Vec<f32>> =
                wide.iter().map(|s| s.iter().map(|x| *x as f32).collect()).collect();
            let lanes: Vec<&[f64]> = wide.iter().map(Vec::as_slice).collect();
            let narrow_lanes: Vec<&[f32]> = narrow.iter().map(Vec::as_slice).collect();

            let mut arena = Guarded::of::<f64>(0, length * L::COUNT);
            L::gather_f64(&lanes, table, arena.values());
            let mut narrow_arena = Guarded::of::<f32>(0, length * L::COUNT);
            L::gather_f32(&narrow_lanes, table, narrow_arena.values());

            let mut back: Vec<_> = wide.iter().map(|_| Guarded::of::<f64>(shift, length)).collect();
            let mut lanes: Vec<&mut [f64]> = back.iter_mut().map(Guarded::values).collect();
            L::scatter_f64(arena.untouched(), table, &mut lanes, stream);
            let mut narrow_back: Vec<_> =
                wide.iter().map(|_| Guarded::of::<f32>(shift, length)).collect();
            let mut lanes: Vec<&mut [f32]> = narrow_back.iter_mut().map(Guarded::values).collect();
            L::scatter_f32(narrow_arena.untouched(), table, &mut lanes, stream);
            L::fence();
            for lane in 0..L::COUNT {
                assert_eq!(back[lane].untouched::<f64>(), wide[lane]);
                assert_eq!(narrow_back[lane].untouched::<f32>(), narrow[lane]);
            }
        }
    }
}

#[test]
fn turning_there_and_back_keeps_every_value() {
    let value = |s: usize, p: usize| (s * 1000 + p * 7) as f64 / 3.0 * 1e3_f64.powi(s as i32 - 4);
    for &level in Level::available() {
        for length in (0..40).chain([63, 64, 65, 160]) {
            let sample = |s: usize| (0..length).map(|p| value(s, p)).collect();
            for (shift, stream) in [(0, false), (0, true), (3, true), (16, true)] {
                let samples = (0..8).map(sample).collect();
                level.dispatch(ThereAndBack { samples, shift, stream });
            }
        }
    }
}

#[test]
#[should_panic(expected = "a table points behind its arena")]
fn a_table_that_points_behind_its_arena_is_caught() {
    struct Behind;
    impl Task for Behind {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes>(self) {
            let arena = vec![0.0_f64; 16 * L::COUNT];
            let mut out = vec![vec![0.0_f64; 16]; L::COUNT];
            let mut lanes: Vec<&mut [f64]> = out.iter_mut().map(Vec::as_mut_slice).collect();
            let table = Table::new((0..16).map(|row| if row == 5 { 16 } else { row }), L::COUNT);
            L::scatter_f64(&arena, table.of(0..16), &mut lanes, false);
        }
    }
    match Level::best().name() {
        "avx2" | "avx512" => Level::best().dispatch(Behind),
        _ => panic!("a table points behind its arena: no level here relies on the check"),
    }
}

#[test]
fn a_copy_past_the_cache_is_a_copy() {
    struct Copy<'a>(&'a [u8], &'a mut [u8]);
    impl Task for Copy<'_> {
        type Output = ();
        #[inline(always)]
        fn run<L: Lanes>(self) {
            L::copy_past_cache(self.0, self.1);
            L::fence();
        }
    }
    let from: Vec<u8> = (0..=255).cycle().take(400).collect();
    for &level in Level::available() {
        for start in 0..70 {
            for length in [0, 1, 63, 64, 65, 200, 300] {
                let mut to = Guarded::new(start, length);
                level.dispatch(Copy(&from[start..start + length], to.values()));
                assert_eq!(to.untouched::<u8>(), &from[start..start + length]);
            }
        }
    }
}
