//! Files through the program, beside copying their bytes: read the input, write a file of the
//! output's size, same disk, same state of the cache, no file of that name before: what stands there
//! is removed untimed. `cargo bench --bench files`; `--quick` takes a smaller file.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use common::FLAGSHIP;
use ndarray::Array3;
use windrow::io::{ArrayOutput, Format, Output};
use windrow::{Dtype, Pipeline};

const TIMESTEPS: usize = 120;
const FEATURES: usize = 5;

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (samples, rounds) = if quick { (20_000, 1) } else { (400_000, 5) };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [input, output, copy] = ["x.npy", "y.npy", "copy"].map(|name| folder.path().join(name));
    let pipeline = folder.path().join("p.toml");
    let fitted = folder.path().join("f.json");
    fs::write(&pipeline, FLAGSHIP).expect("a pipeline");
    let shape = [samples, TIMESTEPS, FEATURES];
    make(&input, shape);

    let plan = Pipeline::from_toml(FLAGSHIP).expect("it parses");
    let plan = plan.plan(Some(shape), Some(Dtype::F32)).expect("it plans").size.expect("a shape");
    let bytes = plan.input_bytes + plan.output_bytes;
    println!("{:?} f32 to {:?} {}, {} MB in and out", shape, plan.output, plan.dtype, bytes >> 20);
    println!("medians of {rounds}\n");
    let windrow = |threads: usize, command: &str, beside: &[&Path]| {
        let mut run = Command::new(env!("CARGO_BIN_EXE_windrow"));
        run.args(["--quiet", "--threads", &threads.to_string(), command]).args(beside);
        assert!(run.arg("--force").output().expect("it runs").status.success());
    };
    windrow(2, "fit", &[&pipeline, &input, Path::new("-o"), &fitted]);

    let copied = median(rounds, &copy, || copy_bytes(&input, &copy, plan.output_bytes));
    let mut table = vec![("copy of the bytes".to_owned(), copied)];
    for threads in [1, 2] {
        let transform =
            || windrow(threads, "transform", &[&fitted, &input, Path::new("-o"), &output]);
        table.push((format!("transform, {threads} threads"), median(rounds, &output, transform)));
        let build = || windrow(threads, "build", &[&pipeline, &input, Path::new("-o"), &output]);
        table.push((format!("build, {threads} threads"), median(rounds, &output, build)));
    }
    // The same bytes as one sample.
    make(&input, [1, samples * TIMESTEPS, FEATURES]);
    let long = || windrow(2, "transform", &[&fitted, &input, Path::new("-o"), &output]);
    table.push(("transform of one sample".to_owned(), median(rounds, &output, long)));
    println!("{:24} {:>8} {:>8} {:>8}", "", "seconds", "MB/s", "of copy");
    for (what, seconds) in table {
        let rate = bytes as f64 / 1e6 / seconds;
        println!("{what:24} {seconds:8.3} {rate:8.0} {:8.2}", copied / seconds);
    }
}

/// Writes a batch of random walks, which is in the cache afterwards.
fn make(path: &Path, shape: [usize; 3]) {
    const BLOCK: usize = 1000;
    let x: Array3<f32> = common::bars(BLOCK, TIMESTEPS);
    let x = x.as_slice().expect("in C order");
    let output = Output::create(path).expect("an output");
    let mut array = ArrayOutput::begin(output, Format::Npy, shape, Dtype::F32).expect("a header");
    let mut left = shape.iter().product::<usize>();
    while left > 0 {
        let values = &x[..x.len().min(left)];
        array.push(values).expect("room on the disk");
        left -= values.len();
    }
    array.end().and_then(Output::commit).expect("room on the disk");
}

/// Reads a file and writes another of that size, down to the disk as the program does.
fn copy_bytes(from: &Path, to: &Path, size: usize) {
    let mut from = File::open(from).expect("the input");
    let mut to = File::create(to).expect("the copy");
    let mut buffer = vec![1; 1 << 20];
    while from.read(&mut buffer).expect("reads") > 0 {}
    let mut left = size;
    while left > 0 {
        let part = left.min(buffer.len());
        to.write_all(&buffer[..part]).expect("room on the disk");
        left -= part;
    }
    to.sync_all().expect("the disk takes it");
}

/// The median of the seconds in which `act` makes a file, which is then removed.
fn median(rounds: usize, file: &Path, mut act: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            act();
            let seconds = start.elapsed().as_secs_f64();
            fs::remove_file(file).expect("it was made");
            seconds
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[rounds / 2]
}
