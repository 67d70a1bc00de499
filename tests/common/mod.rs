//! What several test files share: data, levels, comparison by bits.
#![allow(dead_code)] // each test file uses its part

use dashu::rational::{RBig, Relaxed};
use ndarray::{Array3, ArrayView3, Axis};
use serde_json::Value;
use windrow::indicators::{Kind, Param};
use windrow::{Dtype, Element, Engine, FittedPipeline, Level, Pipeline, Row, Run};

/// The columns of [`bars`].
pub const INPUT: &str = r#"
[input]
columns = ["open", "high", "low", "close", "volume"]
"#;

/// Uniform numbers from 0 to 1, the same on every machine.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> f64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        (1..items.len()).rev().for_each(|i| items.swap(i, self.below(i + 1)));
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() * bound as f64) as usize
    }
}

/// Bars of random walks: open, high, low, close, volume.
pub fn bars<E: Element>(seed: u64, samples: usize, timesteps: usize) -> Array3<E> {
    let mut random = Random(seed);
    let mut x = Array3::from_elem((samples, timesteps, 5), E::round(0.0));
    for mut sample in x.outer_iter_mut() {
        let mut close = 20.0 + 200.0 * random.next();
        for mut bar in sample.outer_iter_mut() {
            let open = close * (1.0 + 0.004 * (random.next() - 0.5));
            close = open * (1.0 + 0.03 * (random.next() - 0.5));
            let high = f64::max(open, close) * (1.0 + 0.01 * random.next());
            let low = f64::min(open, close) * (1.0 - 0.01 * random.next());
            let volume = (1e6 * random.next()).floor();
            for (cell, value) in bar.iter_mut().zip([open, high, low, close, volume]) {
                *cell = E::round(value);
            }
        }
    }
    x
}

/// Every engine of kernels that this machine has.
pub fn engines() -> Vec<Engine> {
    Level::available().iter().map(|level| Engine::Level(*level)).collect()
}

/// Runs `act` on that many threads.
pub fn on_threads<R: Send>(threads: usize, act: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(act)
}

/// Fits the pipeline of that text by the fastest kernels.
pub fn fit<E: Element>(text: &str, x: ArrayView3<'_, E>) -> FittedPipeline {
    let pipeline = Pipeline::from_toml(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    pipeline.fit_with(x, &Run::new(Engine::default())).unwrap()
}

/// Transforms to f64, whatever the output's dtype.
pub fn transform<E: Element>(
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
    engine: Engine,
) -> Array3<f64> {
    let run = Run::new(engine);
    match fitted.output_dtype(E::DTYPE) {
        Dtype::F32 => fitted.transform_with::<E, f32>(x, &run).unwrap().mapv(f64::from),
        Dtype::F64 => fitted.transform_with::<E, f64>(x, &run).unwrap(),
    }
}

/// The one line that a pipeline file is refused with.
pub fn refusal(text: &str) -> String {
    let error = Pipeline::from_toml(text).expect_err(text).to_string();
    assert!(!error.contains('\n'), "one line: {error}");
    error
}

/// A step for a row of the catalogue: its plain inputs from `close`, `open`, `volume` and so on,
/// its prices by name, its parameters as `number` says, the defaults where that gives none.
pub fn row_step(row: &Row, number: impl Fn(&Param) -> Option<f64>) -> String {
    let plain = row.inputs.iter().filter(|input| input.role().is_none()).count();
    let columns = ["close", "open", "volume", "high", "low"];
    let mut step = format!("[[step]]\nop = \"{}\"\n", row.name);
    if plain > 0 {
        step += &format!("columns = {:?}\n", &columns[..plain]);
    }
    for param in row.params {
        if let Some(number) = number(param) {
            step += &format!("{} = {number}\n", param.name);
        }
    }
    step
}

/// Parameters small enough for a short series: a quarter of a whole-number default.
pub fn small(param: &Param) -> Option<f64> {
    match param.kind {
        Kind::Int { min, default, .. } => Some((default / 4).max(min) as f64),
        _ => None,
    }
}

/// Panics at the first cell whose bits differ.
pub fn assert_same_bits<E: Element>(
    got: ArrayView3<'_, E>,
    expected: ArrayView3<'_, E>,
    what: &str,
) {
    assert_eq!(got.dim(), expected.dim(), "{what}");
    for (place, value) in got.indexed_iter() {
        let (got, expected) = (value.widen().to_bits(), expected[place].widen().to_bits());
        assert_eq!(
            got,
            expected,
            "{what}: at {place:?} {:e} instead of {:e}",
            f64::from_bits(got),
            f64::from_bits(expected)
        );
    }
}

/// Panics at the first cell that is off the figures by more than this part of the largest of its
/// column; null is NaN.
pub fn assert_agree(got: ArrayView3<'_, f64>, figures: &Value, most: f64, what: &str) {
    let figures: Vec<Option<f64>> = serde_json::from_value(figures.clone()).unwrap();
    let figures = figures.into_iter().map(|figure| figure.unwrap_or(f64::NAN)).collect();
    let expected = Array3::from_shape_vec(got.dim(), figures).unwrap();
    for (column, expected) in expected.axis_iter(Axis(2)).enumerate() {
        let finite = expected.iter().filter(|x| x.is_finite());
        let scale = finite.fold(0.0, |scale: f64, x| scale.max(x.abs()));
        for (place, expected) in expected.indexed_iter() {
            let got = got[[place.0, place.1, column]];
            let near = (got - expected).abs() <= most * scale;
            let agree = near || (got.is_nan() && expected.is_nan());
            assert!(agree, "{what}: {got:e}, not {expected:e} at {place:?} of {column}");
        }
    }
}

/// The exact mean and variance.
pub fn exact_moments(values: &[f64]) -> (RBig, RBig) {
    let n = Relaxed::from(values.len());
    let (mut sum, mut squares) = (Relaxed::ZERO, Relaxed::ZERO);
    for value in values {
        let value = Relaxed::try_from(*value).unwrap();
        squares += &value * &value;
        sum += value;
    }
    let mean = sum / &n;
    let variance = squares / &n - &mean * &mean;
    (mean.canonicalize(), variance.canonicalize())
}

/// How far `got` is from the exact value, relative to it.
pub fn relative(got: f64, exact: &RBig) -> f64 {
    let error = RBig::try_from(got).unwrap() - exact;
    (error / exact).to_f64_fast().abs()
}
