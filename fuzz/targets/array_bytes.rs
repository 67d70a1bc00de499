//! Any bytes as a file of an array, in an archive or not: an error or a batch, never a panic, never
//! more memory than the bytes can unpack to.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windrow::Dtype;
use windrow::io::Source;

fuzz_target!(|bytes: &[u8]| {
    for (array, cast) in [(None, None), (Some("x"), Some(Dtype::F32))] {
        let Ok(source) = Source::from_bytes("fuzzed", bytes, array, cast) else { continue };
        let [samples, timesteps, features] = source.layout().shape;
        // Deflate gives at most 1032 bytes for one.
        assert!(samples * timesteps * features <= bytes.len() * 1032, "declared and believed");
        if let Ok(batch) = source.read_all() {
            assert_eq!(batch.shape(), source.layout().shape);
        }
    }
});
