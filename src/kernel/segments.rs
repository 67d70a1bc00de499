//! The NaN policy on one whole series: the oracle of what `instance.rs` does lane by lane.

use super::spec::Nan;

/// Calls `definition` on the stretches of the series that the policy lets it see, and leaves NaN
/// elsewhere. `policy` is `None` for a windowed kernel, which sees the whole series.
pub(super) fn run_segments(
    policy: Option<Nan>,
    begin: usize,
    inputs: &[&[f64]],
    outputs: &mut [&mut [f64]],
    definition: impl Fn(&[&[f64]], &mut [&mut [f64]]),
) {
    for output in outputs.iter_mut() {
        output.fill(f64::NAN);
    }
    let length = inputs[0].len();
    let all = |t: usize, holds: fn(f64) -> bool| inputs.iter().all(|x| holds(x[t]));
    let mut run = |start: usize, end: usize| {
        let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[start..end]).collect();
        let mut outputs: Vec<&mut [f64]> = outputs.iter_mut().map(|y| &mut y[start..end]).collect();
        definition(&inputs, &mut outputs);
    };
    let Some(nan) = policy else {
        if begin < length {
            run(begin, length);
        }
        return;
    };
    // A series begins at its first bar without NaN.
    let Some(mut start) = (begin..length).find(|&t| all(t, |x| !x.is_nan())) else { return };
    loop {
        let end = (start..length).find(|&t| !all(t, f64::is_finite)).unwrap_or(length);
        if start < end {
            run(start, end);
        }
        if nan == Nan::Propagate {
            return;
        }
        match (end..length).find(|&t| all(t, f64::is_finite)) {
            Some(next) => start = next,
            None => return,
        }
    }
}
