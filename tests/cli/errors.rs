//! What is wrong is said in one line.

use std::fs;

use ndarray::Array3;
use windrow::io::write_npy;

use crate::folder::{Folder, PIPELINE};

#[test]
fn errors_are_one_line_that_says_what_to_do() {
    let folder = Folder::new();
    let step = |replace: &str, with: &str| {
        assert!(PIPELINE.contains(replace));
        folder.write("bad.toml", &PIPELINE.replace(replace, with));
    };
    let bad = "build bad.toml x.npy -o y.npy";

    step("\"sma\"", "\"smaa\"");
    folder.refuse(bad, 1, "bad.toml: line 4: unknown op `smaa`; did you mean `sma`?");
    step("columns = \"close\"", "columns = \"clsoe\"");
    let error = folder.fail(bad, 1);
    assert!(error.ends_with(": unknown column `clsoe`; did you mean `close`?\n"), "{error}");
    step("period = 3", "period = 0");
    let error = folder.fail(bad, 1);
    assert!(
        error.starts_with("windrow: bad.toml: line 6: `period` of `sma` is 0; allowed: a whole")
    );
    step("period = 3", "perido = 3");
    let error = folder.fail(bad, 1);
    assert!(error.contains("line 6: ") && error.contains("`period`"), "{error}");
    for text in ["[input", "input = 3", "", "[input]\ncolumns = [1]", "\u{1b}[31m = \"\n\n"] {
        folder.write("bad.toml", text);
        let error = folder.fail(bad, 1);
        assert!(error.starts_with("windrow: bad.toml: ") && error.lines().count() == 1, "{error}");
        assert!(!error.contains('\u{1b}'), "{error}");
    }
    fs::write(folder.path("bad.toml"), b"[input]\n\xff").unwrap();
    let line = "bad.toml: is not text from byte 8 on; expected a pipeline file";
    folder.refuse(bad, 1, line);

    folder.write(
        "bad.toml",
        &format!("{PIPELINE}[output]\nwarmup = \"trim\"\n").replace("period = 3", "period = 30"),
    );
    let line = "bad.toml: warmup = \"trim\" takes the first 29 timesteps of every sample; the input has 12";
    folder.refuse(bad, 1, line);

    write_npy(folder.path("three.npy"), Array3::<f32>::zeros((4, 5, 3)).view()).unwrap();
    let line = "three.npy: has 3 features; the pipeline's input has 2 columns: open, close";
    folder.refuse("build p.toml three.npy -o y.npy", 1, line);
    folder.refuse("plan p.toml three.npy", 1, line);

    let missing = "No such file or directory (os error 2)";
    for (arguments, name) in [
        ("build missing.toml x.npy -o y.npy", "missing.toml"),
        ("build p.toml missing.npy -o y.npy", "missing.npy"),
        ("transform missing.json x.npy -o y.npy", "missing.json"),
        ("inspect missing.npy", "missing.npy"),
        ("plan missing.toml", "missing.toml"),
    ] {
        folder.refuse(arguments, 1, &format!("cannot open {name}: {missing}"));
    }
    folder.refuse("plan .", 1, ".: is a directory; expected a pipeline file");
    folder.refuse(
        "inspect p.toml",
        1,
        "p.toml: does not begin as a .npy, .npz or safetensors file does",
    );
    let line =
        "output is `y.csv`; expected a name that ends in one of `.npy`, `.npz`, `.safetensors`";
    folder.refuse("build p.toml x.npy -o y.csv", 2, line);
    let line = "no/y.fitted.json: its folder `no` does not exist";
    folder.refuse("build p.toml x.npy -o no/y.npy", 1, line);
    let error = folder.fail("transform p.toml x.npy -o y.npy", 1);
    assert!(error.starts_with("windrow: p.toml: ") && error.lines().count() == 1, "{error}");

    fs::create_dir(folder.path("d.npy")).unwrap();
    let line = "d.npy: is a directory; expected a file name";
    folder.refuse("transform f.json x.npy -o d.npy", 1, &format!("cannot open f.json: {missing}"));
    folder.refuse("build p.toml x.npy -o d.npy", 1, line);
}

