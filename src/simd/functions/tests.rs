//! Accuracy of the functions, and that all levels agree on them.

use super::super::{Lanes, Level, Task};
use super::*;

type Function = (&'static str, fn(f64) -> f64, std::ops::Range<f64>);

/// Name, the function of the standard library, and where it is neither zero nor infinite.
const FUNCTIONS: [Function; 13] = [
    ("ln", f64::ln, 0.0..f64::MAX),
    ("ln_1p", f64::ln_1p, -1.0..f64::MAX),
    ("log10", f64::log10, 0.0..f64::MAX),
    ("exp", f64::exp, -708.0..709.7),
    ("sin", f64::sin, -2e6..2e6),
    ("cos", f64::cos, -2e6..2e6),
    ("tan", f64::tan, -2e6..2e6),
    ("asin", f64::asin, -1.0..1.0),
    ("acos", f64::acos, -1.0..1.0),
    ("atan", f64::atan, -1e18..1e18),
    ("sinh", f64::sinh, -710.4..710.4),
    ("cosh", f64::cosh, -710.4..710.4),
    ("tanh", f64::tanh, -50.0..50.0),
];

struct Apply<'a>(usize, &'a [f64]);

impl Task for Apply<'_> {
    type Output = Vec<f64>;
    #[inline(always)]
    fn run<L: Lanes>(self) -> Vec<f64> {
        let functions: [fn(L) -> L; 13] = [
            |x| ln(x),
            |x| ln_1p(x),
            |x| log10(x),
            |x| exp(x),
            |x| sin(x),
            |x| cos(x),
            |x| tan(x),
            |x| asin(x),
            |x| acos(x),
            |x| atan(x),
            |x| sinh(x),
            |x| cosh(x),
            |x| tanh(x),
        ];
        let rows: &[L::Row] = bytemuck::cast_slice(self.1);
        let mut out = vec![0.0; self.1.len()];
        for (x, y) in rows.iter().zip(cast_slice_mut::<_, L::Row>(&mut out)) {
            functions[self.0](L::load(x)).store(y);
        }
        out
    }
}

/// Numbers of every size within a range, its ends, and a dense set near 1.
fn inputs(range: &std::ops::Range<f64>) -> Vec<f64> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut unit = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut x = vec![range.start, range.end, 0.0, 1.0, -1.0, 0.5, -0.5, 1e-310, 22.0, 10.0, 1000.0];
    for _ in 0..200_000 {
        let size = f64::powf(2.0, (unit() - 0.5) * 2100.0);
        let near = 1.0 + (unit() - 0.5) * unit();
        let within = range.start.max(-1e3) + unit() * (range.end.min(1e3) - range.start.max(-1e3));
        let anywhere = range.start * 0.999 + unit() * (range.end * 0.999 - range.start * 0.999);
        let angle = std::f64::consts::FRAC_PI_2 * (unit() * 1e6).floor() + 1e-9 * (unit() - 0.5);
        x.extend([size, -size, near, -near, within, anywhere, angle]);
    }
    x.retain(|x| range.contains(x) || *x == range.end);
    x.truncate(x.len() / 8 * 8);
    x
}

/// How many units in the last place of `exact` a value is off it.
fn off(value: f64, exact: f64) -> f64 {
    let unit = f64::from_bits(exact.abs().to_bits() + 1) - exact.abs();
    (value - exact).abs() / unit
}

/// Correctly rounded values; `tests/figures/functions.py` says how they were made.
#[test]
fn functions_are_within_two_units_of_exact_values() {
    let bits = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let mut worst = [0.0_f64; FUNCTIONS.len()];
    for line in include_str!("../../../tests/figures/functions.txt").lines() {
        let [name, x, exact] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let index = FUNCTIONS.iter().position(|(known, ..)| *known == name).unwrap();
        let (x, exact) = (bits(x), bits(exact));
        let y = Level::SCALAR.dispatch(Apply(index, &[x]))[0];
        worst[index] = worst[index].max(off(y, exact));
        assert!(off(y, exact) <= 2.0, "{name}({x:e}): {y:e}, not {exact:e}");
    }
    for ((name, ..), worst) in FUNCTIONS.iter().zip(worst) {
        println!("{name}: at most {worst} units off the nearest double");
    }
}

/// The standard library is up to two units off itself.
#[test]
fn functions_agree_with_the_standard_library_and_at_every_level() {
    for (index, (name, exact, range)) in FUNCTIONS.iter().enumerate() {
        let x = inputs(range);
        let scalar = Level::SCALAR.dispatch(Apply(index, &x));
        for (x, y) in x.iter().zip(&scalar) {
            let exact = exact(*x);
            let near = y.to_bits() == exact.to_bits() || off(*y, exact) <= 4.0;
            assert!(near || (*y == 0.0 && exact == 0.0), "{name}({x:e}): {y:e}, not {exact:e}");
        }
        for level in Level::available() {
            let got = level.dispatch(Apply(index, &x));
            let same = got.iter().zip(&scalar).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{name} at {level}");
        }
    }
}

#[test]
fn functions_of_extremes_are_what_the_standard_library_says() {
    let extremes = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        0.0,
        -1.5,
        1.5,
        -800.0,
        800.0,
        5e-324,
        -5e-324,
        f64::MIN_POSITIVE,
        1e300,
        709.9,
        -745.2,
    ];
    for (index, (name, exact, _)) in FUNCTIONS.iter().enumerate() {
        for level in Level::available() {
            let got = level.dispatch(Apply(index, &extremes));
            for (x, y) in extremes.iter().zip(&got) {
                let exact = exact(*x);
                let near = *y == exact || off(*y, exact) <= 4.0 || (y.is_nan() && exact.is_nan());
                assert!(near, "{name}({x:e}) at {level}: {y:e}, not {exact:e}");
            }
        }
    }
}

#[test]
fn floor_and_ceil_are_exact() {
    let values = [0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 4503599627370495.5, -4503599627370495.5, 1e300];
    for x in values.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, 0.9999999999999999]) {
        assert_eq!(floor(x).to_bits(), f64::floor(x).to_bits(), "{x}");
        assert_eq!(ceil(x).to_bits(), f64::ceil(x).to_bits(), "{x}");
    }
    assert!(floor(f64::NAN).is_nan() && ceil(f64::NAN).is_nan());
}

#[test]
fn whole_powers_of_ten_have_whole_logarithms() {
    for n in 0..=22 {
        assert_eq!(log10(f64::powi(10.0, n)), f64::from(n));
    }
}
