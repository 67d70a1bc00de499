//! No cell knows the future or another sample: every row of the catalogue, through pipelines.
//!
//! The names CAU-nn are rows of the catalogue of cases that these tests were written from. All
//! comparisons are of bits.

mod common;

use common::{INPUT, Random, assert_same_bits, bars, fit, row_step, small, transform};
use ndarray::{Array3, Axis, s};
use windrow::scale::Scaler;
use windrow::{Engine, FittedPipeline, Pipeline, indicators};

/// More than advance together, so that a state which survives its tile shows.
const SAMPLES: usize = 11;
/// Longer than the warm-up of every row at its defaults, but for those that exceed a hundred.
const TIMESTEPS: usize = 110;

/// A pipeline for each row, at defaults and at small parameters, and what to call it.
fn pipelines() -> Vec<(String, String)> {
    let of = |row: &windrow::Row| {
        let defaults = row_step(row, |_| None);
        let shortened = row_step(row, small);
        [(row.name.to_owned(), defaults), (format!("{}, small", row.name), shortened)]
    };
    let all = indicators::rows().flat_map(of);
    let all: Vec<_> = all.map(|(name, step)| (name, format!("{INPUT}{step}"))).collect();
    assert!(all.len() >= 2 * 15, "the catalogue is small: {}", all.len());
    all
}

