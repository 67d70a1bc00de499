//! Against one sorted list, which is that of `around` too.

use super::*;
use crate::simd::Level;

/// Numbers from 0 to 1.
pub fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Series that fill shelves, part them, leave them empty and join them.
fn kinds(n: usize) -> Vec<(&'static str, Vec<f64>)> {
    let mut random = random(n as u64);
    let mut at = 0.0;
    let mut walk = || {
        at += random() - 0.5;
        at
    };
    let walk: Vec<f64> = (0..n).map(|_| walk()).collect();
    let mut series = |of: &dyn Fn(usize, f64) -> f64| (0..n).map(|t| of(t, random())).collect();
    let long = n / 7;
    vec![
        ("noise", series(&|_, u| u)),
        ("walk", walk),
        ("up", series(&|t, u| t as f64 + 9.0 * u)),
        ("down", series(&|t, _| -(t as f64))),
        ("few", series(&|_, u| (u * 3.0).floor())),
        ("ticks", series(&|t, u| (u * u * 40.0).floor() + (t / long) as f64)),
        ("half equal", series(&|_, u| if u < 0.5 { 0.25 } else { u })),
        ("neighbours", series(&|t, u| 1.0 + ((u * 9.0).floor() + (t / 50) as f64) * f64::EPSILON)),
        (
            "ends",
            series(&|t, u| match (t / long % 2, (u * 8.0) as usize) {
                (0, 0) => f64::INFINITY,
                (_, 1) => f64::NEG_INFINITY,
                (1, 2) => f64::MAX,
                (_, 3) => -f64::MAX,
                (_, 4) => 0.0,
                (_, 5) => 5e-324,
                _ => u,
            }),
        ),
        ("to and fro", series(&|t, u| if (t / long).is_multiple_of(2) { u } else { 1e3 + u })),
        ("apart", series(&|t, u| if t < 2 * long { u } else { (t % 2) as f64 * 9.0 - u / 9.0 })),
        ("scales", series(&|t, u| u * 10_f64.powi(-((t / 20) as i32 % 300)))),
    ]
}

/// Goes over all kinds of series: has the oldest of `count` values, which were infinities, exchanged for
/// a new one, and gives what there is in order.
pub fn against_a_list<S: Clone>(
    beginning: &dyn Fn(usize) -> S,
    step: &mut dyn FnMut(&mut S, Step<'_>),
) {
    for count in [1, 2, 64, 130, 700, 3000] {
        let beginning = beginning(count);
        // A state begins anew in the memory of the one before.
        let mut state = beginning.clone();
        for (name, series) in kinds(9 * count + 700) {
            state.clone_from(&beginning);
            let mut list = vec![f64::INFINITY; count];
            for (t, &new) in series.iter().enumerate() {
                let old = if t < count { f64::INFINITY } else { series[t - count] };
                list.remove(list.partition_point(|value| *value < old));
                list.insert(list.partition_point(|value| *value < new), new);
                let what = format!("{name}, {count} values, step {t}");
                step(&mut state, Step { t, new, list: &list, what });
            }
        }
    }
}

/// A value comes, the oldest departs, and this is what there is in order.
pub struct Step<'a> {
    pub t: usize,
    pub new: f64,
    pub list: &'a [f64],
    pub what: String,
}

#[test]
fn a_value_has_the_place_that_it_has_in_a_sorted_list() {
    for &level in Level::available() {
        against_a_list(&Shelves::new, &mut |shelves, Step { new, list, what, .. }| {
            let below = list.partition_point(|value| *value < new);
            let not_above = list.partition_point(|value| *value <= new);
            let place = level.dispatch(Exchange(shelves, new));
            assert_eq!(place, [below, not_above], "{what}, {level}");
        });
    }
}
