//! Files through the program, beside copying their bytes: read the input, write a file of the
//! output's size, same disk, same state of the cache, no file of that name before: what stands there
//! is removed untimed. Every round has a copy of its own, beside which its runs are put: a machine
//! that is slow for a while is slow for both. `cargo bench --bench files`; `--quick` takes a smaller
//! file.

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
    let (samples, rounds) = if quick { (20_000, 1) } else { (400_000, 7) };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let names = ["x.npy", "long.npy", "y.npy", "p.toml", "f.json"];
    let [input, long, output, pipeline, fitted] = names.map(|name| folder.path().join(name));
    fs::write(&pipeline, FLAGSHIP).expect("a pipeline");
    let shape = [samples, TIMESTEPS, FEATURES];
    make(&input, shape);
    // The same bytes as one sample.
    make(&long, [1, samples * TIMESTEPS, FEATURES]);

    let plan = Pipeline::from_toml(FLAGSHIP).expect("it parses");
    let plan = plan.plan(Some(shape), Some(Dtype::F32)).expect("it plans").size.expect("a shape");
    let bytes = plan.input_bytes + plan.output_bytes;
    println!("{:?} f32 to {:?} {}, {} MB in and out", shape, plan.output, plan.dtype, bytes >> 20);
    println!("medians of {rounds} rounds\n");
    let windrow = |threads: usize, command: &str, files: [&Path; 3]| {
        let [what, input, output] = files;
        let mut run = Command::new(env!("CARGO_BIN_EXE_windrow"));
        run.args(["--quiet", "--threads", &threads.to_string(), command, "--force"]);
        let run = run.args([what, input, Path::new("-o"), output]).output().expect("it runs");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    };
    windrow(2, "fit", [&pipeline, &input, &fitted]);

    let runs = [
        ("transform", "transform", &fitted, &input),
        ("build", "build", &pipeline, &input),
        ("one sample", "transform", &fitted, &long),
    ];
    let mut copies = Vec::new();
    let mut seconds = [const { [const { Vec::new() }; 2] }; 3];
    for _ in 0..rounds {
        copies.push(time(&output, || copy_bytes(&input, &output, plan.output_bytes)));
        for ((_, command, what, input), seconds) in runs.iter().zip(&mut seconds) {
            for (threads, seconds) in (1..).zip(seconds) {
                let files: [&Path; 3] = [what, input, &output];
                seconds.push(time(&output, || windrow(threads, command, files)));
            }
        }
    }
    println!("{:24} {:>8} {:>8} {:>8}", "", "seconds", "MB/s", "of copy");
    let print = |what: &str, seconds: &[f64]| {
        let of_copy = copies.iter().zip(seconds).map(|(copy, seconds)| copy / seconds).collect();
        let (seconds, of_copy) = (median(seconds.to_vec()), median(of_copy));
        let rate = bytes as f64 / 1e6 / seconds;
        println!("{what:24} {seconds:8.3} {rate:8.0} {of_copy:8.2}");
    };
    print("copy of the bytes", &copies);
    for ((what, ..), seconds) in runs.iter().zip(&seconds) {
        for (threads, seconds) in (1..).zip(seconds) {
            let plural = if threads == 1 { "" } else { "s" };
            print(&format!("{what}, {threads} thread{plural}"), seconds);
        }
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

/// The seconds in which `act` makes a file, which is then removed.
fn time(file: &Path, act: impl FnOnce()) -> f64 {
    let start = Instant::now();
    act();
    let seconds = start.elapsed().as_secs_f64();
    fs::remove_file(file).expect("it was made");
    seconds
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
