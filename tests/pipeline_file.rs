//! What a pipeline file is refused with: one line that names the place, what came, and what is
//! allowed. The texts are exact, because they are what a user has to go by.

mod common;

use common::{INPUT, bars, fit, refusal};
use windrow::Pipeline;

/// A file of the columns `open` to `volume` (line 2), and a step from line 3 on.
fn step(keys: &str) -> String {
    format!("[input]\ncolumns = ['open', 'high', 'low', 'close', 'volume']\n[[step]]\n{keys}\n")
}

fn output(keys: &str) -> String {
    format!("[input]\ncolumns = ['a', 'b']\n[output]\n{keys}\n")
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    assert_eq!(refusal(text), expected, "\n{text}");
}

#[test]
fn text_that_is_not_toml_names_its_line() {
    for (text, line) in [
        ("[input]\ncolumns = ['a'\n", "line 2: "),
        ("[input]\ncolumns = ['a']\nx = = 2\n", "line 3: "),
        ("[input\n", "line 1: "),
        ("[input]\ncolumns = ['a']\ncolumns = ['b']\n", "line 3: "),
        ("\u{0}", "line 1: "),
    ] {
        let error = refusal(text);
        assert!(error.starts_with(&format!("{line}not TOML: ")), "{text:?}: {error}");
    }
}

#[test]
fn the_input_section_is_needed() {
    let missing = "the section [input] is missing; it names the columns of the last axis: \
                   columns = [\"open\", \"close\"]";
    refused("", missing);
    refused("[[step]]\nop = 'sma'\n", missing);
    refused(
        "[input]\n",
        "line 1: [input] needs columns = [...], the names of the last axis in order",
    );
    refused(
        "\n[input]\ncolumns = []\n",
        "line 3: [input] columns is empty; name each feature of the last axis",
    );
    let names = "allowed: a name, or a list of names";
    refused("[input]\ncolumns = 3\n", &format!("line 2: `columns` of [input] is 3; {names}"));
    refused(
        "[input]\ncolumns = ['a', 1]\n",
        &format!("line 2: `columns` of [input] is [\"a\", 1]; {names}"),
    );
    refused("input = 3\n", "line 1: `input` of the file is 3; write it as [input]");
    refused(
        "[[input]]\ncolumns = 'a'\n",
        "line 1: `input` of the file is [a table]; write it as [input]",
    );
    refused(
        "[input]\ncolumns = ['a', 'b', 'a']\n",
        "line 2: a column name is `a`, which exists already; allowed: each name once",
    );
    refused(
        "[input]\ncolumns = ['a', '']\n",
        "line 2: a column name is empty; allowed: any other text",
    );
}

#[test]
fn unknown_names_get_the_nearest() {
    refused(&step("op = 'smaa'"), "line 4: unknown op `smaa`; did you mean `sma`?");
    refused(&step("op = 'SMA'"), "line 4: unknown op `SMA`; did you mean `sma`?");
    refused(
        &step("op = 'standardise'"),
        "line 4: unknown op `standardise`; did you mean `standardize`?",
    );
    refused(
        &step("op = 'sma'\ncolumns = 'closed'"),
        "line 5: unknown column `closed`; did you mean `close`?",
    );
    refused(
        &step("op = 'sma'\ncolumns = 'close'\nperoid = 3"),
        "line 6: unknown key `peroid`; did you mean `period`?",
    );
    refused(
        &step("op = 'sma'\ncolumn = 'close'"),
        "line 5: unknown key `column`; did you mean `columns`?",
    );
    refused(
        &step("op = 'lag'\nlags = [1]\nfil = 0"),
        "line 6: unknown key `fil`; did you mean `fill`?",
    );
    refused(
        &step("op = 'standardize'\nwith_means = 1"),
        "line 5: unknown key `with_means`; did you mean `with_mean`?",
    );
    refused(
        "[input]\ncolumns = 'a'\n[ouput]\n",
        "line 3: unknown key `ouput`; did you mean `output`?",
    );
    refused(
        "[input]\ncolumns = 'a'\nshape = 1\n",
        "line 3: unknown key `shape`; there are: columns, roles",
    );
    refused(&output("warmups = 'trim'"), "line 4: unknown key `warmups`; did you mean `warmup`?");
    refused(&output("columns = 'c'"), "line 4: unknown column `c`; there are: a, b");
    refused(
        &step("op = 'standardize'\ncolumns = 'x'"),
        "line 5: unknown column `x`; there are: open, high, low, close, volume",
    );
}

