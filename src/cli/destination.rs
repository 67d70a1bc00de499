//! Where features go: one file, or shards, each with what is written beside them.

use std::path::{Path, PathBuf};

use anyhow::bail;
use ndarray::ArrayView3;
use windrow::io::{ArrayOutput, Fingerprint, Output, Source};
use windrow::{Dtype, Element, FittedPipeline, Run};

use super::arguments;
use super::files::{self, Targets};
use super::memory::{Blocks, Budget};
use super::parts::parts;
use super::print;
use super::provenance::{self, fitted_text};
use super::session::Session;
use super::shards::{Earlier, Sharded};
use super::stream::{self, Sink};
use super::tally::Tally;

/// Outputs that are open, before anything is computed for them.
pub struct Destination<'a> {
    session: &'a Session,
    arguments: &'a arguments::Features,
    targets: Targets,
    /// Where the fitted pipeline goes, if it is written.
    fitted: Option<Output>,
    /// The columns file or the manifest.
    beside: Output,
    kind: Kind,
}

enum Kind {
    Single(Output),
    Sharded { per: usize, earlier: Box<Earlier> },
}

/// What was written.
pub struct Written {
    pub features: PathBuf,
    pub beside: PathBuf,
    pub shape: [usize; 3],
    pub dtype: Dtype,
}

impl<'a> Destination<'a> {
    /// Checks and opens everything that will be written.
    pub fn open(
        session: &'a Session,
        arguments: &'a arguments::Features,
        with_fitted: bool,
        inputs: &[&Path],
        budget: &Budget,
    ) -> anyhow::Result<Destination<'a>> {
        let force = arguments.force;
        let targets = Targets::of(&arguments.output)?;
        let mut fitted = None;
        // A run that is continued may be complete, or was killed between the last two names.
        let noted = [&targets.manifest, &targets.unfinished].into_iter().any(|path| path.exists());
        let again = force || arguments.resume && noted;
        let sharded = arguments.shard_samples.is_some();
        let beside = if sharded { &targets.manifest } else { &targets.columns };
        if with_fitted {
            files::check(&targets.fitted, inputs, again)?;
        }
        files::check(beside, inputs, again)?;
        if !sharded {
            files::check(&targets.features, inputs, force)?;
        }
        if with_fitted {
            fitted = Some(files::open_one(session, &targets.fitted, again)?);
        }
        let beside = files::open_one(session, beside, again)?;
        let mut rest = budget.samples;
        let kind = match arguments.shard_samples {
            None => Kind::Single(files::open_one(session, &targets.features, force)?),
            Some(per) => {
                let shards = budget.samples.div_ceil(per);
                let earlier = Earlier::find(session, arguments, &targets, inputs, shards)?;
                rest = rest.saturating_sub(earlier.samples());
                Kind::Sharded { per, earlier: Box::new(earlier) }
            }
        };
        let sample = budget.output_bytes / budget.samples.max(1);
        beside.check_room(&targets.features, sample * rest)?;
        Ok(Destination { session, arguments, targets, fitted, beside, kind })
    }

    /// Transforms a source, writes the features and what belongs beside them, and makes all of it
    /// appear. `seen` is the fingerprint that the fit saw.
    pub fn receive(
        self,
        source: &Source,
        fitted: &FittedPipeline,
        blocks: Blocks,
        run: &Run<'_>,
        seen: Option<String>,
    ) -> anyhow::Result<Written> {
        let Destination { session, arguments, targets, fitted: fitted_out, mut beside, kind } =
            self;
        let layout = source.layout();
        let (samples, timesteps, columns) = fitted.output_shape(layout.shape.into())?;
        let shape = [samples, timesteps, columns];
        let dtype = fitted.output_dtype(layout.dtype);
        let mut manifest = provenance::manifest(fitted, shape, dtype, &run.engine.to_string());
        manifest.require_finite = arguments.require_finite;
        let tally = Tally::new(fitted.columns(), fitted.warmups(), arguments.require_finite);
        let stream = Stream { source, fitted, blocks, run, seen: seen.as_deref() };
        let (features, input, tally) = match kind {
            Kind::Single(output) => {
                let array = ArrayOutput::begin(output, targets.format, shape, dtype)?;
                let mut sink = Single { array, tally, fingerprint: Fingerprint::new() };
                let input = stream.pour(&mut sink, usize::MAX)?;
                manifest.fingerprint = Some(sink.fingerprint.text());
                (Some(sink.array.end()?), input, sink.tally)
            }
            Kind::Sharded { per, earlier } => {
                let mut sink = Sharded::begin(session, &targets, manifest, tally, per, *earlier)?;
                let input = stream.pour(&mut sink, per)?;
                let tally;
                (manifest, tally) = sink.end()?;
                (None, input, tally)
            }
        };
        provenance::finish(&mut manifest, source, input, &tally);
        beside.write_text(&manifest.to_json())?;
        let mut outputs = Vec::new();
        if let Some(mut output) = fitted_out {
            output.write_text(&fitted_text(fitted))?;
            outputs.push(output);
        }
        outputs.push(beside);
        // The features last: who sees them finds what belongs to them.
        outputs.extend(features);
        files::commit(outputs)?;
        for warning in tally.warnings(timesteps).iter().filter(|_| !session.quiet) {
            print::warn(warning);
        }
        if arguments.shard_samples.is_none() {
            return Ok(Written {
                features: targets.features,
                beside: targets.columns,
                shape,
                dtype,
            });
        }
        // Of no use any more, and of no harm: a manifest is there.
        let _ = std::fs::remove_file(&targets.unfinished);
        Ok(Written { features: targets.manifest.clone(), beside: targets.manifest, shape, dtype })
    }
}

