//! Rolling statistics on one thread, 1024 series of 1024 timesteps in f64: a naive loop over every
//! window, this crate, and beside them what others were measured to take on the same machine.
//!
//! `cargo bench --bench rolling` prints nanoseconds a timestep of a series, the least of some rounds,
//! and **fails where a window of 5 takes longer than the naive loop**. The others are bottleneck 1.6.0
//! and pandas 3.1.1 with NumPy 2.4.6, in November 2026, by
//!
//! ```python
//! x = 100 * np.cumprod(1 + 0.02 * (np.random.default_rng(1).random((1024, 1024)) - 0.5), axis=1)
//! bottleneck.move_median(x, window, axis=1)                                    # and so on
//! pandas.DataFrame(np.ascontiguousarray(x.T)).rolling(window).median()         # and so on
//! ```

mod common;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use ndarray::{Array3, s};
use windrow::Pipeline;

/// A statistic, its naive form, and what bottleneck and pandas take at windows of 10 and 1,000.
struct Case {
    name: &'static str,
    naive: fn(&[f64], &mut Vec<f64>) -> f64,
    others: [[f64; 2]; 2],
}

const CASES: [Case; 5] = [
    Case { name: "mean", naive: mean, others: [[2.2, 119.2], [1.5, 85.7]] },
    Case { name: "std", naive: deviation, others: [[6.5, 129.7], [7.1, 108.9]] },
    Case { name: "min", naive: least, others: [[13.8, 113.4], [13.5, 97.0]] },
    Case { name: "max", naive: largest, others: [[13.7, 101.4], [13.8, 98.0]] },
    Case { name: "median", naive: median, others: [[44.3, 343.3], [78.5, 286.7]] },
];

fn mean(window: &[f64], _: &mut Vec<f64>) -> f64 {
    window.iter().sum::<f64>() / window.len() as f64
}

fn deviation(window: &[f64], scratch: &mut Vec<f64>) -> f64 {
    let mean = mean(window, scratch);
    let squares: f64 = window.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / (window.len() - 1) as f64).sqrt()
}

fn least(window: &[f64], _: &mut Vec<f64>) -> f64 {
    window.iter().copied().fold(f64::INFINITY, f64::min)
}

fn largest(window: &[f64], _: &mut Vec<f64>) -> f64 {
    window.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn median(window: &[f64], scratch: &mut Vec<f64>) -> f64 {
    scratch.clear();
    scratch.extend_from_slice(window);
    let half = window.len() / 2;
    let (below, middle, _) = scratch.select_nth_unstable_by(half, f64::total_cmp);
    let other = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if window.len() % 2 == 1 { *middle } else { (*middle + other) / 2.0 }
}

fn main() -> ExitCode {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (series, timesteps, rounds) = if quick { (64, 1024, 1) } else { (1024, 1024, 7) };
    let mut random = common::random(7);
    let mut x = Array3::zeros((series, timesteps, 1));
    for mut series in x.outer_iter_mut() {
        let mut last = 100.0;
        for x in &mut series {
            last *= 1.0 + 0.02 * (random() - 0.5);
            *x = last;
        }
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    println!("| statistic | window | naive | windrow | bottleneck | pandas |");
    println!("|---|---|---|---|---|---|");
    let mut slower = Vec::new();
    for Case { name, naive, others } in CASES {
        for window in [5, 10, 1000] {
            // Some series are enough of what takes so long.
            let few = if window > 100 { 4 } else { 64 };
            let some = x.slice(s![..few, .., ..]).to_owned();
            let expected = rolled(&some, window, naive);
            let slow = time(rounds, few * timesteps, || {
                black_box(rolled(&some, window, naive));
            });

            let text = format!(
                "[input]\ncolumns = ['x']\n[[step]]\nop = 'rolling_{name}'\ncolumns = 'x'\n\
                 window = {window}\nname = 'y'\n[output]\ncolumns = ['y']\n"
            );
            let fitted = Pipeline::from_toml(&text).and_then(|pipeline| pipeline.fit(x.view()));
            let fitted = fitted.unwrap_or_else(|error| panic!("{error}\n{text}"));
            let mut y = Array3::<f64>::zeros(x.dim());
            let ours = pool.install(|| {
                time(rounds, series * timesteps, || {
                    fitted.transform_into(x.view(), black_box(y.view_mut())).expect("of its shape");
                })
            });
            for (&y, &expected) in y.slice(s![..few, .., ..]).iter().zip(&expected) {
                let near = (y - expected).abs() <= 1e-9 * expected.abs();
                assert!(near || (y.is_nan() && expected.is_nan()), "{name}: {y} and {expected}");
            }

            print!("| {name} | {window} | {slow:.1} | {ours:.1} ");
            match window {
                5 => println!("| | |"),
                10 => println!("| {:.1} | {:.1} |", others[0][0], others[0][1]),
                _ => println!("| {:.1} | {:.1} |", others[1][0], others[1][1]),
            }
            if window == 5 && ours > slow {
                slower.push(name);
            }
        }
    }
    if slower.is_empty() || quick {
        return ExitCode::SUCCESS;
    }
    println!("\nslower than a naive loop: {}", slower.join(", "));
    ExitCode::FAILURE
}

/// A statistic of every window, NaN before the first.
fn rolled(x: &Array3<f64>, window: usize, of: fn(&[f64], &mut Vec<f64>) -> f64) -> Array3<f64> {
    let mut y = Array3::from_elem(x.dim(), f64::NAN);
    let mut scratch = Vec::new();
    for (x, mut y) in x.outer_iter().zip(y.outer_iter_mut()) {
        let x = x.as_slice().expect("in order");
        for (t, window) in x.windows(window).enumerate() {
            y[[t + window.len() - 1, 0]] = of(window, &mut scratch);
        }
    }
    y
}

/// The shortest of some runs, in nanoseconds a value.
fn time(rounds: usize, values: usize, mut run: impl FnMut()) -> f64 {
    let once = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_nanos() as f64
    };
    (0..rounds).map(once).fold(f64::INFINITY, f64::min) / values as f64
}
