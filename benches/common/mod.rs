//! Data and pipelines of the benches.
#![allow(dead_code)] // each bench uses its part

use ndarray::Array3;

/// The pipeline that the project is measured by: 5 columns in, 20 out.
pub const FLAGSHIP: &str = include_str!("flagship.toml");

/// Bars of random walks, the same on every machine.
pub fn bars(samples: usize, timesteps: usize) -> Array3<f32> {
    let mut state = 42_u64;
    let mut random = move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut x = Array3::zeros((samples, timesteps, 5));
    for mut sample in x.outer_iter_mut() {
        let mut close = 100.0;
        for mut bar in sample.outer_iter_mut() {
            let open = close;
            close = open * (1.0 + 0.02 * (random() - 0.5));
            bar[0] = open as f32;
            bar[1] = (f64::max(open, close) * (1.0 + 0.005 * random())) as f32;
            bar[2] = (f64::min(open, close) * (1.0 - 0.005 * random())) as f32;
            bar[3] = close as f32;
            bar[4] = (1e6 * random()).floor() as f32;
        }
    }
    x
}
