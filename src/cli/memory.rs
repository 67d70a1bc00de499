//! How much memory a run may take, and how its files are cut into blocks for that.

use std::path::Path;

use anyhow::bail;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use windrow::io::Layout;
use windrow::{Engine, Fitting, Level, Pipeline, PlanSize};

use super::print;

/// What `--memory` is when it is not given.
pub const DEFAULT: usize = 256 << 20;

/// The program itself: code, stacks, buffers that do not grow with the data.
const PROGRAM: usize = 24 << 20;

/// Blocks of each kind: one is worked on while the next is read, or the one before written.
pub const BLOCKS: usize = 2;

/// Statistics of a fit beside those of each thread: none, those of a block, and those of all.
pub const STATISTICS: usize = 3;

/// Bytes that a byte of JSON takes while it becomes what it says, at most: names without letters take
/// most, and a saved state has no more of them than its pipeline.
const JSON: usize = 12;
const STATE_JSON: usize = 7;

/// Bytes of input and output in a block beyond which larger ones are not faster.
const WORTH: usize = 8 << 20;

/// Reads a size: `256MiB`, `1.5GB`, `500000000`.
pub fn parse(text: &str) -> Result<usize, String> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit);
    let scale = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "k" | "kib" => f64::from(1 << 10),
        "m" | "mib" => f64::from(1 << 20),
        "g" | "gib" => f64::from(1 << 30),
        _ => return Err("expected a size, as in 256MiB or 2GB".to_owned()),
    };
    match number.trim().parse::<f64>() {
        Ok(number) if number > 0.0 && number * scale < 1e18 => Ok((number * scale) as usize),
        _ => Err("expected a size, as in 256MiB or 2GB".to_owned()),
    }
}

/// How a pass over a file is cut: into some samples, or, where they are too long, into some
/// timesteps of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Blocks {
    /// Samples that are worked on at once.
    pub samples: usize,
    /// Timesteps that are worked on at once.
    pub timesteps: usize,
    /// Bytes that the run takes, as far as it is known.
    pub bytes: usize,
}

/// What a run would take of the memory it may have.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Budget {
    pub cap: usize,
    /// Samples of the input.
    #[serde(skip)]
    pub samples: usize,
    #[serde(skip)]
    pub output_bytes: usize,
    pub fit: Blocks,
    pub transform: Blocks,
}

/// What is to be cut.
#[derive(Clone, Copy)]
struct Load {
    samples: usize,
    timesteps: usize,
    /// Bytes of a timestep of a sample, input and output together.
    step: usize,
    /// Bytes that are taken whatever the blocks, and where samples are cut.
    fixed: usize,
    alone: usize,
    /// The least whole samples that are worked on at once.
    least: usize,
    /// Whether a sample may be cut.
    cut: bool,
}

/// The cap is too low.
#[derive(Debug, thiserror::Error)]
#[error(
    "--memory is {cap} bytes; two blocks of {what} take {} beside the {fixed} of the program: \
     --memory {}MiB is enough",
    .needed - .fixed,
    .needed.div_ceil(1 << 20).max(1)
)]
struct Shortage {
    cap: usize,
    what: String,
    needed: usize,
    fixed: usize,
}

impl Budget {
    /// Blocks for both passes; definitions take whole samples only.
    pub fn new(
        cap: usize,
        threads: usize,
        engine: Engine,
        size: &PlanSize,
    ) -> anyhow::Result<Budget> {
        let [samples, timesteps, _] = size.input;
        let input = per_row(size.input_bytes, size.input);
        let output = per_row(size.output_bytes, size.output);
        let cut = engine != Engine::Reference && !size.whole_samples;
        // A sample that is cut goes by itself, in one lane of one thread.
        let (work, alone) = match engine {
            Engine::Reference => (size.reference_bytes, size.reference_bytes),
            Engine::Level(_) if samples == 1 => (size.scratch_bytes, size.scratch_bytes),
            Engine::Level(_) => {
                let lanes = Level::best().lanes();
                (size.scratch_bytes.saturating_mul(threads), size.scratch_bytes / lanes)
            }
        };
        let (fixed, alone) = (work.saturating_add(PROGRAM), alone.saturating_add(PROGRAM));
        let load = Load { samples, timesteps, step: input + output, fixed, alone, least: 1, cut };
        let transform = Load {
            fixed: fixed.saturating_add(size.fitted_bytes),
            alone: alone.saturating_add(size.fitted_bytes),
            ..load
        };
        let transform = Blocks::new(cap, transform);
        let fit = Load {
            step: input,
            least: Fitting::BLOCK,
            fixed: fixed.saturating_add(statistics(size, threads)),
            alone: alone.saturating_add(statistics(size, 0)),
            ..load
        };
        let fit = Blocks::new(cap, fit);
        let (fit, transform) = match (fit, transform) {
            (Ok(fit), Ok(transform)) => (fit, transform),
            // What is enough for one may be too little for the other.
            (Err(fit), Err(transform)) if fit.needed > transform.needed => return Err(fit.into()),
            (_, Err(shortage)) | (Err(shortage), _) => return Err(shortage.into()),
        };
        Ok(Budget { cap, samples, output_bytes: size.output_bytes, fit, transform })
    }
}

