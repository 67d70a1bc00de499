//! The program, run as its users run it.

mod errors;
mod folder;
mod formats;
mod kills;
mod large;
mod limits;
mod long;
mod outputs;
mod partial;
mod shards;
mod streams;

use std::fs;

use assert_cmd::assert::OutputAssertExt;
use ndarray::{Array3, s};
use windrow::io::{Batch, read_npy, write_npy};
use windrow::{Level, Pipeline};

use folder::{COLUMNS, Folder, PIPELINE, batch, text};

#[test]
fn build_writes_what_the_library_computes() {
    let folder = Folder::new();
    let output = folder.command("build p.toml x.npy -o y.npy").output().unwrap();
    output.clone().assert().success();
    let (stdout, stderr) = text(&output);
    assert_eq!(
        stdout,
        "y.npy           features, (20, 12, 4) f32\n\
         y.fitted.json   what was fitted, for `windrow transform`\n\
         y.columns.json  names and warm-ups of the 4 columns\n"
    );
    assert!(stderr.starts_with("fit ") && stderr.lines().count() == 1, "{stderr}");
    assert_eq!(
        folder.names(),
        ["p.toml", "wide.npy", "x.npy", "y.columns.json", "y.fitted.json", "y.npy"]
    );

    let fitted = Pipeline::from_toml(PIPELINE).unwrap().fit(batch().view()).unwrap();
    let Batch::F32(y) = read_npy(folder.path("y.npy")).unwrap() else { panic!("dtype") };
    let expected: Array3<f32> = fitted.transform(batch().view()).unwrap();
    assert_eq!(y.mapv(f32::to_bits), expected.mapv(f32::to_bits));
    assert_eq!(folder.read("y.fitted.json"), (fitted.to_json() + "\n").as_bytes());

    let columns: serde_json::Value =
        serde_json::from_slice(&folder.read("y.columns.json")).unwrap();
    let names: Vec<_> =
        columns["columns"].as_array().unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(names, COLUMNS);
    assert_eq!(columns["columns"][2]["warmup"], 2);
    assert_eq!(columns["shape"], serde_json::json!([20, 12, 4]));
}

#[test]
fn fit_then_transform_is_build() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy");
    folder.run("fit p.toml x.npy -o f.json");
    let report = folder.json("transform f.json x.npy -o z.npy");
    assert_eq!(folder.read("f.json"), folder.read("y.fitted.json"));
    assert_eq!(folder.read("z.npy"), folder.read("y.npy"));
    assert_eq!(report["output"], "z.npy");
    assert_eq!(report["shape"], serde_json::json!([20, 12, 4]));
    assert!(report["transform_seconds"].is_f64() && report.get("fit_seconds").is_none());

    folder.run("transform f.json wide.npy -o wide_y.npy");
    let Batch::F64(wide) = read_npy(folder.path("wide_y.npy")).unwrap() else { panic!("dtype") };
    assert_eq!(wide.dim(), (20, 12, 4));
}

#[test]
fn threads_and_levels_decide_nothing() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o y.npy --threads 1 --level scalar");
    for (index, level) in Level::available().iter().enumerate() {
        let threads = index + 1;
        let report = folder.json(&format!(
            "build p.toml x.npy -o z.npy --force --threads {threads} --level {level}"
        ));
        assert_eq!((report["level"].as_str(), report["threads"].as_u64()), {
            (Some(level.name()), Some(threads as u64))
        });
        for name in ["npy", "fitted.json"] {
            let same = folder.read(&format!("z.{name}")) == folder.read(&format!("y.{name}"));
            assert!(same, "{level}: {name}");
        }
    }
    let reference = folder.json("--level reference build p.toml x.npy -o r.npy");
    assert_eq!(reference["level"], "reference");
    let (Batch::F32(r), Batch::F32(y)) =
        (read_npy(folder.path("r.npy")).unwrap(), read_npy(folder.path("y.npy")).unwrap())
    else {
        panic!("dtype")
    };
    assert!(r.iter().zip(&y).all(|(r, y)| (r.is_nan() && y.is_nan()) || (r - y).abs() <= 1e-6));
}

#[test]
fn the_environment_names_a_level() {
    let folder = Folder::new();
    let run = |level: &str, arguments: &str| {
        let mut command = folder.command(arguments);
        text(&command.env("WINDROW_LEVEL", level).output().unwrap())
    };
    let build = "build p.toml x.npy -o y.npy --force --format json";
    assert!(run("portable", build).0.contains("\"level\": \"portable\""));
    assert!(
        run("portable", &format!("{build} --level scalar")).0.contains("\"level\": \"scalar\"")
    );
    let expected = "windrow: WINDROW_LEVEL: unknown level `scaler`; did you mean `scalar`?\n";
    assert_eq!(run("scaler", build), (String::new(), expected.to_owned()));
}

