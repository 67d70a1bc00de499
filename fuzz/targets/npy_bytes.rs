//! Any bytes as an .npy file: an error or a batch, never a panic, never much memory.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(batch) = windrow::io::npy_from_bytes("fuzzed.npy", bytes) {
        let [samples, timesteps, features] = batch.shape();
        let body = samples * timesteps * features * batch.dtype().size();
        assert!(body < bytes.len(), "more values than the file has bytes for");
    }
});
