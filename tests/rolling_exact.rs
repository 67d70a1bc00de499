//! All other statistics of windows, of all values so far and of fading weights, against exact
//! arithmetic on hard series; `rolling.rs` has sums, means and variances. Bounds are those of
//! `exact/about.rs`.

mod exact;
mod series;

use dashu::integer::IBig;
use exact::about::{Pairs, UNIT, part};
use exact::{Exact, SCALE, ratio, whole};
use series::hard::{self, hard, harder, held, infinite, overflows};
use series::{Random, bits};
use windrow::indicators::find;

/// A row's only output.
fn run(name: &str, named: &[(&str, f64)], inputs: &[&[f64]]) -> Vec<f64> {
    let row = find(name).unwrap();
    row.compute(&row.values(named).unwrap(), inputs).unwrap().remove(0)
}

#[track_caller]
fn assert_near(y: f64, expected: Option<(f64, f64)>, what: &str) {
    let Some((exact, allowed)) = expected else {
        assert!(y.is_nan(), "{what}: {y}, where there is no value");
        return;
    };
    let error = (y - exact).abs();
    assert!(error <= allowed, "{what}: {y}, not {exact}: off by {error:e} of {allowed:e}");
}

/// A window for series of some length.
struct Trial {
    seed: u64,
    random: Random,
    /// As parameters.
    sizes: [(&'static str, f64); 2],
    window: usize,
    /// How many values the window needs.
    least: usize,
    n: usize,
}

fn trials() -> impl Iterator<Item = Trial> {
    (0..1500).map(|seed| {
        let mut random = Random::new(seed);
        let (window, min_periods) = hard::sizes(&mut random);
        let sizes = [("window", window as f64), ("min_periods", min_periods as f64)];
        let (least, n) = (hard::least(window, min_periods), 1 + random.below(120));
        Trial { seed, random, sizes, window, least, n }
    })
}

#[test]
fn shapes_and_places_in_a_window() {
    for Trial { seed, mut random, sizes, window, least, n } in trials() {
        let x = harder(&mut random, n);
        let pairs = Pairs::new(&x, &x);
        let ddof = random.below(3);
        let with_ddof = [sizes[0], sizes[1], ("ddof", ddof as f64)];
        let zscore = run("rolling_zscore", &with_ddof, &[&x]);
        let (skew, kurt) = (run("rolling_skew", &sizes, &[&x]), run("rolling_kurt", &sizes, &[&x]));
        for t in 0..n {
            let (held, about) =
                (held(&x, t, window), pairs.about((t + 1).saturating_sub(window), t + 1));
            let what = |name: &str| format!("{name}, seed {seed}, {sizes:?}, at {t}");
            if infinite(held) {
                assert!([zscore[t], skew[t], kurt[t]].iter().all(|y| !y.is_finite()), "{held:?}");
                continue;
            }
            let some = about.n >= least;
            if !overflows(held, 2) {
                let newest = some && !x[t].is_nan();
                let expected = newest.then(|| about.zscore(ddof, x[t])).flatten();
                assert_near(zscore[t], expected, &what("zscore"));
            }
            if !overflows(held, 3) {
                assert_near(skew[t], some.then(|| about.skew()).flatten(), &what("skew"));
            }
            if !overflows(held, 4) {
                assert_near(kurt[t], some.then(|| about.kurt()).flatten(), &what("kurt"));
            }
        }
    }
}

#[test]
fn pairs_and_slopes_in_a_window() {
    for Trial { seed, mut random, sizes, window, least, n } in trials() {
        let (a, mut b) = (harder(&mut random, n), harder(&mut random, n));
        if random.below(3) == 0 {
            // Nearly a line.
            let rise = 10f64.powf(random.between(-6.0, 6.0));
            b = a.iter().map(|a| a * rise + random.unit()).collect();
        }
        let ddof = random.below(3);
        let with_ddof = [sizes[0], sizes[1], ("ddof", ddof as f64)];
        let cov = run("rolling_cov", &with_ddof, &[&a, &b]);
        let [corr, beta] =
            ["rolling_corr", "rolling_beta"].map(|name| run(name, &sizes, &[&a, &b]));
        let slope = run("rolling_slope", &sizes, &[&a]);
        let times: Vec<f64> = (0..n).map(|t| t as f64).collect();
        let (pairs, line) = (Pairs::new(&a, &b), Pairs::new(&times, &a));
        for t in 0..n {
            let (from, [held_a, held_b]) =
                ((t + 1).saturating_sub(window), [&a, &b].map(|x| held(x, t, window)));
            let what = |name: &str| format!("{name}, seed {seed}, {sizes:?}, at {t}");
            if infinite(held_a) {
                assert!(!slope[t].is_finite(), "{}: {}", what("slope"), slope[t]);
            } else if !overflows(held_a, 2) {
                let about = line.about(from, t + 1);
                let expected = (about.n >= least).then(|| about.slope()).flatten();
                assert_near(slope[t], expected, &what("slope"));
            }
            // An infinity beside NaN is in no pair.
            let odd = |(a, b): (&f64, &f64)| !a.is_nan() && !b.is_nan() && (a + b).is_infinite();
            if held_a.iter().zip(held_b).any(odd) || infinite(held_a) || infinite(held_b) {
                continue;
            }
            if overflows(held_a, 2) || overflows(held_b, 2) {
                continue;
            }
            let about = pairs.about(from, t + 1);
            let some = about.n >= least;
            assert_near(cov[t], some.then(|| about.cov(ddof)).flatten(), &what("cov"));
            assert_near(corr[t], some.then(|| about.corr()).flatten(), &what("corr"));
            assert_near(beta[t], some.then(|| about.slope()).flatten(), &what("beta"));
            assert!(corr[t].is_nan() || corr[t].abs() <= 1.0, "{}: {}", what("corr"), corr[t]);
        }
    }
}

/// By going through each window, in numbers that are not rounded but where a value stands between two.
#[test]
fn ordered_values_of_a_window() {
    for Trial { seed, mut random, sizes, window, least, n } in trials() {
        let x = harder(&mut random, n);
        let of = |name: &str| run(name, &sizes, &[&x]);
        let quantile = random.pick(&[0.0, 0.25, 0.5, 0.9, 1.0, 1.0 / 3.0]);
        let at_part = [sizes[0], sizes[1], ("quantile", quantile)];
        let [max, min, range] = ["rolling_max", "rolling_min", "rolling_range"].map(of);
        let [argmax, argmin] = ["rolling_argmax", "rolling_argmin"].map(of);
        let (median, count) = (of("rolling_median"), of("rolling_count"));
        let (rank, part) = (of("rolling_rank"), run("rolling_quantile", &at_part, &[&x]));
        for t in 0..n {
            let held = held(&x, t, window);
            let mut sorted: Vec<f64> = held.iter().copied().filter(|x| !x.is_nan()).collect();
            let what = format!("seed {seed}, {sizes:?}, at {t}");
            let number = if t + 1 < least { f64::NAN } else { sorted.len() as f64 };
            assert!(bits(count[t], number), "{what}: count {}", count[t]);
            if sorted.len() < least {
                let all = [&max, &min, &range, &argmax, &argmin, &median, &rank, &part];
                let all = all.map(|y| y[t]);
                assert!(all.iter().all(|y| y.is_nan()), "{what}: {all:?}");
                continue;
            }
            sorted.sort_by(f64::total_cmp);
            let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
            assert!(max[t] == high && min[t] == low, "{what}: {} to {}", min[t], max[t]);
            assert!(bits(range[t], high - low), "{what}: range {}", range[t]);
            let ago = |y: f64| held.iter().rev().position(|x| *x == y).unwrap() as f64;
            assert!((argmax[t], argmin[t]) == (ago(high), ago(low)), "{what}: places");
            let below = sorted.iter().filter(|y| **y < x[t]).count() as f64;
            let equal = sorted.iter().filter(|y| **y == x[t]).count() as f64;
            let place = if x[t].is_nan() { f64::NAN } else { below + (equal + 1.0) / 2.0 };
            assert!(bits(rank[t], place), "{what}: rank {}", rank[t]);
            for (y, quantile) in [(median[t], 0.5), (part[t], quantile)] {
                let place = quantile * (sorted.len() - 1) as f64;
                let (below, above) =
                    (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
                if below == above {
                    assert!(y == below, "{what}: {y} at {quantile}, not {below}");
                } else if (above - below).is_finite() {
                    let (exact, most) =
                        (below + (above - below) * place.fract(), below.abs().max(above.abs()));
                    assert!((y - exact).abs() <= 2.0 * UNIT * most, "{what}: {y}, not {exact}");
                }
            }
        }
    }
}

/// Panics unless an indicator with a window keeps to C3 and C4.
fn check_indicators(x: &[f64], period: usize, what: &str) {
    let exact = Exact::new(x);
    // A sum, a deviation and bands have periods from 2 on.
    let given = |least: usize| [("period", period.max(least) as f64)];
    let [mean, var] = ["sma", "var"].map(|name| run(name, &given(1), &[x]));
    let [sum, dev] = ["sum", "stddev"].map(|name| run(name, &given(2), &[x]));
    let average = run("ma", &[given(1)[0], ("matype", 0.0)], &[x]);
    let bands = find("bbands").unwrap();
    let bands = bands.compute(&bands.values(&given(2)).unwrap(), &[x]).unwrap();
    // What is missing at the head has yet to begin.
    let head = x.iter().position(|x| !x.is_nan()).unwrap_or(x.len());
    for t in 0..x.len() {
        let from = (t + 1).saturating_sub(period);
        let what = format!("{what}, period {period}, at {t}");
        let whole = t + 1 >= period + head && x[from..=t].iter().all(|x| !x.is_nan());
        if !whole {
            assert!([mean[t], average[t], var[t]].iter().all(|y| y.is_nan()), "{what}: a value");
            continue;
        }
        assert!(bits(average[t], mean[t]), "{what}: ma {}, sma {}", average[t], mean[t]);
        if infinite(&x[from..=t]) {
            assert!(!mean[t].is_finite() && !var[t].is_finite(), "{what}: {} {}", mean[t], var[t]);
            continue;
        }
        let (of, w) = (exact.window(from, t + 1), period as f64);
        let bound = (w + 2.0) * UNIT;
        if !overflows(&x[from..=t], 2) {
            assert!(of.mean_error(mean[t]) <= w * bound, "{what}: mean {}", mean[t]);
            assert!(var[t] >= 0.0 && (var[t] == 0.0) == of.flat(), "{what}: variance {}", var[t]);
            assert!(of.variance_error(0, var[t]) <= part(period), "{what}: variance {}", var[t]);
            if period >= 2 {
                assert!(of.sum_error(sum[t]) <= bound, "{what}: sum {}", sum[t]);
            }
        }
        if period < 2 {
            continue;
        }
        assert!(bits(dev[t], var[t].sqrt()), "{what}: deviation {}", dev[t]);
        let wide = 2.0 * dev[t];
        let expected = [mean[t] + wide, mean[t], mean[t] - wide];
        let same = bands.iter().zip(expected).all(|(band, y)| bits(band[t], y));
        assert!(
            same,
            "{what}: bands {:?}, not {expected:?}",
            bands.iter().map(|b| b[t]).collect::<Vec<_>>()
        );
    }
}

/// Delivery of the same words to the indicators: sums, means, deviations and bands.
#[test]
fn indicators_with_windows_are_within_their_bounds() {
    for seed in 0..3000 {
        let mut random = Random::new(seed);
        let n = 1 + random.below(150);
        let x = if seed % 2 == 0 { hard(&mut random, n) } else { harder(&mut random, n) };
        check_indicators(&x, 1 + random.below(39), &format!("seed {seed}"));
    }
}

#[test]
fn all_values_so_far() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let n = 1 + random.below(120);
        let x = hard(&mut random, n);
        let of = |name: &str| run(name, &[], &[&x]);
        let [min, max, count] = ["expanding_min", "expanding_max", "expanding_count"].map(of);
        let [var, std, zscore] = ["expanding_var", "expanding_std", "expanding_zscore"].map(of);
        let (total, pairs, exact) = (of("cumsum"), Pairs::new(&x, &x), Exact::new(&x));
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for t in 0..n {
            (low, high) = (low.min(x[t]), high.max(x[t]));
            let what = format!("seed {seed}, at {t}");
            assert_eq!((min[t], max[t], count[t]), (low, high, t as f64 + 1.0), "{what}");
            assert!(bits(std[t], var[t].sqrt()), "{what}: {}", std[t]);
            let bound = (t as f64 + 2.0) * UNIT;
            assert!(exact.window(0, t + 1).sum_error(total[t]) <= bound, "{what}: {}", total[t]);
            let about = pairs.about(0, t + 1);
            assert_near(zscore[t], about.zscore(1, x[t]), &what);
        }
    }
}

/// Differences and quotients, and their products, each rounded.
#[test]
fn changes_and_products() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let n = 2 + random.below(80);
        let (x, period) = (harder(&mut random, n), 1 + random.below(5));
        let of = |name: &str| run(name, &[("period", period as f64)], &[&x]);
        let [diff, pct, log] = ["diff", "pct_change", "log_return"].map(of);
        for t in period..n {
            let (new, old) = (x[t], x[t - period]);
            let what = format!("seed {seed}, {new} after {old}");
            if new.is_nan() || old.is_nan() {
                assert!([diff[t], pct[t], log[t]].iter().all(|y| y.is_nan()), "{what}");
            }
            if overflows(&[new, old], 2) || !(new.is_finite() && old.is_finite()) {
                continue;
            }
            let (exact, base) = (whole(new) - whole(old), whole(old));
            let error = whole(diff[t]) - &exact;
            let within = |error: IBig, of: IBig, bits: usize| size(&error) << bits <= size(&of);
            assert!(within(error, exact.clone(), 53), "{what}: diff {}", diff[t]);
            if old == 0.0 {
                assert!(!pct[t].is_finite(), "{what}: pct_change {}", pct[t]);
                continue;
            }
            let error = whole(pct[t]) * &base - (exact << SCALE);
            let sizes = (size(&whole(new)) + size(&base)) << SCALE;
            assert!(within(error, sizes, 52), "{what}: pct_change {}", pct[t]);
            let rate = if new < 0.0 || old < 0.0 { f64::NAN } else { (new / old).ln() };
            let near = (log[t] - rate).abs() <= 4.0 * UNIT * (1.0 + rate.abs());
            assert!(near || bits(log[t], rate), "{what}: log_return {}, not {rate}", log[t]);
        }
        let x: Vec<f64> =
            (0..n).map(|_| (1.0 + random.unit() / 4.0) * random.pick(&[-1.0, 1.0])).collect();
        let mut product = IBig::from(1);
        for (t, y) in run("cumprod", &[], &[&x]).into_iter().enumerate() {
            product *= whole(x[t]);
            let error = (whole(y) << (t * SCALE)) - &product;
            let within = size(&error) << 53 <= size(&product) * IBig::from(t + 1);
            assert!(within, "seed {seed}, at {t}: cumprod {y}");
        }
    }
}

