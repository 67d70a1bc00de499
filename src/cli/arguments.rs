//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use windrow::{Dtype, Engine};

use super::memory;

/// Scaled, lagged and indicator features for sequence tensors, in one pass at memory speed.
#[derive(Parser)]
#[command(version, after_help = FIRST_STEPS)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub global: Global,
}

const FIRST_STEPS: &str = "First steps:
  windrow demo                        make data, a pipeline and features in ./windrow-demo
  windrow indicators rsi              what one indicator computes and takes
  windrow plan PIPELINE.toml IN.npy   what a pipeline would do";

#[derive(Args)]
pub struct Global {
    /// How many threads work, from 1 to 1024; no more are started than 64, or one for each processor
    /// [default: one for each processor]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Instruction set: scalar, portable, avx2, avx512, or reference, the textbook definitions
    /// [default: WINDROW_LEVEL, or the best this processor has]
    #[arg(long, global = true, value_name = "NAME", value_parser = Engine::parse)]
    pub level: Option<Engine>,
    /// How much memory may be taken; files of any size go through it in blocks [default: 256MiB; of
    /// bench and demo, which keep all in memory, as much as that takes]
    #[arg(long, global = true, value_name = "SIZE", value_parser = memory::parse)]
    pub memory: Option<usize>,
    /// How results are written
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write results and errors only
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Subcommand)]
pub enum Command {
    /// Fit a pipeline on a batch and transform it
    ///
    /// Writes OUT.npy, and beside it OUT.fitted.json, which `windrow transform` applies to other
    /// batches, and OUT.columns.json: names, warm-ups and counts of the columns, and where they
    /// come from. All three appear together.
    Build(Build),
    /// Fit a pipeline on a batch and keep what was fitted
    Fit(Fit),
    /// Merge partial fits of shards into one fit
    ///
    /// The result is the same to the byte as a fit on all samples together, in whatever order the
    /// parts are named; samples that stand in two parts count twice. A pipeline whose scalers stand on each other, or look at quantiles, takes
    /// several passes: as long as there is one to come, the result is a partial fit again, with
    /// which `windrow fit --partial` makes the next pass over each shard.
    MergeFit(MergeFit),
    /// Apply a fitted pipeline to a batch
    Transform(Transform),
    /// Undo the scaling of features, or of what a model predicts of them
    Inverse(Inverse),
    /// Show what a pipeline would do: columns, warm-up, passes, memory; runs nothing
    Plan(Plan),
    /// Show shape, dtype and statistics of every feature of a batch
    Inspect(Inspect),
    /// List the indicators, or describe one
    ///
    /// Every function of TA-Lib 0.8.3 is there by its name in lower case.
    Indicators(Indicators),
    /// Time a pipeline: the reference, every level, one thread and all, and the memory limit
    ///
    /// Makes a batch of the shape in memory, checks that all levels give the same bits and the
    /// reference the same values, and prints medians. Ratios are what to compare: to the scalar
    /// level on one thread, and to moving the same bytes without computing anything.
    Bench(Bench),
    /// Make a realistic price batch, build it, and say what was done and how fast
    Demo(Demo),
}

#[derive(Args)]
pub struct Build {
    /// The pipeline file
    #[arg(value_name = "PIPELINE.toml")]
    pub pipeline: PathBuf,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub weights: Weights,
    #[command(flatten)]
    pub output: Features,
}

