//! `windrow bench`.

use std::time::Instant;

use anyhow::{Context, ensure};
use ndarray::{Array3, ArrayView3, s};
use rayon::ThreadPool;
use serde::Serialize;
use windrow::io::block;
use windrow::{Dtype, Element, Engine, FittedPipeline, Level, Pipeline, Run, move_bytes};

use super::arguments::Bench;
use super::session::Session;
use super::{files, memory, print};

/// Samples that the reference is timed on and compared over; it is slow.
const FEW: usize = 64;

/// What was measured.
#[derive(Serialize)]
struct Report {
    shape: [usize; 3],
    output: [usize; 3],
    input_dtype: &'static str,
    output_dtype: &'static str,
    rounds: u16,
    rows: Vec<Row>,
}

/// A line of the table: medians over the rounds.
#[derive(Serialize)]
struct Row {
    what: String,
    threads: usize,
    seconds: f64,
    ns_per_step: f64,
    gb_per_second: f64,
    /// How many times faster than the scalar level on one thread.
    over_scalar: f64,
    /// The limit's time as a part of this one's, on as many threads.
    of_limit: f64,
    /// A fit, beside the transform.
    fit_ns_per_step: Option<f64>,
}

/// What is timed.
#[derive(Clone, Copy, PartialEq)]
enum Subject {
    /// Moving the bytes, with stores past the cache or ordinary ones.
    Limit {
        past_cache: bool,
    },
    Engine(Engine),
}

/// The times of a subject, a round each.
struct Timing {
    subject: Subject,
    threads: usize,
    transform: Vec<f64>,
    fit: Vec<f64>,
}

pub fn bench(session: &Session, arguments: &Bench) -> anyhow::Result<()> {
    let pipeline = files::read_pipeline(&arguments.pipeline)?;
    let report = match arguments.dtype {
        Dtype::F32 => of_input::<f32>(session, arguments, &pipeline)?,
        Dtype::F64 => of_input::<f64>(session, arguments, &pipeline)?,
    };
    match session.json() {
        true => print::json(&report),
        false => print::results(&text(&report)),
    }
}

fn of_input<E: Element>(
    session: &Session,
    arguments: &Bench,
    pipeline: &Pipeline,
) -> anyhow::Result<Report> {
    let plan = pipeline.plan(Some(arguments.shape), Some(E::DTYPE))?;
    let size = plan.size.context("the shape is known")?;
    ensure!(size.output.iter().all(|&n| n > 0), "the output is empty; give a larger --shape");
    memory::check_kept(session.memory, session.threads(), &size)?;
    let x = walks::<E>(arguments.shape)?;
    let fitted = pipeline.fit(x.view())?;
    match fitted.output_dtype(E::DTYPE) {
        Dtype::F32 => measure::<E, f32>(session, arguments, &fitted, x.view()),
        Dtype::F64 => measure::<E, f64>(session, arguments, &fitted, x.view()),
    }
}

fn measure<E: Element, O: Element>(
    session: &Session,
    arguments: &Bench,
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
) -> anyhow::Result<Report> {
    check::<E, O>(fitted, x)?;
    let output = fitted.output_shape(x.dim())?;
    // One buffer for all, touched before anything is timed.
    let mut y = block::<O>(output.into())?;
    y.fill(O::round(1.0));
    let mut pools = vec![rayon::ThreadPoolBuilder::new().num_threads(1).build()?];
    if session.threads() > 1 {
        let threads = session.threads();
        pools.push(rayon::ThreadPoolBuilder::new().num_threads(threads).build()?);
    }
    let mut timings = Vec::new();
    for pool in &pools {
        let levels = Level::available().iter().map(|&level| Subject::Engine(Engine::Level(level)));
        let limits = [true, false].map(|past_cache| Subject::Limit { past_cache });
        let reference = (timings.is_empty()).then_some(Subject::Engine(Engine::Reference));
        for subject in reference.into_iter().chain(levels).chain(limits) {
            let threads = pool.current_num_threads();
            timings.push(Timing { subject, threads, transform: Vec::new(), fit: Vec::new() });
        }
    }
    for _ in 0..arguments.rounds {
        for timing in &mut timings {
            let pool = &pools[usize::from(timing.threads > 1)];
            round(timing, pool, fitted, x, &mut y)?;
        }
    }
    let steps = (x.dim().0 * x.dim().1) as f64;
    let bytes = x.len() * size_of::<E>() + y.len() * size_of::<O>();
    Ok(Report {
        shape: arguments.shape,
        output: output.into(),
        input_dtype: E::DTYPE.name(),
        output_dtype: O::DTYPE.name(),
        rounds: arguments.rounds,
        rows: rows(&timings, steps, bytes),
    })
}

