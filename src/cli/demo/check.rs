//! One sample, computed once more by the textbook definitions.

use anyhow::bail;
use ndarray::{Array3, s};
use serde::Serialize;
use windrow::{Engine, FittedPipeline, Run};

/// How far the result is from the reference.
#[derive(Serialize)]
pub struct Check {
    pub sample: usize,
    pub values: usize,
    /// Values with the bits of the reference.
    pub equal: usize,
    /// The largest distance, in steps from one f32 to the next.
    pub furthest: u32,
}

/// Compares a sample of the test batch with the reference engine.
///
/// Both are f64 rounded once, so they differ where the last bits of the f64 do: by one f32 at most,
/// but for values that are a small difference of large ones, as MACD's.
pub fn check(
    fitted: &FittedPipeline,
    input: &Array3<f32>,
    output: &Array3<f32>,
) -> anyhow::Result<Check> {
    let sample = input.dim().0 / 2;
    let input = input.slice(s![sample..=sample, .., ..]);
    let output = output.slice(s![sample..=sample, .., ..]);
    let expected: Array3<f32> = fitted.transform_with(input, &Run::new(Engine::Reference))?;
    // C10 over prices; volume is scaled only, and scaling has the same bits.
    let prices = input.slice(s![.., .., ..4]);
    let largest = prices.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
    let slack = 32.0 * f64::EPSILON * f64::from(largest);
    let mut check = Check { sample, values: expected.len(), equal: 0, furthest: 0 };
    for ((index, &expected), &found) in expected.indexed_iter().zip(&output) {
        if found.to_bits() == expected.to_bits() {
            check.equal += 1;
            continue;
        }
        let distance = ordered(found).abs_diff(ordered(expected));
        let near = (f64::from(found) - f64::from(expected)).abs() <= slack;
        if distance > 1 && !near {
            bail!(
                "sample {sample}, timestep {}, column {} is {found}; the reference has {expected}; \
                 this is a defect of windrow",
                index.1,
                fitted.columns()[index.2],
            );
        }
        check.furthest = check.furthest.max(distance);
    }
    Ok(check)
}

/// Neighbouring f32 have neighbouring numbers.
fn ordered(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    if bits < 0 { i32::MIN - bits } else { bits }
}

#[cfg(test)]
mod tests {
    use super::ordered;

    #[test]
    fn neighbours_are_one_apart() {
        for x in [1.0f32, -1.0, 0.0, 1e-40, -3.5e7] {
            assert_eq!(ordered(x.next_up()).abs_diff(ordered(x)), 1, "{x}");
            assert_eq!(ordered(x.next_down()).abs_diff(ordered(x)), 1, "{x}");
        }
        assert_eq!(ordered(-0.0), ordered(0.0));
    }
}
