//! The memory limit: what moving the bytes costs when nothing is computed.

use rayon::prelude::*;

use crate::simd::{Lanes, Level, Task};

/// Bytes that a thread writes at a stretch, having read its share of the input: about what a tile
/// of the transform does.
const STRETCH: usize = 1 << 16;

/// Reads all of `from` and overwrites `to`, from its first cache line on, on the threads of the
/// current rayon pool: the least that any transform of that size does. `past_cache` picks the kind
/// of store.
///
/// The return value depends on every byte read, so that no reading is left out.
pub fn move_bytes(level: Level, from: &[u8], to: &mut [u8], past_cache: bool) -> u64 {
    // Stretches begin on cache lines, so that none is written in two parts.
    let head = to.as_ptr().align_offset(64).min(to.len());
    let to = &mut to[head..];
    let stretches = to.len().div_ceil(STRETCH).max(1);
    let share = from.len().div_ceil(stretches);
    let sums = to.par_chunks_mut(STRETCH).enumerate().map(|(index, to)| {
        let from = &from[(index * share).min(from.len())..((index + 1) * share).min(from.len())];
        level.dispatch(Move { from, to, past_cache })
    });
    // Wrapping sums of whole numbers come out the same in any order.
    sums.reduce(|| 0, u64::wrapping_add)
}

struct Move<'a> {
    from: &'a [u8],
    to: &'a mut [u8],
    past_cache: bool,
}

impl Task for Move<'_> {
    type Output = u64;
    #[inline(always)]
    fn run<L: Lanes>(self) -> u64 {
        let mut sums = [0_u64; 16];
        for block in self.from.as_chunks::<128>().0 {
            for (sum, word) in sums.iter_mut().zip(block.as_chunks::<8>().0) {
                *sum = sum.wrapping_add(u64::from_ne_bytes(*word));
            }
        }
        let zeros = [0; 4096];
        for page in self.to.chunks_mut(zeros.len()) {
            match self.past_cache {
                true => L::copy_past_cache(&zeros[..page.len()], page),
                false => page.copy_from_slice(&zeros[..page.len()]),
            }
        }
        L::fence();
        sums.iter().fold(0, |sum, part| sum.wrapping_add(*part))
    }
}
