//! Lags: as NumPy's concatenation of zeros and shifted batches, alone and in a pipeline.
//!
//! The names LAG-nn are rows of the catalogue of cases that these tests were written from.

mod common;

use std::time::{Duration, Instant};

use common::{INPUT, assert_same_bits, bars, engines, fit, refusal, transform};
use ndarray::{Array3, ArrayView3, Axis, ShapeBuilder, array, s};
use windrow::frame::lag::concat;
use windrow::scale::StandardScaler;
use windrow::{Engine, Pipeline};

/// A pipeline of the columns `a` and `b` that lags both; the lags stand in line 5.
fn lagging(lags: &str) -> String {
    format!("[input]\ncolumns = ['a', 'b']\n[[step]]\nop = 'lag'\nlags = {lags}\nplace = 'front'\n")
}

fn counted() -> Array3<f64> {
    Array3::from_shape_vec((1, 4, 2), (1..=8).map(f64::from).collect()).unwrap()
}

/// By `concat`, and by a pipeline on every engine.
fn check(lags: &[i64], expected: &Array3<f64>) {
    let x = counted();
    assert_eq!(concat(x.view(), lags, 0.0).unwrap(), expected, "{lags:?}");
    let fitted = fit(&lagging(&format!("{lags:?}")), x.view());
    for engine in engines().into_iter().chain([Engine::Reference]) {
        assert_eq!(transform(&fitted, x.view(), engine), expected, "{lags:?}, {engine}");
    }
}

/// LAG-01, LAG-02, LAG-04, LAG-08.
#[test]
fn blocks_stand_in_the_order_given_and_the_data_last() {
    check(
        &[1, 2],
        &array![[
            [0.0, 0.0, 0.0, 0.0, 1.0, 2.0],
            [1.0, 2.0, 0.0, 0.0, 3.0, 4.0],
            [3.0, 4.0, 1.0, 2.0, 5.0, 6.0],
            [5.0, 6.0, 3.0, 4.0, 7.0, 8.0],
        ]],
    );
    check(
        &[2, 1],
        &array![[
            [0.0, 0.0, 0.0, 0.0, 1.0, 2.0],
            [0.0, 0.0, 1.0, 2.0, 3.0, 4.0],
            [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            [3.0, 4.0, 5.0, 6.0, 7.0, 8.0],
        ]],
    );
    // By themselves, no lags are a copy; as a step they would do nothing.
    assert_eq!(concat(counted().view(), &[], 0.0).unwrap(), counted());
    let refused = "line 5: `lags` of `lag` is []; allowed: at least one lag, such as [1, 2]";
    assert_eq!(refusal(&lagging("[]")), refused);
    for beyond in [4, 5, 1000, i64::MAX] {
        let mut expected = Array3::zeros((1, 4, 4));
        expected.slice_mut(s![.., .., 2..]).assign(&counted());
        check(&[beyond], &expected);
    }
}

/// LAG-03, LAG-06, LAG-07, LAG-21.
#[test]
fn what_is_no_lag_is_refused_with_its_line() {
    let future = "a lag is -1; allowed: 1 and above (a negative lag would read the future)";
    let itself =
        "a lag is 0; allowed: 1 and above (lag 0 is the column itself, which is kept anyway)";
    for (lags, text, error) in [(&[1, 0], "[1, 0]", itself), (&[2, -1], "[2, -1]", future)] {
        assert_eq!(concat(counted().view(), lags, 0.0).unwrap_err().to_string(), error);
        assert_eq!(refusal(&lagging(text)), format!("line 5: {error}"));
    }
    for (wrong, shown) in [
        ("[1, 2.5]", "[1, 2.5]"),
        ("[1.0]", "[1.0]"),
        ("['1']", "[\"1\"]"),
        ("[true]", "[true]"),
        ("[[1]]", "[[1]]"),
        ("1", "1"),
        ("'1, 2'", "\"1, 2\""),
        ("true", "true"),
        ("[9223372036854775808]", "[9223372036854775808]"),
    ] {
        let allowed = "allowed: a list of whole numbers, such as [1, 2]";
        let expected = format!("line 5: `lags` of `lag` is {shown}; {allowed}");
        assert_eq!(refusal(&lagging(wrong)), expected);
    }
    assert_eq!(
        refusal(&lagging("[1, 1]")),
        "line 5: `lags` of `lag` is [1, 1]; allowed: each lag once, and 1 is there twice"
    );
    let twice = lagging("[1]") + "[[step]]\nop = 'lag'\ncolumns = 'b'\nlags = [1]\n";
    assert_eq!(
        refusal(&twice),
        "line 7: a column name is `b_lag_1`, which exists already; \
         name the columns of this step with `name` or `names`"
    );
    assert_eq!(
        refusal("[input]\ncolumns = ['a']\n[[step]]\nop = 'lag'\n"),
        "line 3: `lag` needs lags = [...], such as [1, 2]"
    );
    // By themselves, equal blocks do no harm.
    let y = concat(counted().view(), &[1, 1], 0.0).unwrap();
    assert_eq!(y.slice(s![.., .., ..2]), y.slice(s![.., .., 2..4]));
}

/// LAG-09.
#[test]
fn empty_batches_are_ordinary() {
    for (shape, expected) in
        [((0, 4, 2), (0, 4, 4)), ((3, 4, 0), (3, 4, 0)), ((3, 0, 2), (3, 0, 4))]
    {
        assert_eq!(concat(Array3::<f32>::zeros(shape).view(), &[1], 0.0).unwrap().dim(), expected);
    }
}

/// LAG-12: values are moved, not computed.
#[test]
fn every_bit_is_kept() {
    let bits: [u64; 8] = [
        0x7FF0_0000_0000_0001, // a signalling NaN
        0xFFF8_0000_DEAD_BEEF, // a quiet one with a payload
        0x8000_0000_0000_0000, // -0
        0x7FF0_0000_0000_0000, // infinities
        0xFFF0_0000_0000_0000,
        0x0000_0000_0000_0001, // the smallest number
        0x7FEF_FFFF_FFFF_FFFF, // the largest
        0x3FF0_0000_0000_0000,
    ];
    let x = Array3::from_shape_fn((2, 4, 1), |(sample, t, _)| f64::from_bits(bits[sample * 4 + t]));
    let narrow = x.mapv(|x| f32::from_bits((x.to_bits() >> 32) as u32 | 1));
    let y = concat(x.view(), &[1, 3], 0.0).unwrap();
    let y_narrow = concat(narrow.view(), &[1, 3], 0.0).unwrap();
    for (sample, t, block, lag) in places(&[1, 3, 0]) {
        let (value, half) = match t.checked_sub(lag) {
            Some(t) => (x[[sample, t, 0]], narrow[[sample, t, 0]]),
            None => (0.0, 0.0),
        };
        assert_eq!(y[[sample, t, block]].to_bits(), value.to_bits());
        assert_eq!(y_narrow[[sample, t, block]].to_bits(), half.to_bits());
    }
    // A pipeline computes; it writes every NaN alike, and the rest as it came.
    let text = "[input]\ncolumns = ['a']\n[[step]]\nop = 'lag'\nlags = [1, 3]\nplace = 'front'\n";
    let expected = y.mapv(|y| if y.is_nan() { f64::NAN } else { y });
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let got = transform(&fit(text, x.view()), x.view(), engine);
        assert_same_bits(got.view(), expected.view(), &engine.to_string());
    }
}

