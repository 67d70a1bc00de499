//! Rolling, expanding and fading statistics against pandas, bottleneck, SciPy and NumPy, whose figures
//! `figures/rolling.py` wrote.

use std::collections::BTreeMap;

use serde::Deserialize;
use windrow::indicators::find;

#[derive(Deserialize)]
struct Figures {
    inputs: BTreeMap<String, Vec<Option<f64>>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    row: String,
    params: BTreeMap<String, f64>,
    inputs: Vec<String>,
    figures: Vec<Option<f64>>,
}

/// How far a row may be from the figures, as part of the largest of the inputs and outputs: nothing
/// where they pick a value or count; what two orders of summation differ by, where they sum; what
/// the higher moments of pandas, taken off and put on, lose.
fn allowed(row: &str) -> f64 {
    match row.trim_start_matches("rolling_").trim_start_matches("expanding_") {
        "min" | "max" | "range" | "count" | "argmin" | "argmax" | "rank" | "diff" => 0.0,
        "skew" | "kurt" => 1e-9,
        "zscore" | "corr" | "beta" | "slope" => 1e-12,
        _ => 2e-14,
    }
}

#[test]
fn rows_agree_with_the_figures() {
    let figures: Figures = serde_json::from_str(include_str!("figures/rolling.json")).unwrap();
    let series = |values: &[Option<f64>]| -> Vec<f64> {
        values.iter().map(|x| x.unwrap_or(f64::NAN)).collect()
    };
    let mut rows = Vec::new();
    for Case { row: name, params, inputs, figures: expected } in &figures.cases {
        let row = find(name).unwrap();
        let named: Vec<(&str, f64)> = params.iter().map(|(name, x)| (&name[..], *x)).collect();
        let inputs: Vec<Vec<f64>> = inputs.iter().map(|x| series(&figures.inputs[x])).collect();
        let slices: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
        let got = row.compute(&row.values(&named).unwrap(), &slices).unwrap().remove(0);
        let expected = series(expected);
        let all = slices.iter().copied().flatten().chain(&expected);
        let largest = all.filter(|x| x.is_finite()).fold(0.0, |most: f64, x| most.max(x.abs()));
        for t in 0..expected.len() {
            let (got, expected) = (got[t], expected[t]);
            let near = (got - expected).abs() <= allowed(name) * largest;
            let what = format!("{name} {params:?} at {t}: {got}, not {expected}");
            assert!(near || (got.is_nan() && expected.is_nan()), "{what}");
        }
        rows.push(name.as_str());
    }
    let missing = windrow::indicators::catalogue().iter().find(|g| g.name == "Rolling Statistics");
    for row in missing.unwrap().rows {
        assert!(rows.contains(&row.name), "{} has no figures", row.name);
    }
}
