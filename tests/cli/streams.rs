//! Files in blocks: the bytes of the whole, within the memory that is allowed.

use std::fs::{self, File};
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use ndarray::Array3;
use windrow::io::write_npy;
use windrow::{FittedPipeline, Pipeline};

use crate::folder::{Folder, PIPELINE, text};

/// Samples of 2,000 timesteps; 32 of them are a block within 30 MiB.
fn long_samples(samples: usize) -> Array3<f32> {
    let mut state = 7_u32;
    Array3::from_shape_simple_fn((samples, 2000, 2), || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 7.0
    })
}

#[test]
fn blocks_give_the_bytes_of_the_whole() {
    let folder = Folder::new();
    let x = long_samples(203);
    write_npy(folder.path("long.npy"), x.view()).unwrap();
    let fitted = Pipeline::from_toml(PIPELINE).unwrap().fit(x.view()).unwrap();
    let y: Array3<f32> = fitted.transform(x.view()).unwrap();
    write_npy(folder.path("whole.npy"), y.view()).unwrap();
    let whole = folder.read("whole.npy");
    let plan = folder.json("plan p.toml long.npy --memory 28MiB --threads 1");
    let samples = plan["memory"]["transform"]["samples"].as_u64().unwrap();
    assert!((8..100).contains(&samples) && samples.is_multiple_of(8), "{plan}");
    assert!(folder.run("plan p.toml long.npy").contains("samples at a time; "));
    for arguments in ["--memory 28MiB --threads 1", "--memory 30MiB --threads 2", ""] {
        folder.run(&format!("build p.toml long.npy -o y.npy --force {arguments}"));
        assert!(folder.read("y.npy") == whole, "{arguments}");
        let text = String::from_utf8(folder.read("y.fitted.json")).unwrap();
        assert_eq!(FittedPipeline::from_json(&text).unwrap().to_json(), fitted.to_json());
    }
    let small = folder.json("inspect y.npy --memory 28MiB");
    assert_eq!(small, folder.json("inspect y.npy"));
    assert_eq!(small["verified"], true);
}

#[test]
fn too_little_memory_is_refused_with_what_is_enough() {
    let folder = Folder::new();
    write_npy(folder.path("long.npy"), long_samples(30).view()).unwrap();
    for command in ["build p.toml long.npy -o y.npy", "plan p.toml long.npy", "inspect long.npy"] {
        let error = folder.fail(&format!("{command} --memory 1"), 1);
        let (_, enough) = error.trim_end().rsplit_once(": --memory ").expect(&error);
        let enough = enough.strip_suffix(" is enough").expect(&error);
        folder.run(&format!("{command} --memory {enough}"));
    }
    let error = folder.fail("build p.toml long.npy -o z.npy --level reference --memory 24.4MiB", 1);
    assert!(error.contains("--level reference keeps the whole batch for its fit"), "{error}");
}

/// The most memory that a run took, as far as looking every millisecond shows; none where the
/// system does not say.
pub fn peak(folder: &Folder, arguments: &str) -> Option<u64> {
    let mut command = folder.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    let code = loop {
        if let Ok(text) = fs::read_to_string(&status)
            && let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:"))
            && let Some(kib) = line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok())
        {
            most = Some(kib);
        }
        if let Some(code) = child.try_wait().unwrap() {
            break code;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(code.success(), "{arguments}");
    most.map(|kib: u64| kib << 10)
}

/// A batch of zeros, (samples, 128, 2), that take no disk.
fn sparse(folder: &Folder, name: &str, samples: u64) -> std::io::Result<()> {
    let shape = format!("({samples}, 128, 2)");
    let head = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.as_bytes());
    let mut file = File::create(folder.path(name))?;
    file.write_all(&bytes)?;
    file.set_len(bytes.len() as u64 + samples * 128 * 2 * 4)
}

#[test]
fn a_run_takes_no_more_than_it_may() {
    let folder = Folder::new();
    if sparse(&folder, "sparse.npy", 250_000).is_err() {
        return eprintln!("skipped: no files of that size here");
    }
    for threads in [1, 2] {
        for command in ["fit p.toml sparse.npy -o f.json", "build p.toml sparse.npy -o y.npy"] {
            let arguments = format!("{command} --force --memory 64MiB --threads {threads}");
            match peak(&folder, &arguments) {
                Some(peak) => assert!(peak < 64 << 20, "{arguments}: {peak}"),
                None => eprintln!("skipped: the system does not tell what a process takes"),
            }
        }
    }
    let _ = fs::remove_file(folder.path("y.npy"));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_larger_than_the_disk_is_refused_at_once() {
    let folder = Folder::new();
    // 400 GB.
    if sparse(&folder, "vast.npy", 400_000_000).is_err() {
        return eprintln!("skipped: no files of that size here");
    }
    let error = folder.fail("build p.toml vast.npy -o y.npy", 1);
    let line = "y.npy needs 819200000000 bytes, more than is free on its disk";
    assert_eq!(error, format!("windrow: {line}\n"));
}

#[test]
fn an_input_that_changes_is_noticed() {
    let folder = Folder::new();
    write_npy(folder.path("long.npy"), Array3::<f32>::zeros((40, 60_000, 2)).view()).unwrap();
    let slow = PIPELINE.replace("period = 3", "period = 600");
    folder.write("slow.toml", &slow);
    let whole = folder.read("long.npy");
    let changes: [(&str, &dyn Fn()); 3] = [
        ("cut", &|| {
            let file = File::options().write(true).open(folder.path("long.npy")).unwrap();
            file.set_len(1000).unwrap();
        }),
        ("longer", &|| {
            let mut file = File::options().append(true).open(folder.path("long.npy")).unwrap();
            file.write_all(b"more").unwrap();
        }),
        ("replaced", &|| {
            fs::write(folder.path("other.npy"), &whole).unwrap();
            fs::rename(folder.path("other.npy"), folder.path("long.npy")).unwrap();
        }),
    ];
    for (what, change) in changes {
        fs::write(folder.path("long.npy"), &whole).unwrap();
        let before = folder.names();
        let mut command = folder.command("build slow.toml long.npy -o y.npy --level reference");
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let start = std::time::Instant::now();
        while !folder.names().iter().any(|name| name.ends_with(".tmp")) {
            assert!(start.elapsed() < Duration::from_secs(30), "no temporary file");
            std::thread::sleep(Duration::from_millis(2));
        }
        // Whether anything was read before or not.
        change();
        let output = child.wait_with_output().unwrap();
        let error = text(&output).1;
        assert_eq!(output.status.code(), Some(1), "{what}: {error}");
        let line = "windrow: long.npy: changed while it was read; is another program writing it?\n";
        assert_eq!(error, line, "{what}");
        assert_eq!(folder.names(), before, "{what}");
    }
}