#[test]
fn a_wrong_command_exits_with_2() {
    let folder = Folder::new();
    for arguments in [
        "",
        "biuld",
        "build",
        "build p.toml x.npy",
        "plan p.toml --level scaler",
        "plan p.toml --threads 0",
        "plan p.toml --threads many",
        "plan p.toml --format xml",
        "demo --samples 3",
        "indicators sma ema",
        "build p.toml -o y.npy",
        "build p.toml x.npy -o y.npy --memory much",
        "build p.toml x.npy -o y.npy --cast i32",
        "build p.toml x.npy -o y.npy --shard-samples 0",
        "build p.toml x.npy -o y.npy --resume",
        "build p.toml x.npy -o y.npy --shard-samples 5 --resume --force",
    ] {
        folder.fail(arguments, 2);
    }
    let error = folder.fail("plan p.toml --level scaler", 2);
    assert!(error.contains("unknown level `scaler`; did you mean `scalar`?"), "{error}");
    assert_eq!(folder.run("--version"), format!("windrow {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn weights_that_no_step_takes_are_refused() {
    let folder = Folder::new();
    let input = "[input]\ncolumns = [\"open\", \"close\"]\n[[step]]\n";
    write_npy(folder.path("w.npy"), Array3::<f64>::ones((1, 20, 1)).view()).unwrap();
    let line = "--weights is given, but no step of none.toml takes weights; `standardize` does, \
                without per = \"sample\"";
    for step in ["op = \"sma\"\ncolumns = \"close\"\n", "op = \"standardize\"\nper = \"sample\"\n"]
    {
        folder.write("none.toml", &format!("{input}{step}"));
        folder.refuse("build none.toml x.npy -o y.npy --weights w.npy", 1, line);
        folder.refuse("fit none.toml x.npy -o f.json --weights w.npy", 1, line);
    }
    folder.run("fit p.toml x.npy -o f.json --weights w.npy");
}

#[test]
fn names_are_printed_without_control_characters() {
    let folder = Folder::new();
    let evil = "\\u001bred\\u0007";
    let step = format!("[[step]]\nop = \"sma\"\ncolumns = \"{evil}\"\n");
    let scaler = format!("[[step]]\nop = \"standardize\"\ncolumns = \"{evil}\"\n");
    folder.write("evil.toml", &format!("[input]\ncolumns = [\"{evil}\", \"b\"]\n{step}{scaler}"));
    folder.run("build evil.toml x.npy -o y.npy");
    for arguments in ["plan evil.toml", "inspect y.npy"] {
        let shown = folder.run(arguments);
        assert!(shown.contains(" ?red?"), "{shown}");
        assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown:?}");
    }
}

#[test]
fn an_op_that_is_no_indicator_is_called_one_of_pipeline_files() {
    let folder = Folder::new();
    for (name, part) in [("standardize", "Scaling"), ("Fill", "Scaling"), ("lag", "A pipeline")] {
        let line = format!(
            "`{name}` is an op of pipeline files and no indicator; the README describes it under \
             `{part}`"
        );
        folder.refuse(&format!("indicators {name}"), 2, &line);
    }
    let readme = include_str!("../../README.md");
    assert!(readme.contains("\n## Scaling\n") && readme.contains("\n## A pipeline\n"));
}

#[test]
fn what_is_one_is_counted_as_one() {
    let folder = Folder::new();
    write_npy(folder.path("one.npy"), Array3::<f32>::zeros((1, 5, 1)).view()).unwrap();
    let line = "one.npy: has 1 feature; the pipeline's input has 2 columns: open, close";
    folder.refuse("build p.toml one.npy -o y.npy", 1, line);
    folder.write("one.toml", "[input]\ncolumns = [\"a\"]\n");
    let shown = folder.run("build one.toml one.npy -o y.npy");
    assert!(shown.contains("names and warm-ups of the 1 column\n"), "{shown}");
    let shown = folder.run("plan one.toml one.npy");
    assert!(shown.contains(", 1 sample at a time; "), "{shown}");
    let line = "x.npy: has 2 features; the pipeline's input has 1 column: a";
    folder.refuse("build one.toml x.npy -o y.npy --force", 1, line);
    let shown = folder.run("bench p.toml --shape 10,10,2 --rounds 1");
    assert!(shown.contains("medians of 1 round;"), "{shown}");
    let help = folder.run("plan --help").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("from 1 to 1024; no more are started than 64"), "{help}");
    let error = folder.fail("plan p.toml --threads 0", 2);
    assert!(error.contains("0 is not in 1..=1024"), "{error}");
}