#[test]
fn parameters_outside_their_range_are_refused() {
    let sma = |value: &str| step(&format!("op = 'sma'\ncolumns = 'close'\nperiod = {value}"));
    let allowed = "allowed: a whole number from 1 to 100000";
    for (value, shown) in [
        ("0", "0"),
        ("-3", "-3"),
        ("100001", "100001"),
        ("2.5", "2.5"),
        ("nan", "NaN"),
        ("inf", "inf"),
        ("'twenty'", "the text \"twenty\""),
        ("true", "true"),
        ("[3]", "[3]"),
    ] {
        refused(&sma(value), &format!("line 6: `period` of `sma` is {shown}; {allowed}"));
    }
    fit(&sma("100000"), bars::<f32>(1, 1, 3).view());
    fit(&sma("3.0"), bars::<f32>(1, 1, 3).view());
    refused(
        &step("op = 'rsi'\ncolumns = 'close'\nperiod = 1"),
        "line 6: `period` of `rsi` is 1; allowed: a whole number from 2 to 100000",
    );
}

#[test]
fn values_of_other_types_are_refused() {
    refused(&step("op = 3"), "line 4: `op` of a step is 3; allowed: the name of an op");
    refused(
        &step("columns = 'close'"),
        "line 3: a step needs op = \"...\", such as \"sma\" or \"standardize\"",
    );
    refused(
        "step = 3\n[input]\ncolumns = 'a'\n",
        "line 1: `step` of the file is 3; write it as [[step]]",
    );
    refused(
        "[input]\ncolumns = 'a'\n[step]\nop = 'lag'\n",
        "line 3: `step` of the file is a table; write it as [[step]]",
    );
    refused(
        &step("op = 'sma'\ncolumns = 'close'\nnan = 'drop'"),
        "line 6: `nan` of `sma` is \"drop\"; allowed: \"propagate\", \"reseed\"",
    );
    let range = "allowed: [low, high] with low below high";
    for (value, shown) in [
        ("[1, 1]", "[1, 1]"),
        ("[0, 1, 2]", "[0, 1, 2]"),
        ("'x'", "\"x\""),
        ("[nan, 1]", "[nan, 1]"),
    ] {
        let text = step(&format!("op = 'minmax'\nrange = {value}"));
        refused(&text, &format!("line 5: `range` of `minmax` is {shown}; {range}"));
    }
    let quantiles = "allowed: [low, high] with low below high, from 0 to 100";
    for value in ["[75, 25]", "[-1, 50]", "[25, 100.5]", "[nan, 50]", "[25]", "25"] {
        let text = step(&format!("op = 'robust'\nquantile_range = {value}"));
        let line = format!("line 5: `quantile_range` of `robust` is {value}; {quantiles}");
        refused(&text, &line);
    }
    for (op, key) in [
        ("standardize", "with_mean"),
        ("standardize", "with_std"),
        ("minmax", "clip"),
        ("maxabs", "clip"),
        ("robust", "with_centering"),
        ("robust", "with_scaling"),
    ] {
        let text = step(&format!("op = '{op}'\n{key} = 1"));
        refused(&text, &format!("line 5: `{key}` of `{op}` is 1; allowed: true, false"));
    }
    for value in ["-1", "0.5", "'one'", "true"] {
        let text = step(&format!("op = 'standardize'\nddof = {value}"));
        let shown = value.replace('\'', "\"");
        let allowed = "allowed: a whole number from 0 on";
        refused(&text, &format!("line 5: `ddof` of `standardize` is {shown}; {allowed}"));
    }
    let fill = "allowed: a number, \"nan\", \"edge\"";
    refused(
        &step("op = 'lag'\nlags = [1]\nfill = 'zero'"),
        &format!("line 6: `fill` of `lag` is \"zero\"; {fill}"),
    );
    refused(
        &step("op = 'lag'\nlags = [1]\nplace = 'middle'"),
        "line 6: `place` of `lag` is \"middle\"; allowed: \"front\", \"back\"",
    );
    refused(
        &output("dtype = 'f16'"),
        "line 4: `dtype` of [output] is \"f16\"; allowed: \"f32\", \"f64\"",
    );
    let warmup = "allowed: \"keep\", \"trim\", or a number";
    for (value, shown) in
        [("'drop'", "\"drop\""), ("nan", "nan"), ("true", "true"), ("1979-05-27", "a date")]
    {
        let text = output(&format!("warmup = {value}"));
        refused(&text, &format!("line 4: `warmup` of [output] is {shown}; {warmup}"));
    }
}

