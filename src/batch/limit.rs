//! The memory limit: what moving the bytes costs when nothing is computed.

use std::hint::black_box;

use bytemuck::{cast_slice, cast_slice_mut};
use rayon::prelude::*;

use super::tile::LINE;
use crate::simd::{Lanes, Level, Task};

/// Bytes that a thread writes at a stretch, having read its share of the input: about what a tile
/// of the transform does.
const STRETCH: usize = 1 << 16;

/// Reads all of `from` and overwrites `to`, from its first cache line on, on the threads of the
/// current rayon pool: the least that any transform of that size does. `past_cache` picks the kind
/// of store.
///
/// The return value depends on what is read, so that no reading is left out.
pub fn move_bytes(level: Level, from: &[u8], to: &mut [u8], past_cache: bool) -> u64 {
    // Both begin on cache lines, so that none is written in two parts and rows are where they may be.
    let from = &from[from.as_ptr().align_offset(LINE).min(from.len())..];
    let head = to.as_ptr().align_offset(LINE).min(to.len());
    let to = &mut to[head..];
    let stretches = to.len().div_ceil(STRETCH).max(1);
    let share = from.len().div_ceil(stretches).next_multiple_of(LINE);
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
        // In lanes: sums of bytes as whole numbers took 4 ns for the flagship's 20 at AVX-512, not 2.
        let lines = self.from.len() / LINE * LINE;
        // No line may begin anywhere, which is no place for a row.
        let rows: &[L::Row] = if lines == 0 { &[] } else { cast_slice(&self.from[..lines]) };
        let mut largest = [L::splat(0.0); 2];
        for pair in rows.as_chunks::<2>().0 {
            largest[0] = largest[0].max(L::load(&pair[0]));
            largest[1] = largest[1].max(L::load(&pair[1]));
        }
        if self.past_cache {
            let zeros = [0; 4096];
            for page in self.to.chunks_mut(zeros.len()) {
                L::copy_past_cache(&zeros[..page.len()], page);
            }
            L::fence();
        } else {
            // Lines that the compiler does not know: of zeros it would make a call, which is slower.
            let line = black_box([0_u8; LINE]);
            let (lines, rest) = self.to.as_chunks_mut::<LINE>();
            lines.fill(line);
            rest.fill(0);
        }
        let mut row = [0.0; LINE / size_of::<f64>()];
        largest[0].max(largest[1]).store(&mut cast_slice_mut(&mut row)[0]);
        row.iter().fold(0, |sum, value: &f64| sum.wrapping_add(value.to_bits()))
    }
}

#[cfg(test)]
mod tests {
    use super::move_bytes;
    use crate::simd::Level;

    #[test]
    fn every_line_is_overwritten_wherever_the_slices_begin() {
        let from: Vec<u8> = (0..70_001_u32).map(|i| (i % 251) as u8).collect();
        for (level, past_cache) in Level::available().iter().flat_map(|l| [(l, true), (l, false)]) {
            for shift in [0, 1, 4, 63] {
                let mut to = vec![7_u8; 140_000];
                move_bytes(*level, &from[shift..], &mut to[shift..], past_cache);
                let first = to.iter().position(|byte| *byte == 0).expect("written");
                assert!(first < shift + 64, "{level}, shift {shift}: first at {first}");
                assert!(to[first..].iter().all(|byte| *byte == 0), "{level}, shift {shift}");
                // Less than a line, and nothing, to be read or written.
                for length in [0, 1, 60, 100] {
                    move_bytes(*level, &from[shift..shift + length], &mut to, past_cache);
                    move_bytes(*level, &from, &mut to[shift..shift + length], past_cache);
                }
            }
        }
    }
}
