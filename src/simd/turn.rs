//! Turning between samples and lanes, in AVX2: the first and the last thing that happens to a tile.
//!
//! The definition is `plain::gather` and `plain::scatter`. This differs in three ways:
//!
//! 1. Blocks are turned in registers. 128-bit halves are put in place while loading, which costs
//!    no shuffle, and then turned within: 16 shuffles for 8 × 8 f32 where the textbook takes 24.
//! 2. Whole cache lines go from the registers to memory, past the cache if asked.
//! 3. Tables and lanes are checked once a call instead of once a row.
//!
//! Loops and literals instead of `map` and `from_fn`: those are compiled without AVX2 first, and
//! then call what should be inlined (measured: twice the time of a scatter).
#![allow(unsafe_code)]

use std::arch::x86_64::*;

use super::plain;

/// Lanes of a tile.
const LANES: usize = 8;

/// Positions that are gathered at once.
const BLOCK: usize = 8;

/// Checks what the blocks below rely on: eight lanes of at least a value a position, and a row of
/// the arena for every entry of the table.
#[inline(always)]
fn check<T>(
    lanes: impl Iterator<Item = T>,
    length: impl Fn(T) -> usize,
    table: &[u32],
    rows: usize,
) {
    let mut count = 0;
    for lane in lanes {
        assert!(length(lane) >= table.len(), "a lane is shorter than its table");
        count += 1;
    }
    assert_eq!(count, LANES);
    let highest = table.iter().fold(0, |highest, row| highest.max(*row));
    assert!(table.is_empty() || (highest as usize) < rows, "a table points behind its arena");
}

/// Turns four registers of 2 × 4 f32 within their halves.
#[inline]
#[target_feature(enable = "avx,avx2")]
fn turn_f32(r: [__m256; 4]) -> [__m256; 4] {
    let low01 = _mm256_unpacklo_ps(r[0], r[1]);
    let high01 = _mm256_unpackhi_ps(r[0], r[1]);
    let low23 = _mm256_unpacklo_ps(r[2], r[3]);
    let high23 = _mm256_unpackhi_ps(r[2], r[3]);
    [
        _mm256_shuffle_ps::<0b01_00_01_00>(low01, low23),
        _mm256_shuffle_ps::<0b11_10_11_10>(low01, low23),
        _mm256_shuffle_ps::<0b01_00_01_00>(high01, high23),
        _mm256_shuffle_ps::<0b11_10_11_10>(high01, high23),
    ]
}

/// Four f32 from each of two places.
///
/// # Safety
///
/// Both hold four values.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn pair_f32(low: *const f32, high: *const f32) -> __m256 {
    // SAFETY: the caller's promise; the loads take any alignment.
    unsafe {
        let low = _mm256_castps128_ps256(_mm_loadu_ps(low));
        _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(high))
    }
}

/// Two f64 from each of two places.
///
/// # Safety
///
/// Both hold two values.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn pair_f64(low: *const f64, high: *const f64) -> __m256d {
    // SAFETY: the caller's promise; the loads take any alignment.
    unsafe {
        let low = _mm256_castpd128_pd256(_mm_loadu_pd(low));
        _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(high))
    }
}

/// Turns four columns of eight rows: register `i` is column `at + i` of all.
///
/// # Safety
///
/// Every row holds `at + 4` values.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn turn_rows(rows: &[*const f32; 8], at: usize) -> [__m256; 4] {
    // SAFETY: the caller's promise.
    turn_f32(unsafe {
        [
            pair_f32(rows[0].add(at), rows[4].add(at)),
            pair_f32(rows[1].add(at), rows[5].add(at)),
            pair_f32(rows[2].add(at), rows[6].add(at)),
            pair_f32(rows[3].add(at), rows[7].add(at)),
        ]
    })
}

/// The values of eight samples as rows of f64: position `p` goes to row `targets[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f32(lanes: &[&[f32]], targets: &[u32], rows: &mut [[f64; LANES]]) {
    check(lanes.iter(), |lane| lane.len(), targets, rows.len());
    let mut starts = [std::ptr::null(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_ptr();
    }
    let (blocks, _) = targets.as_chunks::<BLOCK>();
    for (block, targets) in blocks.iter().enumerate() {
        let at = block * BLOCK;
        // SAFETY: every lane holds a value for each entry of the table, of which eight begin at
        // `at`; every entry is the index of a row; both were checked.
        unsafe {
            for (half, turned) in
                [turn_rows(&starts, at), turn_rows(&starts, at + 4)].iter().enumerate()
            {
                for i in 0..4 {
                    let row = rows.get_unchecked_mut(targets[4 * half + i] as usize).as_mut_ptr();
                    let (low, high) =
                        (_mm256_castps256_ps128(turned[i]), _mm256_extractf128_ps::<1>(turned[i]));
                    _mm256_storeu_pd(row, _mm256_cvtps_pd(low));
                    _mm256_storeu_pd(row.add(4), _mm256_cvtps_pd(high));
                }
            }
        }
    }
    plain::gather(lanes, targets, blocks.len() * BLOCK, rows);
}