impl Blocks {
    /// Blocks of as many samples as are worth it and fit; of timesteps where too few do.
    fn new(cap: usize, load: Load) -> Result<Blocks, Shortage> {
        let Load { samples, timesteps, step, fixed, alone: piece, least, cut } = load;
        let step = step.max(1);
        let sample = step.saturating_mul(timesteps).max(1);
        let room = cap.saturating_sub(fixed) / BLOCKS;
        let worth = (WORTH / sample).max(Fitting::BLOCK);
        let count = worth.min(room / sample).min(samples.max(1));
        let least = least.min(samples.max(1));
        // A sample alone is carried on in time all the same: cut, it is read and written meanwhile.
        let alone = samples == 1 && sample > WORTH;
        if cut && timesteps > 0 && (count < least || alone) {
            let most = WORTH.min(cap.saturating_sub(piece) / BLOCKS) / step;
            if most > 0 {
                let timesteps = most.min(timesteps);
                let bytes = piece + BLOCKS * timesteps * step;
                return Ok(Blocks { samples: 1, timesteps, bytes });
            }
        }
        if count < least {
            let fixed = if cut { piece } else { fixed };
            let (what, bytes) = match (cut, least) {
                (true, _) => ("a timestep".to_owned(), step),
                (false, 1) => ("a sample".to_owned(), sample),
                (false, _) => (format!("{least} samples"), least.saturating_mul(sample)),
            };
            let needed = fixed.saturating_add(BLOCKS.saturating_mul(bytes));
            return Err(Shortage { cap, what, needed, fixed });
        }
        // Whole groups of lanes, unless not even one fits.
        let whole = count - count % Fitting::BLOCK;
        let last = count >= samples;
        let count = if whole > 0 && !last { whole } else { count };
        Ok(Blocks { samples: count, timesteps, bytes: fixed + BLOCKS * count * sample })
    }

    /// Blocks for a look at a file.
    pub fn of_layout(cap: usize, layout: Layout) -> anyhow::Result<Blocks> {
        let [samples, timesteps, features] = layout.shape;
        let step = features * layout.dtype.size();
        let (fixed, alone, least) = (PROGRAM, PROGRAM, 1);
        let load = Load { samples, timesteps, step, fixed, alone, least, cut: true };
        Ok(Blocks::new(cap, load)?)
    }

    /// Whether samples are cut.
    pub fn cut_samples(&self, timesteps: usize) -> bool {
        self.timesteps < timesteps
    }

    /// In words.
    pub fn text(&self, timesteps: usize) -> String {
        match self.cut_samples(timesteps) {
            true => format!("{} of a sample at a time", print::count(self.timesteps, "timestep")),
            false => format!("{} at a time", print::count(self.samples, "sample")),
        }
    }
}

/// Bytes of what a fit learns, on so many threads.
fn statistics(size: &PlanSize, threads: usize) -> usize {
    size.fit_bytes.saturating_mul(threads + STATISTICS)
}

/// Bytes of a timestep of a sample.
fn per_row(bytes: usize, [samples, timesteps, _]: [usize; 3]) -> usize {
    bytes / (samples * timesteps).max(1)
}

/// Bytes of the longest JSON that is read.
pub fn longest_text(cap: usize) -> usize {
    cap.saturating_sub(PROGRAM) / JSON
}

/// Refuses saved state whose statistics are more than fit.
pub fn check_state(
    cap: usize,
    path: &Path,
    text: &str,
    bytes: impl Fn(&PlanSize) -> usize,
) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    struct Begun<'a> {
        pipeline: String,
        #[serde(borrow)]
        scalers: Vec<Scaler<'a>>,
    }
    #[derive(Deserialize)]
    struct Scaler<'a> {
        #[serde(borrow)]
        statistics: &'a RawValue,
    }
    // What is wrong with it is said by who reads it.
    let Ok(Begun { pipeline, scalers }) = serde_json::from_str(text) else { return Ok(()) };
    let Ok(pipeline) = Pipeline::from_toml(&pipeline) else { return Ok(()) };
    // A list is of timesteps.
    let timesteps = |scaler: &Scaler<'_>| {
        serde_json::from_str(scaler.statistics.get()).map_or(1, |list: Vec<IgnoredAny>| list.len())
    };
    let timesteps = scalers.iter().map(timesteps).max().unwrap_or(1);
    let shape = [1, timesteps.max(1), pipeline.input_columns().len()];
    let Ok(Some(size)) = pipeline.plan(Some(shape), None).map(|plan| plan.size) else {
        return Ok(());
    };
    let needed = bytes(&size).saturating_add(PROGRAM + text.len() * STATE_JSON);
    if needed > cap {
        bail!(
            "{}: its statistics may take {}; --memory is {}",
            path.display(),
            print::size(needed),
            print::size(cap),
        );
    }
    Ok(())
}

