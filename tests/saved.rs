//! Saved state: every bit comes back (FIT-24), and what no fit wrote is refused by name.

mod common;

use common::{INPUT, assert_same_bits, bars, fit, transform};
use windrow::scale::{FittedScaler, MinMaxScaler, StandardScaler};
use windrow::{Element, Engine, FittedPipeline};

fn check_round_trip<E: Element>() {
    let x = bars::<E>(24, 13, 29);
    let unseen = bars::<E>(25, 3, 50);
    let narrow = MinMaxScaler { low: -0.1, high: 1.0 / 3.0, ..MinMaxScaler::default() };
    for fitted in [StandardScaler::default().fit(x.view()).unwrap(), narrow.fit(x.view()).unwrap()]
    {
        let restored = FittedScaler::from_json(&fitted.to_json()).unwrap();
        assert_eq!(restored, fitted);
        assert_eq!(restored.to_json(), fitted.to_json());
        let (a, b) = (fitted.transform(unseen.view()), restored.transform(unseen.view()));
        assert_same_bits(b.unwrap().view(), a.unwrap().view(), "a scaler");
    }
    let text = format!(
        "{INPUT}[[step]]\nop = 'minmax'\nrange = [-0.1, 0.3]\n\
         [[step]]\nop = 'standardize'\n[[step]]\nop = 'lag'\nlags = [2]\nfill = 0.7\n"
    );
    let fitted = fit(&text, x.view());
    let restored = FittedPipeline::from_json(&fitted.to_json()).unwrap();
    assert_eq!(restored.to_json(), fitted.to_json());
    assert_eq!(restored.columns(), fitted.columns());
    let (a, b) = (
        transform(&fitted, unseen.view(), Engine::default()),
        transform(&restored, unseen.view(), Engine::default()),
    );
    assert_same_bits(b.view(), a.view(), "a pipeline");
}

#[test]
fn saved_state_restores_every_bit() {
    check_round_trip::<f64>();
    check_round_trip::<f32>();
}

/// The state of a scaler of two features, with `from` replaced by `to`.
fn scaler_state(from: &str, to: &str) -> String {
    let x = ndarray::array![[[1.0, 10.0]], [[3.0, 30.0]]];
    replaced(&StandardScaler::default().fit(x.view()).unwrap().to_json(), from, to)
}

/// The state of a pipeline with one scaled column, with `from` replaced by `to`.
fn pipeline_state(from: &str, to: &str) -> String {
    let text = "[input]\ncolumns = ['a', 'b']\n[[step]]\nop = 'standardize'\ncolumns = 'b'\n";
    let x = ndarray::array![[[1.0, 10.0]], [[3.0, 30.0]]];
    replaced(&fit(text, x.view()).to_json(), from, to)
}

/// Fit, save, load, transform, and back: within four units in the last place of what went in, or
/// of the scalers' centers where those are larger.
#[test]
fn the_way_there_and_back_keeps_every_value() {
    let steps = [
        "op = 'standardize'",
        "op = 'standardize'\nwith_mean = false\nddof = 1",
        "op = 'minmax'\nrange = [-1, 2]",
        "op = 'maxabs'",
        "op = 'robust'",
    ];
    let x = bars::<f64>(31, 20, 40);
    for step in steps {
        let fitted = fit(&format!("{INPUT}[[step]]\n{step}\n"), x.view());
        let fitted = FittedPipeline::from_json(&fitted.to_json()).unwrap();
        let y = transform(&fitted, x.view(), Engine::default());
        let back = fitted.inverse_transform(y.view()).unwrap();
        for (place, value) in x.indexed_iter() {
            let column = x.index_axis(ndarray::Axis(2), place.2);
            let most = column.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            let bound = 4.0 * (f64::EPSILON / 2.0) * (value.abs() + most);
            assert!((back[place] - value).abs() <= bound, "{step}: {} for {value}", back[place]);
        }
    }
}

