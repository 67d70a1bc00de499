//! Turning between samples and lanes, in AVX2: the first and the last thing that happens to a tile.
//!
//! The definition is `plain::gather` and `plain::scatter`. This differs in four ways:
//!
//! 1. Blocks are turned in registers. 128-bit halves are put in place while loading, which costs
//!    no shuffle, and then turned within: 16 shuffles for 8 × 8 f32 where the textbook takes 24.
//! 2. Whole cache lines go from the registers to memory, past the cache if asked.
//! 3. What is left behind whole lines is written in one block with what stands before it, which is
//!    written twice, unless it goes past the cache: of the 20 columns of a sample alone it is 4.
//! 4. Tables are checked when they are made and lanes once a call, instead of once a row.
//!
//! Loops and literals instead of `map` and `from_fn`: those are compiled without AVX2 first, and
//! then call what should be inlined (measured: twice the time of a scatter).
#![allow(unsafe_code)]

use std::arch::asm;
use std::arch::x86_64::*;

use super::{Offsets, plain};

/// Lanes of a tile.
const LANES: usize = 8;

/// Positions that are gathered at once.
const BLOCK: usize = 8;

/// Checks what the blocks below rely on: eight lanes of at least a value a position, and a whole
/// row of the arena, of as many values as there are lanes, at every offset.
#[inline(always)]
fn check<T>(
    lanes: impl Iterator<Item = T>,
    length: impl Fn(T) -> usize,
    table: Offsets<'_>,
    arena: usize,
) {
    let mut count = 0;
    for lane in lanes {
        assert!(length(lane) >= table.len(), "a lane is shorter than its table");
        count += 1;
    }
    assert_eq!(count, LANES);
    assert!(table.width() >= LANES, "a table of narrower rows");
    assert!(table.end() <= arena, "a table points behind its arena");
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

/// The values of eight samples as rows: position `p` goes to the row at
/// `targets[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f32(lanes: &[&[f32]], targets: Offsets<'_>, arena: &mut [f32]) {
    check(lanes.iter(), |lane| lane.len(), targets, arena.len());
    let targets = targets.as_slice();
    let mut starts = [std::ptr::null(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_ptr();
    }
    let (blocks, _) = targets.as_chunks::<BLOCK>();
    for (block, targets) in blocks.iter().enumerate() {
        let at = block * BLOCK;
        for half in [0, 4] {
            // SAFETY: every lane holds a value for each entry of the table, of which eight begin at
            // `at`; every entry is where a row begins; both were checked.
            unsafe {
                let turned = turn_rows(&starts, at + half);
                for i in 0..4 {
                    let row = arena.as_mut_ptr().add(targets[half + i] as usize);
                    _mm256_storeu_ps(row, turned[i]);
                }
            }
        }
    }
    plain::gather(lanes, targets, blocks.len() * BLOCK, arena);
}

/// The values of eight samples as rows: position `p` goes to the row at
/// `targets[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f64(lanes: &[&[f64]], targets: Offsets<'_>, arena: &mut [f64]) {
    check(lanes.iter(), |lane| lane.len(), targets, arena.len());
    let targets = targets.as_slice();
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
                let row = |i: usize| targets[i] as usize + 4 * half;
                let first = arena.as_mut_ptr().add(row(0));
                _mm256_storeu_pd(first, _mm256_unpacklo_pd(even, odd));
                let second = arena.as_mut_ptr().add(row(1));
                _mm256_storeu_pd(second, _mm256_unpackhi_pd(even, odd));
            }
        }
    }
    plain::gather(lanes, targets, pairs.len() * 2, arena);
}

/// Whether lines can be written past the cache from all of these places on.
#[inline(always)]
fn on_lines<T>(starts: &[*mut T; LANES]) -> bool {
    starts.iter().all(|start| start.addr().is_multiple_of(64))
}

/// Writes the cache line `at` bytes behind `start`; `STREAM`: past the cache.
///
/// Ordinary stores read a line before they write it. Which kind is faster depends on the size of the
/// output and on the processor.
///
/// # Safety
///
/// 64 bytes stand there, and begin a cache line if `STREAM`.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn write_line<const STREAM: bool>(start: *mut u8, at: usize, halves: [__m256i; 2]) {
    // SAFETY: the caller's promise. Streamed lines become visible to other threads by
    // `Lanes::fence`.
    unsafe {
        if STREAM {
            // The intrinsic takes no offset: an addition for each of sixteen stores.
            asm!(
                "vmovntdq [{start} + {at}], {low}",
                "vmovntdq [{start} + {at} + 32], {high}",
                start = in(reg) start,
                at = in(reg) at,
                low = in(ymm_reg) halves[0],
                high = in(ymm_reg) halves[1],
                options(nostack, preserves_flags),
            );
        } else {
            let start: *mut __m256i = start.add(at).cast();
            _mm256_storeu_si256(start, halves[0]);
            _mm256_storeu_si256(start.add(1), halves[1]);
        }
    }
}

