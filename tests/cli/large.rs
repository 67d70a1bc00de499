//! A file of 3 GiB: `cargo test --release --test cli -- --ignored large`. Takes 8 GB of disk where
//! `TMPDIR` says.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use ndarray::Array3;
use windrow::io::{ArrayOutput, Format, Output, Source};
use windrow::{Dtype, FittedPipeline};

use crate::folder::Folder;
use crate::streams::peak;

const PIPELINE: &str = include_str!("../../benches/common/flagship.toml");
/// Everything is computed, of which not all is written.
const OUTPUT: &str = "\n[output]\ncolumns = [\"volume_lag_2\", \"close_[smr]*\"]\n";
const SAMPLES: usize = 1_342_200;
const TIMESTEPS: usize = 120;
const FEATURES: usize = 5;
/// Samples that are compared with what the library computes in memory.
const PREFIX: usize = 40_000;

/// Walks that differ from sample to sample.
fn make(folder: &Folder) {
    let output = Output::create(folder.path("x.npy")).unwrap();
    let shape = [SAMPLES, TIMESTEPS, FEATURES];
    let mut array = ArrayOutput::begin(output, Format::Npy, shape, Dtype::F32).unwrap();
    let mut state = 1_u64;
    for first in (0..SAMPLES).step_by(1000) {
        let count = 1000.min(SAMPLES - first);
        let mut close = 100.0;
        let x = Array3::from_shape_simple_fn((count, TIMESTEPS, FEATURES), || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            close += (state >> 40) as f32 / (1 << 24) as f32 - 0.5;
            close
        });
        array.push(x.as_slice().unwrap()).unwrap();
    }
    array.end().unwrap().commit().unwrap();
}

#[test]
#[ignore = "takes 8 GB of disk and a minute"]
fn large_files_go_through_in_little_memory() {
    let folder = Folder::new();
    folder.write("flagship.toml", &format!("{PIPELINE}{OUTPUT}"));
    make(&folder);
    let size = |name: &str| std::fs::metadata(folder.path(name)).unwrap().len();
    assert!(size("x.npy") > 3 << 30);

    let mut fitted_before = None;
    for threads in [1, 2] {
        let arguments = format!("build flagship.toml x.npy -o y.npy --force --threads {threads}");
        let start = std::time::Instant::now();
        let peak = peak(&folder, &arguments).expect("the system tells what a process takes");
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{threads} threads: {seconds:.1} s, at most {} MiB", peak >> 20);
        assert!(size("y.npy") > 3 << 30 && peak < 300 << 20, "{peak}");
        let fitted = folder.read("y.fitted.json");
        assert!(fitted_before.is_none_or(|before| before == fitted), "threads change the fit");

        let text = String::from_utf8(fitted.clone()).unwrap();
        let library = FittedPipeline::from_json(&text).unwrap();
        let mut x = Array3::<f32>::zeros((PREFIX, TIMESTEPS, FEATURES));
        let source = Source::open(&[folder.path("x.npy")], None).unwrap();
        source.reader().read(x.view_mut()).unwrap();
        let y: Array3<f32> = library.transform(x.view()).unwrap();
        let expected: Vec<u8> = y.iter().flat_map(|value| value.to_ne_bytes()).collect();
        let mut file = File::open(folder.path("y.npy")).unwrap();
        let all = SAMPLES * TIMESTEPS * y.dim().2 * 4;
        file.seek(SeekFrom::End(-(all as i64))).unwrap();
        let mut found = vec![0; expected.len()];
        file.read_exact(&mut found).unwrap();
        assert!(found == expected, "the prefix differs, {threads} threads");
        std::fs::remove_file(folder.path("y.npy")).unwrap();
        fitted_before = Some(fitted);
    }
}
