//! How a batch is cut into parts, and the fit and transform of one part after the other.

use ndarray::{Array3, ArrayView2, ArrayView3, s};
use windrow::{Element, FittedPipeline, Fitting, FittingSample, Run, Transforming};

use super::memory::Blocks;

/// A part of a batch that is worked on at once: some samples, or some timesteps of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub samples: usize,
    pub timesteps: usize,
    /// Whether it ends them, as all parts do that are whole samples.
    pub ends: bool,
}

/// The parts of so many samples and timesteps, no larger than `blocks`; one ends where a multiple of
/// `cut` samples does.
pub fn parts(
    samples: usize,
    timesteps: usize,
    blocks: Blocks,
    cut: usize,
) -> impl Iterator<Item = Part> + Send {
    let (mut sample, mut step) = (0, 0);
    std::iter::from_fn(move || {
        if sample == samples {
            return None;
        }
        if !blocks.cut_samples(timesteps) {
            let samples = blocks.samples.min(samples - sample).min(cut - sample % cut);
            sample += samples;
            return Some(Part { samples, timesteps, ends: true });
        }
        let part = blocks.timesteps.min(timesteps - step);
        step += part;
        let ends = step == timesteps;
        if ends {
            (sample, step) = (sample + 1, 0);
        }
        Some(Part { samples: 1, timesteps: part, ends })
    })
}

/// A pass of a fit, part by part.
pub struct FitParts<'a, E> {
    fitting: &'a mut Fitting,
    weights: Option<ArrayView2<'a, f64>>,
    /// Whole samples that are done.
    done: usize,
    /// Timesteps of a sample.
    timesteps: usize,
    run: &'a Run<'a>,
    /// The sample under way.
    open: Option<FittingSample<E>>,
}

impl<'a, E: Element> FitParts<'a, E> {
    /// Of samples with weights, no part may be a piece of one.
    pub fn new(
        fitting: &'a mut Fitting,
        weights: Option<ArrayView2<'a, f64>>,
        timesteps: usize,
        run: &'a Run<'a>,
    ) -> Self {
        FitParts { fitting, weights, done: 0, timesteps, run, open: None }
    }

    pub fn push(&mut self, x: ArrayView3<'_, E>, part: Part) -> windrow::Result<()> {
        if part.timesteps == self.timesteps {
            let samples = self.done..self.done + part.samples;
            self.done = samples.end;
            return match self.weights {
                None => self.fitting.push(x, self.run),
                Some(weights) => {
                    self.fitting.push_weighted(x, weights.slice(s![samples, ..]), self.run)
                }
            };
        }
        let mut sample = match self.open.take() {
            Some(sample) => sample,
            None => self.fitting.sample(self.timesteps, self.run.engine)?,
        };
        sample.push(x)?;
        advance(self.run, part.timesteps);
        match part.ends {
            true => self.fitting.push_sample(sample)?,
            false => self.open = Some(sample),
        }
        Ok(())
    }
}

/// A transform, part by part.
pub struct TransformParts<'a, E, O> {
    fitted: &'a FittedPipeline,
    /// Timesteps of a sample.
    timesteps: usize,
    run: &'a Run<'a>,
    /// The sample under way.
    open: Option<Transforming<E, O>>,
}

impl<'a, E: Element, O: Element> TransformParts<'a, E, O> {
    pub fn new(fitted: &'a FittedPipeline, timesteps: usize, run: &'a Run<'a>) -> Self {
        TransformParts { fitted, timesteps, run, open: None }
    }

    /// Writes the rows of a part to the front of each sample's room in `y`, and says how many.
    pub fn push(
        &mut self,
        x: ArrayView3<'_, E>,
        part: Part,
        y: &mut Array3<O>,
    ) -> windrow::Result<usize> {
        if part.timesteps == self.timesteps {
            let rows = self.fitted.output_shape(x.dim())?.1;
            let y = y.slice_mut(s![..part.samples, ..rows, ..]);
            self.fitted.transform_into_with(x, y, self.run)?;
            return Ok(rows);
        }
        let mut sample = match self.open.take() {
            Some(sample) => sample,
            None => Transforming::new(self.fitted, (1, self.timesteps), self.run.engine)?,
        };
        let rows = sample.rows(part.timesteps);
        sample.push(x, y.slice_mut(s![..1, ..rows, ..]))?;
        advance(self.run, part.timesteps);
        if !part.ends {
            self.open = Some(sample);
        }
        Ok(rows)
    }
}

/// Parts of samples count in timesteps.
fn advance(run: &Run<'_>, timesteps: usize) {
    if let Some(progress) = run.progress {
        progress(timesteps);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(samples: usize, timesteps: usize) -> Blocks {
        Blocks { samples, timesteps, bytes: 0 }
    }

    #[test]
    fn whole_samples_end_at_cuts() {
        let all = |samples, most, cut| {
            let parts = parts(samples, 5, blocks(most, 5), cut);
            parts.map(|part| (part.samples, part.timesteps, part.ends)).collect::<Vec<_>>()
        };
        let whole = |samples: &[usize]| samples.iter().map(|n| (*n, 5, true)).collect::<Vec<_>>();
        assert_eq!(all(20, 8, usize::MAX), whole(&[8, 8, 4]));
        assert_eq!(all(20, 8, 10), whole(&[8, 2, 8, 2]));
        assert_eq!(all(5, 8, 2), whole(&[2, 2, 1]));
        assert_eq!(all(0, 8, 3), whole(&[]));
        assert_eq!(parts(3, 0, blocks(8, 0), 9).map(|part| part.samples).sum::<usize>(), 3);
    }

    #[test]
    fn samples_that_are_cut_come_one_by_one() {
        let parts: Vec<_> = parts(2, 7, blocks(1, 3), 1).collect();
        let part = |timesteps, ends| Part { samples: 1, timesteps, ends };
        let sample = [part(3, false), part(3, false), part(1, true)];
        assert_eq!(parts, [sample, sample].concat());
    }
}