/// What lags and warm-up fill in did not go through the scalers, and comes back as it is.
#[test]
fn fill_comes_back_as_it_is() {
    let text = format!(
        "{INPUT}[[step]]\nop = 'sma'\ncolumns = 'close'\nperiod = 3\n\
         [[step]]\nop = 'standardize'\ncolumns = ['close', 'close_sma_3']\n\
         [[step]]\nop = 'lag'\ncolumns = 'close'\nlags = [2]\nfill = 0.25\n\
         [[step]]\nop = 'minmax'\ncolumns = 'close_lag_2'\nrange = [-1, 1]\n\
         [output]\nwarmup = -7\n"
    );
    let x = bars::<f64>(32, 6, 12);
    let fitted = fit(&text, x.view());
    let y = transform(&fitted, x.view(), Engine::default());
    let back = fitted.inverse_transform(y.view()).unwrap();
    let near = |got: f64, expected: f64| (got - expected).abs() <= 1e-13 * expected.abs();
    for sample in 0..6 {
        for t in 0..12 {
            let close = |t: usize| x[[sample, t, 3]];
            assert!(near(back[[sample, t, 3]], close(t)));
            let mean = (t >= 2).then(|| (close(t) + close(t - 1) + close(t - 2)) / 3.0);
            assert!(near(back[[sample, t, 5]], mean.unwrap_or(-7.0)), "{}", back[[sample, t, 5]]);
            let lag = if t < 2 { 0.25 } else { close(t - 2) };
            assert!(near(back[[sample, t, 6]], lag), "{} for {lag}", back[[sample, t, 6]]);
        }
    }
    let some = y.select(ndarray::Axis(2), &[6, 3]);
    let some = fitted.inverse_transform_of(&["close_lag_2", "close"], some.view()).unwrap();
    assert_same_bits(some.view(), back.select(ndarray::Axis(2), &[6, 3]).view(), "some columns");
    let refused =
        |names: &[&str]| fitted.inverse_transform_of(names, y.view()).unwrap_err().to_string();
    assert_eq!(refused(&["closed"]), "unknown column `closed`; did you mean `close`?");
    let shape = "the batch has shape (6, 12, 7); expected 1 features, a column each";
    assert_eq!(refused(&["close"]), shape);
}

fn replaced(state: &str, from: &str, to: &str) -> String {
    assert!(state.contains(from), "{from} is not in\n{state}");
    state.replacen(from, to, 1)
}

/// Panics unless the error is one line that begins and goes on like this.
fn assert_refused<T>(result: windrow::Result<T>, begins: &str, contains: &str) {
    let error = result.err().unwrap_or_else(|| panic!("accepted; expected {begins}")).to_string();
    assert!(!error.contains('\n'), "one line: {error}");
    assert!(error.starts_with(begins) && error.contains(contains), "{error}");
}

#[test]
fn a_scaler_that_no_fit_wrote_is_refused() {
    let refused = |from: &str, to: &str, begins: &str, contains: &str| {
        assert_refused(FittedScaler::from_json(&scaler_state(from, to)), begins, contains);
    };
    FittedScaler::from_json(&scaler_state("2", "2")).unwrap();
    let text = "saved state: the scaler is unreadable (";
    refused("{", "", text, "`to_json` writes one");
    refused("\"features\"", "\"feature\"", text, "unknown field `feature`");
    refused("\"version\"", "\"extra\": 1, \"version\"", text, "unknown field `extra`");
    refused("\"standardize\"", "\"standardise\"", text, "unknown variant `standardise`");
    refused("\"0x1p2\"", "null", text, "");
    refused("\"0x1p2\"", "NaN", text, "");
    refused("\"0x1p2\"", "\"0x1p2300\"", text, "");
    refused("\"0x1p2\"", "\"0x1p-2305\"", text, "");
    refused("\"0x1p2\"", "\"4\"", text, "");
    refused("\"0x1p2\"", "4", text, "");
    refused("\"sum\": \"0x1p2\",", "", text, "");
    refused("\"0x1p2\"", "\"0x1p2\", \"median\": 2.0", text, "");
    refused("\"count\": 2", "\"count\": -2", text, "");
    refused("\"count\": 2", "\"count\": 2.5", text, "");
    let format = "saved state: the format is ";
    let version = "`windrow scaler` version 3; this program reads `windrow scaler` version 2";
    refused("\"version\": 2", "\"version\": 3", format, version);
    refused("\"version\": 2", "\"version\": 3, \"new\": []", format, version);
    refused("windrow scaler", "windrow", format, "`windrow` version 2");
    let feature = "saved state: feature 0 is of 2 values ";
    let sums = "with the sum 0x1p2 and the sum of squares -0x5p1; no fit gives such numbers";
    refused("\"0x5p1\"", "\"-0x5p1\"", feature, sums);
    let feature = "saved state: feature 0 is of ";
    refused("\"count\": 2", "\"count\": 0", feature, "no fit gives such numbers");
    refused("\"count\": 2", "\"count\": 1", feature, "no fit gives such numbers");
    refused("\"sum\": \"0x1p2\",\n", "\"min\": 2.0,\n", text, "");
    let standard =
        "\"standardize\",\n    \"with_mean\": true,\n    \"with_std\": true,\n    \"ddof\": 0";
    let minmax = "\"minmax\", \"low\": 0.0, \"high\": 1.0, \"clip\": false";
    refused(standard, minmax, feature, "no fit gives such numbers");
    let (sums, two) = (scaler_state("2", "2"), "\"features\": [\n    {");
    let begins = sums.find(two).unwrap() + two.len() - 1;
    let ends = begins + sums[begins..].find('}').unwrap() + 1;
    let listed = format!("[{}]", &sums[begins..ends]);
    refused(&sums[begins..ends], &listed, feature, "no fit gives such numbers");
}

