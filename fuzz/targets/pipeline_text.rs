//! Any text as a pipeline file: an error or a plan, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windrow::{Dtype, Pipeline};

fuzz_target!(|text: &str| {
    let Ok(pipeline) = Pipeline::from_toml(text) else { return };
    let width = pipeline.input_columns().len();
    let plan = pipeline.plan(Some([3, 50, width]), Some(Dtype::F32)).map(|plan| plan.to_string());
    assert!(plan.is_ok() || width > 1 << 20, "{plan:?}");
    // What was read is read again.
    let again = Pipeline::from_toml(pipeline.to_toml()).expect("read before");
    assert_eq!(again.plan(None, None).unwrap(), pipeline.plan(None, None).unwrap());
});
