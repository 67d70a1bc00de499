//! The crate `ta-lib` 0.8.3 as the outside oracle of every row that it has.
//!
//! A new row needs nothing here.

mod oracle;
mod series;

use std::path::Path;

use ndarray::ArrayView2;
use oracle::{decided_by_rounding, matching, oracle};
use series::{Bars, Random, allowed, alone, by_waves, context, params, reference, scale_free};
use ta_lib::abstract_api::{FUNCS, FuncInfo, OptInputType};
use windrow::Row;
use windrow::indicators::{Kind, Nan, Value, rows};
use windrow::io::{Batch, read_npy};

/// Rows that TA-Lib does not have, with the oracle that they have instead.
const OTHERS: &[(&str, &str)] = &[
    ("cumprod", PANDAS),
    ("diff", PANDAS),
    ("ewm_mean", PANDAS),
    ("ewm_std", PANDAS),
    ("ewm_var", PANDAS),
    ("expanding_count", PANDAS),
    ("expanding_max", PANDAS),
    ("expanding_mean", EXACT),
    ("expanding_min", PANDAS),
    ("expanding_std", EXACT),
    ("expanding_sum", EXACT),
    ("expanding_var", EXACT),
    ("expanding_zscore", PANDAS),
    ("log_return", NUMPY),
    ("pct_change", PANDAS),
    ("rolling_argmax", "bottleneck: tests/rolling_figures.rs"),
    ("rolling_argmin", "bottleneck: tests/rolling_figures.rs"),
    ("rolling_beta", NUMPY),
    ("rolling_corr", NUMPY),
    ("rolling_count", PANDAS),
    ("rolling_cov", NUMPY),
    ("rolling_kurt", SCIPY),
    ("rolling_max", PANDAS),
    ("rolling_mean", EXACT),
    ("rolling_median", PANDAS),
    ("rolling_min", PANDAS),
    ("rolling_quantile", PANDAS),
    ("rolling_range", PANDAS),
    ("rolling_rank", PANDAS),
    ("rolling_skew", SCIPY),
    ("rolling_slope", NUMPY),
    ("rolling_std", EXACT),
    ("rolling_sum", EXACT),
    ("rolling_var", EXACT),
    ("rolling_zscore", PANDAS),
];

const EXACT: &str = "exact arithmetic: tests/rolling.rs; pandas: tests/rolling_figures.rs";
const NUMPY: &str = "NumPy: tests/rolling_figures.rs";
const PANDAS: &str = "pandas: tests/rolling_figures.rs";
const SCIPY: &str = "SciPy: tests/rolling_figures.rs";

/// Where TA-Lib is further from the exact value than contract C10 allows a row to be: by which part
/// of the largest output so far, or input where the output is on its scale, and why. There a row has
/// to agree with its own definition instead.
const LOOSER: &[(&str, f64, &str)] = &[
    ("adosc", 2e-14, "its averages, as ma, of a line that outgrows the volume"),
    ("apo", 1e-13, "its averages, as ma"),
    ("bbands", 2e-12, "TA-Lib subtracts what leaves a window, and rebuilds now and then"),
    ("bbw", 1e-10, "the deviation of bbands, over its middle"),
    ("beta", 1e-9, "as bbands, of changes that all but equal each other"),
    ("cci", 1e-7, "it rounds the mean to the level of the price"),
    ("correl", 1e-8, "as bbands; it lets a sum of squares lose six digits before it rebuilds"),
    ("hma", 1e-13, "as wma"),
    ("ht_dcperiod", 1e-9, "as ht_dcphase"),
    ("ht_dcphase", 1e-9, "it sums the level of the price with the wave"),
    ("ht_sine", 1e-7, "as ht_dcphase"),
    ("kvo", 1e-13, "its averages, as ma, of 100 times the volume"),
    ("linearreg", 1e-12, "as bbands, of sums that are not taken about a value of the window"),
    ("linearreg_angle", 1e-10, "as linearreg, and 57 degrees to the unit of slope"),
    ("linearreg_intercept", 1e-12, "as linearreg"),
    ("linearreg_slope", 1e-12, "as linearreg"),
    ("ma", 1e-13, "as wma and trima"),
    ("macdext", 1e-13, "its averages, as ma"),
    ("mavp", 2e-13, "its averages, as trima"),
    ("percentb", 1e-8, "the deviation of bbands, where the bands all but meet"),
    ("rvi", 1e-10, "its deviations, as stddev"),
    ("rvir", 1e-10, "as rvi"),
    ("sqzmom", 1e-13, "its line, as linearreg"),
    ("stc", 1e-5, "a place among differences of averages that are all but equal"),
    ("stddev", 2e-12, "as bbands; it lets a variance lose six digits before it rebuilds"),
    ("swak_butter", 1e-13, "it rounds the level, which the double pole multiplies by period²"),
    ("swak_gauss", 1e-13, "as swak_butter"),
    ("trima", 2e-13, "as wma, one sum in another"),
    ("tsf", 1e-12, "as linearreg"),
    ("var", 1e-12, "as stddev"),
    ("vwma", 1e-13, "as bbands"),
    ("wavetrend", 1e-9, "it divides by a mean distance that may be small beside the price"),
    ("wma", 1e-13, "as bbands; a constant comes out off by 2e-14 of itself"),
];

