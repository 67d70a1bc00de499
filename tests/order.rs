//! Order in long windows, which is kept lane by lane, against plain sorting.

mod series;

use series::{Random, assert_same, lanes, run};
use windrow::Level;
use windrow::indicators::{Nan, find};

/// Series that move through their order in every way: at random, in a walk, upward, downward, among
/// three values, not at all, with values missing and infinite.
fn kinds(random: &mut Random, n: usize) -> Vec<Vec<f64>> {
    let mut at = 100.0;
    let mut step = |random: &mut Random| {
        at *= 1.0 + random.between(-0.02, 0.02);
        at
    };
    let walk: Vec<f64> = (0..n).map(|_| step(random)).collect();
    let mut holes = walk.clone();
    for _ in 0..20 {
        let (from, length) = (random.below(n), 1 + random.below(n / 8));
        let value = random.pick(&[f64::NAN, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        holes[from..(from + length).min(n)].fill(value);
    }
    vec![
        (0..n).map(|_| random.unit()).collect(),
        walk,
        (0..n).map(|t| t as f64).collect(),
        (0..n).map(|t| -(t as f64)).collect(),
        (0..n).map(|_| random.below(3) as f64 - 1.0).collect(),
        (0..n).map(|t| if t < n / 2 { 7.0 } else { -0.0 }).collect(),
        holes,
        (0..n).map(|t| (t % 97) as f64 * if t / 300 % 2 == 0 { 1.0 } else { -1.0 }).collect(),
    ]
}

/// The value a part of the way through those of a window that there are, if they are enough.
fn sorted(window: &[f64], least: usize, part: f64) -> f64 {
    let mut order: Vec<f64> = window.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
    if order.len() < least {
        return f64::NAN;
    }
    order.sort_by(f64::total_cmp);
    let place = part * (order.len() - 1) as f64;
    let (below, above) = (order[place.floor() as usize], order[place.ceil() as usize]);
    if below == above { below } else { below + (above - below) * place.fract() }
}

/// The place of the newest of a window, if it is there and they are enough.
fn place(window: &[f64], least: usize) -> f64 {
    let newest = window[window.len() - 1];
    let count = |of: &dyn Fn(f64) -> bool| window.iter().filter(|x| of(**x)).count();
    if newest.is_nan() || count(&|x| !x.is_nan()) < least {
        return f64::NAN;
    }
    count(&|x| x < newest) as f64 + (count(&|x| x == newest) as f64 + 1.0) / 2.0
}

/// The part of a window that is below its newest value, if it is there and all before it are.
fn percent(window: &[f64], least: usize) -> f64 {
    let newest = window[window.len() - 1];
    let below = window.iter().filter(|x| **x < newest).count();
    let known = window.iter().all(|x| !x.is_nan());
    if known { below as f64 / (least - 1) as f64 * 100.0 } else { f64::NAN }
}

/// Compares a row at every level with what `of` says of each window and how many values it needs.
fn check(
    name: &str,
    params: &[(&str, f64)],
    (window, least): (usize, usize),
    of: impl Fn(&[f64], usize) -> f64,
) {
    let row = find(name).unwrap();
    let mut random = Random::new(window as u64 + least as u64);
    let n = 2 * window + 300;
    let series = kinds(&mut random, n);
    let given = params;
    let params = row.values(params).unwrap();
    let y = |x: &[f64], t: usize| match t + 1 < least {
        true => f64::NAN,
        false => of(&x[(t + 1).saturating_sub(window)..=t], least),
    };
    let all = |x: &Vec<f64>| (0..n).map(|t| y(x, t)).collect();
    let expected: Vec<Vec<f64>> = series.iter().map(all).collect();
    let inputs: Vec<Vec<Vec<f64>>> = series.into_iter().map(|x| vec![x]).collect();
    for &level in Level::available() {
        for (first, inputs) in inputs.chunks(lanes(level)).enumerate() {
            let got = run((row, &params), level, Nan::Propagate, 0, inputs, 77);
            for (lane, got) in got.iter().enumerate() {
                let index = first * lanes(level) + lane;
                let what = format!("{name}, {given:?}, {level}, {index}");
                assert_same(&what, got, &expected[index..=index]);
            }
        }
    }
}

#[test]
fn long_windows_are_in_order() {
    // Lanes are sorted together up to 128 values, one lane, and 320; the newest value is compared with
    // all up to 64 and 512.
    let borders =
        [(64, 0), (65, 5), (128, 0), (129, 5), (320, 0), (321, 1), (512, 0), (513, 0), (513, 1)];
    let others = [(257, 1), (400, 37), (1000, 0)];
    for (window, min_periods) in borders.into_iter().chain(others) {
        let least = if min_periods == 0 { window } else { min_periods };
        let sizes = [("window", window as f64), ("min_periods", min_periods as f64)];
        for part in [0.0, 0.5, 0.9, 1.0] {
            let params = [&sizes[..], &[("quantile", part)]].concat();
            let of = |window: &[f64], least: usize| sorted(window, least, part);
            check("rolling_quantile", &params, (window, least), of);
        }
        check("rolling_rank", &sizes, (window, least), place);
        check("percentrank", &[("period", (window - 1) as f64)], (window, window), percent);
    }
}
