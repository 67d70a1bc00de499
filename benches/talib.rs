//! Every function of TA-Lib on one thread: the crate `ta-lib` doing the job by hand, sample by
//! sample, against a pipeline with that one step.
//!
//! The job: from a batch of bars (samples, timesteps, features) to the function's columns, warm-up as
//! NaN, in f32 as networks are trained on and in f64. TA-Lib's side takes the columns out of the
//! batch, calls, and puts the result in, in buffers made once. Both are checked to have computed the
//! same before they are timed.
//!
//! `cargo bench --bench talib` prints the table of `benches/talib.md`; `-- --quick` runs a little of
//! everything once, `-- sma rsi` those functions only.

mod common;

use std::hint::black_box;
use std::time::Instant;

use ndarray::{Array3, ArrayView3, ArrayViewMut3, s};
use ta_lib::Core;
use ta_lib::abstract_api::{FuncInfo, InputType, OutputType, get_func_handle};
use windrow::indicators::{Group, Input, Row, catalogue};
use windrow::{Dtype, Element, FittedPipeline, Pipeline};

const COLUMNS: [&str; 5] = ["open", "high", "low", "close", "volume"];

/// The group of the functions of numbers, some of which have a domain.
const NUMBERS: &str = "Math Transform";

/// Timings of one function, in nanoseconds for a bar of a sample.
#[derive(Clone, Copy)]
struct Timing {
    talib: f64,
    windrow: f64,
}

impl Timing {
    fn ratio(self) -> f64 {
        self.talib / self.windrow
    }
}

fn main() {
    let (options, names): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let quick = options.iter().any(|option| option == "--quick");
    let (samples, rounds) = if quick { (64, 1) } else { (1024, 25) };
    let bars = common::bars(samples, 256);
    let mut numbers = bars.clone();
    numbers.slice_mut(s![.., .., 3]).mapv_inplace(f32::fract);
    let [bars_f64, numbers_f64] = [&bars, &numbers].map(|batch| batch.mapv(f64::from));

    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a thread");
    let mut lines: Vec<(&str, [Timing; 2])> = pool.install(|| {
        let rows =
            catalogue().iter().flat_map(|group| group.rows.iter().map(move |row| (group, row)));
        let wanted =
            rows.filter(|(_, row)| names.is_empty() || names.iter().any(|name| name == row.name));
        let line = |(group, row): (&Group, &'static Row)| {
            let (x, x_f64) = match group.name == NUMBERS {
                true => (&numbers, &numbers_f64),
                false => (&bars, &bars_f64),
            };
            let timings = [time(row, x.view(), rounds)?, time(row, x_f64.view(), rounds)?];
            Some((row.name, timings))
        };
        wanted.filter_map(line).collect()
    });
    lines.sort_by_key(|(name, _)| *name);
    println!(
        "| function | TA-Lib, f32 | windrow, f32 | ratio | TA-Lib, f64 | windrow, f64 | ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, timings) in &lines {
        print!("| `{name}` |");
        for timing in timings {
            print!(" {:.2} | {:.2} | {:.1} |", timing.talib, timing.windrow, timing.ratio());
        }
        println!();
    }
    println!();
    for (index, dtype) in ["f32", "f64"].into_iter().enumerate() {
        summary(dtype, lines.iter().map(|(_, timings)| timings[index].ratio()).collect());
    }
}

fn summary(dtype: &str, mut ratios: Vec<f64>) {
    ratios.sort_by(f64::total_cmp);
    let at_least = |bound: f64| ratios.iter().filter(|ratio| **ratio >= bound).count();
    println!(
        "{dtype}: {} functions, median {:.1}, at least 4 times {}, at least 2 times {}, below 0.7 {}, \
         smallest {:.2}",
        ratios.len(),
        median(&ratios),
        at_least(4.0),
        at_least(2.0),
        ratios.len() - at_least(0.7),
        ratios.first().copied().unwrap_or(f64::NAN)
    );
}

fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Times a row; `None` for one that TA-Lib does not have.
fn time<E: Element>(row: &'static Row, x: ArrayView3<'_, E>, rounds: usize) -> Option<Timing> {
    let name = row.name.to_uppercase();
    let id = get_func_handle(&name).or_else(|| get_func_handle(&name.replace('_', "")))?;
    let (samples, timesteps, _) = x.dim();
    let columns = columns(row);
    let fitted = fit(row, &columns, x);
    let shape = (samples, timesteps, row.outputs.len());
    let mut ours = Array3::from_elem(shape, E::round(0.0));
    let mut theirs = ours.clone();
    let mut peer = Peer::new(id.info(), &columns, timesteps);
    fitted.transform_into(x, ours.view_mut()).expect("of its shape");
    peer.run(x, theirs.view_mut());
    compare(row, &ours, &theirs);

    // The least: whatever else the machine does makes a round longer, never shorter.
    let mut least = [f64::INFINITY; 2];
    for _ in 0..rounds {
        // In turn, so that both see the same machine.
        let start = Instant::now();
        peer.run(x, black_box(theirs.view_mut()));
        least[0] = least[0].min(start.elapsed().as_nanos() as f64);
        let start = Instant::now();
        fitted.transform_into(x, black_box(ours.view_mut())).expect("of its shape");
        least[1] = least[1].min(start.elapsed().as_nanos() as f64);
    }
    let [talib, windrow] = least.map(|least| least / (samples * timesteps) as f64);
    Some(Timing { talib, windrow })
}

