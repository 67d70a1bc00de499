//! Random walks in the tiles of a level: what a kernel reads when nothing but it is timed.

use std::hint::black_box;

use windrow::indicators::{Nan, Running};
use windrow::{Level, Row};

/// Series side by side in all.
pub const SERIES: usize = 64;
/// Timesteps of each.
pub const STEPS: usize = 256;

/// The inputs of a row: `[time][series]`, a random walk each, all positive.
pub struct Tiles {
    walks: Vec<Vec<f64>>,
    /// `[series][input]`
    alone: Vec<Vec<Vec<f64>>>,
}

impl Tiles {
    pub fn new(row: &Row) -> Self {
        let mut random = super::random(1);
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
        let walks: Vec<Vec<f64>> = row.inputs.iter().map(|_| walk()).collect();
        let alone = (0..SERIES).map(|series| tile(&walks, series, 1)).collect();
        Tiles { walks, alone }
    }

    /// Runs the textbook definition over all series.
    pub fn reference(&self, row: &Row) {
        let mut outputs = vec![vec![0.0; STEPS]; row.outputs.len()];
        for series in &self.alone {
            let inputs: Vec<&[f64]> = series.iter().map(Vec::as_slice).collect();
            let mut outputs: Vec<&mut [f64]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            row.reference(&row.defaults(), Nan::default(), 0, &inputs, &mut outputs);
        }
        black_box(&outputs);
    }

    /// The kernel at a level, ready to run over all series.
    pub fn at(&self, row: &Row, level: Level) -> Work {
        let lanes = level.lanes();
        Work {
            lanes,
            running: row.start(&row.defaults(), level, Nan::default()),
            tiles: (0..SERIES)
                .step_by(lanes)
                .map(|series| tile(&self.walks, series, lanes))
                .collect(),
            outputs: vec![vec![0.0; STEPS * lanes]; row.outputs.len()],
        }
    }
}

/// The planes of the tile that begins at `series`.
fn tile(walks: &[Vec<f64>], series: usize, lanes: usize) -> Vec<Vec<f64>> {
    let plane = |walk: &Vec<f64>| {
        walk.chunks_exact(SERIES).flat_map(|row| &row[series..series + lanes]).copied().collect()
    };
    walks.iter().map(plane).collect()
}

/// A kernel at a level, and its tiles.
pub struct Work {
    lanes: usize,
    running: Box<dyn Running>,
    tiles: Vec<Vec<Vec<f64>>>,
    outputs: Vec<Vec<f64>>,
}

impl Work {
    /// Runs over all series.
    pub fn run(&mut self) {
        for tile in &self.tiles {
            let inputs: Vec<&[f64]> = tile.iter().map(Vec::as_slice).collect();
            let mut outputs: Vec<&mut [f64]> =
                self.outputs.iter_mut().map(Vec::as_mut_slice).collect();
            self.running.reset(0);
            self.running.advance(&inputs, black_box(&mut outputs));
        }
    }

    /// The bits of the last series' outputs after a run, all NaN alike.
    pub fn bits(&self) -> Vec<u64> {
        let last = |y: &Vec<f64>| {
            y.iter().skip(self.lanes - 1).step_by(self.lanes).copied().collect::<Vec<_>>()
        };
        let values = self.outputs.iter().flat_map(last);
        values.map(|y| if y.is_nan() { 0 } else { y.to_bits() }).collect()
    }
}
