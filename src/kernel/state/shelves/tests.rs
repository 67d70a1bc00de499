//! Against one sorted list.

use super::*;

/// Numbers from 0 to 1.
fn random(seed: u64) -> impl FnMut() -> f64 {
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

#[test]
fn every_rank_is_that_of_a_sorted_list() {
    for count in [1, 2, 64, 130, 700, 3000] {
        let n = 9 * count + 700;
        for (name, series) in kinds(n) {
            let mut random = random(1);
            let beginning = Shelves::new(count);
            // A state begins anew in the memory of the one before.
            let mut shelves = beginning.clone();
            for at_once in [false, true] {
                shelves.clone_from(&beginning);
                let mut list = vec![f64::INFINITY; count];
                if at_once {
                    list.copy_from_slice(&series[..count]);
                    shelves.begin(list.clone());
                    list.sort_by(f64::total_cmp);
                }
                for (t, &x) in series.iter().enumerate().skip(if at_once { count } else { 0 }) {
                    let old = if t < count { f64::INFINITY } else { series[t - count] };
                    let place = shelves.exchange(old, x);
                    list.remove(list.partition_point(|value| *value < old));
                    let below = list.partition_point(|value| *value < x);
                    list.insert(below, x);
                    let not_above = list.partition_point(|value| *value <= x);
                    let what = format!("{name}, {count} values, step {t}");
                    assert_eq!(shelves.rank_of(x, place), [below, not_above], "{what}");
                    // The one in the middle is asked for often, others now and then.
                    let middle = count / 2;
                    let some = (random() * count as f64) as usize;
                    for rank in [middle, if t % 5 == 0 { some } else { middle.saturating_sub(1) }] {
                        assert_eq!(shelves.rank(rank), list[rank], "{what}, rank {rank}");
                    }
                }
            }
        }
    }
}
