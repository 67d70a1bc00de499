//! Any bytes as an .npy file: an error or a batch, never a panic, never much memory.
#![no_main]

use std::io::Write;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    if let Ok(batch) = windrow::io::read_npy(file.path()) {
        let [samples, timesteps, features] = batch.shape();
        let body = samples * timesteps * features * batch.dtype().size();
        assert!(body < bytes.len(), "more values than the file has bytes for");
    }
});