/// Sample, timestep, block and lag of every cell of two samples of four timesteps.
fn places(lags: &[usize]) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    let cells = (0..2).flat_map(|sample| (0..4).map(move |t| (sample, t)));
    cells.flat_map(|(sample, t)| {
        lags.iter().enumerate().map(move |(block, &lag)| (sample, t, block, lag))
    })
}

/// A batch of any shape that takes no memory.
fn hollow(shape: (usize, usize, usize)) -> ArrayView3<'static, f32> {
    ArrayView3::from_shape(shape.strides((0, 0, 0)), &[0.0]).unwrap()
}

/// LAG-13, LAG-14.
#[test]
fn what_no_memory_holds_is_refused_before_it_is_taken() {
    let lags: Vec<i64> = (1..=100_000).collect();
    let error = concat(hollow((1000, 1_000_000, 1000)), &lags, 0.0).unwrap_err().to_string();
    let bytes = 1_000_000_000_u128 * 1000 * 100_001 * 4;
    assert_eq!(error, format!("the lagged batch needs {bytes} bytes, more than the system gives"));
    let error = concat(hollow((1 << 25, 1 << 20, 1 << 15)), &[1], 0.0).unwrap_err().to_string();
    let expected = "the lagged batch needs 9223372036854775808 bytes, \
                    more than a program can address";
    assert_eq!(error, expected.replace("9223372036854775808", &(1_u128 << 63).to_string()));

    let names: Vec<String> = (0..1000).map(|i| format!("c{i}")).collect();
    let text = format!("[input]\ncolumns = {names:?}\n[[step]]\nop = 'lag'\nlags = {lags:?}\n");
    let expected = "line 3: the number of columns is 100001000; allowed: up to 100000";
    assert_eq!(refusal(&text), expected);

    // Equal to the limit of what can be addressed, and one sample over it.
    let plan = |samples: usize| {
        let pipeline = Pipeline::from_toml(&lagging("[1]")).unwrap();
        pipeline.plan(Some([samples, 1 << 20, 2]), Some(windrow::Dtype::F64)).map(|_| ())
    };
    plan((1 << 38) - 1).unwrap();
    let error = plan(1 << 38).unwrap_err().to_string();
    assert!(error.ends_with("more than a program can address"), "{error}");
}

