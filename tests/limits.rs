//! What nonsense a pipeline file is refused with before it takes time or memory.

mod common;

use common::refusal;
use windrow::{Dtype, Pipeline};

const INPUT: &str = "[input]\ncolumns = ['a']\n";

fn names(count: usize) -> Vec<String> {
    (0..count).map(|i| format!("c{i}")).collect()
}

/// Of a column each, which is called `n0` and on.
fn steps(count: usize, step: impl Fn(usize, &str) -> String) -> String {
    let before = |i: usize| i.checked_sub(1).map_or("a".to_owned(), |i| format!("n{i}"));
    (0..count).map(|i| step(i, &before(i))).collect()
}

#[test]
fn a_text_is_no_longer_than_allowed() {
    let comment = |length: usize| format!("{INPUT}#{}", "x".repeat(length - INPUT.len() - 1));
    Pipeline::from_toml(&comment(Pipeline::LONGEST_TEXT)).unwrap();
    let error = refusal(&comment(Pipeline::LONGEST_TEXT + 1));
    assert_eq!(error, "the length of the text is 1048577 bytes; allowed: up to 1048576");
}

#[test]
fn steps_and_columns_are_counted() {
    let step = "[[step]]\nop = 'standardize'\n";
    let error = refusal(&format!("{INPUT}{}", step.repeat(10_001)));
    assert_eq!(error, "line 20003: the number of steps is 10001; allowed: up to 10000");

    let columns = |count| format!("[input]\ncolumns = {:?}\n", names(count));
    assert_eq!(Pipeline::from_toml(&columns(100_000)).unwrap().input_columns().len(), 100_000);
    let error = refusal(&columns(100_001));
    assert_eq!(error, "line 2: the number of columns is 100001; allowed: up to 100000");
    let step = format!("{}[[step]]\nop = 'sma'\ncolumns = 'c0'\n", columns(100_000));
    let error = refusal(&step);
    assert_eq!(error, "line 3: the number of columns is 100001; allowed: up to 100000");
}

/// The line of an error is that of its place, however many come before.
#[test]
fn the_last_of_many_lines_is_named() {
    let sma =
        |i: usize, _: &str| format!("[[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = {}\n", i + 2);
    let text = format!("{INPUT}{}", steps(5000, sma));
    assert_eq!(Pipeline::from_toml(&text).unwrap().plan(None, None).unwrap().columns.len(), 5001);
    let error = refusal(&format!("{text}perido = 3\n"));
    assert_eq!(error, "line 20003: unknown key `perido`; did you mean `period`?");
}

/// Columns of columns, each with all the scalers or lags of those before.
#[test]
fn what_grows_with_its_square_is_bounded() {
    let lag = |i: usize, before: &str| {
        format!(
            "[[step]]\nop = 'lag'\ncolumns = '{before}'\nlags = [1]\nfill = {i}\nname = 'n{i}'\n"
        )
    };
    let scaled = |i: usize, before: &str| {
        format!("{}[[step]]\nop = 'standardize'\ncolumns = 'n{i}'\n", lag(i, before))
    };
    let long = format!("[input]\ncolumns = ['{}']\n", "x".repeat(100_000));
    let lags: Vec<usize> = (1..1000).collect();
    for text in [
        format!("{INPUT}{}", steps(1000, scaled)),
        format!("{INPUT}{}", steps(5000, lag)),
        format!("{INPUT}{}", "[[step]]\nop = 'standardize'\n".repeat(9000)),
        format!("{long}[[step]]\nop = 'lag'\nlags = {lags:?}\n"),
    ] {
        let error = refusal(&text);
        let subject = ": the memory for the names, lags and scalers of all columns is ";
        assert!(error.contains(subject), "{error}");
        assert!(error.ends_with(" bytes; allowed: up to 67108864"), "{error}");
    }
    // A hundred of each are fine.
    for text in [steps(100, scaled), steps(100, lag)] {
        Pipeline::from_toml(&format!("{INPUT}{text}")).unwrap();
    }
}

#[test]
fn patterns_are_compared_with_names_so_far_and_no_further() {
    let patterns: Vec<String> = names(9000).iter().map(|name| format!("*{name}")).collect();
    let output = |columns: &[String], patterns: &[String]| {
        format!("[input]\ncolumns = {columns:?}\n[output]\ncolumns = {patterns:?}\n")
    };
    let many = "line 4: the column patterns and the names of the columns are too many, or too \
                long, to be compared";
    assert_eq!(refusal(&output(&names(9000), &patterns)), many);
    assert_eq!(refusal(&output(&names(50_000), &vec!["*".to_owned(); 50_000])), many);
    // Names that are no patterns are looked up.
    let all = names(30_000);
    let plan = Pipeline::from_toml(&output(&all, &all)).unwrap().plan(None, None).unwrap();
    assert_eq!(plan.columns.len(), 30_000);
}