/// Rows of an arena as positions of eight samples: position `p` comes from the row at
/// `sources[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f32(
    arena: &[f32],
    sources: Offsets<'_>,
    lanes: &mut [&mut [f32]],
    stream: bool,
) {
    check(lanes.iter(), |lane| lane.len(), sources, arena.len());
    let sources = sources.as_slice();
    let mut starts = [std::ptr::null_mut(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_mut_ptr();
    }
    let (blocks, rest) = sources.as_chunks::<16>();
    // SAFETY: `check` saw a row of the arena at every entry of the table, and in every lane a value
    // for each entry, the last ones included; `on_lines`, where lines begin.
    unsafe {
        if stream && on_lines(&starts) {
            scatter_blocks_f32::<true>(arena, blocks, &starts);
        } else {
            scatter_blocks_f32::<false>(arena, blocks, &starts);
            if let Some(last) = sources.last_chunk()
                && !rest.is_empty()
            {
                for start in &mut starts {
                    *start = start.add(sources.len() - last.len());
                }
                return scatter_blocks_f32::<false>(arena, std::slice::from_ref(last), &starts);
            }
        }
    }
    plain::scatter(arena, sources, blocks.len() * 16, lanes);
}

/// The whole lines of [`scatter_f32`].
///
/// # Safety
///
/// A row of the arena begins at every entry of `blocks`; every place of `starts` holds a value for
/// each entry, and begins a cache line if `STREAM`.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn scatter_blocks_f32<const STREAM: bool>(
    arena: &[f32],
    blocks: &[[u32; 16]],
    starts: &[*mut f32; LANES],
) {
    for (block, sources) in blocks.iter().enumerate() {
        let at = block * 16;
        // SAFETY: the caller's promise, with 16 positions from `at` on.
        unsafe {
            let mut rows = [std::ptr::null(); 8];
            for i in 0..8 {
                rows[i] = arena.as_ptr().add(sources[i] as usize);
            }
            // The first halves of all lines wait in registers: only eight addresses at a time, and
            // none is kept in memory.
            let starting = [turn_rows(&rows, 0), turn_rows(&rows, 4)];
            for i in 0..8 {
                rows[i] = arena.as_ptr().add(sources[i + 8] as usize);
            }
            for half in 0..2 {
                let ending = turn_rows(&rows, 4 * half);
                for i in 0..4 {
                    let line = [starting[half][i], ending[i]];
                    let line = [_mm256_castps_si256(line[0]), _mm256_castps_si256(line[1])];
                    write_line::<STREAM>(starts[4 * half + i].cast(), at * size_of::<f32>(), line);
                }
            }
        }
    }
}

/// Rows of an arena as positions of eight samples: position `p` comes from the row at
/// `sources[p]`.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f64(
    arena: &[f64],
    sources: Offsets<'_>,
    lanes: &mut [&mut [f64]],
    stream: bool,
) {
    check(lanes.iter(), |lane| lane.len(), sources, arena.len());
    let sources = sources.as_slice();
    let mut starts = [std::ptr::null_mut(); LANES];
    for i in 0..LANES {
        starts[i] = lanes[i].as_mut_ptr();
    }
    let (blocks, rest) = sources.as_chunks::<8>();
    // SAFETY: `check` saw a row of the arena at every entry of the table, and in every lane a value
    // for each entry, the last ones included; `on_lines`, where lines begin.
    unsafe {
        if stream && on_lines(&starts) {
            scatter_blocks_f64::<true>(arena, blocks, &starts);
        } else {
            scatter_blocks_f64::<false>(arena, blocks, &starts);
            if let Some(last) = sources.last_chunk()
                && !rest.is_empty()
            {
                for start in &mut starts {
                    *start = start.add(sources.len() - last.len());
                }
                return scatter_blocks_f64::<false>(arena, std::slice::from_ref(last), &starts);
            }
        }
    }
    plain::scatter(arena, sources, blocks.len() * 8, lanes);
}

/// The whole lines of [`scatter_f64`].
///
/// # Safety
///
/// A row of the arena begins at every entry of `blocks`; every place of `starts` holds a value for
/// each entry, and begins a cache line if `STREAM`.
#[inline]
#[target_feature(enable = "avx,avx2")]
unsafe fn scatter_blocks_f64<const STREAM: bool>(
    arena: &[f64],
    blocks: &[[u32; 8]],
    starts: &[*mut f64; LANES],
) {
    for (block, sources) in blocks.iter().enumerate() {
        let at = block * 8;
        // SAFETY: the caller's promise, with 8 positions from `at` on.
        unsafe {
            let mut rows = [std::ptr::null(); 8];
            for i in 0..8 {
                rows[i] = arena.as_ptr().add(sources[i] as usize);
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
                write_line::<STREAM>(starts[lane].cast(), at * size_of::<f64>(), even);
                write_line::<STREAM>(starts[lane + 1].cast(), at * size_of::<f64>(), odd);
            }
        }
    }
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
        // SAFETY: `from` and `to` cover 64 bytes each, `to` from the first line on; the loads take
        // any alignment.
        unsafe {
            let halves = [_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))];
            write_line::<true>(to.as_mut_ptr(), 0, halves);
        }
    }
    to_tail.copy_from_slice(from_tail);
}

/// Asks for every line of `bytes`.
#[inline(always)]
pub(super) fn prefetch(bytes: &[u8]) {
    let mut at = 0;
    while at < bytes.len() {
        // SAFETY: SSE is part of x86-64, and a prefetch touches nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(bytes.as_ptr().add(at).cast()) }
        at += 64;
    }
}
