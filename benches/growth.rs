//! What grows how: one size at a time varied, the others held.
//!
//! `cargo bench --bench growth` prints a table for each; `-- --quick` measures small sizes once,
//! `-- long` takes those whose names begin with that. A step is one timestep of one sample; the last
//! column is the time a step over that of the first row. Fails where an impulse or a long window costs
//! more than it may.

mod common;

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Instant;

use ndarray::Array3;
use ta_lib::Core;
use windrow::indicators::{self, Nan};
use windrow::{Engine, Level, Pipeline, Row, Run};

/// What is varied, and how often each size is timed.
struct Growth {
    quick: bool,
    rounds: usize,
}

/// How often as long as noise an impulse may take.
const IMPULSE: f64 = 3.0;

/// How often as long as a short window a long one may take.
const WINDOW: f64 = 2.0;

/// The same for the place of a value among all others, which takes the logarithm of their number in
/// comparisons: a few steps more, each of which waits for memory.
const PLACE: f64 = 10.0;

/// Prints a table.
type Table = fn(&Growth);

/// The same; gives the names of what costs more than it may.
type Guard = fn(&Growth) -> Vec<&'static str>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let growth = Growth { quick, rounds: if quick { 1 } else { 7 } };
    let wanted = arguments.iter().find(|argument| !argument.starts_with("--"));
    let wants = |name: &str| wanted.is_none_or(|wanted| name.starts_with(wanted));
    let tables: [(&str, Table); 9] = [
        ("samples", Growth::samples),
        ("timesteps", Growth::timesteps),
        ("features", Growth::features),
        ("lags", Growth::lags),
        ("indicators", Growth::indicators),
        ("periods", Growth::periods),
        ("windows", Growth::windows),
        ("threads", Growth::threads),
        ("one long sample", Growth::one_long_sample),
    ];
    tables.iter().filter(|(name, _)| wants(name)).for_each(|(_, table)| table(&growth));
    let guards: [(&str, Guard); 2] =
        [("impulse", Growth::impulse), ("long windows", Growth::long_windows)];
    let guards = guards.iter().filter(|(name, _)| wants(name));
    let over: Vec<&str> = guards.flat_map(|(_, guard)| guard(&growth)).collect();
    if over.is_empty() {
        return ExitCode::SUCCESS;
    }
    println!("\nbeyond what they may take: {}", over.join(", "));
    ExitCode::FAILURE
}

impl Growth {
    /// A table whose rows are `sizes`, as far as they go in a quick run.
    fn table<T: std::fmt::Display + Copy>(
        &self,
        title: &str,
        sizes: &[T],
        mut ns_a_step: impl FnMut(T) -> f64,
    ) {
        println!("\n{title}\n{:>12} {:>10} {:>8}", "", "ns a step", "ratio");
        let mut first = None;
        for &size in if self.quick { &sizes[..2] } else { sizes } {
            let ns = ns_a_step(size);
            println!("{size:>12} {ns:>10.2} {:>8.2}", ns / *first.get_or_insert(ns));
        }
    }

