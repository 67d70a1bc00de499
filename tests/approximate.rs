//! Quantiles found in one pass, where that is asked for.

mod common;

use common::{INPUT, Random, bars, engines, fit, refusal};
use ndarray::{Array3, ArrayView3, Axis, s};
use windrow::scale::{QuantileScaler, RobustScaler, Statistics};
use windrow::{Element, Engine, Fitting, Pipeline, Run};

/// A pipeline of both scalers, on columns that are not all of the input.
fn pipeline(approximate: bool) -> String {
    format!(
        "{INPUT}[[step]]\nop = 'rsi'\ncolumns = 'close'\n\
         [[step]]\nop = 'robust'\ncolumns = ['open', 'volume']\napproximate = {approximate}\n\
         [[step]]\nop = 'quantile'\ncolumns = ['close', 'close_rsi_14']\nn_quantiles = 40\n\
         approximate = {approximate}\n"
    )
}

/// Values of many sizes and both signs, some of them often.
fn values<E: Element>(random: &mut Random, n: usize) -> Vec<f64> {
    let decades = [0.5, 3.0, 16.0][random.below(3)];
    let level = [0.0, 1e4, -1e8][random.below(3)];
    let mut value = || match random.below(8) {
        0 => 0.0,
        1 => -0.0,
        2 => 7.25,
        _ => level + (random.next() - 0.4) * 10f64.powf(decades * (random.next() - 0.5)),
    };
    (0..n).map(|_| E::round(value()).widen()).collect()
}

fn column<E: Element>(values: &[f64]) -> Array3<E> {
    let rounded = values.iter().map(|x| E::round(*x)).collect();
    Array3::from_shape_vec((1, values.len(), 1), rounded).unwrap()
}

fn quantiles(statistics: &[Statistics]) -> &[f64] {
    match statistics {
        [Statistics::Quantiles(found)] => &found.quantiles,
        other => panic!("{other:?}"),
    }
}

/// Each is within a 256th part of the larger of the two values that it is between.
fn check(x: &[f64], found: &[f64], place: impl Fn(usize) -> f64, what: &str) {
    let mut sorted = x.to_vec();
    sorted.sort_by(f64::total_cmp);
    for (index, y) in found.iter().enumerate() {
        let place = place(index);
        let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
        let exact = below + (above - below) * place.fract();
        let most = below.abs().max(above.abs());
        let error = (y - exact).abs();
        // And the rounding of what is between.
        assert!(error <= most * (1.0 / 256.0 + 1e-12), "{what}: {y}, not {exact}");
    }
    let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
    assert!(found.iter().all(|y| (low..=high).contains(y)), "{what}: {found:?}");
}

#[test]
fn approximate_quantiles_are_within_their_bound() {
    fn each<E: Element>() {
        for seed in 0..150 {
            let mut random = Random(seed);
            let n = 1 + random.below(400);
            let x = values::<E>(&mut random, n);
            let what = format!("seed {seed}, {n} values");
            let range = [[0.0, 100.0], [25.0, 75.0], [1.0, 99.5]][random.below(3)];
            let robust = RobustScaler { quantiles: range, approximate: true, ..Default::default() };
            if let Ok(fitted) = robust.fit(column::<E>(&x).view()) {
                let [low, high] = range;
                let place = |index: usize| [low, 50.0, high][index] / 100.0 * (n - 1) as f64;
                check(&x, quantiles(fitted.statistics()), place, &what);
            }
            let scaler = QuantileScaler { quantiles: 40, approximate: true, ..Default::default() };
            let fitted = scaler.fit(column::<E>(&x).view()).unwrap();
            let found = quantiles(fitted.statistics());
            let steps = (found.len() - 1).max(1) as f64;
            check(&x, found, |index| index as f64 * (n - 1) as f64 / steps, &what);
        }
    }
    each::<f64>();
    each::<f32>();
}

/// The ends are those of the values, and so is what 8 bits can write.
#[test]
fn what_needs_no_approximation_is_exact() {
    let exact = RobustScaler { quantiles: [0.0, 100.0], ..Default::default() };
    let approximate = RobustScaler { approximate: true, ..exact };
    let mut random = Random(7);
    let whole: Vec<f64> = (0..500).map(|_| random.below(256) as f64 - 128.0).collect();
    for x in [vec![14.62; 40], whole] {
        let x = column::<f64>(&x);
        let maps = [exact, approximate].map(|scaler| scaler.fit(x.view()).unwrap().maps().to_vec());
        assert_eq!(maps[0], maps[1]);
    }
    let x: Vec<f64> = (0..300).map(|_| 99.0 + 2.0 * random.next()).collect();
    let of = |scaler: RobustScaler| scaler.fit(column::<f64>(&x).view()).unwrap();
    let [exact, approximate] = [exact, approximate].map(of);
    let [exact, approximate] =
        [&exact, &approximate].map(|fitted| quantiles(fitted.statistics()).to_vec());
    assert_eq!((exact[0], exact[2]), (approximate[0], approximate[2]));
    assert_ne!(exact[1], approximate[1], "the middle one of many");
}