/// Times a subject once.
fn round<E: Element, O: Element>(
    timing: &mut Timing,
    pool: &ThreadPool,
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
    y: &mut Array3<O>,
) -> anyhow::Result<()> {
    match timing.subject {
        Subject::Limit { past_cache } => {
            let from = bytemuck::cast_slice(x.to_slice().context("made in order")?);
            let to = bytemuck::cast_slice_mut(y.as_slice_mut().context("made in order")?);
            let start = Instant::now();
            let sum = pool.install(|| move_bytes(Level::best(), from, to, past_cache));
            timing.transform.push(start.elapsed().as_secs_f64());
            std::hint::black_box(sum);
        }
        Subject::Engine(engine) => {
            let run = Run::new(engine);
            // The reference works on a part, and its time is scaled up.
            let samples = if engine == Engine::Reference { FEW.min(x.dim().0) } else { x.dim().0 };
            let scale = x.dim().0 as f64 / samples as f64;
            let (x, y) = (x.slice(s![..samples, .., ..]), y.slice_mut(s![..samples, .., ..]));
            let start = Instant::now();
            pool.install(|| fitted.transform_into_with(x, y, &run))?;
            timing.transform.push(start.elapsed().as_secs_f64() * scale);
            let start = Instant::now();
            pool.install(|| fitted.pipeline().fit_with(x, &run))?;
            timing.fit.push(start.elapsed().as_secs_f64() * scale);
        }
    }
    Ok(())
}

/// All levels give the same bits, and the reference the same values up to rounding.
fn check<E: Element, O: Element>(
    fitted: &FittedPipeline,
    x: ArrayView3<'_, E>,
) -> anyhow::Result<()> {
    let x = x.slice(s![..FEW.min(x.dim().0), .., ..]);
    let of = |engine| fitted.transform_with::<E, O>(x, &Run::new(engine));
    let scalar = of(Engine::Level(Level::SCALAR))?;
    for &level in Level::available() {
        let got = of(Engine::Level(level))?;
        let same = |(a, b): (&O, &O)| a.widen().to_bits() == b.widen().to_bits();
        ensure!(got.iter().zip(&scalar).all(same), "{level} gives other bits than scalar");
    }
    let reference = of(Engine::Reference)?;
    let columns = fitted.columns();
    for (column, name) in columns.iter().enumerate() {
        let cells = |y: &Array3<O>| -> Vec<f64> {
            y.index_axis(ndarray::Axis(2), column).iter().map(|x| x.widen()).collect()
        };
        let (got, expected) = (cells(&scalar), cells(&reference));
        let scale =
            expected.iter().filter(|x| x.is_finite()).fold(0.0, |m, x| f64::max(m, x.abs()));
        let close =
            |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-6 * scale || a.to_bits() == b.to_bits();
        ensure!(got.iter().zip(&expected).all(close), "`{name}` is not what its reference gives");
    }
    Ok(())
}

fn rows(timings: &[Timing], steps: f64, bytes: usize) -> Vec<Row> {
    let seconds = |timing: &Timing| median(&timing.transform).expect("a round at least");
    let find = |wanted: fn(&Subject) -> bool, threads: usize| {
        let found = timings.iter().filter(|t| wanted(&t.subject) && t.threads == threads);
        found.map(seconds).fold(f64::INFINITY, f64::min)
    };
    let scalar = find(|s| *s == Subject::Engine(Engine::Level(Level::SCALAR)), 1);
    let row = |timing: &Timing| {
        let limit = find(|s| matches!(s, Subject::Limit { .. }), timing.threads);
        let seconds = seconds(timing);
        Row {
            what: match timing.subject {
                Subject::Limit { past_cache: true } => "limit, past the cache".to_owned(),
                Subject::Limit { past_cache: false } => "limit, ordinary stores".to_owned(),
                Subject::Engine(engine) => engine.to_string(),
            },
            threads: timing.threads,
            seconds,
            ns_per_step: seconds * 1e9 / steps,
            gb_per_second: bytes as f64 / seconds / 1e9,
            over_scalar: scalar / seconds,
            of_limit: limit / seconds,
            fit_ns_per_step: median(&timing.fit).map(|seconds| seconds * 1e9 / steps),
        }
    };
    timings.iter().map(row).collect()
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

fn text(report: &Report) -> String {
    let head = ["", "threads", "ms", "ns/step", "GB/s", "x scalar", "of limit", "fit ns/step"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    for row in &report.rows {
        table.push(vec![
            row.what.clone(),
            row.threads.to_string(),
            format!("{:.2}", row.seconds * 1e3),
            format!("{:.2}", row.ns_per_step),
            format!("{:.2}", row.gb_per_second),
            format!("{:.2}", row.over_scalar),
            format!("{:.2}", row.of_limit),
            row.fit_ns_per_step.map_or_else(String::new, |ns| format!("{ns:.2}")),
        ]);
    }
    format!(
        "{} {} to {} {}: all levels give the same bits, the reference the same values\n\
         medians of {}; a step is one timestep of one sample\n\n{}",
        print::shape(report.shape),
        report.input_dtype,
        print::shape(report.output),
        report.output_dtype,
        print::count(usize::from(report.rounds), "round"),
        print::table(&table),
    )
}

/// Positive random walks, one a column, with the high above and the low below where columns of a
/// bar have their usual order.
fn walks<E: Element>(shape: [usize; 3]) -> windrow::Result<Array3<E>> {
    let mut state = 1_u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut x = block(shape)?;
    for mut sample in x.outer_iter_mut() {
        let mut level = 100.0;
        for mut step in sample.outer_iter_mut() {
            level *= 1.0 + 0.02 * (random() - 0.5);
            for (feature, cell) in step.iter_mut().enumerate() {
                let spread = match feature {
                    1 => 0.01,
                    2 => -0.01,
                    _ => 0.01 * (random() - 0.5),
                };
                *cell = E::round(level * (1.0 + spread));
            }
        }
    }
    Ok(x)
}