#[test]
fn names_are_given_to_every_column_and_to_one_only() {
    let macd = "op = 'macd'\ncolumns = 'close'\n";
    refused(
        &step(&format!("{macd}name = 'm'")),
        "line 3: the number of names given to `macd` is 1; it adds 3 columns",
    );
    refused(
        &step(&format!("{macd}names = ['a', 'b', 'c', 'd']")),
        "line 3: the number of names given to `macd` is 4; it adds 3 columns",
    );
    refused(
        &step(&format!("{macd}name = 'm'\nnames = ['a', 'b', 'c']")),
        "line 7: `names` of `macd` is [\"a\", \"b\", \"c\"]; give `name` or `names`, not both",
    );
    refused(
        &step(&format!("{macd}names = ['a', 'b', 'a']")),
        "line 3: a column name is `a`, twice in this step; name its columns with `names`",
    );
    refused(
        &step(&format!("{macd}names = ['a', 'close', 'b']")),
        "line 3: a column name is `close`, which exists already; \
         name the columns of this step with `name` or `names`",
    );
    refused(
        &step(&format!("{macd}names = ['a', '', 'b']")),
        "line 3: a column name is empty; allowed: any other text",
    );
    refused(
        &(step(macd) + &format!("[[step]]\n{macd}")),
        "line 7: a column name is `close_macd_12_26_9_macd`, which exists already; \
         name the columns of this step with `name` or `names`",
    );
    let named = step(&format!("{macd}names = ['a', 'b', 'c']"));
    assert_eq!(fit(&named, bars::<f32>(1, 1, 3).view()).columns()[5..], ["a", "b", "c"]);
}

#[test]
fn inputs_are_those_of_the_row() {
    refused(
        &step("op = 'sma'"),
        "line 3: `columns` of `sma` is missing; it reads x, in this order",
    );
    refused(
        &step("op = 'sma'\ncolumns = []"),
        "line 5: `columns` of `sma` is a list of 0; it reads x, in this order",
    );
    refused(
        &step("op = 'atr'\ncolumns = ['high', 'low']"),
        "line 5: `columns` of `atr` is a list of 2; it reads high, low, close, in this order",
    );
    refused(
        "[input]\ncolumns = ['high', 'low']\n[[step]]\nop = 'atr'\n",
        "line 3: unknown column `close`; there are: high, low",
    );
    let listed = step("op = 'atr'\ncolumns = ['high', 'low', 'open']");
    assert_eq!(fit(&listed, bars::<f32>(1, 1, 3).view()).columns()[5..], ["open_atr_14"]);
}

#[test]
fn empty_lists_are_refused() {
    let allowed = "allowed: at least one column; without the key it takes all";
    for (op, keys) in
        [("standardize", ""), ("fill", "with = 0"), ("rolling_standardize", ""), ("normalize", "")]
    {
        let text = step(&format!("op = '{op}'\ncolumns = []\n{keys}"));
        refused(&text, &format!("line 5: `columns` of `{op}` is []; {allowed}"));
    }
    let lag = step("op = 'lag'\nlags = [1]\ncolumns = []");
    refused(&lag, &format!("line 6: `columns` of `lag` is []; {allowed}"));
    refused(
        &step("op = 'atr'\ncolumns = []"),
        "line 5: `columns` of `atr` is a list of 0; it reads high, low, close, in this order",
    );
}

#[test]
fn what_is_listed_twice_is_named() {
    refused(
        &step("op = 'lag'\nlags = [2, 1, 2]\nnames = ['a', 'b', 'c']"),
        "line 5: `lags` of `lag` is [2, 1, 2]; allowed: each lag once, and 2 is there twice",
    );
    refused(
        &step("op = 'sma'\ncolumns = ['close', 'open', 'close']"),
        "line 5: `columns` of `sma` is a list with `close` twice; allowed: each column once",
    );
    let square = step("op = 'mult'\ncolumns = ['close', 'close']");
    fit(&square, bars::<f32>(1, 1, 3).view());
}

#[test]
fn output_columns_are_names_and_globs_in_order() {
    let steps = step("op = 'macd'\ncolumns = 'close'");
    let columns = |list: &str| {
        let text = format!("{steps}[output]\ncolumns = {list}\n");
        fit(&text, bars::<f32>(1, 1, 3).view()).columns()
    };
    let macd = ["macd", "signal", "hist"].map(|name| format!("close_macd_12_26_9_{name}"));
    assert_eq!(columns("['close_macd_*', 'open']"), [&macd[..], &["open".to_owned()]].concat());
    assert_eq!(columns("'*[wt]'"), ["low", &macd[2]], "a class");
    assert_eq!(columns("['volume', '*e', 'close']"), ["volume", "close"], "each once");
    assert_eq!(columns("['????']"), ["open", "high"]);
    refused(
        &format!("{steps}[output]\ncolumns = ['close', 'x*']\n"),
        "line 7: unknown column `x*`; there are: open, high, low, close, volume, \
         close_macd_12_26_9_macd, close_macd_12_26_9_signal, close_macd_12_26_9_hist",
    );
    refused(
        &format!("{steps}[output]\ncolumns = []\n"),
        "line 7: [output] columns selects nothing; [\"*\"] takes all",
    );
    let error = refusal(&format!("{steps}[output]\ncolumns = ['a[']\n"));
    assert!(error.starts_with("line 7: a column pattern is `a[`; "), "{error}");
}