fn fit_part(x: ArrayView3<'_, f64>) -> Fitting {
    let mut fitting = Fitting::new(&Pipeline::from_toml(&pipeline(true)).unwrap());
    fitting.push(x, &Run::new(Engine::default())).unwrap();
    Fitting::from_json(&fitting.to_json()).unwrap()
}

/// One pass, whatever the engine, the parts and their order.
#[test]
fn one_pass_over_parts_in_any_order() {
    let x = bars::<f64>(5, 53, 60);
    let plan = |approximate| Pipeline::from_toml(&pipeline(approximate)).unwrap().plan(None, None);
    assert_eq!(plan(true).unwrap().fit_passes, 1);
    assert!(plan(false).unwrap().fit_passes > 3);
    let whole = fit(&pipeline(true), x.view()).to_json();
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let fitted = Pipeline::from_toml(&pipeline(true)).unwrap();
        let fitted = fitted.fit_with(x.view(), &Run::new(engine)).unwrap();
        assert_eq!(fitted.to_json(), whole, "{engine}");
    }
    let mut parts: Vec<_> = x.axis_chunks_iter(Axis(0), 8).collect();
    let mut random = Random(9);
    for _ in 0..4 {
        random.shuffle(&mut parts);
        let mut all = fit_part(parts[0]);
        for part in &parts[1..] {
            all.merge(&fit_part(*part)).unwrap();
        }
        all.end_pass().unwrap();
        assert!(!all.wants_pass());
        let fitted = all.finish().unwrap();
        assert_eq!(fitted.to_json(), whole);
    }
    // It has lost what it was counted from.
    let scaler = RobustScaler { approximate: true, ..Default::default() };
    let mut first = scaler.fit(x.slice(s![..20, .., ..])).unwrap();
    let error = first.merge(&scaler.fit(x.slice(s![20.., .., ..])).unwrap()).unwrap_err();
    assert!(error.to_string().contains("of all values at once"), "{error}");
}

#[test]
fn what_does_not_go_with_it_is_refused() {
    let step = |keys: &str| refusal(&format!("{INPUT}[[step]]\nop = 'robust'\n{keys}\n"));
    for per in ["sample", "timestep"] {
        let error = step(&format!("approximate = true\nper = '{per}'"));
        assert!(error.contains("`per` of `robust`") && error.contains("`approximate`"), "{error}");
    }
    assert!(step("approximate = 1").contains("allowed: true, false"));
    let error = refusal(&format!("{INPUT}[[step]]\nop = 'maxabs'\napproximate = true\n"));
    assert!(error.contains("unknown key `approximate`"), "{error}");

    // Counts of the other kind, and ends that were not counted.
    let text = fit_part(bars::<f64>(5, 9, 20).view()).to_json();
    let ends = text.find("\"ends\":[").expect("ends are kept") + "\"ends\":[".len();
    let mut moved = text.clone();
    moved.insert_str(ends, "-1e9,3.0],\"x\":[");
    let exact = text.replace("approximate = true", "approximate = false");
    let low = text[ends..].find(',').unwrap();
    let lower = format!("{}-1e9{}", &text[..ends], &text[ends + low..]);
    for bad in [moved, exact, lower] {
        let error = Fitting::from_json(&bad).unwrap_err().to_string();
        assert!(error.contains("robust") || error.contains("unknown field"), "{error}");
    }
}

/// The names that scikit-learn has for what is called otherwise here.
#[test]
fn the_names_of_scikit_learn_are_taken() {
    let x = bars::<f64>(6, 12, 30);
    let with = |op: &str, keys: &str| format!("{INPUT}[[step]]\nop = '{op}'\n{keys}\n");
    for (op, own, theirs) in [
        ("minmax", "range = [-1, 2]", "feature_range = [-1, 2]"),
        ("quantile", "output = 'normal'", "output_distribution = 'normal'"),
    ] {
        let [own_json, theirs_json] = [own, theirs].map(|keys| {
            let fitted = fit(&with(op, keys), x.view());
            fitted.to_json().replace(theirs, own)
        });
        assert_eq!(own_json, theirs_json);
        let error = refusal(&with(op, &format!("{own}\n{theirs}")));
        assert!(error.contains("not both"), "{error}");
    }
}
