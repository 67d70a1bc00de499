//! Turning blocks between samples and lanes, in AVX2.
//!
//! Both directions put 128-bit halves in place while loading, which costs no shuffle, and then turn
//! within halves: 16 shuffles for 8 × 8 f32 where the textbook way takes 24, and 16 for f64.
#![allow(unsafe_code)]

use std::arch::x86_64::*;

/// Positions of a block that is gathered.
const BLOCK: usize = 8;

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
#[inline]
#[target_feature(enable = "avx,avx2")]
fn pair_f32(low: &[f32; 4], high: &[f32; 4]) -> __m256 {
    // SAFETY: both references cover the 16 bytes that are read, at any alignment.
    unsafe {
        let low = _mm256_castps128_ps256(_mm_loadu_ps(low.as_ptr()));
        _mm256_insertf128_ps::<1>(low, _mm_loadu_ps(high.as_ptr()))
    }
}

/// Two f64 from each of two places.
#[inline]
#[target_feature(enable = "avx,avx2")]
fn pair_f64(low: &[f64; 2], high: &[f64; 2]) -> __m256d {
    // SAFETY: both references cover the 16 bytes that are read, at any alignment.
    unsafe {
        let low = _mm256_castpd128_pd256(_mm_loadu_pd(low.as_ptr()));
        _mm256_insertf128_pd::<1>(low, _mm_loadu_pd(high.as_ptr()))
    }
}

/// `length` values from `at` on.
#[inline(always)]
fn part<T, const N: usize>(values: &[T], at: usize) -> &[T; N] {
    values[at..at + N].try_into().expect("sliced to length")
}

/// Turns eight rows from column `at` on: rows 0..4 and 4..8 become the halves, so that register
/// `i` is column `at + i` of all eight.
///
/// Here and below, loops and literals instead of `map` and `from_fn`: those are compiled without
/// AVX2 first, and then call what should be inlined (measured: twice the time of a scatter).
#[inline]
#[target_feature(enable = "avx,avx2")]
fn turn_rows_f32(rows: &[&[f32; 8]; 8], at: usize) -> [__m256; 4] {
    turn_f32([
        pair_f32(part(rows[0], at), part(rows[4], at)),
        pair_f32(part(rows[1], at), part(rows[5], at)),
        pair_f32(part(rows[2], at), part(rows[6], at)),
        pair_f32(part(rows[3], at), part(rows[7], at)),
    ])
}

/// Eight positions of eight samples, as one register a position.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f32(lanes: &[&[f32]], at: usize) -> [__m256; BLOCK] {
    let mut rows = [&[0.0; BLOCK]; 8];
    for i in 0..8 {
        rows[i] = part(lanes[i], at);
    }
    let [a, b, c, d] = turn_rows_f32(&rows, 0);
    let [e, f, g, h] = turn_rows_f32(&rows, 4);
    [a, b, c, d, e, f, g, h]
}

/// Eight positions of eight samples, as two registers a position.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn gather_f64(lanes: &[&[f64]], at: usize) -> [[__m256d; 2]; BLOCK] {
    let mut samples = [&[0.0; BLOCK]; 8];
    for i in 0..8 {
        samples[i] = part(lanes[i], at);
    }
    let mut rows = [[_mm256_setzero_pd(); 2]; BLOCK];
    for pair in 0..BLOCK / 2 {
        let p = 2 * pair;
        for half in 0..2 {
            let four = &samples[4 * half..][..4];
            let even = pair_f64(part(four[0], p), part(four[2], p));
            let odd = pair_f64(part(four[1], p), part(four[3], p));
            rows[p][half] = _mm256_unpacklo_pd(even, odd);
            rows[p + 1][half] = _mm256_unpackhi_pd(even, odd);
        }
    }
    rows
}

/// Writes a cache line; `stream`: past the cache, where the line is one.
///
/// Ordinary stores read a line before they write it: measured 1.7 times the time of the whole
/// transform on one thread, once the output is larger than the cache.
#[inline]
#[target_feature(enable = "avx,avx2")]
fn write_line(line: &mut [u8; 64], halves: [__m256i; 2], stream: bool) {
    let start: *mut __m256i = line.as_mut_ptr().cast();
    // SAFETY: `line` covers the 64 bytes that are written; the streaming stores need an address
    // that is a multiple of 32, which is checked, the others none. Streamed lines become visible
    // to other threads by `Lanes::fence`.
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

/// The 64 bytes of a lane from position `at` on.
#[inline(always)]
fn line<T: bytemuck::Pod>(lane: &mut [T], at: usize) -> &mut [u8; 64] {
    let line = &mut lane[at..at + 64 / size_of::<T>()];
    bytemuck::cast_slice_mut(line).try_into().expect("sliced to length")
}

/// A line of 16 positions for each of eight samples, from the rows named.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f32(
    arena: &[f32],
    rows: &[u32],
    lanes: &mut [&mut [f32]],
    at: usize,
    stream: bool,
) {
    let (arena, rows) = (arena.as_chunks::<8>().0, part::<_, 16>(rows, 0));
    let mut first = [&[0.0; 8]; 8];
    let mut second = [&[0.0; 8]; 8];
    for i in 0..8 {
        first[i] = &arena[rows[i] as usize];
        second[i] = &arena[rows[i + 8] as usize];
    }
    for half in [0, 4] {
        let start = turn_rows_f32(&first, half);
        let end = turn_rows_f32(&second, half);
        for i in 0..4 {
            let halves = [_mm256_castps_si256(start[i]), _mm256_castps_si256(end[i])];
            write_line(line(lanes[half + i], at), halves, stream);
        }
    }
}

/// A line of 8 positions for each of eight samples, from the rows named.
#[inline]
#[target_feature(enable = "avx,avx2")]
pub(super) fn scatter_f64(
    arena: &[f64],
    rows: &[u32],
    lanes: &mut [&mut [f64]],
    at: usize,
    stream: bool,
) {
    let (arena, rows) = (arena.as_chunks::<8>().0, part::<_, 8>(rows, 0));
    let mut from = [&[0.0; 8]; 8];
    for i in 0..8 {
        from[i] = &arena[rows[i] as usize];
    }
    for pair in 0..4 {
        let at_lane = 2 * pair;
        let a = pair_f64(part(from[0], at_lane), part(from[2], at_lane));
        let b = pair_f64(part(from[1], at_lane), part(from[3], at_lane));
        let c = pair_f64(part(from[4], at_lane), part(from[6], at_lane));
        let d = pair_f64(part(from[5], at_lane), part(from[7], at_lane));
        let even = [_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d)];
        let odd = [_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d)];
        let even = [_mm256_castpd_si256(even[0]), _mm256_castpd_si256(even[1])];
        let odd = [_mm256_castpd_si256(odd[0]), _mm256_castpd_si256(odd[1])];
        write_line(line(lanes[at_lane], at), even, stream);
        write_line(line(lanes[at_lane + 1], at), odd, stream);
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
        // SAFETY: `from` covers 64 bytes, read at any alignment.
        let halves = unsafe { [_mm256_loadu_si256(from), _mm256_loadu_si256(from.add(1))] };
        write_line(to, halves, true);
    }
    to_tail.copy_from_slice(from_tail);
}
