//! Any text as a manifest: an error or one that comes back as it is, whose files stand beside it.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use windrow::io::Manifest;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(manifest) = Manifest::from_json(text) else { return };
    for file in manifest.files(Path::new("folder/y.manifest.json")) {
        assert_eq!(file.parent(), Some(Path::new("folder")));
    }
    assert_eq!(Manifest::from_json(&manifest.to_json()).unwrap(), manifest);
});
