//! Data and pipelines of the benches.
#![allow(dead_code)] // each bench uses its part

pub mod tiles;

use ndarray::Array3;
use ta_lib::Core;
use ta_lib::abstract_api::{get_func_handle, get_func_info};

/// The pipeline that the project is measured by: 5 columns in, 20 out.
pub const FLAGSHIP: &str = include_str!("flagship.toml");

/// Numbers from 0 to 1, the same on every machine.
pub fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The outputs of a TA-Lib function of one series, at its defaults.
pub fn ta_lib(core: &Core, name: &str, x: &[f64]) -> Vec<Vec<f64>> {
    let info = get_func_info(get_func_handle(name).unwrap());
    let mut outputs = vec![vec![f64::NAN; x.len()]; info.outputs.len()];
    let mut call = info.id.new_call(core);
    call.set_input(0, x).unwrap();
    for (slot, output) in outputs.iter_mut().enumerate() {
        call.set_output(slot, output).unwrap();
    }
    call.call(0, x.len() - 1).unwrap();
    outputs
}

/// Bars of random walks, the same on every machine.
pub fn bars(samples: usize, timesteps: usize) -> Array3<f32> {
    let mut random = random(42);
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