/// A plan of as many columns as are allowed is made in a moment.
#[test]
fn many_columns_are_planned_in_a_moment() {
    let names: Vec<String> = (0..1000).map(|i| format!("c{i}")).collect();
    let lags: Vec<i64> = (1..=99).collect();
    let text = format!("[input]\ncolumns = {names:?}\n[[step]]\nop = 'lag'\nlags = {lags:?}\n");
    let start = Instant::now();
    let pipeline = Pipeline::from_toml(&text).unwrap();
    let plan = pipeline.plan(Some([8, 200, 1000]), None).unwrap();
    assert_eq!(plan.columns.len(), 100_000);
    // Measured: a quarter of a second. Ten is for slow machines, and not for squared work.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// LAG-16: the fit sees the data only, and fill stays fill.
#[test]
fn fill_enters_no_fit_and_is_not_scaled() {
    let x = bars::<f64>(16, 9, 40).slice(s![.., .., ..2]).to_owned();
    let scaled = StandardScaler::default().fit(x.view()).unwrap().transform(x.view()).unwrap();
    let scale = "[[step]]\nop = 'standardize'\ncolumns = ['a', 'b']\n";
    let lag = |fill: f64| {
        format!("[[step]]\nop = 'lag'\nlags = [1, 3]\nfill = {fill:?}\nplace = 'front'\n")
    };
    let input = "[input]\ncolumns = ['a', 'b']\n";
    for fill in [0.0, 7.25] {
        let expected = concat(scaled.view(), &[1, 3], fill).unwrap();
        let first = fit(&format!("{input}{scale}{}", lag(fill)), x.view());
        for engine in engines() {
            let got = transform(&first, x.view(), engine);
            assert_same_bits(got.view(), expected.view(), "scaled, then lagged");
        }
    }
    // The other way round each column has a scaler of its own, fitted on its values without fill.
    let text = format!("{input}{}[[step]]\nop = 'standardize'\ncolumns = 'a_lag_3'\n", lag(1e9));
    let got = transform(&fit(&text, x.view()), x.view(), Engine::default());
    let seen = x.slice(s![.., ..37, ..1]);
    let fitted = StandardScaler::default().fit(seen).unwrap();
    let expected = fitted.transform(seen).unwrap();
    for (place, value) in expected.indexed_iter() {
        let got = got[[place.0, place.1 + 3, 2]];
        assert!((got - value).abs() < 1e-13, "{place:?}: {got}, not {value}");
    }
    let filled = fitted.maps()[0].apply(1e9);
    assert!((got[[0, 2, 2]] / filled - 1.0).abs() < 1e-13, "a filled cell is scaled as a value is");
}

/// LAG-17: what stands before the first value can be told apart.
#[test]
fn warm_up_moves_with_the_column_and_fill_stands_before_it() {
    let text = "[input]\ncolumns = ['a']\n\
                [[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = 3\nname = 'm'\n\
                [[step]]\nop = 'lag'\ncolumns = 'm'\nlags = [2]\nfill = -1.0\n";
    let x = Array3::from_shape_vec((1, 6, 1), vec![3.0, 6.0, 9.0, 12.0, 15.0, 18.0]).unwrap();
    let fitted = fit(text, x.view());
    for engine in engines().into_iter().chain([Engine::Reference]) {
        let y = transform(&fitted, x.view(), engine);
        assert_eq!(y.slice(s![0, 2.., 1]).to_vec(), [6.0, 9.0, 12.0, 15.0], "{engine}");
        assert!(y[[0, 0, 1]].is_nan() && y[[0, 1, 1]].is_nan());
        assert_eq!(y.slice(s![0, ..2, 2]).to_vec(), [-1.0, -1.0], "{engine}");
        assert!(y[[0, 2, 2]].is_nan() && y[[0, 3, 2]].is_nan());
        assert_eq!(y.slice(s![0, 4.., 2]).to_vec(), [6.0, 9.0], "{engine}");
    }
    let plan = fitted.pipeline().plan(None, None).unwrap();
    let heads: Vec<_> = plan.columns.iter().map(|c| (c.name.as_str(), c.warmup, c.begin)).collect();
    assert_eq!(heads, [("a", 0, 0), ("m", 2, 2), ("m_lag_2", 4, 4)]);
}

/// LAG-18, LAG-19.
#[test]
fn no_sample_reaches_into_another() {
    let text = format!("{INPUT}[[step]]\nop = 'lag'\nlags = [1, 7, 33, 63, 64]\n");
    let x = bars::<f64>(18, 19, 64);
    let fitted = fit(&text, x.view());
    let clean = transform(&fitted, x.view(), Engine::default());
    let by_concat = concat(x.view(), &[1, 7, 33], 0.0).unwrap();
    for sample in 0..19 {
        let alone = x.slice(s![sample..=sample, .., ..]);
        let got = transform(&fitted, alone, Engine::default());
        assert_same_bits(got.view(), clean.slice(s![sample..=sample, .., ..]), "alone");
        let mut changed = Array3::from_elem(x.dim(), 1e300);
        changed.index_axis_mut(Axis(0), sample).assign(&x.index_axis(Axis(0), sample));
        let got = transform(&fitted, changed.view(), Engine::default());
        let kept = s![sample..=sample, .., ..];
        assert_same_bits(got.slice(kept), clean.slice(kept), "among 1e300");
        let got = concat(changed.view(), &[1, 7, 33], 0.0).unwrap();
        assert_same_bits(got.slice(kept), by_concat.slice(kept), "among 1e300, concat");
    }
}

/// Zeros of both signs are two fills, whichever of the lags is first.
#[test]
fn a_fill_keeps_the_sign_of_zero() {
    let x = array![[[1.0_f64], [2.0], [3.0]]];
    for fills in [["0.0", "-0.0"], ["-0.0", "0.0"]] {
        let lag = |lag: usize| {
            let fill = fills[lag - 1];
            format!("[[step]]\nop = 'lag'\ncolumns = 'x'\nlags = [{lag}]\nfill = {fill}\n")
        };
        let text = format!("[input]\ncolumns = ['x']\n{}{}", lag(1), lag(2));
        let fitted = fit(&text, x.view());
        for engine in engines().into_iter().chain([Engine::Reference]) {
            let y = transform(&fitted, x.view(), engine);
            for (column, fill) in fills.iter().enumerate() {
                let expected: f64 = fill.parse().unwrap();
                let name = format!("x_lag_{}", column + 1);
                let at = fitted.columns().iter().position(|column| *column == name).unwrap();
                for t in 0..=column {
                    let got: f64 = y[[0, t, at]];
                    assert_eq!(got.to_bits(), expected.to_bits(), "{engine}, {name}, {t}");
                }
            }
        }
    }
}

/// A sample shorter than the trim has an output without rows, and that comes back.
#[test]
fn an_output_without_rows_comes_back() {
    let steps = "[[step]]\nop = 'standardize'\ncolumns = 'open'\nper = 'timestep'\n\
                 [[step]]\nop = 'lag'\ncolumns = 'high'\nlags = [9]\nfill = 'nan'\n\
                 [output]\nwarmup = 'trim'\n";
    let x = bars::<f64>(3, 4, 5);
    let fitted = fit(&format!("{INPUT}{steps}"), x.view());
    let y = transform(&fitted, x.view(), Engine::default());
    assert_eq!(y.dim(), (4, 0, 6));
    assert_eq!(fitted.inverse_transform(y.view()).unwrap().dim(), (4, 0, 6));
    fitted.check_inverse(&["open"], (4, 0, 1)).unwrap();
    let none = y.slice(s![.., .., ..1]);
    assert_eq!(fitted.inverse_transform_from(0, &["open"], none).unwrap().dim(), (4, 0, 1));
    // A row of the output would need a tenth timestep.
    let row = Array3::<f64>::zeros((4, 1, 1));
    let expected = "the number of timesteps for `standardize` of `open` is 1; it has a map for \
                    each of 0 timesteps";
    let error = |of: windrow::Result<Array3<f64>>| of.unwrap_err().to_string();
    assert_eq!(error(fitted.inverse_transform_of(&["open"], row.view())), expected);
    assert_eq!(error(fitted.inverse_transform_from(0, &["open"], row.view())), expected);
    assert_eq!(fitted.check_inverse(&["open"], (4, 1, 1)).unwrap_err().to_string(), expected);
    // Of a column without maps for each timestep any length comes back.
    assert_eq!(fitted.inverse_transform_of(&["close"], row.view()).unwrap(), row);
}
