//! Small files that ask for much.

use ndarray::Array3;
use windrow::io::write_npy;

use crate::folder::Folder;

#[test]
fn what_takes_more_than_the_cap_is_refused() {
    let folder = Folder::new();
    let step = "[[step]]\nop = 'sma'\ncolumns = 'a'\nperiod = 50000\n";
    let steps: String = (0..1000).map(|i| format!("{step}name = 's{i}'\n")).collect();
    folder.write("windows.toml", &format!("[input]\ncolumns = ['a']\n{steps}"));
    write_npy(folder.path("long.npy"), Array3::<f32>::zeros((1, 50_001, 1)).view()).unwrap();
    let error = folder.fail("build windows.toml long.npy -o y.npy", 1);
    let start = "windrow: --memory is 268435456 bytes; two blocks of a timestep take ";
    assert!(error.starts_with(start), "{error}");

    let names: Vec<String> = (0..200).map(|i| format!("c{i}")).collect();
    let text = format!("[input]\ncolumns = {names:?}\n[[step]]\nop = 'robust'\n");
    folder.write("robust.toml", &text);
    write_npy(folder.path("wide.npy"), Array3::<f32>::zeros((2, 3, 200)).view()).unwrap();
    let error = folder.fail("fit robust.toml wide.npy -o f.json --threads 2", 1);
    assert!(error.starts_with("windrow: --memory is 268435456 bytes; "), "{error}");
    folder.run("fit robust.toml wide.npy -o f.json --threads 2 --memory 2GiB");
}

#[test]
fn a_text_that_is_too_long_is_not_read() {
    let folder = Folder::new();
    folder.write("long.toml", &"#".repeat((1 << 20) + 1));
    let line = "long.toml: has 1048577 bytes; expected a pipeline file, of at most 1048576";
    folder.refuse("plan long.toml", 1, line);
}

#[test]
fn threads_are_no_more_than_are_of_use() {
    let folder = Folder::new();
    let processors = std::thread::available_parallelism().unwrap().get();
    let report = folder.json("build p.toml x.npy -o y.npy --threads 1024");
    assert_eq!(report["threads"], 1024.min(processors.max(64)));
}