#[derive(Args)]
pub struct Fit {
    /// The pipeline file; with --partial also a partial fit, to go on from there
    #[arg(value_name = "PIPELINE.toml")]
    pub pipeline: PathBuf,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub weights: Weights,
    /// Where the fitted pipeline goes
    #[arg(short, long, value_name = "FITTED.json")]
    pub output: PathBuf,
    /// The batch is a part: write a partial fit, to be merged with others by `windrow merge-fit`
    #[arg(long)]
    pub partial: bool,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct MergeFit {
    /// Partial fits, from `windrow fit --partial`
    #[arg(value_name = "PART.json", required = true)]
    pub parts: Vec<PathBuf>,
    /// Where the fitted pipeline goes
    #[arg(short, long, value_name = "FITTED.json")]
    pub output: PathBuf,
    /// There are more parts to come: write a partial fit
    #[arg(long)]
    pub partial: bool,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Inverse {
    /// The fitted pipeline, from `windrow build` or `windrow fit`
    #[arg(value_name = "FITTED.json")]
    pub fitted: PathBuf,
    #[command(flatten)]
    pub input: Input,
    /// The columns that the batch holds, of those of the pipeline's output [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Where the result goes; the ending picks the format: .npy, .npz or .safetensors
    #[arg(short, long, value_name = "OUT.npy")]
    pub output: PathBuf,
    /// Replace a file that exists
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub struct Transform {
    /// The fitted pipeline, from `windrow build` or `windrow fit`
    #[arg(value_name = "FITTED.json")]
    pub fitted: PathBuf,
    #[command(flatten)]
    pub input: Input,
    #[command(flatten)]
    pub output: Features,
}

/// A batch that is read.
#[derive(Args)]
pub struct Input {
    /// The batch, (samples, timesteps, features): .npy, .npz or safetensors files, joined in this
    /// order; `data.npz:x` names an array, 'part-*.npy' is a pattern, whose files are taken as names
    /// are sorted, part-10 before part-2
    #[arg(value_name = "IN.npy", required = true)]
    pub files: Vec<PathBuf>,
    /// Read the numbers as f32 or f64; needed for f16 and integers
    #[arg(long, value_name = "DTYPE", value_parser = dtype)]
    pub cast: Option<Dtype>,
}

/// Weights of a batch.
#[derive(Args)]
pub struct Weights {
    /// How often each cell counts in the fit of `standardize`: an array (samples, 1) or (samples,
    /// timesteps), from 1e-30 to 1e30 or 0
    #[arg(long = "weights", value_name = "W.npy")]
    pub file: Option<PathBuf>,
}

/// Features that are written.
#[derive(Args)]
pub struct Features {
    /// Where the features go; the ending picks the format: .npy, .npz or .safetensors
    #[arg(short, long, value_name = "OUT.npy")]
    pub output: PathBuf,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
    /// Write files of N samples each, OUT-00000.npy and on, and OUT.manifest.json last
    #[arg(long, value_name = "N", value_parser = positive)]
    pub shard_samples: Option<usize>,
    /// Continue an interrupted run with --shard-samples, if all is as it was; shards from the first
    /// that is damaged are made again
    #[arg(long, requires = "shard_samples", conflicts_with = "force")]
    pub resume: bool,
    /// Fail where a feature is NaN beyond its warm-up, or infinite
    #[arg(long)]
    pub require_finite: bool,
}

#[derive(Args)]
pub struct Plan {
    /// The pipeline file
    #[arg(value_name = "PIPELINE.toml")]
    pub pipeline: PathBuf,
    /// A batch whose shape and dtype to plan for
    #[arg(value_name = "IN.npy", conflicts_with_all = ["shape", "dtype"])]
    pub input: Option<PathBuf>,
    /// Read the numbers as f32 or f64; needed for f16 and integers
    #[arg(long, value_name = "DTYPE", value_parser = dtype, requires = "input")]
    pub cast: Option<Dtype>,
    /// The shape to plan for
    #[arg(long, value_name = "SAMPLES,TIMESTEPS,FEATURES", value_parser = shape)]
    pub shape: Option<[usize; 3]>,
    /// The dtype to plan for: f32 or f64
    #[arg(long, value_parser = dtype)]
    pub dtype: Option<Dtype>,
}

#[derive(Args)]
pub struct Inspect {
    /// The batch, or the manifest of several files
    #[arg(value_name = "FILE.npy")]
    pub file: PathBuf,
    /// Read the numbers as f32 or f64; needed for f16 and integers
    #[arg(long, value_name = "DTYPE", value_parser = dtype)]
    pub cast: Option<Dtype>,
}

#[derive(Args)]
pub struct Indicators {
    /// One of them
    pub name: Option<String>,
    /// List those of a group only, such as momentum
    #[arg(long, value_name = "GROUP", conflicts_with = "name")]
    pub group: Option<String>,
    /// List those only whose name or title has this text
    #[arg(long, value_name = "TEXT", conflicts_with = "name")]
    pub find: Option<String>,
}

#[derive(Args)]
pub struct Bench {
    /// The pipeline file
    #[arg(value_name = "PIPELINE.toml")]
    pub pipeline: PathBuf,
    /// The shape of the batch
    #[arg(long, value_name = "SAMPLES,TIMESTEPS,FEATURES", value_parser = shape)]
    pub shape: [usize; 3],
    /// The dtype of the batch: f32 or f64
    #[arg(long, value_parser = dtype, default_value = "f32")]
    pub dtype: Dtype,
    /// How many rounds; every round times everything once
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub rounds: u16,
}

#[derive(Args)]
pub struct Demo {
    /// The folder to make
    #[arg(value_name = "DIR", default_value = "windrow-demo")]
    pub folder: PathBuf,
    /// How many samples to make; every fifth is kept for the test
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = samples)]
    pub samples: usize,
    /// Replace files that exist
    #[arg(long)]
    pub force: bool,
}

fn shape(text: &str) -> Result<[usize; 3], String> {
    let axes: Result<Vec<usize>, _> = text.split(',').map(|axis| axis.trim().parse()).collect();
    axes.ok()
        .and_then(|axes| axes.try_into().ok())
        .ok_or_else(|| "expected three whole numbers, as in 20000,120,5".to_owned())
}

fn dtype(text: &str) -> Result<Dtype, String> {
    Dtype::parse(text).ok_or_else(|| "expected f32 or f64".to_owned())
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err("expected a whole number from 1 on".to_owned()),
    }
}

fn samples(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n @ 10..=10_000_000) => Ok(n),
        _ => Err("expected a whole number from 10 to 10000000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        super::Arguments::command().debug_assert();
    }
}
