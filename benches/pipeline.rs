//! Whole pipelines: the flagship and the fit, by the reference, at every level, on one thread and
//! on all.
//!
//! `flagship/ENGINE/THREADS/SHAPE`, `fit/ENGINE/THREADS/SHAPE`, and `small/THREADS`: fit and transform
//! of a batch so small that what is done once a call is most of it.

mod common;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ndarray::{Array3, s};
use windrow::{Engine, Level, Pipeline, Run};

fn engines() -> Vec<Engine> {
    let levels = Level::available().iter().map(|level| Engine::Level(*level));
    [Engine::Reference].into_iter().chain(levels).collect()
}

fn threads() -> Vec<usize> {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    if all > 1 { vec![1, all] } else { vec![1] }
}

fn pipelines(criterion: &mut Criterion) {
    let pipeline = Pipeline::from_toml(common::FLAGSHIP).unwrap();
    for (samples, timesteps) in [(100, 20), (8192, 120)] {
        let x = common::bars(samples, timesteps);
        let fitted = pipeline.fit(x.view()).unwrap();
        let (n, t, width) = fitted.output_shape(x.dim()).unwrap();
        let mut y = Array3::from_elem((n, t, width), 1.0_f32);
        let shape = format!("{samples}x{timesteps}x5");
        let expected: Array3<f32> =
            fitted.transform_with(x.view(), &Run::new(Engine::Level(Level::SCALAR))).unwrap();
        for engine in engines() {
            for threads in threads() {
                if engine == Engine::Reference && (threads > 1 || samples > 1000) {
                    continue; // one thread, and some hundred times slower
                }
                let run = Run::new(engine);
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let id = format!("{engine}/{threads}/{shape}");
                pool.install(|| fitted.transform_into_with(x.view(), y.view_mut(), &run)).unwrap();
                if engine != Engine::Reference {
                    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits();
                    assert!(y.iter().zip(&expected).all(same), "{id}: other bits than scalar");
                }

                let mut group = criterion.benchmark_group("flagship");
                group.throughput(Throughput::Elements((samples * timesteps) as u64));
                group.bench_function(&id, |bencher| {
                    pool.install(|| {
                        bencher.iter(|| {
                            fitted.transform_into_with(x.view(), y.view_mut(), &run).unwrap();
                        });
                    });
                });
                group.finish();

                let mut group = criterion.benchmark_group("fit");
                group.throughput(Throughput::Elements((samples * timesteps) as u64));
                group.bench_function(&id, |bencher| {
                    pool.install(|| {
                        bencher.iter(|| pipeline.fit_with(x.view(), &run).unwrap());
                    });
                });
                group.finish();
            }
        }
    }
}

fn small(criterion: &mut Criterion) {
    let text = r#"
        [input]
        columns = ["open", "high", "low"]
        [[step]]
        op = "standardize"
        columns = ["open", "high", "low"]
        [[step]]
        op = "lag"
        columns = ["open", "high", "low"]
        lags = [1, 2]
    "#;
    let pipeline = Pipeline::from_toml(text).unwrap();
    let x = common::bars(100, 20).slice_move(s![.., .., ..3]);
    let x = x.as_standard_layout();
    for threads in threads() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut group = criterion.benchmark_group("small");
        group.bench_function(threads.to_string(), |bencher| {
            pool.install(|| {
                bencher.iter(|| {
                    let fitted = pipeline.fit(x.view()).unwrap();
                    fitted.transform::<f32, f32>(x.view()).unwrap()
                });
            });
        });
        group.finish();
    }
}

criterion_group!(benches, pipelines, small);
criterion_main!(benches);
