//! Every row of the catalogue at every level, the textbook reference beside them.
//!
//! `kernel/NAME/LEVEL/SERIESxSTEPS`: the time of one pass over all series, in cache.

mod common;

use common::tiles::{SERIES, STEPS, Tiles};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use windrow::Level;
use windrow::indicators::rows;

fn kernels(criterion: &mut Criterion) {
    for row in rows() {
        let tiles = Tiles::new(row);
        let mut group = criterion.benchmark_group(format!("kernel/{}", row.name));
        group.throughput(Throughput::Elements((SERIES * STEPS) as u64));
        let shape = format!("{SERIES}x{STEPS}");

        group.bench_function(BenchmarkId::new("reference", &shape), |bencher| {
            bencher.iter(|| tiles.reference(row));
        });
        let mut last: Option<Vec<u64>> = None;
        for &level in Level::available() {
            let mut work = tiles.at(row, level);
            work.run();
            // All levels give the same last series before any is timed.
            let bits = work.bits();
            assert_eq!(last.get_or_insert(bits.clone()), &bits, "{} at {level}", row.name);
            group.bench_function(BenchmarkId::new(level.name(), &shape), |bencher| {
                bencher.iter(|| work.run());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