/// Hard series without a wave: there TA-Lib measures the rounding of its sums, which it never
/// rebuilds, and rows made of waves are not compared.
const NO_WAVE: [&str; 5] = ["flat", "steps", "up", "down", "halted"];

/// Whether a row is an adaptive average of an index that stands still for long: all that it sees
/// there is the index's rounding. Not compared on hard series.
fn by_rounding(row: &Row, params: &[Value]) -> bool {
    let named = |names: &[&str]| {
        let mut shown = row.params.iter().zip(params).map(|(param, value)| param.show(*value));
        shown.any(|shown| names.contains(&&*shown))
    };
    ["stoch", "stochf", "stochrsi"].contains(&row.name) && named(&["kama", "mama", "vidya"])
}

/// Rows with their TA-Lib function.
fn pairs() -> impl Iterator<Item = (&'static Row, &'static FuncInfo)> {
    let listed = |row: &&Row| OTHERS.iter().all(|(name, _)| *name != row.name);
    rows().filter(listed).map(|row| {
        let info = oracle::function(row);
        (row, info.unwrap_or_else(|| panic!("TA-Lib has no {}; see OTHERS", row.name)))
    })
}

/// Compares a row with TA-Lib on one set of bars.
fn compare(row: &Row, info: &FuncInfo, params: &[Value], bars: &Bars, what: &str) {
    let inputs = bars.inputs(row);
    let (lookback, expected) = oracle(row, info, params, &inputs);
    assert_eq!(row.lookback(params), lookback, "{what}: lookback");
    let got = alone(row, params, Nan::Propagate, 0, &inputs);
    assert_eq!(got.len(), expected.len(), "{what}: outputs");
    let looser = LOOSER.iter().find(|(name, ..)| *name == row.name);
    let definition = reference(row, params, Nan::Propagate, 0, &inputs);
    for (o, (got, expected)) in got.iter().zip(&expected).enumerate() {
        let allowed = allowed(row, params, o, &inputs, got);
        let free = scale_free(row, params, o, &inputs);
        let mut largest = 0.0f64;
        for t in 0..got.len() {
            largest = largest.max(expected[t].abs());
            for x in inputs.iter().filter(|_| !free) {
                largest = largest.max(x[t].abs());
            }
            let away = (got[t] - expected[t]).abs();
            let excused = looser.is_some_and(|(_, part, _)| {
                away <= part * largest && (got[t] - definition[o][t]).abs() <= allowed[t]
            });
            let near = got[t] == expected[t] || away <= allowed[t] || excused;
            let near = near || (got[t].is_nan() && expected[t].is_nan());
            let what = format!("{what}, output {o} at {t}: {:e} not {:e}", got[t], expected[t]);
            assert!(near || decided_by_rounding(row, info, params, &inputs, t, got[t]), "{what}");
        }
    }
}

#[test]
fn walks() {
    for (row, info) in pairs() {
        for round in 0..40 {
            let seed = 31 * round as u64 + row.name.len() as u64;
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round, 100);
            let n = row.lookback(&params) + 300;
            let (price, step) =
                (random.pick(&[100.0, 0.4, 36_743.6]), random.pick(&[0.02, 0.2, 0.000_1]));
            let bars = Bars::walk(&mut random, n, price, step);
            compare(row, info, &params, &bars, &context(row, &params, seed));
        }
    }
}

