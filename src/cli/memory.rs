//! How much memory a run may take, and how its files are cut into blocks for that.

use anyhow::bail;
use serde::Serialize;
use windrow::io::Layout;
use windrow::{Dtype, Fitting, PlanSize};

use super::print;

/// What `--memory` is when it is not given.
pub const DEFAULT: &str = "256MiB";

/// The program itself: code, stacks, buffers that do not grow with the data.
const PROGRAM: usize = 24 << 20;

/// Blocks of each kind: one is worked on while the next is read, or the one before written.
const BLOCKS: usize = 2;

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

/// How a pass over a file is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Blocks {
    /// Samples that are worked on at once.
    pub samples: usize,
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

impl Budget {
    /// Blocks for both passes.
    pub fn new(cap: usize, threads: usize, size: &PlanSize) -> anyhow::Result<Budget> {
        let samples = size.input[0];
        let input = per_sample(size.input_bytes, samples);
        let output = per_sample(size.output_bytes, samples);
        let fixed = PROGRAM + threads * size.scratch_bytes;
        let fit = Blocks::new(cap, fixed, samples, input, Fitting::BLOCK)?;
        let transform = Blocks::new(cap, fixed, samples, input + output, 1)?;
        Ok(Budget { cap, samples, output_bytes: size.output_bytes, fit, transform })
    }
}

impl Blocks {
    /// Blocks of as many samples as are worth it and fit; at least `least`.
    fn new(
        cap: usize,
        fixed: usize,
        samples: usize,
        sample: usize,
        least: usize,
    ) -> anyhow::Result<Blocks> {
        let sample = sample.max(1);
        let room = cap.saturating_sub(fixed) / (BLOCKS * sample);
        let count = (WORTH / sample).max(Fitting::BLOCK).min(room).min(samples.max(1));
        // Whole groups of lanes, unless not even one fits.
        let whole = count - count % Fitting::BLOCK;
        let last = count >= samples;
        let count = if whole > 0 && !last { whole } else { count };
        let least = least.min(samples.max(1));
        if count < least {
            let needed = fixed.saturating_add(BLOCKS.saturating_mul(least.saturating_mul(sample)));
            bail!(
                "--memory is {cap} bytes; two blocks of {least} samples take {} beside the {fixed} \
                 of the program: --memory {}MiB is enough",
                needed - fixed,
                needed.div_ceil(1 << 20).max(1),
            );
        }
        Ok(Blocks { samples: count, bytes: fixed + BLOCKS * count * sample })
    }

    /// Blocks for a look at a file.
    pub fn of_layout(cap: usize, layout: Layout) -> anyhow::Result<Blocks> {
        let [samples, timesteps, features] = layout.shape;
        let sample = timesteps * features * layout.dtype.size();
        Blocks::new(cap, PROGRAM, samples, sample, 1)
    }
}

fn per_sample(bytes: usize, samples: usize) -> usize {
    bytes / samples.max(1)
}

/// Refuses a fit by definitions, which keeps all values, where they do not fit.
pub fn check_whole(cap: usize, layout: Layout) -> anyhow::Result<()> {
    let [samples, timesteps, features] = layout.shape;
    let values = samples as u128 * timesteps as u128;
    let needed =
        PROGRAM as u128 + values * (features * layout.dtype.size() + Dtype::F64.size()) as u128;
    if needed > cap as u128 {
        bail!(
            "--memory is {}; --level reference keeps the whole batch for its fit, which takes {}",
            print::size(cap),
            print::size(usize::try_from(needed).unwrap_or(usize::MAX)),
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

    #[test]
    fn blocks_are_whole_groups_within_the_cap() {
        let blocks = |cap: usize, samples, sample| Blocks::new(cap, 0, samples, sample, 8);
        assert_eq!(blocks(1 << 30, 1 << 20, 1000).unwrap().samples, WORTH / 1000 / 8 * 8);
        assert_eq!(blocks(100_000, 1 << 20, 1000).unwrap(), Blocks { samples: 48, bytes: 96_000 });
        assert_eq!(blocks(1 << 30, 20, 1000).unwrap().samples, 20, "a small file is one block");
        assert_eq!(blocks(1 << 30, 3, 1000).unwrap().samples, 3);
        assert_eq!(blocks(1 << 40, 100, 1 << 30).unwrap().samples, 8, "long samples");
        assert_eq!(Blocks::new(10_000, 0, 100, 1000, 1).unwrap().samples, 5);
        let error = blocks(10_000, 100, 1000).unwrap_err().to_string();
        assert!(
            error.ends_with("take 16000 beside the 0 of the program: --memory 1MiB is enough"),
            "{error}"
        );
        assert!(blocks(0, 0, 0).is_err() && blocks(2, 0, 0).is_ok());
    }
}