/// Indices of the columns that a row reads: prices by name, others close, then open.
fn columns(row: &Row) -> Vec<usize> {
    let mut plain = ["close", "open"].into_iter();
    let name = |input: &Input| match input.role() {
        Some(price) => price,
        None => plain.next().expect("two at most"),
    };
    let names: Vec<&str> = row.inputs.iter().map(name).collect();
    let index = |name: &&str| COLUMNS.iter().position(|column| column == name).expect("listed");
    names.iter().map(index).collect()
}

fn fit<E: Element>(row: &Row, columns: &[usize], x: ArrayView3<'_, E>) -> FittedPipeline {
    let inputs: Vec<&str> = columns.iter().map(|&column| COLUMNS[column]).collect();
    let names: Vec<String> = (0..row.outputs.len()).map(|o| format!("y{o}")).collect();
    let text = format!(
        "[input]\ncolumns = {COLUMNS:?}\n[[step]]\nop = {:?}\ncolumns = {inputs:?}\n\
         names = {names:?}\n[output]\ncolumns = {names:?}\n",
        row.name
    );
    let pipeline = Pipeline::from_toml(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    pipeline.fit(x).expect("nothing to fit")
}

/// A user's loop over samples.
struct Peer {
    info: &'static FuncInfo,
    core: Core,
    columns: Vec<usize>,
    inputs: Vec<Vec<f64>>,
    real: Vec<Vec<f64>>,
    whole: Vec<Vec<i32>>,
}

impl Peer {
    fn new(info: &'static FuncInfo, columns: &[usize], timesteps: usize) -> Self {
        Peer {
            info,
            core: Core::new(),
            columns: columns.to_vec(),
            inputs: vec![vec![0.0; timesteps]; columns.len()],
            real: vec![vec![0.0; timesteps]; info.outputs.len()],
            whole: vec![vec![0; timesteps]; info.outputs.len()],
        }
    }

    fn run<E: Element>(&mut self, x: ArrayView3<'_, E>, mut y: ArrayViewMut3<'_, E>) {
        for (x, mut y) in x.outer_iter().zip(y.outer_iter_mut()) {
            for (input, &column) in self.inputs.iter_mut().zip(&self.columns) {
                for (cell, x) in input.iter_mut().zip(x.column(column)) {
                    *cell = x.widen();
                }
            }
            let (begin, count) = self.call();
            for (o, output) in self.info.outputs.iter().enumerate() {
                let mut y = y.column_mut(o);
                y.slice_mut(s![..begin]).fill(E::round(f64::NAN));
                let cells = y.iter_mut().skip(begin).take(count);
                match output.kind {
                    OutputType::Real => {
                        cells.zip(&self.real[o]).for_each(|(y, value)| *y = E::round(*value));
                    }
                    OutputType::Integer => {
                        cells
                            .zip(&self.whole[o])
                            .for_each(|(y, value)| *y = E::round(f64::from(*value)));
                    }
                }
            }
        }
    }

    /// Calls with default parameters; gives where values begin, and how many there are.
    fn call(&mut self) -> (usize, usize) {
        let last = self.inputs[0].len() - 1;
        let mut call = self.info.id.new_call(&self.core);
        let mut inputs = self.inputs.iter().map(Vec::as_slice);
        for (slot, input) in self.info.inputs.iter().enumerate() {
            if input.kind == InputType::Real {
                call.set_input(slot, inputs.next().expect("counted")).expect("a series");
                continue;
            }
            let mut price = |bit: u32| {
                (input.flags.bits() & (1 << bit) != 0).then(|| inputs.next().expect("counted"))
            };
            let prices = [price(0), price(1), price(2), price(3), price(4)];
            let [open, high, low, close, volume] = prices;
            call.set_price_input(slot, open, high, low, close, volume, None).expect("prices");
        }
        let outputs = self.real.iter_mut().zip(&mut self.whole);
        for (slot, (real, whole)) in outputs.enumerate() {
            match self.info.outputs[slot].kind {
                OutputType::Real => call.set_output(slot, real).map(|_| ()),
                OutputType::Integer => call.set_int_output(slot, whole).map(|_| ()),
            }
            .expect("of its kind");
        }
        let range = call.call(0, last).expect("a call with defaults");
        let begin = if range.count == 0 { last + 1 } else { range.beg_idx };
        (begin, range.count)
    }
}

/// The same cells NaN, the others the same to eight digits of the largest, or as far as the dtype goes.
fn compare<E: Element>(row: &Row, ours: &Array3<E>, theirs: &Array3<E>) {
    let digits = match E::DTYPE {
        Dtype::F32 => f64::from(f32::EPSILON),
        Dtype::F64 => 1e-8,
    };
    for o in 0..row.outputs.len() {
        let (ours, theirs) = (ours.slice(s![.., .., o]), theirs.slice(s![.., .., o]));
        let finite = theirs.iter().map(|value| value.widen()).filter(|value| value.is_finite());
        let largest = finite.fold(0.0, |most, value| value.abs().max(most));
        for (place, value) in ours.indexed_iter() {
            let (value, other) = (value.widen(), theirs[place].widen());
            let same = (value - other).abs() <= digits * largest || value == other;
            assert!(
                same || (value.is_nan() && other.is_nan()),
                "{}, output {o} at {place:?}: {value} and {other}",
                row.name
            );
        }
    }
}