/// Series on which implementations differ.
fn hard(random: &mut Random, n: usize) -> Vec<(&'static str, Bars)> {
    let flat = |value: f64| Bars::around(&mut Random::new(1), vec![value; n], 0.0);
    let steps = (0..n).map(|t| [100.0, 250.0, 80.0][t / 15 % 3]).collect();
    let up = (0..n).map(|t| 50.0 + t as f64).collect();
    let down = (0..n).map(|t| 5e4 - t as f64).collect();
    let ticks = (0..n).map(|_| 100.0 + 0.25 * random.below(5) as f64).collect();
    let mut gaps = Bars::walk(random, n, 100.0, 0.01);
    for t in 0..n {
        let by = [1.0, 1.4, 0.7][t / 20 % 3];
        for x in [&mut gaps.open, &mut gaps.high, &mut gaps.low, &mut gaps.close] {
            x[t] *= by;
        }
    }
    let mut quiet = Bars::walk(random, n, 100.0, 0.01);
    for t in (0..n).filter(|t| t / 7 % 2 == 0) {
        quiet.volume[t] = 0.0;
    }
    let mut points = Bars::walk(random, n, 100.0, 0.01);
    points.high.clone_from(&points.close);
    points.low.clone_from(&points.close);
    let mut halted = Bars::walk(random, n, 100.0, 0.01);
    for t in n / 3..n / 3 + 60 {
        for x in [&mut halted.open, &mut halted.high, &mut halted.low, &mut halted.close] {
            x[t] = x[n / 3];
        }
    }
    // Most bars reach as much further up as down, in eighths: exactly.
    let mut middle = 100.0;
    let middles = (0..n).map(|t| {
        middle += if t % 4 == 0 { random.below(5) as f64 - 2.0 } else { 0.0 };
        middle
    });
    let middles: Vec<f64> = middles.collect();
    let mut level = Bars::around(random, middles.clone(), 0.0);
    for t in 0..n {
        let half = 1.0 + 0.125 * random.below(9) as f64;
        (level.high[t], level.low[t]) = (middles[t] + half, middles[t] - half);
    }
    let wide = |random: &mut Random, x: Vec<f64>| Bars::around(random, x, 0.01);
    vec![
        ("flat", flat(36_743.6)),
        ("zero", flat(0.0)),
        ("steps", wide(random, steps)),
        ("up", wide(random, up)),
        ("down", wide(random, down)),
        ("ticks", wide(random, ticks)),
        ("tiny", Bars::walk(random, n, 1e-6, 0.02)),
        ("huge", Bars::walk(random, n, 1e12, 0.02)),
        ("gaps", gaps),
        ("no volume", quiet),
        ("high = low", points),
        ("halted", halted),
        ("both ways", level),
    ]
}

#[test]
fn hard_series() {
    for (row, info) in pairs() {
        for round in 0..25 {
            let seed = 77 * round as u64 + row.name.len() as u64;
            let mut random = Random::new(seed);
            let params = params(&mut random, row, round, 40);
            let n = row.lookback(&params) + 200;
            for (name, bars) in hard(&mut random, n) {
                // Where the price stands still, `wavetrend` divides rounding by rounding.
                let no_wave = NO_WAVE.contains(&name);
                let skipped = match row.name {
                    "wavetrend" => no_wave || name == "both ways",
                    _ => by_waves(row, &params) && no_wave,
                };
                if skipped || by_rounding(row, &params) {
                    continue;
                }
                let what = format!("{}, {name}", context(row, &params, seed));
                compare(row, info, &params, &bars, &what);
            }
        }
    }
}

/// Daily bars of five tickers, from a folder of data beside the repository.
fn tickers() -> Option<Vec<Bars>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/tickers_ohlcv.npy");
    if !path.exists() {
        println!("skipped: ../shared/data/tickers_ohlcv.npy is absent");
        return None;
    }
    let Ok(Batch::F64(x)) = read_npy(&path) else { panic!("{} is no f64", path.display()) };
    let bars = |x: ArrayView2<'_, f64>| {
        let [open, high, low, close, volume] = [0, 1, 2, 3, 4].map(|i| x.column(i).to_vec());
        Bars { open, high, low, close, volume }
    };
    Some(x.outer_iter().map(bars).collect())
}

#[test]
fn real_bars() {
    let Some(tickers) = tickers() else { return };
    for (row, info) in pairs() {
        for round in 0..10 {
            let seed = 53 * round as u64 + row.name.len() as u64;
            let params = params(&mut Random::new(seed), row, round, 60);
            for (ticker, bars) in tickers.iter().enumerate() {
                let what = format!("{}, ticker {ticker}", context(row, &params, seed));
                compare(row, info, &params, bars, &what);
            }
        }
    }
}

