//! Samples longer than memory: cut along time, with the bytes of the whole.

use std::fs;

use ndarray::{Array3, Axis, ShapeBuilder};
use windrow::io::{ArrayOutput, Format, Output, write_npy};
use windrow::{Dtype, Pipeline};

use crate::folder::{Folder, PIPELINE};
use crate::streams::peak;

const TIMESTEPS: usize = 200_003;

/// Memory in which a sample of these does not fit.
const LITTLE: &str = "--memory 26MiB";

fn walks(samples: usize) -> Array3<f32> {
    let mut state = 7_u32;
    Array3::from_shape_simple_fn((samples, TIMESTEPS, 2), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 7.0
    })
}

/// A folder with `long.npy`, and the features that the library makes of it in `whole.npy`.
fn folder(samples: usize, pipeline: &str) -> Folder {
    let folder = Folder::new();
    let x = walks(samples);
    write_npy(folder.path("long.npy"), x.view()).unwrap();
    folder.write("p.toml", pipeline);
    let fitted = Pipeline::from_toml(pipeline).unwrap().fit(x.view()).unwrap();
    let y: Array3<f32> = fitted.transform(x.view()).unwrap();
    write_npy(folder.path("whole.npy"), y.view()).unwrap();
    folder.write("whole.fitted.json", &(fitted.to_json() + "\n"));
    folder
}

fn check(folder: &Folder, arguments: &str) {
    folder.run(&format!("{arguments} -o y.npy --force {LITTLE}"));
    assert!(folder.read("y.npy") == folder.read("whole.npy"), "{arguments}");
    assert!(folder.read("y.fitted.json") == folder.read("whole.fitted.json"), "{arguments}");
    let verified = folder.json(&format!("inspect y.npy {LITTLE}"));
    assert_eq!(verified["verified"], true, "{arguments}");
    assert_eq!(verified, folder.json("inspect y.npy"), "{arguments}");
}

#[test]
fn long_samples_give_the_bytes_of_the_whole() {
    for samples in [1, 3, 10] {
        let folder = folder(samples, PIPELINE);
        let plan = folder.json(&format!("plan p.toml long.npy {LITTLE}"));
        for pass in ["fit", "transform"] {
            let blocks = &plan["memory"][pass];
            assert_eq!(blocks["samples"], 1, "{plan}");
            assert!(blocks["timesteps"].as_u64().unwrap() < TIMESTEPS as u64, "{plan}");
        }
        let text = folder.run(&format!("plan p.toml long.npy {LITTLE}"));
        assert!(text.contains(" timesteps of a sample at a time; "), "{text}");
        check(&folder, "build p.toml long.npy --threads 1");
        check(&folder, "build p.toml long.npy --threads 2");
        if let Some(peak) =
            peak(&folder, &format!("build p.toml long.npy -o y.npy --force {LITTLE}"))
        {
            assert!(peak < 26 << 20, "{samples} samples: {peak}");
        }
    }
}

#[test]
fn rows_that_are_trimmed_are_left_out_of_pieces() {
    let longer = PIPELINE.replace("period = 3", "period = 60000");
    check(&folder(2, &format!("{longer}[output]\nwarmup = \"trim\"\n")), "build p.toml long.npy");
}

#[test]
fn long_samples_come_from_any_file() {
    let folder = folder(3, PIPELINE);
    let x = walks(3);
    let mut fortran = Array3::zeros(x.dim().f());
    fortran.assign(&x);
    let mut bytes = folder.read("long.npy");
    let head = bytes.len() - x.len() * 4;
    let text = String::from_utf8_lossy(&bytes[8..head]).replace("False, ", "True,  ");
    bytes.splice(8..head, text.bytes());
    let values = fortran.as_slice_memory_order().unwrap();
    bytes.splice(head.., values.iter().flat_map(|value| value.to_le_bytes()));
    fs::write(folder.path("fortran.npy"), bytes).unwrap();
    check(&folder, "build p.toml fortran.npy");

    let output = Output::create(folder.path("long.npz")).unwrap();
    let shape = [3, TIMESTEPS, 2];
    let mut array = ArrayOutput::begin(output, Format::Npz, shape, Dtype::F32).unwrap();
    array.push(x.as_slice().unwrap()).unwrap();
    array.end().unwrap().commit().unwrap();
    check(&folder, "build p.toml long.npz:features");

    write_npy(folder.path("wide.npy"), x.mapv(f64::from).view()).unwrap();
    check(&folder, "build p.toml wide.npy --cast f32");

    for (index, part) in x.axis_chunks_iter(Axis(0), 2).enumerate() {
        write_npy(folder.path(&format!("part-{index}.npy")), part).unwrap();
    }
    check(&folder, "build p.toml part-*.npy");
}

