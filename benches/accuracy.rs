//! How far rolling variances are off on inputs that are hard to take a variance of.
//!
//! `cargo bench --bench accuracy` prints the largest error of any window relative to the exact
//! variance, and in the last row to the sum of a window's sizes: this crate's, against exact
//! arithmetic, and beside it what other libraries were measured to be off by on the same inputs:
//! pandas 3.1.1, polars 2.1.0, bottleneck 1.6.0, numbagg 0.9.6, TA-Lib 0.8.1 (C), in November 2026.
//! They are not linked, but for TA-Lib by its Rust crate, which
//! stands last.

mod common;
#[path = "../tests/exact/mod.rs"]
mod exact;

use exact::about::{UNIT, part};
use exact::{Exact, Window};
use ta_lib::Core;
use ta_lib::abstract_api::{get_func_handle, get_func_info};
use windrow::indicators::find;

/// What a window's statistic is off by, as part of what it may be off by: infinite where 0 is not 0.
type Error = fn(&Window, f64) -> f64;

/// A statistic: the row and TA-Lib's function, each with its error, and the bound of a row with a
/// window.
#[derive(Clone, Copy)]
struct Of {
    ours: (&'static str, Error),
    theirs: (&'static str, Error),
    bound: fn(usize) -> f64,
}

const VARIANCE: Of = Of {
    ours: ("rolling_var", |of, y| of.variance_error(1, y)),
    theirs: ("VAR", |of, y| of.variance_error(0, y)),
    bound: part,
};

const SUM: Of = Of {
    ours: ("rolling_sum", Window::sum_error),
    theirs: ("SUM", Window::sum_error),
    bound: |window| (window as f64 + 2.0) * UNIT,
};

/// An input, the window, and what pandas, polars, bottleneck, numbagg and TA-Lib were off by there.
struct Case {
    of: Of,
    name: &'static str,
    window: usize,
    series: Vec<Vec<f64>>,
    others: [&'static str; 5],
}

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let heads = [
        "input",
        "window",
        "pandas",
        "polars",
        "bottleneck",
        "numbagg",
        "TA-Lib C",
        "TA-Lib crate",
    ];
    for head in heads {
        print!("| {head} ");
    }
    println!("| windrow | its bound |\n|{}", "---|".repeat(heads.len() + 2));
    for Case { of, name, window, series, others } in cases(if quick { 20 } else { 1000 }) {
        let [mut ours, mut theirs] = [0.0f64; 2];
        for x in &series {
            ours = ours.max(worst(of.ours.1, x, window, &windrow(of.ours.0, x, window)));
            theirs = theirs.max(worst(of.theirs.1, x, window, &ta_lib(of.theirs.0, x, window)));
        }
        print!("| {name} | {window} ");
        for other in others {
            print!("| {other} ");
        }
        println!("| {theirs:.1e} | {ours:.1e} | {:.1e} |", (of.bound)(window));
    }
}

/// The largest error of any window.
fn worst(error: Error, x: &[f64], window: usize, y: &[f64]) -> f64 {
    let exact = Exact::new(x);
    let error = |t: usize| error(&exact.window(t + 1 - window, t + 1), y[t]);
    (window - 1..x.len()).map(error).fold(0.0, f64::max)
}

fn windrow(name: &str, x: &[f64], window: usize) -> Vec<f64> {
    let row = find(name).unwrap();
    let params = row.values(&[("window", window as f64)]).unwrap();
    row.compute(&params, &[x]).unwrap().remove(0)
}

fn ta_lib(name: &str, x: &[f64], window: usize) -> Vec<f64> {
    let core = Core::new();
    let info = get_func_info(get_func_handle(name).unwrap());
    let mut y = vec![f64::NAN; x.len()];
    let mut call = info.id.new_call(&core);
    call.set_input(0, x).unwrap();
    call.set_opt_input(0, window as i32).unwrap();
    call.set_output(0, &mut y).unwrap();
    call.call(0, x.len() - 1).unwrap();
    // It gives the values from the first window on.
    let begin = window - 1;
    y.copy_within(..x.len() - begin, begin);
    y
}

/// The inputs by name; `count` random ones where they are random.
fn cases(count: usize) -> Vec<Case> {
    let mut random = common::random(10);
    let one = |x: Vec<f64>| vec![x];
    let mut spike = vec![0.0; 1000];
    spike[0] = 1000.0;
    let mut small = vec![0.0; 10];
    (small[0], small[1]) = (1.0, 1e-7);
    let mut plateau = vec![2_169_984_000.0; 2];
    plateau.resize(6, 2_820_376_000.0);
    let mut level = |level: f64| -> Vec<f64> { (0..1000).map(|_| level + random()).collect() };
    let (eight, twelve) = (level(1e8), level(1e12));
    let mut print = level(0.0);
    print[10] = 1e12;
    let wave = |t: usize| {
        let x = 9.0 * std::f64::consts::PI * t as f64 / 699.0;
        x.sin() * (-x).exp()
    };
    let wave: Vec<f64> = (0..700).map(wave).collect();
    let low = wave.iter().copied().fold(f64::INFINITY, f64::min);
    let high = wave.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let wave = wave.iter().map(|x| (x - low) / (high - low)).collect();
    let case = |name, window, series, others| Case { of: VARIANCE, name, window, series, others };
    let sums = Case {
        of: SUM,
        name: "a 1e12 that leaves, sum",
        window: 5,
        series: one(print.clone()),
        others: ["2e-16", "2e-16", "3.9e-5", "3.9e-5", "3.7e-5"],
    };
    vec![
        case("1000, then zeros", 10, one(spike), ["1e-16", "1e-16", "not 0", "right", "0"]),
        case(
            "1e5, then 0.1, 0.2, ...",
            3,
            one(vec![1e5, 0.1, 0.2, 0.3, 0.4]),
            ["4.2e-5", "3e-16", "1.2e-4", "5.7e-5", "2e-16"],
        ),
        case(
            "1.3e17, 1.5e17, 1995, 1990",
            2,
            one(vec![1.2e3, 1.3e17, 1.5e17, 1995.0, 1990.0]),
            ["0", "0", "0, not 12.5", "-3.9e6", "2e-14"],
        ),
        case(
            "9.54e8, then small",
            3,
            one(vec![9.54e8, 0.6225, 0.0, 1.14, 0.0, 0.5, 0.7]),
            ["8e-16", "2e-16", "all", "negative", "3e-16"],
        ),
        case("1, 1e-7, zeros", 5, one(small), ["2e-16", "1e-16", "2.9e-2", "negative", "3e-16"]),
        case("a plateau at 2.8e9", 3, one(plateau), ["2e-14", "1e-14", "5e-12", "not 0", "3e-12"]),
        case("flat, 36743.6", 12, one(vec![36743.6; 40]), ["0", "0", "0", "not 0", "0"]),
        case(
            "1e9, then 1, 0, 1, 0",
            3,
            one([vec![1e9; 5], vec![1.0, 0.0, 1.0, 0.0, 1.0, 0.0]].concat()),
            ["2e-16", "2e-16", "64, not 1/3", "negative", "6e-16"],
        ),
        case("0 to 1, and 1e8", 5, one(eight), ["2.3e-6", "8.3e-8", "9e-7", "negative", "3e-15"]),
        case("0 to 1, and 1e12", 5, one(twelve), ["5.5e-3", "5.8e-4", "8e-3", "", "5e-15"]),
        case("a 1e12 that leaves", 5, one(print), ["4e-15", "5e-16", "all", "", "2e-14"]),
        case("a wave, 1 to 1e-12", 50, one(wave), ["8e7", "4.9e-6", "1e7", "4e6", "3e7"]),
        case("16 decades, random", 20, decades(count), ["2.8e8", "0.2", "1e13", "4e15", "1.5e-4"]),
        sums,
    ]
}

/// Series whose values are of every size, about levels of every size.
fn decades(count: usize) -> Vec<Vec<f64>> {
    let mut random = common::random(43);
    let mut series = || {
        let level = 10f64.powf(-3.0 + 15.0 * random());
        let mut value = || {
            let normal: f64 = (0..12).map(|_| random()).sum::<f64>() - 6.0;
            level + normal * 10f64.powf(-8.0 + 16.0 * random())
        };
        (0..150).map(|_| value()).collect()
    };
    (0..count).map(|_| series()).collect()
}