    fn median(&self, mut run: impl FnMut()) -> f64 {
        run();
        let mut times: Vec<f64> = (0..self.rounds)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64()
            })
            .collect();
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    }

    /// The time a step of a transform of `x`, into a buffer that was touched before.
    fn transform(&self, text: &str, x: &Array3<f32>, threads: usize) -> f64 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let fitted = Pipeline::from_toml(text).unwrap().fit(x.view()).unwrap();
        let mut y = Array3::from_elem(fitted.output_shape(x.dim()).unwrap(), 1.0_f32);
        let seconds =
            pool.install(|| self.median(|| fitted.transform_into(x.view(), y.view_mut()).unwrap()));
        seconds * 1e9 / (x.dim().0 * x.dim().1) as f64
    }

    fn samples(&self) {
        self.table("samples, flagship, 120 timesteps", &[8, 64, 512, 4096, 32768], |n| {
            self.transform(common::FLAGSHIP, &common::bars(n, 120), 1)
        });
    }

    fn timesteps(&self) {
        let steps = if self.quick { 1 << 12 } else { 1 << 21 };
        let title = "timesteps, flagship, two million steps in all";
        self.table(title, &[20, 60, 120, 128, 250, 256, 1024, 16384], |t| {
            self.transform(common::FLAGSHIP, &common::bars((steps / t).max(8), t), 1)
        });
    }

    fn features(&self) {
        self.table(
            "features, standardize and lag 1, a step of one feature",
            &[1, 2, 4, 8, 32, 128],
            |f| {
                let names: Vec<String> = (0..f).map(|f| format!("\"c{f}\"")).collect();
                let text = format!(
                    "[input]\ncolumns = [{}]\n[[step]]\nop = \"standardize\"\n\
                 [[step]]\nop = \"lag\"\nlags = [1]",
                    names.join(", ")
                );
                let samples = if self.quick { 8 } else { 65536 / f };
                self.transform(&text, &values(samples, 120, f), 1) / f as f64
            },
        );
    }

    fn lags(&self) {
        self.table("lags of five columns, a step of one output column", &[1, 2, 8, 32], |lags| {
            let lags: Vec<String> = (1..=lags).map(|lag| lag.to_string()).collect();
            let text = format!("{INPUT}[[step]]\nop = \"lag\"\nlags = [{}]", lags.join(", "));
            let samples = if self.quick { 8 } else { 4096 };
            self.transform(&text, &common::bars(samples, 120), 1) / (5 * (lags.len() + 1)) as f64
        });
    }

    fn indicators(&self) {
        self.table("indicators (ema), a step of one of them", &[1, 2, 4, 16], |count| {
            let mut text = INPUT.to_owned();
            for period in 2..2 + count {
                write!(text, "[[step]]\nop = \"ema\"\ncolumns = \"close\"\nperiod = {period}\n")
                    .unwrap();
            }
            text += "[output]\ncolumns = [\"close_*\"]";
            let samples = if self.quick { 8 } else { 4096 };
            self.transform(&text, &common::bars(samples, 120), 1) / count as f64
        });
    }

    fn periods(&self) {
        for name in ["sma", "stddev", "max", "wma", "ema", "rsi"] {
            let title = format!("period of {name}, 20,000 timesteps");
            self.table(&title, &[5, 50, 500, 5000], |period| {
                let text = format!(
                    "{INPUT}[[step]]\nop = \"{name}\"\ncolumns = \"close\"\nperiod = {period}\n\
                     [output]\ncolumns = [\"close_*\"]"
                );
                let steps = if self.quick { 6000 } else { 20_000 };
                self.transform(&text, &common::bars(8, steps), 1)
            });
        }
    }

    /// Rolling statistics of 1024 samples of 1024 timesteps, f64; beside them a loop over one series
    /// at a time that looks at all of a window of 5 at each step.
    fn windows(&self) {
        let size = if self.quick { 64 } else { 1024 };
        let mut random = common::random(5);
        let x = Array3::from_shape_simple_fn((size, size, 1), || 100.0 + random());
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        println!(
            "\nrolling statistics, {size} samples of {size} timesteps, f64, ns a step\n{:>12} {:>10} \
             {:>10} {:>10} {:>12}",
            "", "window 5", "window 10", "window 1000", "loop at 5"
        );
        for (name, naive) in NAIVE {
            let ours = [5, 10, 1000].map(|window| {
                let text = format!(
                    "[input]\ncolumns = [\"a\"]\n[[step]]\nop = \"rolling_{name}\"\n\
                     columns = \"a\"\nwindow = {window}\n[output]\ncolumns = [\"a_*\"]"
                );
                let fitted = Pipeline::from_toml(&text).unwrap().fit(x.view()).unwrap();
                let mut y = x.clone();
                let run = || fitted.transform_into(x.view(), y.view_mut()).unwrap();
                pool.install(|| self.median(run)) * 1e9 / x.len() as f64
            });
            let mut y = vec![f64::NAN; x.len()];
            let series = x.as_slice().unwrap();
            let seconds = self.median(|| {
                for (x, y) in series.chunks_exact(size).zip(y.chunks_exact_mut(size)) {
                    for t in 4..size {
                        y[t] = naive(x[t - 4..=t].try_into().unwrap());
                    }
                }
            });
            let loop_ns = seconds * 1e9 / x.len() as f64;
            let [five, ten, thousand] = ours;
            println!("{name:>12} {five:>10.2} {ten:>10.2} {thousand:>11.2} {loop_ns:>12.2}");
        }
    }

    fn threads(&self) {
        let all = std::thread::available_parallelism().map_or(1, usize::from);
        let samples = if self.quick { 64 } else { 65536 };
        let x = common::bars(samples, 120);
        self.table("threads, flagship", &[1, all], |threads| {
            self.transform(common::FLAGSHIP, &x, threads)
        });
    }

    /// An impulse and zeros after it: averages decay towards the denormal numbers. The names of those
    /// that take too long.
    fn impulse(&self) -> Vec<&'static str> {
        let steps = if self.quick { 5000 } else { 100_000 };
        println!(
            "\nan impulse followed by zeros\n{:>16} {:>10} {:>10}",
            "", "ns a step", "over noise"
        );
        let lanes = Level::best().lanes();
        let noise: Vec<f64> = values(1, steps * lanes, 1).iter().map(|x| f64::from(*x)).collect();
        let mut impulse = vec![0.0; noise.len()];
        impulse[..40 * lanes].copy_from_slice(&noise[..40 * lanes]);
        let rows = ["ema", "rsi", "macd", "stddev"].map(|name| indicators::find(name).unwrap());
        let over = rows.into_iter().filter(|row| {
            let time = |x: &[f64]| self.kernel(row, x);
            self.exceeds(row.name, IMPULSE, || (time(&impulse), time(&noise)))
        });
        over.map(|row| row.name).collect()
    }

    /// One series of a million bars, a window of a hundred thousand beside one of ten. The names of
    /// those that take too long.
    fn long_windows(&self) -> Vec<&'static str> {
        let (steps, long) = if self.quick { (100_000, 1e4) } else { (1_000_000, 1e5) };
        println!(
            "\na window of {long}, {steps} timesteps\n{:>16} {:>10} {:>10}",
            "", "ns a step", "over 10"
        );
        let x = values(1, steps, 2);
        let over =
            indicators::rows().filter(|row| row.name.starts_with("rolling_")).filter(|row| {
                let most = if row.name == "rolling_rank" { PLACE } else { WINDOW };
                let time = |window: f64| {
                    let inputs = &["a", "b"][..row.inputs.len()];
                    let text = format!(
                        "[input]\ncolumns = [\"a\", \"b\"]\n[[step]]\nop = \"{}\"\n\
                     columns = {inputs:?}\nwindow = {window}\nname = \"y\"\n\
                     [output]\ncolumns = [\"y\"]",
                        row.name
                    );
                    self.transform(&text, &x, 1)
                };
                self.exceeds(row.name, most, || (time(long), time(10.0)))
            });
        over.map(|row| row.name).collect()
    }

    /// Whether the first of two times is more than `most` times the second, five times over: a busy
    /// machine slows one of them down. Prints the last. A quick run may take twice that: what is done
    /// once is a larger part of it.
    fn exceeds(&self, name: &str, most: f64, mut times: impl FnMut() -> (f64, f64)) -> bool {
        let most = if self.quick { 2.0 * most } else { most };
        let mut exceeds = true;
        for _ in 0..5 {
            let (long, short) = times();
            exceeds = long > most * short;
            if !exceeds {
                println!("{name:>16} {long:>10.2} {:>10.2}", long / short);
                break;
            }
            println!("{name:>16} {long:>10.2} {:>10.2}, more than {most}", long / short);
        }
        exceeds
    }

    /// The time a step of a kernel of one input, a series in each lane.
    fn kernel(&self, row: &Row, x: &[f64]) -> f64 {
        let mut running = row.start(&row.defaults(), Level::best(), Nan::default());
        let mut outputs = vec![vec![0.0; x.len()]; row.outputs.len()];
        let seconds = self.median(|| {
            let mut outputs: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            running.reset(0);
            running.advance(&[x], &mut outputs);
        });
        seconds * 1e9 / x.len() as f64
    }

    /// The worst case of lanes that are samples: there is one.
    fn one_long_sample(&self) {
        let steps = if self.quick { 2000 } else { 100_000 };
        let x = values(1, steps, 8);
        let names = "\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\", \"h\"";
        let mut text = format!("[input]\ncolumns = [{names}]\n");
        for op in ["sma", "rsi", "macd"] {
            write!(text, "[[step]]\nop = \"{op}\"\ncolumns = [{names}]\n").unwrap();
        }
        let ours = self.transform(&text, &x, 1);
        let core = Core::new();
        // The same job: columns out of the batch, results into one.
        let mut tensor = Array3::from_elem((1, steps, 48), 1.0_f32);
        tensor.slice_mut(ndarray::s![.., .., ..8]).assign(&x);
        let theirs = self.median(|| {
            let mut columns = 8..;
            for feature in 0..8 {
                let close: Vec<f64> =
                    x.index_axis(ndarray::Axis(2), feature).iter().map(|x| f64::from(*x)).collect();
                for name in ["SMA", "RSI", "MACD"] {
                    for output in common::ta_lib(&core, name, &close) {
                        let column = columns.next().expect("without end");
                        let cells = tensor.index_axis_mut(ndarray::Axis(2), column);
                        cells.into_iter().zip(output).for_each(|(cell, y)| *cell = y as f32);
                    }
                }
            }
        }) * 1e9
            / steps as f64;
        let run = Run::new(Engine::Level(Level::SCALAR));
        let fitted = Pipeline::from_toml(&text).unwrap().fit(x.view()).unwrap();
        let mut y = Array3::from_elem(fitted.output_shape(x.dim()).unwrap(), 1.0_f32);
        let scalar =
            self.median(|| fitted.transform_into_with(x.view(), y.view_mut(), &run).unwrap()) * 1e9
                / steps as f64;
        println!(
            "\none sample of {steps} timesteps and 8 features, SMA, RSI and MACD of each, ns a step\n\
             {:>12} {ours:>10.2}\n{:>12} {scalar:>10.2}\n{:>12} {theirs:>10.2}",
            "windrow", "one lane", "TA-Lib"
        );
    }
}

/// What a loop does with a window.
type Naive = fn(&[f64; 5]) -> f64;

const NAIVE: [(&str, Naive); 5] = [
    ("mean", |x| x.iter().sum::<f64>() / 5.0),
    ("std", |x| {
        let mean = x.iter().sum::<f64>() / 5.0;
        (x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 4.0).sqrt()
    }),
    ("min", |x| x.iter().copied().fold(f64::INFINITY, f64::min)),
    ("max", |x| x.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
    ("median", |x| {
        let mut order = *x;
        order.sort_by(f64::total_cmp);
        order[2]
    }),
];

const INPUT: &str = "[input]\ncolumns = [\"open\", \"high\", \"low\", \"close\", \"volume\"]\n";

/// Positive noise.
fn values(samples: usize, timesteps: usize, features: usize) -> Array3<f32> {
    let mut random = common::random(7);
    Array3::from_shape_simple_fn((samples, timesteps, features), || 100.0 + random() as f32)
}
