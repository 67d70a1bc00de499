//! What a value owes to where its series starts: the stability class of every row.

mod series;

use series::{Bars, Random, allowed, alone, bits, context, inputs, params, reach};
use windrow::Row;
use windrow::indicators::{Nan, Stability, Value, rows, settling};

/// Rounds a row: the first with default parameters.
const ROUNDS: usize = 40;

fn for_all(law: impl Fn(&mut Random, &'static Row, &[Value], &str)) {
    for row in rows() {
        for round in 0..ROUNDS {
            let seed = 500 * round as u64 + row.name.bytes().map(u64::from).sum::<u64>();
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round, 30);
            law(&mut random, row, &params, &context(row, &params, seed));
        }
    }
}

/// The series and what it is without its first timesteps.
fn late(random: &mut Random, row: &Row, n: usize) -> (usize, Vec<Vec<f64>>, Vec<Vec<f64>>) {
    let x = inputs(random, row, n);
    let k = 1 + random.below(n / 3);
    let rest = x.iter().map(|x| x[k..].to_vec()).collect();
    (k, x, rest)
}

/// Windowed rows that count from the start of the series, which is what they are for.
const COUNTED: &[&str] = &["maxindex", "minindex", "minmaxindex"];

#[test]
fn windows_do_not_see_where_a_series_starts() {
    for_all(|random, row, params, context| {
        if row.stability(params).recursive() || COUNTED.contains(&row.name) {
            return;
        }
        let exact = row.stability(params) == Stability::Exact;
        let full = reach(row, params) - 1;
        let (k, x, rest) = late(random, row, full + 100);
        let (whole, rest) = (
            alone(row, params, Nan::Propagate, 0, &x),
            alone(row, params, Nan::Propagate, 0, &rest),
        );
        for (o, (whole, rest)) in whole.iter().zip(&rest).enumerate() {
            let allowed = allowed(row, params, o, &x, whole);
            for t in k + full..whole.len() {
                let (one, other) = (whole[t], rest[t - k]);
                let near = !exact && (one - other).abs() <= allowed[t];
                let what = format!("{context}, output {o} at {t}, from {k}");
                assert!(near || bits(one, other), "{what}: {one:e} and {other:e}");
            }
        }
    });
}

/// Rows whose shorter averages begin late, so that all give their first value together. TA-Lib's rule
/// counts as if they began with the series: not enough where the longer one settles sooner.
const LATE: &[&str] = &["kstext", "macdext"];

/// It does not look at the limits, by the lower of which the averages settle.
const LIMITS: &str = "mama";

#[test]
fn recursions_settle() {
    for_all(|random, row, params, context| {
        // TA-Lib knows nothing of `ewm_*`, whose weights `tests/rolling.rs` looks at.
        let other = LATE.contains(&row.name) || row.name == LIMITS || row.name.starts_with("ewm_");
        if row.stability(params) != Stability::Converging || other {
            return;
        }
        // Where the way is all noise, as that of volume, averages by efficiency hardly move.
        let mut shown = row.params.iter().zip(params).map(|(param, value)| param.show(*value));
        if shown.any(|shown| ["kama", "vidya"].contains(&&*shown)) {
            return;
        }
        let settling = settling(row, params).expect("TA-Lib knows it");
        assert!(settling[0] <= settling[1], "{context}: {settling:?}");
        // A difference of averages is as much smaller than they are as their periods are close.
        let period = |name: &str| {
            let place = row.params.iter().position(|param| param.name == name)?;
            Some(params[place].real())
        };
        let apart = match (period("fast"), period("slow")) {
            (Some(fast), Some(slow)) if fast == slow => return,
            (Some(fast), Some(slow)) => (fast - slow).abs() / fast.max(slow),
            _ => 1.0,
        };
        let lookback = row.lookback(params);
        // An ordinary market: where nothing moves, nothing settles.
        let n = lookback + settling[1] + 150;
        let x = Bars::walk(random, n, 100.0, 0.02).inputs(row);
        let late: Vec<Vec<f64>> = x.iter().map(|x| x[50..].to_vec()).collect();
        let late = alone(row, params, Nan::Propagate, 0, &late);
        for (o, (whole, late)) in
            alone(row, params, Nan::Propagate, 0, &x).iter().zip(&late).enumerate()
        {
            for (bars, part) in settling.into_iter().zip([1e-4, 1e-8]) {
                let largest = whole[50 + lookback..].iter().fold(0.0, |most, y| y.abs().max(most));
                for t in 50 + lookback + bars..n {
                    let away = (whole[t] - late[t - 50]).abs();
                    let what = format!("{context}, output {o}, at {t}, {bars} bars");
                    assert!(away <= part * largest / apart, "{what}: {away:e} of {largest:e}");
                }
            }
        }
    });
}
