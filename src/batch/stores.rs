//! Which kind of store an output is written with.

use std::sync::OnceLock;

/// How a transform writes its output. Its bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stores {
    /// By the size of the data, the processor and the number of threads.
    #[default]
    Fitting,
    /// Through the cache, which reads a line before it writes it.
    Ordinary,
    /// Past the cache, in whole lines. A sample alone is written by ordinary stores nevertheless.
    PastCache,
}

/// What the largest cache is taken to hold where the processor does not say.
const LEAST: usize = 4 << 20;

/// Threads up to which Intel's processors are given ordinary stores.
const FEW: usize = 8;

/// What decides of a processor.
#[derive(Clone, Copy)]
struct Processor {
    /// Bytes of its largest cache.
    cache: usize,
    intel: bool,
}

impl Stores {
    /// Whether `threads` write past the cache, where input and output are so many `bytes`.
    ///
    /// What stays in the cache is not, as whoever reads it finds it there. Of what does not:
    ///
    /// - On an EPYC ordinary stores take twice the time of moving the bytes, for a line is then read to
    ///   be written.
    /// - On a Xeon they take 0.83 of the time of a transform to 20 columns of f32, and 0.7 where rows
    ///   lie a multiple of 4096 bytes apart, with an output of 5 MB as with one of 600: a core has a
    ///   dozen buffers for lines past the cache, and does not compute while it waits for one. Many
    ///   cores would sooner reach the limit of the memory, though: hence [`FEW`] (by arithmetic;
    ///   measured on one and two).
    pub(crate) fn past_cache(self, bytes: usize, threads: usize) -> bool {
        static PROCESSOR: OnceLock<Processor> = OnceLock::new();
        match self {
            Stores::Ordinary => false,
            Stores::PastCache => true,
            Stores::Fitting => {
                let Processor { cache, intel } = *PROCESSOR.get_or_init(processor);
                bytes > cache / 2 && !(intel && threads <= FEW)
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
fn processor() -> Processor {
    let cpuid = raw_cpuid::CpuId::new();
    let bytes = |cache: raw_cpuid::CacheParameter| {
        let line = cache.coherency_line_size() * cache.physical_line_partitions();
        line * cache.associativity() * cache.sets()
    };
    let caches = cpuid.get_cache_parameters().into_iter().flatten().map(bytes);
    Processor {
        cache: caches.max().unwrap_or(LEAST),
        intel: cpuid.get_vendor_info().is_some_and(|vendor| vendor.as_str() == "GenuineIntel"),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn processor() -> Processor {
    Processor { cache: LEAST, intel: false }
}

#[cfg(test)]
mod tests {
    use super::{Stores, processor};

    #[test]
    fn what_stays_in_the_cache_is_not_written_past_it() {
        assert!(!Stores::Fitting.past_cache(4096, 1));
        assert!(Stores::Fitting.past_cache(1 << 40, 1000));
        assert!(Stores::PastCache.past_cache(4096, 1));
        assert!(!Stores::Ordinary.past_cache(1 << 40, 1000));
    }

    #[test]
    fn the_processor_has_a_cache_of_likely_size() {
        let megabytes = processor().cache >> 20;
        assert!((1..=4096).contains(&megabytes), "{megabytes} MiB");
    }
}