#[test]
fn plan_runs_nothing() {
    let folder = Folder::new();
    let before = folder.names();
    for arguments in ["plan p.toml", "plan p.toml x.npy", "plan p.toml --shape 20,12,2 --dtype f64"]
    {
        let shown = folder.run(arguments);
        assert!(COLUMNS.iter().all(|name| shown.contains(name)), "{shown}");
    }
    let plan = folder.json("plan p.toml wide.npy");
    assert_eq!(plan["size"]["output"], serde_json::json!([20, 12, 4]));
    assert_eq!(plan["size"]["dtype"], "f64");
    assert_eq!(folder.names(), before);

    let usage = folder.fail("plan p.toml x.npy --shape 1,2,3", 2);
    assert!(usage.contains("cannot be used with"), "{usage}");
    for shape in ["1,2", "1,2,3,4", "1,2,x", "-1,2,3"] {
        folder.fail(&format!("plan p.toml --shape {shape}"), 2);
    }
}

#[test]
fn inspect_counts_and_measures() {
    let folder = Folder::new();
    let mut x = Array3::from_shape_fn((2, 5, 2), |(i, t, f)| (i * 5 + t) as f64 + 100.0 * f as f64);
    x.slice_mut(s![.., .., 1]).fill(f64::NAN);
    x[[0, 0, 0]] = f64::INFINITY;
    write_npy(folder.path("z.npy"), x.view()).unwrap();
    assert_eq!(
        folder.run("inspect z.npy"),
        "z.npy: (2, 5, 2) f64, 160 bytes\n\n\
         feature  count  nan  infinite  min  mean      std  max\n\
         0           10    0         1    1     5  2.58199    9\n\
         1           10   10         0    -     -        -    -\n"
    );
    let report = folder.json("inspect z.npy");
    let [first, second] = [0, 1].map(|index| report["features"][index].clone());
    assert_eq!((first["count"].as_u64(), first["infinite"].as_u64()), (Some(10), Some(1)));
    assert_eq!(first["std"].as_f64(), Some((20.0f64 / 3.0).sqrt()));
    assert_eq!((second["nan"].as_u64(), second["mean"].is_null()), (Some(10), true));

    folder.run("build p.toml x.npy -o y.npy");
    let named = folder.json("inspect y.npy");
    assert_eq!(named["features"][2]["name"], "close_sma_3");
    assert!(folder.run("inspect y.npy").contains("\n2 close_sma_3 "));
}

#[test]
fn indicators_lists_and_describes() {
    let folder = Folder::new();
    let list = folder.json("indicators");
    let names: Vec<_> = list.as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    assert_eq!(names, windrow::indicators::rows().map(|row| row.name).collect::<Vec<_>>());
    let shown = folder.run("indicators");
    for row in windrow::indicators::rows() {
        assert!(shown.contains(row.title), "{shown}");
        let one = folder.json(&format!("indicators {}", row.name));
        assert_eq!(one["title"], row.title);
        assert_eq!(one["parameters"].as_array().unwrap().len(), row.params.len());
    }
    for name in ["sma", "SMA"] {
        let shown = folder.run(&format!("indicators {name}"));
        assert!(shown.contains("\nparameters   period = 30: a whole number from "), "{shown}");
        assert!(shown.contains("\nwarm-up      period - 1: 29 by default\n"), "{shown}");
    }
    folder.refuse("indicators smaa", 2, "unknown indicator `smaa`; did you mean `sma`?");
}