/// The values of eight samples as rows: position `p` goes to row `targets[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f64(lanes: &[&[f64]], targets: &[u32], rows: &mut [[f64; LANES]]) {
    check(lanes.iter(), |lane| lane.len(), targets, rows.len());
    let mut starts = [std::ptr::null(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_ptr();
    }
    let (pairs, _) = targets.as_chunks::<2>();
    for (pair, targets) in pairs.iter().enumerate() {
        let at = pair * 2;
        for half in 0..2 {
            // SAFETY: as in `gather_f32`, with two positions from `at` on.
            unsafe {
                let lane = |i: usize| starts[4 * half + i].add(at);
                let even = pair_f64(lane(0), lane(2));
                let odd = pair_f64(lane(1), lane(3));
                let row = |i: usize| targets[i] as usize;
                let first = rows.get_unchecked_mut(row(0)).as_mut_ptr().add(4 * half);
                _mm256_storeu_pd(first, _mm256_unpacklo_pd(even, odd));
                let second = rows.get_unchecked_mut(row(1)).as_mut_ptr().add(4 * half);
                _mm256_storeu_pd(second, _mm256_unpackhi_pd(even, odd));
            }
        }
    }
    plain::gather(lanes, targets, pairs.len() * 2, rows);
}

/// Writes a cache line; `stream`: past the cache, if the place is one.
///
/// Ordinary stores read a line before they write it: measured twice the time of moving the bytes,
/// once the output is larger than the cache.
///
/// # Safety
///
/// `start` holds 64 bytes.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn write_line(start: *mut u8, halves: [__m256i; 2], stream: bool) {
    let start: *mut __m256i = start.cast();
    // SAFETY: the caller's promise. The streaming stores need a multiple of 32, which is checked,
    // the others take any place. Streamed lines become visible to other threads by `Lanes::fence`.
    unsafe {
        if stream && start.addr().is_multiple_of(64) {
            _mm256_stream_si256(start, halves[0]);
            _mm256_stream_si256(start.add(1), halves[1]);
        } else {
            _mm256_storeu_si256(start, halves[0]);
            _mm256_storeu_si256(start.add(1), halves[1]);
        }
    }
}

/// Rows of an arena as positions of eight samples: position `p` comes from row `sources[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f32(arena: &[f32], sources: &[u32], lanes: &mut [&mut [f32]], stream: bool) {
    check(lanes.iter(), |lane| lane.len(), sources, arena.len() / LANES);
    let mut starts = [std::ptr::null_mut(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_mut_ptr();
    }
    let (blocks, _) = sources.as_chunks::<16>();
    for (block, sources) in blocks.iter().enumerate() {
        let at = block * 16;
        // SAFETY: every entry of the table is the index of a row, every lane holds a value for
        // each entry, of which 16 begin at `at`; both were checked.
        unsafe {
            let mut first = [std::ptr::null(); 8];
            let mut second = [std::ptr::null(); 8];
            for i in 0..8 {
                first[i] = arena.as_ptr().add(sources[i] as usize * LANES);
                second[i] = arena.as_ptr().add(sources[i + 8] as usize * LANES);
            }
            for half in [0, 4] {
                let start = turn_rows(&first, half);
                let end = turn_rows(&second, half);
                for i in 0..4 {
                    let halves = [_mm256_castps_si256(start[i]), _mm256_castps_si256(end[i])];
                    write_line(starts[half + i].add(at).cast(), halves, stream);
                }
            }
        }
    }
    plain::scatter(arena, sources, blocks.len() * 16, lanes);
}

/// Rows of an arena as positions of eight samples: position `p` comes from row `sources[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f64(arena: &[f64], sources: &[u32], lanes: &mut [&mut [f64]], stream: bool) {
    check(lanes.iter(), |lane| lane.len(), sources, arena.len() / LANES);
    let mut starts = [std::ptr::null_mut(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_mut_ptr();
    }
    let (blocks, _) = sources.as_chunks::<8>();
    for (block, sources) in blocks.iter().enumerate() {
        let at = block * 8;
        // SAFETY: as in `scatter_f32`, with 8 positions from `at` on.
        unsafe {
            let mut rows = [std::ptr::null(); 8];
            for i in 0..8 {
                rows[i] = arena.as_ptr().add(sources[i] as usize * LANES);
            }
            for pair in 0..4 {
                let lane = 2 * pair;
                let a = pair_f64(rows[0].add(lane), rows[2].add(lane));
                let b = pair_f64(rows[1].add(lane), rows[3].add(lane));
                let c = pair_f64(rows[4].add(lane), rows[6].add(lane));
                let d = pair_f64(rows[5].add(lane), rows[7].add(lane));
                let even = [_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d)];
                let odd = [_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d)];
                let even = [_mm256_castpd_si256(even[0]), _mm256_castpd_si256(even[1])];
                let odd = [_mm256_castpd_si256(odd[0]), _mm256_castpd_si256(odd[1])];
                write_line(starts[lane].add(at).cast(), even, stream);
                write_line(starts[lane + 1].add(at).cast(), odd, stream);
            }
        }
    }
    plain::scatter(arena, sources, blocks.len() * 8, lanes);
}

/// Copies bytes, whole lines of the target past the cache.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn copy_past_cache(from: &[u8], to: &mut [u8]) {
    assert_eq!(from.len(), to.len());
    let head = to.as_ptr().align_offset(64).min(to.len());
    let (from_head, from) = from.split_at(head);
    let (to_head, to) = to.split_at_mut(head);
    to_head.copy_from_slice(from_head);
    let (from_lines, from_tail) = from.as_chunks::<64>();
    let (to_lines, to_tail) = to.as_chunks_mut::<64>();
    for (from, to) in from_lines.iter().zip(to_lines) {
        let from: *const __m256i = from.as_ptr().cast();
        // SAFETY: `from` and `to` cover 64 bytes each; the loads take any alignment.
        unsafe {
            let halves = [_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))];
            write_line(to.as_mut_ptr(), halves, true);
        }
    }
    to_tail.copy_from_slice(from_tail);
}

/// Asks for every line of `bytes`.
#[inline(always)]
pub(super) fn prefetch(bytes: &[u8]) {
    for line in bytes.chunks(64) {
        // SAFETY: SSE is part of x86-64, and a prefetch touches nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) }
    }
}
