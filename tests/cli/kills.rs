//! Runs that are killed, runs that meet, and disks that are full at any byte.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use windrow::io::write_npy;

use crate::folder::{Folder, text};

/// How often a run is killed: `WINDROW_KILLS`, or a few times.
fn kills() -> u32 {
    std::env::var("WINDROW_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(40)
}

/// Kills a run at some time before it has taken this long.
fn kill_within(longest: Duration, folder: &Folder, arguments: &str, random: &mut u32) {
    let mut command = folder.command(arguments);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    *random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    std::thread::sleep(longest.mul_f64(f64::from(*random >> 8) / f64::from(1 << 24)));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn is_temporary(name: &str) -> bool {
    name.ends_with(".tmp")
}

#[test]
fn a_killed_run_leaves_a_right_output_or_none() {
    let folder = Folder::new();
    folder.fill("x.npy", (4000, 60, 2));
    let build = "build p.toml x.npy -o y.npy --force";
    let names = ["y.npy", "y.fitted.json", "y.columns.json"];
    let whole = folder.time(build);
    let expected = names.map(|name| folder.read(name));
    names.iter().for_each(|name| fs::remove_file(folder.path(name)).unwrap());

    let mut random = 1_u32;
    let (mut none, mut all) = (0, 0);
    for round in 0..kills() {
        kill_within(whole.mul_f64(1.1), &folder, build, &mut random);
        // Every file is absent or right; the features are there only with what belongs to them.
        let found = names.map(|name| fs::read(folder.path(name)).ok());
        for ((name, found), expected) in names.iter().zip(&found).zip(&expected) {
            assert!(found.as_ref().is_none_or(|found| found == expected), "{round}: {name}");
        }
        if found[0].is_some() {
            assert!(found.iter().all(Option::is_some), "{round}: features alone");
            all += 1;
        } else {
            none += 1;
        }
        if round % 3 == 0 {
            names.iter().for_each(|name| drop(fs::remove_file(folder.path(name))));
        }
    }
    eprintln!("{none} kills left no output, {all} a right one");
    folder.run(build);
    assert!(!folder.names().iter().any(|name| is_temporary(name)), "{:?}", folder.names());
    assert!(names.map(|name| folder.read(name)) == expected);
}

#[test]
fn a_killed_run_in_shards_is_continued() {
    let folder = Folder::new();
    folder.fill("x.npy", (4000, 60, 2));
    let build = "build p.toml x.npy --shard-samples 300";
    let whole = folder.time(&format!("{build} -o whole.npy"));

    let mut random = 3_u32;
    let mut continued = 0;
    for round in 0..kills() / 4 {
        let mut killed = 0;
        while !folder.path("y.manifest.json").exists() && killed < 5 {
            kill_within(whole, &folder, &format!("{build} -o y.npy --resume"), &mut random);
            killed += 1;
            continued += u32::from(folder.path("y.unfinished.json").exists());
        }
        if !folder.path("y.manifest.json").exists() {
            folder.run(&format!("{build} -o y.npy --resume"));
        }
        for index in 0..14 {
            let ours = folder.read(&format!("y-{index:05}.npy"));
            assert!(ours == folder.read(&format!("whole-{index:05}.npy")), "{round}: {index}");
        }
        assert_eq!(folder.json("inspect y.manifest.json")["verified"], true);
        assert!(!folder.names().iter().any(|name| is_temporary(name)), "{:?}", folder.names());
        for name in folder.names().iter().filter(|name| name.starts_with("y")) {
            fs::remove_file(folder.path(name)).unwrap();
        }
    }
    eprintln!("continued {continued} times");
}

#[test]
fn a_killed_run_that_makes_shards_again_is_continued() {
    let folder = Folder::new();
    folder.fill("x.npy", (4000, 60, 2));
    let build = "build p.toml x.npy -o y.npy --shard-samples 300 --resume";
    let whole = folder.time(build);
    let names = folder.names();
    let all: Vec<_> = names.iter().map(|name| (name.clone(), folder.read(name))).collect();
    let mut random = 5_u32;
    for round in 0..kills() / 4 {
        folder.write(&format!("y-{:05}.npy", round % 14), "damaged");
        for _ in 0..3 {
            kill_within(whole, &folder, build, &mut random);
        }
        folder.run(build);
        folder.same(&all);
        assert_eq!(folder.names(), names, "{round}");
    }
}

#[test]
fn two_runs_to_one_output_do_not_mix() {
    let folder = Folder::new();
    let x = folder.fill("a.npy", (2000, 60, 2));
    write_npy(folder.path("b.npy"), x.mapv(|x| x * x).view()).unwrap();
    let names = ["y.npy", "y.fitted.json", "y.columns.json"];
    let made = |input: &str| {
        folder.run(&format!("build p.toml {input}.npy -o y.npy --force"));
        names.map(|name| folder.read(name))
    };
    let (a, b) = (made("a"), made("b"));
    for round in 0..20 {
        names.iter().for_each(|name| drop(fs::remove_file(folder.path(name))));
        let children = ["a", "b"].map(|input| {
            let mut command = folder.command(&format!("build p.toml {input}.npy -o y.npy"));
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let mut done = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            let error = text(&output).1;
            match output.status.code() {
                Some(0) => done += 1,
                code => {
                    assert_eq!(code, Some(1), "{round}: {error}");
                    let busy = error.contains("is being written by another run")
                        || error.contains("exists already")
                        || error.contains("cannot create");
                    assert!(busy && error.lines().count() == 1, "{round}: {error}");
                }
            }
        }
        assert!(!folder.names().iter().any(|name| is_temporary(name)), "{:?}", folder.names());
        match done {
            0 => assert!(!folder.path("y.npy").exists()),
            _ => {
                let found = names.map(|name| folder.read(name));
                assert!(found == a || found == b, "{round}: mixed");
            }
        }
    }
}

/// A disk that is full after any number of KiB.
#[cfg(target_os = "linux")]
#[test]
fn a_write_that_fails_anywhere_leaves_nothing() {
    let folder = Folder::new();
    folder.fill("x.npy", (300, 12, 2));
    for output in ["y.npy", "y.npz", "y.safetensors", "s.npy --shard-samples 300"] {
        let before = folder.names();
        for blocks in (0..113).step_by(3) {
            let arguments = format!("build p.toml x.npy -o {output}");
            let found = folder.limited(&format!("-f {blocks}"), &arguments).output().unwrap();
            let error = text(&found).1;
            assert_eq!(found.status.code(), Some(1), "{output}, {blocks}: {error}");
            let line = "File too large (os error 27)\n";
            let told = error.starts_with("windrow: cannot write ") && error.ends_with(line);
            assert!(told && error.lines().count() == 1, "{output}, {blocks}: {error}");
            assert_eq!(folder.names(), before, "{output}, {blocks}");
        }
    }
}