/// A source on its way through a fitted pipeline.
struct Stream<'a> {
    source: &'a Source,
    fitted: &'a FittedPipeline,
    blocks: Blocks,
    run: &'a Run<'a>,
    seen: Option<&'a str>,
}

impl Stream<'_> {
    /// Transforms all of it into a sink whose blocks end at multiples of `cut`; gives the source's
    /// fingerprint.
    fn pour<S: Sink<f32> + Sink<f64>>(&self, sink: &mut S, cut: usize) -> anyhow::Result<String> {
        let input = self.source.layout().dtype;
        let fingerprint = match (input, self.fitted.output_dtype(input)) {
            (Dtype::F32, Dtype::F32) => self.transform::<f32, f32>(sink, cut),
            (Dtype::F32, Dtype::F64) => self.transform::<f32, f64>(sink, cut),
            (Dtype::F64, Dtype::F32) => self.transform::<f64, f32>(sink, cut),
            (Dtype::F64, Dtype::F64) => self.transform::<f64, f64>(sink, cut),
        }?;
        match self.seen.is_some_and(|seen| seen != fingerprint) {
            true => bail!("the input changed between fit and transform; nothing is written"),
            false => Ok(fingerprint),
        }
    }

    fn transform<E: Element, O: Element>(
        &self,
        sink: &mut impl Sink<O>,
        cut: usize,
    ) -> anyhow::Result<String> {
        let Stream { source, fitted, blocks, run, .. } = self;
        let [samples, timesteps, _] = source.layout().shape;
        let parts = parts(samples, timesteps, *blocks, cut);
        stream::transform::<E, O>(source, fitted, *blocks, parts, run, sink)
    }
}

/// One file.
struct Single {
    array: ArrayOutput,
    tally: Tally,
    fingerprint: Fingerprint,
}

impl<O: Element> Sink<O> for Single {
    fn start(&self) -> usize {
        0
    }

    fn passed(&mut self, _: usize, _: &str) -> anyhow::Result<()> {
        Ok(())
    }

    fn take(&mut self, y: ArrayView3<'_, O>, ends: bool, _: &str) -> anyhow::Result<()> {
        let Single { array, tally, fingerprint } = self;
        stream::write(array, y, ends, |y, ends| {
            tally.push(y, ends)?;
            fingerprint.push(y.as_slice().expect("blocks are in C order"));
            Ok(())
        })
    }
}
