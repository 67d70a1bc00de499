//! Features in several files, and runs that continue where one was interrupted.

use std::fs;

use ndarray::{Array3, Axis, concatenate};
use windrow::io::{Batch, read_npy, write_npy};

use crate::folder::{Folder, batch};

fn f32s(folder: &Folder, name: &str) -> Array3<f32> {
    let Batch::F32(x) = read_npy(folder.path(name)).unwrap() else { panic!("dtype") };
    x
}

const SHARDED: &str = "build p.toml x.npy -o y.npy --shard-samples 6";

#[test]
fn shards_are_the_whole_in_pieces() {
    let folder = Folder::new();
    folder.run("build p.toml x.npy -o whole.npy");
    let report = folder.json(SHARDED);
    assert_eq!(report["output"], "y.manifest.json");
    let names = folder.names();
    let new: Vec<&String> = names.iter().filter(|name| name.starts_with('y')).collect();
    assert_eq!(
        new,
        [
            "y-00000.npy",
            "y-00001.npy",
            "y-00002.npy",
            "y-00003.npy",
            "y.fitted.json",
            "y.manifest.json"
        ]
    );
    let parts: Vec<Array3<f32>> =
        (0..4).map(|index| f32s(&folder, &format!("y-0000{index}.npy"))).collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    let joined = concatenate(Axis(0), &views).unwrap();
    assert_eq!(joined.mapv(f32::to_bits), f32s(&folder, "whole.npy").mapv(f32::to_bits));
    let (shards, whole) =
        (folder.json("inspect y.manifest.json"), folder.json("inspect whole.npy"));
    assert_eq!(shards["verified"], true);
    for key in ["shape", "fingerprint", "features"] {
        assert_eq!(shards[key], whole[key], "{key}");
    }
    folder.refuse(SHARDED, 1, "y.fitted.json: exists already; --force replaces it");

    // Fewer in place of more: none of the old ones is left to be taken for a new one.
    folder.run("build p.toml x.npy -o y.npy --shard-samples 15 --force");
    let left = folder.names().into_iter().filter(|name| name.starts_with("y-")).count();
    assert_eq!(left, 2);
    assert_eq!(folder.json("inspect y.manifest.json")["verified"], true);

    folder.run("transform y.fitted.json x.npy -o t.npz --shard-samples 8");
    assert_eq!(folder.json("inspect t.manifest.json")["fingerprint"], whole["fingerprint"]);
}

/// Files with what they hold.
type Files = Vec<(String, Vec<u8>)>;

/// What a whole run leaves.
fn complete() -> (Folder, Files) {
    let folder = Folder::new();
    folder.run(SHARDED);
    let names = folder.names().into_iter().filter(|name| name.starts_with('y'));
    let all = names.map(|name| (name.clone(), folder.read(&name))).collect();
    (folder, all)
}

/// What a run that was interrupted after two shards leaves: made by hand from a whole one.
fn interrupted() -> (Folder, Files) {
    let (folder, all) = complete();
    folder.unfinish("y", 2);
    fs::remove_file(folder.path("y-00003.npy")).unwrap();
    // Shard 2 had appeared, and was not noted any more.
    folder.write("y-00002.npy", "anything");
    (folder, all)
}

#[test]
fn a_run_that_continues_gives_the_same_bytes() {
    let (folder, all) = interrupted();
    folder.refuse(
        SHARDED,
        1,
        "y.unfinished.json: is of an interrupted run; --resume continues it, --force starts anew",
    );
    let before = fs::metadata(folder.path("y-00001.npy")).unwrap().modified().unwrap();
    // Another level changes no bit, only its name in the manifest.
    folder.run(&format!("{SHARDED} --resume"));
    folder.same(&all);
    assert!(!folder.path("y.unfinished.json").exists());
    let after = fs::metadata(folder.path("y-00001.npy")).unwrap().modified().unwrap();
    assert_eq!(after, before, "a finished shard is not written again");

    let (folder, all) = interrupted();
    folder.run(&format!("{SHARDED} --force"));
    folder.same(&all);
    // Nothing to continue: an ordinary run.
    let folder = Folder::new();
    folder.run(&format!("{SHARDED} --resume"));
    assert!(folder.read("y-00003.npy") == all.iter().find(|a| a.0 == "y-00003.npy").unwrap().1);
}