#[test]
fn an_indicator_of_one_series_takes_patterns() {
    let columns =
        |keys: &str| fit(&step(keys), bars::<f32>(1, 1, 3).view()).columns()[5..].to_vec();
    assert_eq!(
        columns("op = 'sma'\ncolumns = ['volume', '*o*', 'close']\nperiod = 2"),
        ["volume_sma_2", "open_sma_2", "low_sma_2", "close_sma_2"],
        "each once"
    );
    assert_eq!(columns("op = 'sma'\ncolumns = 'c*'\nname = 'mean'"), ["mean"]);
    refused(
        &step("op = 'sma'\ncolumns = 'x*'"),
        "line 5: unknown column `x*`; there are: open, high, low, close, volume",
    );
    refused(
        &step("op = 'sub'\ncolumns = ['close', 'o*']"),
        "line 5: `columns` of `sub` is the pattern `o*`; it reads a, b, in this order, each by its \
         name",
    );
    refused(
        &step("op = 'atr'\ncolumns = '*'"),
        "line 5: `columns` of `atr` is the pattern `*`; it reads high, low, close, in this order, \
         each by its name",
    );
    let odd = "[input]\ncolumns = ['a[', 'b']\n[[step]]\nop = 'sma'\ncolumns = 'a['\n";
    let plan = Pipeline::from_toml(odd).unwrap().plan(None, None).unwrap();
    assert_eq!(plan.columns[2].name, "a[_sma_30", "a name that is no pattern");
}

#[test]
fn ta_libs_names_are_accepted_beside_ours() {
    let columns = |keys: &str| fit(&step(keys), bars::<f32>(1, 1, 3).view()).columns();
    for (ours, theirs) in [
        (
            "op = 'sma'\ncolumns = 'close'\nperiod = 7",
            "op = 'sma'\ncolumns = 'close'\ntimeperiod = 7",
        ),
        (
            "op = 'macd'\ncolumns = 'close'\nfast = 5\nslow = 9\nsignal = 3",
            "op = 'macd'\ncolumns = 'close'\nfastperiod = 5\nslowperiod = 9\nsignalperiod = 3",
        ),
    ] {
        assert_eq!(columns(ours), columns(theirs));
    }
    for row in windrow::indicators::rows() {
        for param in row.params {
            let index = row.param(windrow::error::Line::NONE, param.name).unwrap();
            for alias in param.aliases {
                assert_eq!(row.param(windrow::error::Line::NONE, alias).unwrap(), index, "{alias}");
            }
        }
    }
    refused(
        &step("op = 'sma'\ncolumns = 'close'\nperiod = 7\ntimeperiod = 7"),
        "line 7: `period` of `sma` is given twice",
    );
    refused(
        &step("op = 'sma'\ncolumns = 'close'\ntimeperiod = 0"),
        "line 6: `period` of `sma` is 0; allowed: a whole number from 1 to 100000",
    );
}

#[test]
fn a_batch_of_other_columns_is_refused() {
    let pipeline = Pipeline::from_toml(INPUT).unwrap();
    let error = pipeline.fit(ndarray::Array3::<f32>::zeros((2, 3, 4)).view()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the batch has shape (2, 3, 4); expected (samples, timesteps, 5): \
         the pipeline names the columns open, high, low, close, volume"
    );
}

fn roles(roles: &str) -> String {
    format!("[input]\ncolumns = ['high', 'low', 'close', 'adj_close']\nroles = {roles}\n")
}

#[test]
fn roles_name_columns() {
    let advice = "write it as roles = { close = \"adj_close\" }";
    refused(&roles("3"), &format!("line 3: `roles` of [input] is 3; {advice}"));
    refused(&roles("{ clos = 'adj_close' }"), "line 3: unknown role `clos`; did you mean `close`?");
    refused(
        &roles("{ price = 'adj_close' }"),
        "line 3: unknown role `price`; there are: open, high, low, close, volume",
    );
    refused(
        &roles("{ close = 'adj_clos' }"),
        "line 3: unknown column `adj_clos`; did you mean `adj_close`?",
    );
    refused(
        &roles("{ close = 4 }"),
        "line 3: `close` of `roles` of [input] is 4; allowed: the name of a column",
    );
}

#[test]
fn parameters_that_do_not_go_together_are_refused() {
    refused(
        &step("op = 'mavp'\ncolumns = ['close', 'volume']\nmin_period = 9\nmax_period = 5"),
        "line 3: the set of parameters of `mavp` is min_period = 9, max_period = 5, matype = sma; \
         `min_period` is at most `max_period`",
    );
}
