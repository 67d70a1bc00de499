//! Every kernel at every level, in cache, on one thread: a table, and a guard.
//!
//! `cargo bench --bench levels` prints nanoseconds a timestep of one series, and how many times
//! faster than the scalar level the best one is. **It fails where that is less than [`LEAST`]** and
//! neither loads and stores ([`BOUND`]) nor a division ([`DIVISION`]) are what takes the time: a kernel
//! that lost its wide registers (a closure or `map` over lanes that went through memory, a function that
//! was not inlined) costs as much as the scalar one.
//!
//! `-- --save FILE` keeps the figures, `-- --against FILE` compares with those of another build and
//! fails if the other is faster by more than a tenth in the median:
//!
//! ```sh
//! RUSTFLAGS="-C target-cpu=native" \
//!     cargo bench --bench levels --target-dir target/native -- --save target/native/levels.json
//! cargo bench --bench levels -- --against target/native/levels.json
//! ```

mod common;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use common::tiles::{SERIES, STEPS, Tiles, Work};
use windrow::indicators::rows;
use windrow::{Level, Row};

/// A wide level that keeps its registers is 1.3 to eight times as fast as the scalar one; one that lost
/// them is no faster at all.
const LEAST: f64 = 1.2;

/// What takes no longer than this times the fastest of all kernels, counted by input and output, does
/// little but load and store, which the scalar level does as fast (seen: `mult` at 1.1 times).
const BOUND: f64 = 1.5;

/// Square roots take the time of the divider, which takes eight no faster than two by two: as many as
/// the compiler gives it at the scalar level (seen: 1.1 times).
const ROOT: &str = "sqrt";

/// So does a division, and what takes no longer than this times one does little else (seen: `typprice`
/// at 1.1 times the scalar level).
const DIVISION: (&str, f64) = ("div", 1.2);

/// Runs of a kernel that the first measurement suspects.
const AT_LENGTH: usize = 401;

fn main() -> ExitCode {
    let option = |name: &str| {
        let mut arguments = std::env::args().skip_while(|argument| argument != name);
        arguments.nth(1)
    };
    let rounds = if std::env::args().any(|argument| argument == "--quick") { 5 } else { 41 };
    let mut best = BTreeMap::new();
    let mut suspects = Vec::new();

    print!("{:24} {:>10}", "kernel", "reference");
    Level::available().iter().for_each(|level| print!(" {:>10}", level.name()));
    println!(" {:>8}", "ratio");
    for row in rows() {
        let tiles = Tiles::new(row);
        let reference = least(rounds, || tiles.reference(row));
        let levels = every_level(row, &tiles, rounds);
        let fastest = fastest(&levels);
        let ratio = levels[0] / fastest;
        print!("{:24} {reference:>10.2}", row.name);
        levels.iter().for_each(|ns| print!(" {ns:>10.2}"));
        println!(" {ratio:>8.1}");
        best.insert(row.name.to_owned(), fastest);
        if ratio < LEAST && row.name != ROOT {
            suspects.push(row);
        }
    }
    let planes = |row: &Row| (row.inputs.len() + row.outputs.len()) as f64;
    let by_plane = rows().map(|row| best[row.name] / planes(row)).fold(f64::INFINITY, f64::min);
    let (division, times) = DIVISION;
    let division = times * best[division];
    let bound = |row: &Row| division.max(BOUND * by_plane * planes(row));
    // Short runs on a busy machine slow one level down and not another: suspects are measured at length.
    suspects.retain(|row| {
        let levels = every_level(row, &Tiles::new(row), AT_LENGTH);
        let fastest = fastest(&levels);
        fastest > bound(row) && levels[0] < LEAST * fastest
    });

    let mut failed = false;
    if Level::available().len() > 2 && !suspects.is_empty() {
        let names: Vec<&str> = suspects.iter().map(|row| row.name).collect();
        println!("\nless than {LEAST} times the scalar level: {}", names.join(", "));
        failed = true;
    }
    if let Some(file) = option("--save") {
        std::fs::write(&file, serde_json::to_string(&best).expect("numbers")).expect(&file);
    }
    if let Some(file) = option("--against") {
        let text = std::fs::read_to_string(&file).expect(&file);
        let other: BTreeMap<String, f64> = serde_json::from_str(&text).expect(&file);
        failed |= compare(&best, &other);
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The time of each level, in nanoseconds a timestep of one series: the shortest of `rounds` runs that
/// take turns.
fn every_level(row: &Row, tiles: &Tiles, rounds: usize) -> Vec<f64> {
    let mut work: Vec<Work> =
        Level::available().iter().map(|level| tiles.at(row, *level)).collect();
    let mut shortest = vec![f64::INFINITY; work.len()];
    for _ in 0..rounds {
        for (work, shortest) in work.iter_mut().zip(&mut shortest) {
            *shortest = shortest.min(least(1, || work.run()));
        }
    }
    shortest
}

/// The best of the levels that are wide: portable lanes are narrow by nature.
fn fastest(levels: &[f64]) -> f64 {
    let wide = levels.get(2..).filter(|wide| !wide.is_empty()).unwrap_or(levels);
    wide.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Prints how this build stands to another; whether it is behind.
fn compare(ours: &BTreeMap<String, f64>, other: &BTreeMap<String, f64>) -> bool {
    let pairs = ours.iter().filter_map(|(name, ns)| Some((name, other.get(name)? / ns)));
    let mut ratios: Vec<(f64, &String)> = pairs.map(|(name, ratio)| (ratio, name)).collect();
    ratios.sort_by(|a, b| a.0.total_cmp(&b.0));
    let median = ratios[ratios.len() / 2].0;
    println!("\nspeed of this build over the other's: median {median:.2}; the slowest:");
    ratios.iter().take(10).for_each(|(ratio, name)| println!("{name:24} {ratio:.2}"));
    median < 0.9
}

/// The shortest of some runs, in nanoseconds a timestep of one series.
fn least(rounds: usize, mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        black_box(start.elapsed().as_nanos() as f64)
    };
    let shortest = (0..rounds).map(time).fold(f64::INFINITY, f64::min);
    shortest / (SERIES * STEPS) as f64
}
