//! Every row of the catalogue at every level, the textbook reference beside them.
//!
//! `kernel/NAME/LEVEL/SERIESxSTEPS`: the time of one pass over all series, in cache.

mod common;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use windrow::indicators::{Nan, rows};
use windrow::{Level, Row};

const SERIES: usize = 64;
const STEPS: usize = 256;

/// A random walk a series and input, all positive: `[time][series]`.
fn walks(row: &Row) -> Vec<Vec<f64>> {
    let mut random = common::random(1);
    let mut walk = || {
        let mut last = [100.0; SERIES];
        let step = |_| {
            last.each_mut().map(|x| {
                *x *= 1.0 + 0.02 * (random() - 0.5);
                *x
            })
        };
        (0..STEPS).flat_map(step).collect()
    };
    row.inputs.iter().map(|_| walk()).collect()
}

/// The planes of the tile that begins at `series`.
fn tile(walks: &[Vec<f64>], series: usize, lanes: usize) -> Vec<Vec<f64>> {
    let plane = |walk: &Vec<f64>| {
        walk.chunks_exact(SERIES).flat_map(|row| &row[series..series + lanes]).copied().collect()
    };
    walks.iter().map(plane).collect()
}

/// Runs all tiles; gives the outputs of the last.
fn run(row: &Row, level: Level, tiles: &[Vec<Vec<f64>>], outputs: &mut [Vec<f64>]) {
    let mut running = row.start(&row.defaults(), level, Nan::default());
    for tile in tiles {
        let inputs: Vec<&[f64]> = tile.iter().map(Vec::as_slice).collect();
        let mut outputs: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
        running.reset(0);
        running.advance(&inputs, &mut outputs);
    }
}

fn kernels(criterion: &mut Criterion) {
    for row in rows() {
        let walks = walks(row);
        let mut group = criterion.benchmark_group(format!("kernel/{}", row.name));
        group.throughput(Throughput::Elements((SERIES * STEPS) as u64));
        let shape = format!("{SERIES}x{STEPS}");

        let series: Vec<_> = (0..SERIES).map(|series| tile(&walks, series, 1)).collect();
        let mut outputs = vec![vec![0.0; STEPS]; row.outputs.len()];
        group.bench_function(BenchmarkId::new("reference", &shape), |bencher| {
            bencher.iter(|| {
                for series in &series {
                    let inputs: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
                    let mut outputs: Vec<&mut [f64]> =
                        outputs.iter_mut().map(Vec::as_mut_slice).collect();
                    row.reference(&row.defaults(), Nan::default(), 0, &inputs, &mut outputs);
                }
                black_box(&outputs);
            });
        });

        let mut last: Option<Vec<u64>> = None;
        for &level in Level::available() {
            let lanes = level.lanes();
            let tiles: Vec<_> =
                (0..SERIES).step_by(lanes).map(|series| tile(&walks, series, lanes)).collect();
            let mut outputs = vec![vec![0.0; STEPS * lanes]; row.outputs.len()];
            run(row, level, &tiles, &mut outputs);
            // All levels give the same last series before any is timed.
            let bits = outputs.iter().flat_map(|y| y.iter().skip(lanes - 1).step_by(lanes));
            let bits: Vec<u64> = bits.map(|y| if y.is_nan() { 0 } else { y.to_bits() }).collect();
            assert_eq!(last.get_or_insert(bits.clone()), &bits, "{} at {level}", row.name);
            group.bench_function(BenchmarkId::new(level.name(), &shape), |bencher| {
                bencher.iter(|| run(row, level, &tiles, black_box(&mut outputs)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
