//! Which kind of store an output is written with.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

/// How a transform writes its output. Its bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stores {
    /// Through the cache what stays there, and else whichever kind proves faster on the first samples.
    #[default]
    Fitting,
    /// Through the cache, which reads a line before it writes it.
    Ordinary,
    /// Past the cache, in whole lines. A sample alone is written by ordinary stores nevertheless.
    PastCache,
}

/// What the largest cache is taken to hold where the processor does not say.
const LEAST: usize = 4 << 20;

/// What it is taken to hold at most: a machine that is rented is told of the cache of the whole
/// processor, which others fill too.
const MOST: usize = 64 << 20;

impl Stores {
    /// The kind for input and output of so many `bytes`; none where it has to be tried.
    ///
    /// What stays in the cache is not written past it, as whoever reads it finds it there. Of what does
    /// not, no property of the processor tells: on an EPYC of the third generation and on a Xeon of the
    /// fifth, ordinary stores take 1.3 to 2 times as long, for a line is then read to be written; on a
    /// Xeon of the second, they take 0.7 to 0.83 of the time, as its cores have few buffers for lines
    /// past the cache, and do not compute while they wait for one.
    pub(crate) fn known(self, bytes: usize) -> Option<Kind> {
        static CACHE: OnceLock<usize> = OnceLock::new();
        match self {
            Stores::Ordinary => Some(Kind::Ordinary),
            Stores::PastCache => Some(Kind::PastCache),
            Stores::Fitting if bytes <= *CACHE.get_or_init(cache) / 2 => Some(Kind::Ordinary),
            Stores::Fitting => None,
        }
    }
}

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Ordinary,
    PastCache,
}

/// Bytes of the largest cache.
fn cache() -> usize {
    #[cfg(target_arch = "x86_64")]
    let largest = {
        let bytes = |cache: raw_cpuid::CacheParameter| {
            let line = cache.coherency_line_size() * cache.physical_line_partitions();
            line * cache.associativity() * cache.sets()
        };
        let cpuid = raw_cpuid::CpuId::new();
        cpuid.get_cache_parameters().into_iter().flatten().map(bytes).max()
    };
    #[cfg(not(target_arch = "x86_64"))]
    let largest = None;
    largest.unwrap_or(LEAST).min(MOST)
}

/// Pieces of work after which both kinds are tried again: by then others may crowd the memory.
const ROUND: u64 = 2048;

/// Pieces of work that a trial gives each kind.
const EACH: u64 = 12;

/// As many of one kind go before those of the other, so that what one leaves behind in the cache
/// counts against itself.
const RUN: u64 = 4;

/// Tries both kinds of stores on the work itself, and goes on with the faster. Threads share one.
///
/// The fastest piece of a kind stands for it: first touches of memory and whatever else the system
/// does meanwhile would decide a sum.
pub(crate) struct Trial {
    turns: AtomicU64,
    /// Nanoseconds of the fastest piece by ordinary stores, and past the cache.
    fastest: [AtomicU64; 2],
}

impl Trial {
    pub fn new() -> Trial {
        Trial { turns: AtomicU64::new(0), fastest: [const { AtomicU64::new(u64::MAX) }; 2] }
    }

    /// Does a piece of work, of the same size as all others, by the kind whose turn it is.
    pub fn run(&self, work: impl FnOnce(Kind)) {
        let turn = self.turns.fetch_add(1, Relaxed) % ROUND;
        if turn >= 2 * EACH {
            return work(self.faster());
        }
        if turn == 0 {
            self.fastest.iter().for_each(|fastest| fastest.store(u64::MAX, Relaxed));
        }
        let past_cache = (turn / RUN) % 2 == 1;
        let start = Instant::now();
        work(if past_cache { Kind::PastCache } else { Kind::Ordinary });
        let took = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.fastest[usize::from(past_cache)].fetch_min(took, Relaxed);
    }

    /// What proved faster so far.
    pub fn faster(&self) -> Kind {
        let [ordinary, past_cache] = &self.fastest;
        match past_cache.load(Relaxed) < ordinary.load(Relaxed) {
            true => Kind::PastCache,
            false => Kind::Ordinary,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;
    use std::time::Duration;

    use super::{EACH, Kind, MOST, ROUND, Stores, Trial, cache};

    #[test]
    fn what_stays_in_the_cache_is_not_written_past_it() {
        assert_eq!(Stores::Fitting.known(4096), Some(Kind::Ordinary));
        assert_eq!(Stores::Fitting.known(MOST), None);
        assert_eq!(Stores::PastCache.known(4096), Some(Kind::PastCache));
        assert_eq!(Stores::Ordinary.known(1 << 40), Some(Kind::Ordinary));
    }

    #[test]
    fn the_processor_has_a_cache_of_likely_size() {
        assert!((1 << 20..=MOST).contains(&cache()), "{} bytes", cache());
    }

    #[test]
    fn the_faster_kind_wins_and_loses_again() {
        let trial = Trial::new();
        // Sleeps take longer than asked for, never shorter: the fast kind does not sleep.
        let round = |slow: Kind| {
            let mut kinds = Vec::new();
            for _ in 0..ROUND {
                trial.run(|kind| {
                    if kind == slow && kinds.len() < 2 * EACH as usize {
                        sleep(Duration::from_millis(2));
                    }
                    kinds.push(kind);
                });
            }
            kinds
        };
        for slow in [Kind::Ordinary, Kind::PastCache, Kind::Ordinary] {
            let kinds = round(slow);
            let (tried, rest) = kinds.split_at(2 * EACH as usize);
            assert_eq!(tried.iter().filter(|kind| **kind == slow).count(), EACH as usize);
            assert!(rest.iter().all(|kind| *kind != slow), "{slow:?} is slow");
        }
    }
}