#[test]
fn indicators_are_listed_by_group_and_text() {
    let folder = Folder::new();
    let names = |arguments: &str| -> Vec<String> {
        let list = folder.json(arguments);
        let rows = list.as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    let volume = names("indicators --group VOLUME");
    assert!(volume.contains(&"obv".to_owned()) && !volume.contains(&"sma".to_owned()));
    let sets = names("indicators --find exponential");
    assert!(sets.contains(&"ema".to_owned()) && !sets.contains(&"sma".to_owned()), "{sets:?}");
    assert_eq!(names("indicators --group overlap --find tema"), ["tema"]);
    let shown = folder.run("indicators --group volatility");
    assert!(shown.starts_with("Volatility Indicators\n") && !shown.contains("Overlap"), "{shown}");
    let error = folder.fail("indicators --group nothing", 2);
    assert!(error.contains("unknown group `nothing`; known: Cycle Indicators, "), "{error}");
    folder.refuse("indicators --find nothing", 1, "no name or title has the text \"nothing\"");
    folder.fail("indicators sma --group overlap", 2);
}

#[test]
fn indicators_say_what_the_start_of_a_series_does() {
    let folder = Folder::new();
    // 10 and 19 times the period: TA-Lib's rule for Wilder's average.
    let rsi = folder.json("indicators rsi");
    assert_eq!(rsi["stability"], "converging");
    assert_eq!(
        (&rsi["settled_to_4_digits"], &rsi["settled_to_8_digits"]),
        (&140.into(), &266.into())
    );
    let shown = folder.run("indicators rsi");
    assert!(
        shown.contains("to 4 digits 140 bars after the warm-up, to 8 digits after 266"),
        "{shown}"
    );
    let sma = folder.json("indicators sma");
    assert_eq!(sma["settled_to_8_digits"], 0);
    assert!(folder.json("indicators obv")["settled_to_4_digits"].is_null());
    let rows = folder.json("indicators");
    assert_eq!(rows.as_array().unwrap().len(), windrow::indicators::rows().count());
}

#[test]
fn what_is_described_can_be_built() {
    let folder = Folder::new();
    for row in windrow::indicators::rows() {
        let shown = folder.run(&format!("indicators {}", row.name));
        let (_, step) = shown.split_once("In a pipeline file:\n").unwrap();
        let columns = r#"["open", "high", "low", "close", "volume"]"#;
        folder.write("one.toml", &format!("[input]\ncolumns = {columns}\n{step}"));
        folder.run("plan one.toml");
    }
}

#[test]
fn empty_batches_go_through_or_are_refused_in_words() {
    let folder = Folder::new();
    folder.write(
        "plain.toml",
        &PIPELINE.replace("standardize", "lag").replace(
            "columns = [\"open\", \"close\"]\n[[step]]\nop = \"lag\"",
            "columns = [\"open\"]\nlags = [2]\n[[step]]\nop = \"lag\"",
        ),
    );
    for shape in [(0, 12, 2), (5, 0, 2), (5, 1, 2)] {
        write_npy(folder.path("e.npy"), Array3::<f32>::zeros(shape).view()).unwrap();
        folder.run("build plain.toml e.npy -o e_y.npy --force");
        assert_eq!(read_npy(folder.path("e_y.npy")).unwrap().shape()[..2], [shape.0, shape.1]);
        folder.run("inspect e.npy");
    }
}

#[test]
fn the_demo_makes_a_folder_that_can_be_built_on() {
    let folder = Folder::new();
    let shown = folder.run("demo --samples 50 market");
    for line in [
        "Made market: 50 price series of 120 bars (open, high, low, close, volume), f32",
        "timestep  raw close",
        "Checked against the textbook definitions: ",
        "windrow build market/pipeline.toml market/train.npy -o market/mine.npy",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
    let mut names: Vec<_> = fs::read_dir(folder.path("market")).unwrap().collect();
    assert_eq!(names.drain(..).filter(|entry| entry.is_ok()).count(), 7);
    assert_eq!(read_npy(folder.path("market/train.npy")).unwrap().shape(), [40, 120, 5]);
    assert_eq!(read_npy(folder.path("market/test_features.npy")).unwrap().shape(), [10, 120, 20]);

    // What it says to do next works, and gives the same features.
    let (_, next) = shown.split_once("Next: ").unwrap();
    for command in next.lines().filter_map(|line| line.trim().strip_prefix("windrow ")) {
        folder.run(command);
    }
    assert_eq!(folder.read("market/mine.npy"), folder.read("market/train_features.npy"));
    assert_eq!(folder.read("market/mine_test.npy"), folder.read("market/test_features.npy"));

    let line = "market/pipeline.toml: exists already; --force replaces it";
    folder.refuse("demo --samples 50 market", 1, line);
    let again = folder.json("demo --samples 50 market --force --threads 1 --level scalar");
    assert_eq!(again["features"], serde_json::json!([40, 120, 20]));
    assert_eq!(folder.read("market/mine.npy"), folder.read("market/train_features.npy"));
    let line = "cannot create no/market: No such file or directory (os error 2)";
    folder.refuse("demo no/market", 1, line);
    let line = "p.toml: is a file; expected a folder, or a name for a new one";
    folder.refuse("demo p.toml", 1, line);
}
