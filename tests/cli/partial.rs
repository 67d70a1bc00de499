//! Fits by shards, and the way back.

use ndarray::{Array2, Array3, Axis, s};
use windrow::Pipeline;
use windrow::io::{Batch, read_npy, write_npy};

use crate::folder::{Folder, batch};

/// A pipeline whose scalers stand on each other, the second on quantiles: up to five passes.
const TWICE: &str = "[input]\ncolumns = [\"a\", \"b\"]\n\
                     [[step]]\nop = \"standardize\"\n[[step]]\nop = \"robust\"\n";

fn shards() -> Folder {
    let folder = Folder::new();
    let x = batch();
    for (index, part) in [s![..7, .., ..], s![7..8, .., ..], s![8.., .., ..]].iter().enumerate() {
        write_npy(folder.path(&format!("x{index}.npy")), x.slice(part)).unwrap();
    }
    std::fs::write(folder.path("twice.toml"), TWICE).unwrap();
    folder
}

/// Refused with this exit code, in a line that says this.
fn fails(folder: &Folder, arguments: &str, code: i32, says: &str) {
    let error = folder.fail(arguments, code);
    assert!(error.contains(says), "{error}");
}

#[test]
fn merged_parts_are_the_fit_of_the_whole() {
    let folder = shards();
    folder.run("fit p.toml x.npy -o whole.json");
    for index in 0..3 {
        let shown = folder.run(&format!("fit --partial p.toml x{index}.npy -o p{index}.json"));
        assert!(shown.contains("a partial fit, in pass 1 of 1"), "{shown}");
    }
    let report = folder.json("merge-fit p2.json p0.json p1.json -o merged.json");
    assert_eq!(report["fitted"], "merged.json");
    assert_eq!(folder.read("merged.json"), folder.read("whole.json"));
    // In two stages, and one part from where another ended.
    folder.run("merge-fit --partial p1.json p2.json -o p12.json");
    folder.run("merge-fit p12.json p0.json -o stages.json");
    assert_eq!(folder.read("stages.json"), folder.read("whole.json"));
    folder.run("fit --partial p12.json x0.npy -o p120.json");
    folder.run("merge-fit p120.json -o on.json");
    assert_eq!(folder.read("on.json"), folder.read("whole.json"));
    folder.run("transform merged.json x.npy -o y.npy");

    fails(
        &folder,
        "merge-fit p0.json p1.json p0.json -o again.json",
        1,
        "p0.json: is of the same samples as p0.json; each is merged once",
    );
    fails(
        &folder,
        "merge-fit whole.json -o again.json",
        1,
        "this program reads `windrow partial fit` version 1",
    );
    fails(&folder, "transform p0.json x.npy -o z.npy", 1, "this program reads");
}

#[test]
fn passes_go_over_all_parts() {
    let folder = shards();
    folder.run("fit twice.toml x.npy -o whole.json");
    let mut begin = "twice.toml".to_owned();
    for pass in 1.. {
        for index in 0..3 {
            folder.run(&format!("fit --partial {begin} x{index}.npy -o p{index}.json --force"));
        }
        begin = format!("pass{pass}.json");
        let report = folder.json(&format!("merge-fit p1.json p0.json p2.json -o {begin}"));
        assert!(pass <= 5, "{report}");
        if report.get("fitted").is_some() {
            break;
        }
    }
    assert_eq!(folder.read(&begin), folder.read("whole.json"));
    folder.run("fit --partial pass1.json x0.npy -o p0.json --force");
    fails(&folder, "merge-fit p0.json -o short.json", 1, "the first pass saw 20 samples of f32");
}

#[test]
fn inverse_gives_back_what_was_scaled() {
    let folder = shards();
    folder.run("build twice.toml x.npy -o y.npy");
    let report = folder.json("inverse y.fitted.json y.npy -o back.npy");
    assert_eq!(report["columns"], serde_json::json!(["a", "b"]));
    let read = |name: &str| -> Array3<f32> {
        let Batch::F32(x) = read_npy(folder.path(name)).unwrap() else { panic!("dtype") };
        x
    };
    let (back, x) = (read("back.npy"), batch());
    for (place, value) in x.indexed_iter() {
        assert!((back[place] - value).abs() <= 1e-5 * value.abs().max(1.0), "{place:?}");
    }
    write_npy(folder.path("b.npy"), read("y.npy").slice(s![.., .., 1..])).unwrap();
    folder.run("inverse y.fitted.json b.npy --columns b -o b_back.npy --memory 64M");
    assert_eq!(read("b_back.npy"), back.slice(s![.., .., 1..]));
    let shape = format!(
        "the batch has shape {:?}; expected 2 features, a column each",
        (x.dim().0, x.dim().1, 1)
    );
    fails(&folder, "inverse y.fitted.json b.npy -o z.npy", 1, &shape);
    fails(&folder, "inverse y.fitted.json b.npy --columns c -o z.npy", 1, "unknown column `c`");
    fails(&folder, "inverse y.fitted.json b.npy --columns b -o z.txt", 2, "z.txt");
}

#[test]
fn weights_are_those_of_the_library() {
    let folder = shards();
    let text = TWICE.replace("robust", "standardize");
    folder.write("weighted.toml", &text);
    let x = batch();
    let (samples, timesteps, _) = x.dim();
    for columns in [1, timesteps] {
        let weight = |(sample, t)| (sample * 7 + t * 3) as f64 % 5.0 / 4.0;
        let w = Array2::from_shape_fn((samples, columns), weight);
        // Two axes, as (1, samples, columns) is one sample, and three.
        write_npy(folder.path("w.npy"), w.view().insert_axis(Axis(0))).unwrap();
        write_npy(folder.path("w3.npy"), w.view().insert_axis(Axis(2))).unwrap();
        let fitted = Pipeline::from_toml(&text).unwrap().fit_weighted(x.view(), w.view()).unwrap();
        let expected = (fitted.to_json() + "\n").into_bytes();
        folder.run("fit weighted.toml x.npy --weights w.npy -o whole.json --force");
        assert_eq!(folder.read("whole.json"), expected);
        folder.run("build weighted.toml x.npy --weights w3.npy -o y.npy --force --threads 1");
        assert_eq!(folder.read("y.fitted.json"), expected);
        folder.run("fit --level reference weighted.toml x.npy --weights w.npy -o r.json --force");
        let mut begin = "weighted.toml".to_owned();
        for pass in 1..=2 {
            for (index, part) in [s![..7, ..], s![7..8, ..], s![8.., ..]].iter().enumerate() {
                let part = w.slice(part);
                write_npy(folder.path("part.npy"), part.insert_axis(Axis(0))).unwrap();
                folder.run(&format!(
                    "fit --partial {begin} x{index}.npy --weights part.npy -o p{index}.json --force"
                ));
            }
            begin = format!("pass{pass}.json");
            folder.run(&format!("merge-fit p1.json p0.json p2.json -o {begin} --force"));
        }
        assert_eq!(folder.read(&begin), expected);
    }
    fails(
        &folder,
        "fit weighted.toml x0.npy --weights w.npy -o z.json",
        1,
        "w.npy: has the shape (1, 20, 12); expected weights of (7, 1) or (7, 12)",
    );
    fails(
        &folder,
        "fit twice.toml x.npy --weights w.npy -o z.json",
        1,
        "cannot fit `robust`: column `a` takes no weights; `standardize` alone does",
    );
    fails(&folder, "fit weighted.toml x.npy --weights w.npy -o w.npy --force", 1, "w.npy");
    fails(&folder, "fit weighted.toml x.npy --weights no.npy -o z.json", 1, "no.npy");
}