/// Refuses a fit by definitions, which takes a whole batch, where that does not fit.
pub fn check_whole(cap: usize, layout: Layout) -> anyhow::Result<()> {
    let [samples, timesteps, features] = layout.shape;
    let values = samples as u128 * timesteps as u128;
    let needed = PROGRAM as u128 + values * (features * layout.dtype.size()) as u128;
    if needed > cap as u128 {
        bail!(
            "--memory is {}; --level reference keeps the whole batch for its fit, which takes {}",
            print::size(cap),
            print::size(usize::try_from(needed).unwrap_or(usize::MAX)),
        );
    }
    Ok(())
}

/// Refuses a run that keeps its input and output in memory, where they take more than was given.
pub fn check_kept(given: Option<usize>, threads: usize, size: &PlanSize) -> anyhow::Result<()> {
    let Some(cap) = given else { return Ok(()) };
    let work = size.scratch_bytes.saturating_mul(threads).max(size.reference_bytes);
    let taken = [size.input_bytes, size.output_bytes, work, statistics(size, threads)];
    let needed = taken.into_iter().fold(PROGRAM, usize::saturating_add);
    if needed > cap {
        bail!(
            "--memory is {}; input and output stay in memory, which takes {}",
            print::size(cap),
            print::size(needed),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        for (text, bytes) in [
            ("1", 1),
            ("500000000", 500_000_000),
            ("256MiB", 256 << 20),
            ("256 mib", 256 << 20),
            ("1.5GB", 1_500_000_000),
            ("2g", 2 << 30),
            ("64K", 64 << 10),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in ["", "MiB", "0", "-1", "1e", "nan", "inf", "1TB", "1 2", "99999999999GB"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    fn load(samples: usize, timesteps: usize, step: usize) -> Load {
        Load { samples, timesteps, step, fixed: 0, alone: 0, least: 8, cut: false }
    }

    #[test]
    fn blocks_are_whole_groups_within_the_cap() {
        let blocks = |cap: usize, samples, sample| Blocks::new(cap, load(samples, 1, sample));
        assert_eq!(blocks(1 << 30, 1 << 20, 1000).unwrap().samples, WORTH / 1000 / 8 * 8);
        let few = Blocks { samples: 48, timesteps: 1, bytes: 96_000 };
        assert_eq!(blocks(100_000, 1 << 20, 1000).unwrap(), few);
        assert_eq!(blocks(1 << 30, 20, 1000).unwrap().samples, 20, "a small file is one block");
        assert_eq!(blocks(1 << 30, 3, 1000).unwrap().samples, 3);
        assert_eq!(blocks(1 << 40, 100, 1 << 30).unwrap().samples, 8, "long samples");
        let five = Blocks::new(10_000, Load { least: 1, ..load(100, 1, 1000) });
        assert_eq!(five.unwrap().samples, 5);
        let error = blocks(10_000, 100, 1000).unwrap_err().to_string();
        assert!(
            error.ends_with("take 16000 beside the 0 of the program: --memory 1MiB is enough"),
            "{error}"
        );
        assert!(blocks(0, 0, 0).is_err() && blocks(2, 0, 0).is_ok());
    }

    #[test]
    fn samples_are_cut_where_too_few_fit() {
        let blocks = |cap, samples, timesteps, step| {
            let load = Load { cut: true, ..load(samples, timesteps, step) };
            Blocks::new(cap, load).unwrap()
        };
        let piece = Blocks { samples: 1, timesteps: 250, bytes: 10_000 };
        assert_eq!(blocks(10_000, 100, 1000, 20), piece);
        assert_eq!(blocks(1 << 30, 100, 1000, 20).timesteps, 1000);
        assert_eq!(blocks(1 << 30, 1, 1 << 24, 20).timesteps, WORTH / 20, "alone");
        assert_eq!(blocks(40, 1, 1000, 20).timesteps, 1);
        assert!(Blocks::new(39, Load { cut: true, ..load(1, 1000, 20) }).is_err());
    }
}
