//! Any row, parameters and series: the laws of kernels.
#![no_main]

use libfuzzer_sys::fuzz_target;
use windrow::Level;
use windrow::indicators::{Kind, Nan, rows};
use windrow_fuzz::{Draw, bits};

const STEPS: usize = 48;
const LANES: usize = 8;

fuzz_target!(|bytes: &[u8]| {
    let mut draw = Draw(bytes);
    let row = rows().nth(draw.below(rows().count())).unwrap();
    let mut params = row.defaults();
    for (value, param) in params.iter_mut().zip(row.params) {
        let number = match param.kind {
            Kind::Int { min, max, .. } => (min + draw.below(20)).min(max) as f64,
            Kind::Real { min, max, .. } => (f64::from(draw.byte()) / 32.0).clamp(min, max),
            Kind::Choice { options, .. } => f64::from(options[draw.below(options.len())].1),
            _ => continue,
        };
        *value = param.number(windrow::error::Line::NONE, row.name, number).unwrap();
    }
    if row.check(windrow::error::Line::NONE, &params).is_err() {
        return;
    }
    let nan = if draw.byte() % 2 == 0 { Nan::Propagate } else { Nan::Reseed };
    let begin = draw.below(4);
    let series: Vec<Vec<Vec<f64>>> = (0..LANES)
        .map(|_| row.inputs.iter().map(|_| (0..STEPS).map(|_| draw.number()).collect()).collect())
        .collect();
    let cut = 1 + draw.below(STEPS);

    // One series at a time, in one go: what everything else must equal by bits.
    let alone: Vec<Vec<Vec<f64>>> = series
        .iter()
        .map(|inputs| {
            let mut outputs = vec![vec![7.0; STEPS]; row.outputs.len()];
            let mut kernel = row.start(&params, Level::SCALAR, nan);
            kernel.reset(begin);
            let inputs: Vec<&[f64]> = inputs.iter().map(Vec::as_slice).collect();
            kernel.advance(
                &inputs,
                &mut outputs.iter_mut().map(Vec::as_mut_slice).collect::<Vec<_>>(),
            );
            outputs
        })
        .collect();

    for &level in Level::available() {
        let lanes = level.lanes();
        for first in (0..LANES).step_by(lanes) {
            let plane = |input: usize| -> Vec<f64> {
                (0..STEPS)
                    .flat_map(|t| (first..first + lanes).map(move |s| (s, t)))
                    .map(|(s, t)| series[s][input][t])
                    .collect()
            };
            let planes: Vec<Vec<f64>> = (0..row.inputs.len()).map(plane).collect();
            let mut outputs = vec![vec![7.0; STEPS * lanes]; row.outputs.len()];
            let mut kernel = row.start(&params, level, nan);
            kernel.reset(begin);
            for start in (0..STEPS).step_by(cut) {
                let range = start * lanes..STEPS.min(start + cut) * lanes;
                let inputs: Vec<&[f64]> = planes.iter().map(|x| &x[range.clone()]).collect();
                let mut outputs: Vec<&mut [f64]> =
                    outputs.iter_mut().map(|y| &mut y[range.clone()]).collect();
                kernel.advance(&inputs, &mut outputs);
            }
            for (o, y) in outputs.iter().enumerate() {
                for (i, got) in y.iter().enumerate() {
                    let expected = alone[first + i % lanes][o][i / lanes];
                    assert_eq!(
                        bits(*got),
                        bits(expected),
                        "{} {level} output {o}, cell {i}",
                        row.name
                    );
                }
            }
        }
    }
});