fn size(x: &IBig) -> IBig {
    if *x < IBig::ZERO { -x } else { x.clone() }
}

/// Weights are whole numbers where the part `alpha` is so many of sixteen. A mean is off by `t` roundings
/// of what it is made of, each of which counts as much more as all before weighs less than the newest;
/// a variance by C3, and by what the mean, seen from the first value, is off.
#[test]
fn fading_means_and_variances() {
    for seed in 0..400 {
        let mut random = Random::new(seed);
        let n = 1 + random.below(60);
        let mut x = hard(&mut random, n);
        let missing = random.below(30);
        x.iter_mut().for_each(|x| *x = if random.below(100) < missing { f64::NAN } else { *x });
        let (sixteenths, [adjust, ignore, bias]) =
            (1 + random.below(15), [(); 3].map(|()| random.below(2) == 1));
        let flag = |truth: bool| f64::from(u8::from(truth));
        let given = [
            ("alpha", sixteenths as f64 / 16.0),
            ("adjust", flag(adjust)),
            ("ignore_na", flag(ignore)),
            ("bias", flag(bias)),
        ];
        let mean = run("ewm_mean", &given[..3], &[&x]);
        let [var, std] = ["ewm_var", "ewm_std"].map(|name| run(name, &given, &[&x]));
        let (rest, new) = (IBig::from(16 - sixteenths), IBig::from(sixteenths));
        let mut held: Vec<(IBig, IBig)> = Vec::new();
        let (mut unit, mut fades) = (IBig::from(1), 0);
        for t in 0..n {
            fades += usize::from(!ignore || !x[t].is_nan());
            if !x[t].is_nan() {
                let all: IBig = held.iter().map(|(_, weight)| weight).sum();
                held.iter_mut().for_each(|(_, weight)| *weight *= rest.pow(fades));
                unit *= IBig::from(16).pow(fades);
                let weight = match (held.is_empty(), adjust) {
                    (true, _) => {
                        unit = IBig::from(1);
                        IBig::from(1)
                    }
                    (false, true) => unit.clone(),
                    (false, false) => &new * all * IBig::from(16).pow(fades - 1),
                };
                held.push((whole(x[t]), weight));
                fades = 0;
            }
            let what = format!("seed {seed}, {given:?}, at {t}");
            let Some((origin, _)) = held.first() else {
                assert!(mean[t].is_nan() && var[t].is_nan(), "{what}: {} {}", mean[t], var[t]);
                continue;
            };
            let total = |of: &dyn Fn(&IBig, &IBig) -> IBig| -> IBig {
                held.iter().map(|(x, weight)| of(x, weight)).sum()
            };
            let (weight, sum) = (total(&|_, w| w.clone()), total(&|x, w| w * x));
            let error = whole(mean[t]) * &weight - &sum;
            let sizes = total(&|x, w| w * size(x)) * IBig::from(t + 2);
            assert!((size(&error) * &rest) << 46 <= sizes, "{what}: mean {}", mean[t]);

            let spread = total(&|x, w| w * x * x) * &weight - &sum * &sum;
            let square = &weight * &weight;
            let by = if bias { square.clone() } else { &square - total(&|_, w| w * w) };
            if held.len() == 1 && !bias {
                assert!(var[t].is_nan(), "{what}: variance {} of one value", var[t]);
                continue;
            }
            let biased = ratio(&spread, &(&square << (2 * SCALE)));
            let away = total(&|x, w| w * size(&(x - origin)));
            let times = 128.0 / (16 - sixteenths) as f64;
            let moved = times * (t as f64 + 2.0) * UNIT * ratio(&away, &(&weight << SCALE));
            let allowed = 2.0 * part(held.len()) * biased + moved * (2.0 * biased.sqrt() + moved);
            let exact = ratio(&spread, &(&by << (2 * SCALE)));
            let allowed = allowed * ratio(&square, &by);
            let error = (var[t] - exact).abs();
            assert!(
                var[t] >= 0.0 && error <= allowed,
                "{what}: {} not {exact}: {allowed:e}",
                var[t]
            );
            assert!(bits(std[t], var[t].sqrt()), "{what}: deviation {}", std[t]);
        }
    }
}