#[test]
fn a_run_continues_only_what_it_would_make_itself() {
    let resume = format!("{SHARDED} --resume");
    let starts = "y.unfinished.json: ";
    let refused = |change: &dyn Fn(&Folder), arguments: &str, expected: &str| {
        let (folder, _) = interrupted();
        change(&folder);
        let error = folder.fail(arguments, 1);
        assert!(error.starts_with(&format!("windrow: {starts}")), "{error}");
        assert!(error.ends_with("; --force starts anew\n") && error.contains(expected), "{error}");
    };
    let differ = "the pipeline, what was fitted, the shapes or the shards differ";
    refused(&|_| {}, "build p.toml x.npy -o y.npy --shard-samples 7 --resume", "");
    refused(&|_| {}, &format!("{resume} --require-finite"), differ);
    let by = "by reference other bits would follow";
    refused(&|_| {}, &format!("{resume} --level reference"), by);
    let by_reference = |folder: &Folder| {
        folder.run(&format!("{SHARDED} --level reference --force"));
        folder.unfinish("y", 2);
        fs::remove_file(folder.path("y-00003.npy")).unwrap();
    };
    refused(&by_reference, &resume, "is of a run by reference; by ");
    refused(
        &|folder| {
            folder.write("p.toml", &crate::folder::PIPELINE.replace("period = 3", "period = 4"))
        },
        &resume,
        differ,
    );
    // Another input with the same statistics: samples in another order.
    let reversed = |folder: &Folder| {
        let mut x = batch();
        x.invert_axis(Axis(0));
        write_npy(folder.path("x.npy"), x.view()).unwrap();
        folder.write("none.toml", "[input]\ncolumns = [\"open\", \"close\"]\n");
    };
    let (folder, _) = interrupted();
    folder.write("none.toml", "[input]\ncolumns = [\"open\", \"close\"]\n");
    for name in folder.names().iter().filter(|name| name.starts_with('y')) {
        fs::remove_file(folder.path(name)).unwrap();
    }
    let none = "build none.toml x.npy -o y.npy --shard-samples 6";
    folder.run(none);
    folder.unfinish("y", 2);
    fs::remove_file(folder.path("y-00002.npy")).unwrap();
    fs::remove_file(folder.path("y-00003.npy")).unwrap();
    reversed(&folder);
    let error = folder.fail(&format!("{none} --resume"), 1);
    assert!(error.contains("the input is not the one that shard 0 was made from"), "{error}");

    let (folder, _) = interrupted();
    folder.write("y-00003.npy", "theirs");
    folder.refuse(&resume, 1, "y-00003.npy: exists already; --force replaces it");
}

#[test]
fn a_complete_run_is_complete_when_it_is_continued() {
    let (folder, all) = complete();
    let resume = format!("{SHARDED} --resume");
    let modified = || fs::metadata(folder.path("y-00001.npy")).unwrap().modified().unwrap();
    let before = modified();
    let output = folder.command(&resume).output().unwrap();
    let (stdout, stderr) = crate::folder::text(&output);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stdout.starts_with("y.manifest.json  features, (20, 12, 4) f32\n"), "{stdout}");
    let line = "y.manifest.json: is complete already, and its shards are what was written\n";
    assert!(stderr.starts_with(line), "{stderr}");
    assert_eq!(modified(), before, "a finished shard is not written again");
    folder.same(&all);
    // Killed before it took away its notes.
    folder.write("y.unfinished.json", "{}");
    folder.run(&resume);
    folder.same(&all);
    assert!(!folder.path("y.unfinished.json").exists());

    folder.write("p.toml", &crate::folder::PIPELINE.replace("period = 3", "period = 4"));
    let line = "y.manifest.json: the pipeline, what was fitted, the shapes or the shards differ; \
                --force starts anew";
    folder.refuse(&resume, 1, line);
    folder.write("p.toml", "[input]\ncolumns = [\"open\", \"close\"]\n");
    folder.run(&format!("{SHARDED} --force"));
    let mut x = batch();
    x.invert_axis(Axis(0));
    write_npy(folder.path("x.npy"), x.view()).unwrap();
    let line = "y.manifest.json: the input is not the one that shard 0 was made from; \
                --force starts anew";
    folder.refuse(&resume, 1, line);
}