#[test]
fn shards_of_long_samples_continue_after_an_interruption() {
    let folder = folder(5, PIPELINE);
    let sharded = format!("build p.toml long.npy -o y.npy --shard-samples 2 {LITTLE}");
    folder.run(&sharded);
    let described = folder.json("inspect y.manifest.json");
    let whole = folder.json(&format!("inspect whole.npy {LITTLE}"));
    assert_eq!(described["verified"], true);
    assert_eq!(described["fingerprint"], whole["fingerprint"]);

    let names = ["y-00000.npy", "y-00001.npy", "y-00002.npy", "y.manifest.json", "y.fitted.json"];
    let all: Vec<Vec<u8>> = names.iter().map(|name| folder.read(name)).collect();
    folder.unfinish("y", 1);
    fs::remove_file(folder.path("y-00002.npy")).unwrap();
    let before = fs::metadata(folder.path("y-00000.npy")).unwrap().modified().unwrap();
    folder.run(&format!("{sharded} --resume"));
    for (name, bytes) in names.iter().zip(&all) {
        assert!(folder.read(name) == *bytes, "{name}");
    }
    assert_eq!(fs::metadata(folder.path("y-00000.npy")).unwrap().modified().unwrap(), before);
}

#[test]
fn what_is_no_number_is_found_in_any_piece() {
    let folder = Folder::new();
    let mut x = walks(2);
    x[[1, 170_000, 1]] = f32::NAN;
    write_npy(folder.path("long.npy"), x.view()).unwrap();
    folder.refuse(
        &format!("build p.toml long.npy -o y.npy {LITTLE}"),
        1,
        "cannot fit `standardize`: column `close` is NaN at sample 1, timestep 170000; a fit needs \
         finite values",
    );
    folder.write(
        "sma.toml",
        "[input]\ncolumns = [\"open\", \"close\"]\n[[step]]\nop = \"sma\"\n\
                              columns = \"close\"\nperiod = 3\n",
    );
    folder.run(&format!("build sma.toml long.npy -o y.npy {LITTLE}"));
    let beside: serde_json::Value = serde_json::from_slice(&folder.read("y.columns.json")).unwrap();
    assert_eq!(beside["columns"][1]["nan"], 1);
    assert_eq!(beside["columns"][2]["nan"], 2 * 2 + 3);
    folder.refuse(
        &format!("build sma.toml long.npy -o z.npy --require-finite {LITTLE}"),
        1,
        "column `close` is NaN at sample 1, timestep 170000; --require-finite allows NaN in the \
         first 0 timesteps only",
    );
    let line =
        folder.fail(&format!("build sma.toml long.npy -o z.npy --level reference {LITTLE}"), 1);
    assert!(line.contains("; two blocks of ") && line.contains(" is enough"), "{line}");
}

#[test]
fn samples_that_a_scaler_looks_at_whole_are_not_cut() {
    let step = "[[step]]\nop = \"standardize\"\nper = \"sample\"\n";
    let folder = folder(3, &format!("{PIPELINE}{step}"));
    let plan = folder.run("plan p.toml long.npy --memory 2GiB");
    for column in ["open", "close", "close_sma_3", "close_lag_1"] {
        let line = format!("standardize of {column} (each sample by itself, which looks ahead)\n");
        assert!(plan.contains(&line), "{plan}");
    }
    assert!(plan.contains("samples at a time; "), "{plan}");
    let error = folder.fail(&format!("build p.toml long.npy -o y.npy {LITTLE}"), 1);
    assert!(error.contains("two blocks of 3 samples take"), "{error}");
    let enough = error.split("--memory ").last().unwrap().split(' ').next().unwrap();
    folder.run(&format!("build p.toml long.npy -o y.npy --memory {enough}"));
    assert!(folder.read("y.npy") == folder.read("whole.npy"));
    assert!(folder.read("y.fitted.json") == folder.read("whole.fitted.json"));
}