/// LAG-01 beside names: columns before and behind others are found where they are.
#[test]
fn columns_are_found_wherever_steps_put_them() {
    let text = "[input]\ncolumns = ['a', 'b']\n\
                [[step]]\nop = 'lag'\ncolumns = ['b', 'a']\nlags = [1, 2]\nplace = 'front'\n\
                [[step]]\nop = 'sma'\ncolumns = 'b_lag_1'\nperiod = 2\n\
                [[step]]\nop = 'lag'\ncolumns = ['b_lag_1_sma_2', 'a_lag_2']\nlags = [1]\nplace = 'front'\n\
                [[step]]\nop = 'standardize'\ncolumns = ['b', 'a_lag_2_lag_1']\n";
    let plan = Pipeline::from_toml(text).unwrap().plan(None, None).unwrap();
    let names: Vec<&str> = plan.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "b_lag_1_sma_2_lag_1",
            "a_lag_2_lag_1",
            "b_lag_1",
            "a_lag_1",
            "b_lag_2",
            "a_lag_2",
            "a",
            "b",
            "b_lag_1_sma_2",
        ]
    );
    let computes = plan.computes.join("; ");
    let expected = "sma of b_lag_1 (period 2); standardize of b (fit pass 1); standardize of \
                    a_lag_2_lag_1 (fit pass 1)";
    assert_eq!(computes, expected);
}

#[test]
fn messages_are_short_whatever_came() {
    let long = "x".repeat(500_000);
    for text in [
        format!("{INPUT}[[step]]\nop = '{long}'\n"),
        format!("{INPUT}[[step]]\nop = 'sma'\n{long} = 1\n"),
        format!("{INPUT}[[step]]\nop = 'sma'\ncolumns = '{long}'\n"),
        format!("[input]\ncolumns = ['{long}']\n[[step]]\nop = 'sma'\ncolumns = '{long}y'\n"),
        format!("{INPUT}[output]\ncolumns = '[{long}'\n"),
        format!("{INPUT}[[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = {}\n", "9".repeat(500_000)),
        format!("[input]\ncolumns = {:?}\n", vec![1; 100_000]),
        format!("{INPUT}{long} = 1\n{long} = 1\n"),
    ] {
        let error = refusal(&text);
        assert!(error.len() < 600, "{} bytes: {}", error.len(), &error[..600]);
    }
    let error = refusal(&format!("{INPUT}[[step]]\nop = '{long}'\n"));
    let start = &long[..80];
    assert!(
        error.starts_with(&format!("line 4: unknown op `{start}... (500000 bytes)`;")),
        "{error}"
    );

    let columns = |count| format!("[input]\ncolumns = {:?}\n", names(count));
    let error = refusal(&format!("{}[output]\ncolumns = 'zzz'\n", columns(30)));
    let known = names(24).join(", ");
    assert_eq!(error, format!("line 4: unknown column `zzz`; there are: {known}, ... 30 in all"));
}

/// What a run takes beside its blocks is known before it is taken.
#[test]
fn windows_and_statistics_are_counted() {
    let size = |steps: &str, timesteps: usize| {
        let pipeline = Pipeline::from_toml(&format!("{INPUT}{steps}")).unwrap();
        let plan = pipeline.plan(Some([16, timesteps, 1]), Some(Dtype::F32)).unwrap();
        plan.size.unwrap()
    };
    let sma = |period: usize| format!("[[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = {period}\n");
    let scratch = |period, timesteps| size(&sma(period), timesteps).scratch_bytes;
    assert!(scratch(100_000, 200_000) > scratch(10, 200_000) + 100_000 * 8);
    // An average of each period, of which one keeps as many values.
    let mavp = |most: usize, kind: &str| {
        let text = format!(
            "[[step]]\nop = 'mavp'\ncolumns = ['a', 'a']\nmax_period = {most}\nmatype = '{kind}'\n"
        );
        size(&text, 20_000).scratch_bytes
    };
    assert!(mavp(3000, "alma") > mavp(1500, "alma") + 4_000_000 * 8 * 8);
    assert!(mavp(3000, "ema") < mavp(3000, "alma") / 3 && mavp(3000, "sma") < 1 << 23);
    // As they came, in order, or in sums of powers: each value several times.
    let rolling = |op: &str, window: usize, timesteps: usize| {
        let sizes = format!("window = {window}\nmin_periods = 1\n");
        size(&format!("[[step]]\nop = '{op}'\ncolumns = 'a'\n{sizes}"), timesteps).scratch_bytes
    };
    for op in ["rolling_median", "rolling_rank", "rolling_skew"] {
        let lanes = windrow::Level::best().lanes();
        assert!(rolling(op, 100_000, 200_000) > 100_000 * 5 * lanes * 8, "{op}");
        assert_eq!(rolling(op, 100_000, 10), rolling(op, 10, 10), "{op}");
    }
    // No value comes of it, and no window is kept.
    assert_eq!(scratch(100_000, 1000), scratch(5000, 1000));

    let fit = |op: &str| size(&format!("[[step]]\nop = '{op}'\n"), 100).fit_bytes;
    let [robust, standardize, minmax] = ["robust", "standardize", "minmax"].map(fit);
    assert!(robust > 100 * standardize && standardize > minmax && minmax > 0);
    assert_eq!(size("", 100).fit_bytes, 0);
}