#[test]
fn an_extent_that_no_fit_wrote_is_refused() {
    let x = ndarray::array![[[1.0], [3.0]]];
    let state = MinMaxScaler::default().fit(x.view()).unwrap().to_json();
    let refused = |from: &str, to: &str, begins: &str, contains: &str| {
        assert_refused(FittedScaler::from_json(&replaced(&state, from, to)), begins, contains);
    };
    let feature = "saved state: feature 0 is of 2 values from 4.0 to 3.0; ";
    refused("\"min\": 1.0", "\"min\": 4.0", feature, "no fit gives such numbers");
    refused("\"count\": 2", "\"count\": 0", "saved state: feature 0", "no fit gives such numbers");
    let text = "saved state: the scaler is unreadable (";
    refused("\"low\": 0.0", "\"low\": null", text, "");
    let scaler = "saved state: the scaler is `minmax` with numbers out of range; ";
    refused("\"low\": 0.0", "\"low\": 1.0", scaler, "low below its high");
    refused("\"low\": 0.0", "\"lower\": 0.0", text, "unknown field `lower`");
}

/// Of texts that ask for far more memory than they are long.
#[test]
fn lists_are_as_long_as_those_of_the_pipeline() {
    let refused = |from: &str, to: &str, begins: &str, contains: &str| {
        assert_refused(FittedPipeline::from_json(&pipeline_state(from, to)), begins, contains);
    };
    let names = format!("\"columns\": [{}", "\"\", ".repeat(100_000));
    let begins = "saved state: the list of columns is 100002 long; the pipeline's input has a, b";
    refused("\"columns\": [", &names, begins, "");
    let extent =
        "{\"op\": \"\", \"column\": \"\", \"statistics\": {\"count\": 0, \"min\": 0, \"max\": 0}},";
    let scalers = format!("\"scalers\": [{}", extent.repeat(1000));
    let begins = "saved state: the list of scalers is 1001 long; its pipeline scales 1 columns";
    refused("\"scalers\": [", &scalers, begins, "");
    let text = "saved state: the fitted pipeline is unreadable (";
    refused("\"0x7dp3\"", "\"0x7dp3\", \"counts\": []", text, "statistics of a fit under way");
}

#[test]
fn a_pipeline_that_no_fit_wrote_is_refused() {
    let refused = |from: &str, to: &str, begins: &str, contains: &str| {
        assert_refused(FittedPipeline::from_json(&pipeline_state(from, to)), begins, contains);
    };
    FittedPipeline::from_json(&pipeline_state("2", "2")).unwrap();
    let text = "saved state: the fitted pipeline is unreadable (";
    refused("{", "", text, "`windrow fit` writes one");
    refused("\"scalers\"", "\"scaler\"", text, "unknown field `scaler`");
    refused("\"0x7dp3\"", "null", text, "");
    refused("\"0x7dp3\"", "NaN", text, "");
    refused("\"0x7dp3\"", "\"0x7dp999999999999\"", text, "");
    refused("\"0x7dp3\"", "\"0x7dp3\", \"m3\": 0.0", text, "");
    let scaler = "saved state: `standardize` on `b` is of ";
    refused("\"0x7dp3\"", "\"0x31fp0\"", scaler, "2 values with the sum ");
    refused("\"count\": 2", "\"count\": 0", scaler, "0 values with the sum ");
    refused("\"version\": 2", "\"version\": 7", "saved state: the format is ", "version 7");
    refused(
        "\"version\": 2",
        "\"version\": 7, \"new\": 1",
        "saved state: the format is ",
        "version 7",
    );
    refused("\"scalers\": [", "\"scalers\": [], \"scalers\": [", text, "duplicate field");
    refused(
        "\"column\": \"b\"",
        "\"column\": \"a\"",
        "saved state: a scaler is ",
        "`standardize` on `b`",
    );
    let one = "    \"op\"";
    let two = "    \"op\": \"standardize\", \"column\": \"b\", \
               \"statistics\": {\"count\": 2, \"sum\": \"0x1p2\", \"squares\": \"0x5p1\"}}, {\n\"op\"";
    refused(
        one,
        two,
        "saved state: the list of scalers is 2 long",
        "its pipeline scales 1 columns",
    );
    refused("op = 'standardize'", "op = 'standard'", "saved state: the pipeline is ", "line 4");
    refused(
        "\"columns\": [\n    \"a\"",
        "\"columns\": [\n    \"c\"",
        "saved state: the list of columns is c, b",
        "the pipeline's input has a, b",
    );
    // Statistics and maps that do not go together: whoever edits one.
    let map = "saved state: the map of `standardize` on `b` is ";
    refused("\"count\": 2", "\"count\": 3", map, "its statistics give ");
    refused("\"factor\": 0.1", "\"factor\": 0.2", map, "its statistics give ");
    let given =
        "center 20.5, factor 0.1, low 0.0; its statistics give center 20.0, factor 0.1, low 0.0";
    refused("\"center\": 20.0", "\"center\": 20.5", map, given);
    let extent = "\"count\": 2, \"min\": 2.0, \"max\": 3.0}, \"#\": {\"count\": 2";
    refused("\"count\": 2", extent, text, "");
}