/// Bars; and bars with gaps, of which every row makes what its policy says.
fn inputs() -> [(&'static str, Array3<f64>); 2] {
    let clean = bars::<f64>(1, SAMPLES, TIMESTEPS);
    let mut gaps = clean.clone();
    let mut random = Random(2);
    for hole in [f64::NAN, f64::NAN, f64::INFINITY, 0.0] {
        let place = (random.below(SAMPLES), random.below(TIMESTEPS), random.below(5));
        gaps[place] = hole;
    }
    gaps.slice_mut(s![1, ..4, ..]).fill(f64::NAN);
    [("clean", clean), ("with gaps", gaps)]
}

/// Every step that is no row of the catalogue, in every scope that it has, on columns that another
/// step has made and under steps that read what it makes.
fn steps() -> Vec<(String, String)> {
    let before = "[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 5\n";
    let after = "[[step]]\nop = 'ema'\ncolumns = 'open'\nperiod = 3\n\
                 [[step]]\nop = 'lag'\nlags = [2]\n[[step]]\nop = 'fill'\nwith = 'forward'\n";
    let mut all = Vec::new();
    for op in Scaler::NAMES.into_iter().chain(Pipeline::OTHER_OPS) {
        for key in ["", "per = 'sample'", "per = 'timestep'", "lags = [1]", "with = 'mean'"] {
            let text = format!("{INPUT}{before}[[step]]\nop = '{op}'\n{key}\n{after}");
            if Pipeline::from_toml(&text).is_ok() {
                all.push((format!("{op} {key}"), text));
            }
        }
    }
    // Each once at least, and four scalers in three scopes.
    assert!(all.len() >= Scaler::NAMES.len() + Pipeline::OTHER_OPS.len() + 8, "{all:?}");
    all
}

/// The future shows in no column, but in each that the plan says looks ahead, at some time.
fn check_blind(text: &str, x: &Array3<f64>, what: &str) {
    let fitted = fit(text, x.view());
    let plan = fitted.pipeline().plan(None, None).unwrap();
    let clean = run(&fitted, x);
    let mut shown = vec![false; plan.columns.len()];
    for (poison, t) in [f64::NAN, 1e300, -2.5]
        .into_iter()
        .flat_map(|poison| [0, 1, 13, 31, 32, 64, TIMESTEPS - 2].map(|t| (poison, t)))
    {
        let mut changed = x.clone();
        changed.slice_mut(s![.., t + 1.., ..]).fill(poison);
        let got = run(&fitted, &changed);
        for (index, column) in plan.columns.iter().enumerate() {
            let kept = s![.., ..=t, index..=index];
            if column.looks_ahead {
                let (got, clean) = (got.slice(kept), clean.slice(kept));
                let differs = got.iter().zip(clean).any(|(a, b)| a.to_bits() != b.to_bits());
                shown[index] |= differs;
                continue;
            }
            let what = format!("{what}, {}, {poison} after {t}", column.name);
            assert_same_bits(got.slice(kept), clean.slice(kept), &what);
        }
    }
    for (column, shown) in plan.columns.iter().zip(shown) {
        assert_eq!(column.looks_ahead, shown, "{what}: whether {} looks ahead", column.name);
    }
}

fn run(fitted: &FittedPipeline, x: &Array3<f64>) -> Array3<f64> {
    transform(fitted, x.view(), Engine::default())
}

/// CAU-01: of a series cut short, the values are those of the whole.
#[test]
fn a_prefix_gives_the_prefix() {
    for (name, text) in pipelines() {
        for (kind, x) in inputs() {
            let fitted = fit(&text, x.view());
            let whole = run(&fitted, &x);
            for end in 1..TIMESTEPS {
                let got = run(&fitted, &x.slice(s![.., ..end, ..]).to_owned());
                let what = format!("{name}, {kind}, the first {end}");
                assert_same_bits(got.view(), whole.slice(s![.., ..end, ..]), &what);
            }
        }
    }
}

/// CAU-02: by the plan's own word.
#[test]
fn poison_in_the_future_is_not_seen() {
    for (name, text) in pipelines() {
        for (kind, x) in inputs() {
            check_blind(&text, &x, &format!("{name}, {kind}"));
        }
    }
    // Scalers refuse gaps.
    let x = bars::<f64>(2, SAMPLES, TIMESTEPS);
    for (name, text) in steps() {
        check_blind(&text, &x, &name);
    }
}

/// CAU-03.
#[test]
fn other_samples_are_not_seen() {
    for (name, text) in pipelines() {
        for (kind, x) in inputs() {
            let fitted = fit(&text, x.view());
            let clean = run(&fitted, &x);
            for (poison, sample) in [f64::NAN, 1e300]
                .into_iter()
                .flat_map(|poison| (0..SAMPLES).map(move |s| (poison, s)))
            {
                let mut changed = Array3::from_elem(x.dim(), poison);
                changed.index_axis_mut(Axis(0), sample).assign(&x.index_axis(Axis(0), sample));
                let what = format!("{name}, {kind}, sample {sample} among {poison}");
                let kept = s![sample..=sample, .., ..];
                assert_same_bits(run(&fitted, &changed).slice(kept), clean.slice(kept), &what);
            }
        }
    }
}

/// The input columns that a row's step reads: its prices, and the plain ones of `row_step`.
fn read(fitted: &FittedPipeline, added: &[String]) -> Vec<bool> {
    let only = format!("{}[output]\ncolumns = {added:?}\n", fitted.pipeline().to_toml());
    let plan = Pipeline::from_toml(&only).unwrap().plan(None, None).unwrap();
    plan.inputs.iter().map(|input| input.read).collect()
}

/// CAU-04: a feature changes the columns that are declared to read it, and no other.
#[test]
fn a_column_reads_what_it_declares() {
    let x = bars::<f64>(4, SAMPLES, TIMESTEPS);
    for (name, text) in pipelines() {
        let fitted = fit(&text, x.view());
        let clean = run(&fitted, &x);
        let added = fitted.columns().split_off(5);
        let read = read(&fitted, &added);
        let mut unread = [true; 5];
        for (feature, unread) in unread.iter_mut().enumerate() {
            for poison in [f64::NAN, 3.5, 0.5] {
                let mut changed = x.clone();
                changed.slice_mut(s![.., .., feature]).fill(poison);
                let got = run(&fitted, &changed);
                let what = format!("{name}, feature {feature} {poison}");
                for other in (0..5).filter(|other| *other != feature) {
                    let kept = s![.., .., other..=other];
                    assert_same_bits(got.slice(kept), clean.slice(kept), &what);
                }
                let kept = s![.., .., 5..];
                if !read[feature] {
                    assert_same_bits(got.slice(kept), clean.slice(kept), &what);
                }
                let (got, clean) = (got.slice(kept), clean.slice(kept));
                *unread &= got.iter().zip(clean).all(|(a, b)| a.to_bits() == b.to_bits());
            }
            let within = fitted.warmups()[5..].iter().any(|warmup| *warmup < TIMESTEPS);
            assert!(
                *unread != read[feature] || !within,
                "{name}: feature {feature} is declared as read: {}, but is not",
                read[feature]
            );
        }
    }
}

/// CAU-06: a single cell of the fit batch moves the parameters, so the other tests mean something.
#[test]
fn one_cell_of_the_fit_batch_shows() {
    for op in ["standardize", "minmax"] {
        let text = format!("{INPUT}[[step]]\nop = '{op}'\n");
        let x = bars::<f64>(6, 20, 30);
        let json = fit(&text, x.view()).to_json();
        for feature in 0..5 {
            let mut changed = x.clone();
            changed[[13, 17, feature]] = 1e9;
            assert_ne!(fit(&text, changed.view()).to_json(), json, "{op}, feature {feature}");
        }
    }
}

/// CAU-07: what is transformed, and in which order, leaves no trace.
#[test]
fn a_transform_leaves_the_fit_alone() {
    let text = format!(
        "{INPUT}{}[[step]]\nop = 'standardize'\n[[step]]\nop = 'lag'\nlags = [1, 2]\n",
        row_step(indicators::find("rsi").unwrap(), |_| None)
    );
    let (train, test) = (bars::<f64>(7, 20, 50), bars::<f64>(8, 9, 50));
    let fitted = fit(&text, train.view());
    let json = fitted.to_json();
    let alone = run(&fit(&text, train.view()), &test);
    let of_train = run(&fitted, &train);
    assert_same_bits(run(&fitted, &test).view(), alone.view(), "train, then test");
    assert_same_bits(run(&fitted, &train).view(), of_train.view(), "test, then train");
    let both = ndarray::concatenate![Axis(0), test, train];
    let got = run(&fitted, &both);
    assert_same_bits(got.slice(s![..9, .., ..]), alone.view(), "both at once");
    assert_same_bits(got.slice(s![9.., .., ..]), of_train.view(), "both at once");
    assert_eq!(fitted.to_json(), json);
    let mut other = test;
    other.fill(0.0);
    run(&fitted, &other);
    assert_eq!(fitted.to_json(), json);
}