/// Numbers that no market gives: a function may make of them what it likes, but must not panic.
#[test]
fn wild_numbers_go_through() {
    for (row, _) in pairs() {
        for round in 0..10 {
            let mut random = Random::new(19 * round as u64 + row.name.len() as u64);
            let params = params(&mut random, row, round, 30);
            let n = row.lookback(&params) + 60;
            let wild = [0.0, -0.0, 1.0, -1.0, 1e300, -1e300, 5e-324, 1e-300, f64::MAX, 1e10];
            let series = |random: &mut Random| -> Vec<f64> {
                (0..n).map(|_| random.pick(&wild) * random.between(0.5, 1.0)).collect()
            };
            let x: Vec<Vec<f64>> = row.inputs.iter().map(|_| series(&mut random)).collect();
            for y in alone(row, &params, Nan::Propagate, 0, &x) {
                let lookback = row.lookback(&params);
                assert!(y[..lookback].iter().all(|y| y.is_nan()), "{}", row.name);
            }
        }
    }
}

#[test]
fn rows_without_a_function_have_another_oracle() {
    for (name, other) in OTHERS {
        let row = rows().find(|row| row.name == *name);
        let row = row.unwrap_or_else(|| panic!("{name} is no row: shorten the list"));
        assert!(oracle::function(row).is_none(), "{name} is TA-Lib's, not that of {other}");
    }
}

/// All functions, so that none is lost between the tables of the crate and the catalogue.
#[test]
fn all_functions_are_there() {
    let names: Vec<&str> = pairs().map(|(_, info)| info.name).collect();
    for info in FUNCS {
        assert!(names.contains(&info.name), "{}", info.name);
    }
    assert_eq!(names.len(), FUNCS.len());
}

/// To bring the document up to date: `WINDROW_WRITE_README=1 cargo test --test talib`.
#[test]
fn the_deviations_stand_in_the_document() {
    const BEGIN: &str = "<!-- deviations -->\n";
    const END: &str = "<!-- end of deviations -->";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/talib.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the document marks its table");
    let (found, after) = rest.split_once(END).expect("the document ends its table");
    let mut table = "\n| function | TA-Lib is off by up to | because |\n|---|---|---|\n".to_owned();
    for (name, part, reason) in LOOSER {
        table += &format!("| `{name}` | {part:e} | {reason} |\n");
    }
    table += "\n";
    if std::env::var_os("WINDROW_WRITE_README").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        return;
    }
    assert!(
        found == table,
        "the table of benches/talib.md is stale; WINDROW_WRITE_README=1 cargo test --test talib \
         writes it"
    );
}

#[test]
fn lengths_around_the_lookback() {
    for (row, info) in pairs() {
        let params = row.defaults();
        let lookback = row.lookback(&params);
        for n in [1, lookback.max(1), lookback + 1, lookback + 2] {
            let bars = Bars::walk(&mut Random::new(5), n, 100.0, 0.02);
            compare(row, info, &params, &bars, &format!("{}, n = {n}", row.name));
        }
    }
}

#[test]
fn parameters_have_their_ranges_and_defaults() {
    for (row, info) in pairs() {
        assert_eq!(row.params.len(), info.opt_inputs.len(), "{}", row.name);
        for theirs in info.opt_inputs {
            let ours = &row.params[matching(row, theirs.param_name)];
            let what = format!("{} of {}", ours.name, row.name);
            match (ours.kind, theirs.kind) {
                (
                    Kind::Int { min, max, default },
                    OptInputType::IntegerRange { min: low, max: high, default: usual, .. },
                ) => {
                    let ours = [min, max, default].map(|v| v as i32);
                    assert_eq!(ours, [low, high, usual], "{what}");
                }
                (
                    Kind::Real { min, max, default },
                    OptInputType::RealRange { min: low, max: high, default: usual, .. },
                ) => assert_eq!([min, max, default], [low, high, usual], "{what}"),
                (
                    Kind::Choice { options, default },
                    OptInputType::IntegerList { values, default: usual },
                ) => {
                    assert_eq!(i64::from(default), usual, "{what}");
                    for (name, number) in options {
                        let theirs = (i64::from(*number), &name.to_uppercase()[..]);
                        assert!(values.contains(&theirs), "{what}: {name} is not {number}");
                    }
                }
                (ours, theirs) => panic!("{what}: {ours:?} and {theirs:?}"),
            }
        }
    }
}