#[test]
fn shards_from_the_first_that_is_damaged_are_made_again() {
    let resume = format!("{SHARDED} --resume");
    type Damage = fn(&Folder);
    let damages: [(&str, Damage); 4] = [
        ("is not what was written (its fingerprint)", |folder| {
            let mut bytes = folder.read("y-00001.npy");
            *bytes.last_mut().unwrap() ^= 1;
            fs::write(folder.path("y-00001.npy"), bytes).unwrap();
        }),
        ("No such file or directory", |folder| {
            fs::remove_file(folder.path("y-00001.npy")).unwrap()
        }),
        ("is truncated", |folder| {
            let bytes = folder.read("y-00001.npy");
            fs::write(folder.path("y-00001.npy"), &bytes[..bytes.len() - 4]).unwrap();
        }),
        ("is not as this run would make it", |folder| {
            fs::copy(folder.path("wide.npy"), folder.path("y-00001.npy")).unwrap();
        }),
    ];
    for (says, damage) in damages {
        for (folder, all) in [complete(), interrupted()] {
            damage(&folder);
            let output = folder.command(&resume).output().unwrap();
            let error = crate::folder::text(&output).1;
            assert_eq!(output.status.code(), Some(0), "{error}");
            let line = error.lines().next().unwrap();
            assert!(line.contains("y-00001.npy") && line.contains(says), "{error}");
            assert!(line.ends_with("; shard 1 and those after it are made again"), "{error}");
            folder.same(&all);
            assert!(!folder.path("y.unfinished.json").exists());
            assert_eq!(folder.json("inspect y.manifest.json")["verified"], true);
        }
    }
}

/// In a file system of its own, where the system lets a test make one.
#[cfg(target_os = "linux")]
#[test]
fn a_run_that_continues_needs_room_for_the_rest_only() {
    let folder = Folder::new();
    folder.fill("x.npy", (40, 1000, 2));
    let build = "build p.toml x.npy -o small/y.npy --shard-samples 10";
    fs::create_dir(folder.path("small")).unwrap();
    folder.run(build);
    folder.unfinish("small/y", 3);
    fs::remove_file(folder.path("small/y-00003.npy")).unwrap();
    // Shards of 160 kB: three are there, and one has room beside them.
    let script = "mkdir kept && cp small/* kept && mount -t tmpfs -o size=800k none small \
                  && cp kept/* small && exec \"$@\"";
    let run = |arguments: &str| {
        let mut unshare = std::process::Command::new("unshare");
        unshare.args(["-rm", "sh", "-c", script, "sh", env!("CARGO_BIN_EXE_windrow")]);
        unshare.args(arguments.split_whitespace()).current_dir(folder.0.path());
        let output = unshare.env_remove("WINDROW_LEVEL").output();
        fs::remove_dir_all(folder.path("kept")).ok().map(|()| output.unwrap())
    };
    let Some(output) = run(&format!("{build} --resume")) else {
        return eprintln!("skipped: no unshare");
    };
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let anew = run(&format!("{build} --force")).unwrap();
    let error = crate::folder::text(&anew).1;
    assert!(error.ends_with(" bytes, more than is free on its disk\n"), "{error}");
}
