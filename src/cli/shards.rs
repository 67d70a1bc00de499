//! Features in files of some samples each, finished one by one, and continued after an interruption.
//!
//! What is finished stands in `OUT.unfinished.json` until the manifest takes its place. Both have
//! one form, so a run that continues compares them field by field with what it would write itself.

use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use ndarray::ArrayView3;
use windrow::io::{ArrayOutput, Fingerprint, Manifest, Shard, Shards, Source};
use windrow::{Dtype, Element, Engine};

use super::arguments;
use super::files::{self, Targets};
use super::memory::Blocks;
use super::parts::parts;
use super::print;
use super::provenance;
use super::session::Session;
use super::signals;
use super::stream::{self, Sink};
use super::tally::Tally;

/// More files than this are a mistake.
const MOST: usize = 99_999;

/// What earlier runs left behind.
pub struct Earlier {
    /// What the run that is continued had finished, if one is, and where that stands.
    finished: Option<(PathBuf, Manifest)>,
    /// Shards of a run that is replaced; the first stays until the new one takes its place.
    obsolete: Vec<PathBuf>,
}

impl Earlier {
    /// Looks for it, and refuses what would be in the way.
    pub fn find(
        session: &Session,
        arguments: &arguments::Features,
        targets: &Targets,
        inputs: &[&Path],
        shards: usize,
    ) -> anyhow::Result<Earlier> {
        if shards > MOST {
            bail!("--shard-samples makes {shards} files of this input; at most {MOST} are written");
        }
        let Targets { unfinished, manifest, .. } = targets;
        files::check(unfinished, inputs, true)?;
        let mut earlier = Earlier { finished: None, obsolete: Vec::new() };
        if arguments.force {
            for old in [unfinished, manifest] {
                let old = provenance::read(session, old).ok().and_then(|manifest| manifest.shards);
                let old = old.map_or(0, |shards| shards.files.len().min(MOST));
                earlier.obsolete.extend((shards.min(1)..old).map(|index| targets.shard(index)));
            }
        } else if arguments.resume {
            // A manifest comes after all that was noted before it.
            if let Some(noted) = [manifest, unfinished].into_iter().find(|path| path.exists()) {
                earlier.finished = Some((noted.clone(), provenance::read(session, noted)?));
            }
        } else if unfinished.exists() {
            bail!(
                "{}: is of an interrupted run; --resume continues it, --force starts anew",
                unfinished.display()
            );
        }
        let finished = earlier.shards().len();
        for index in finished..shards {
            // A shard that appeared and was not noted any more is made again.
            let again = earlier.finished.is_some() && index == finished;
            files::check(&targets.shard(index), inputs, arguments.force || again)?;
        }
        Ok(earlier)
    }

    /// Samples of the shards that are finished.
    pub fn samples(&self) -> usize {
        self.shards().iter().map(|shard| shard.samples).sum()
    }

    fn shards(&self) -> &[Shard] {
        let shards = self.finished.as_ref().and_then(|(_, finished)| finished.shards.as_ref());
        shards.map_or(&[], |shards| &shards.files)
    }
}

/// Shards being written.
pub struct Sharded<'a> {
    session: &'a Session,
    targets: &'a Targets,
    manifest: Manifest,
    /// Samples of a shard.
    per: usize,
    tally: Tally,
    open: Option<Open>,
    /// Of the values of all shards.
    whole: Fingerprint,
    /// Shards that the run which is continued had finished, where that stands, and samples of them
    /// that were read once more.
    resumed: usize,
    noted: PathBuf,
    passed: usize,
    /// Files that are removed once the first shard is made.
    obsolete: Vec<PathBuf>,
}

/// The shard under way.
struct Open {
    array: ArrayOutput,
    fingerprint: Fingerprint,
    /// Samples of it that are written.
    samples: usize,
    /// The counts before it.
    before: Tally,
}

impl<'a> Sharded<'a> {
    /// Begins, or checks that the run which is continued was this one.
    pub fn begin(
        session: &'a Session,
        targets: &'a Targets,
        mut manifest: Manifest,
        tally: Tally,
        per: usize,
        earlier: Earlier,
    ) -> anyhow::Result<Sharded<'a>> {
        manifest.shards = Some(Shards { samples: per, files: Vec::new() });
        let mut sharded = Sharded {
            session,
            targets,
            manifest,
            per,
            tally,
            open: None,
            whole: Fingerprint::new(),
            resumed: 0,
            noted: PathBuf::new(),
            passed: 0,
            obsolete: earlier.obsolete,
        };
        if let Some((noted, finished)) = earlier.finished {
            sharded.noted = noted;
            sharded.take_over(finished)?;
        }
        Ok(sharded)
    }

    /// Checks what the run that is continued had finished, up to the first shard that is damaged.
    fn take_over(&mut self, mut finished: Manifest) -> anyhow::Result<()> {
        let name = self.noted.display();
        let refuse = |what: &str| anyhow!("{name}: {what}; --force starts anew");
        let mut shards = finished.shards.take().unwrap_or(Shards { samples: 0, files: Vec::new() });
        // Another level changes no bit; the definitions do.
        let reference = Engine::Reference.to_string();
        if (finished.level == reference) != (self.manifest.level == reference) {
            let (was, is) = (&finished.level, &self.manifest.level);
            return Err(refuse(&format!("is of a run by {was}; by {is} other bits would follow")));
        }
        finished.level.clone_from(&self.manifest.level);
        // What a complete run knows besides is found again.
        (finished.fingerprint, finished.input) = (None, None);
        for column in &mut finished.columns {
            (column.nan, column.infinite) = (None, None);
        }
        finished.shards.clone_from(&self.manifest.shards);
        if finished != self.manifest || shards.samples != self.per {
            return Err(refuse("the pipeline, what was fitted, the shapes or the shards differ"));
        }
        let strange = |(index, shard): (usize, &Shard)| {
            let path = self.targets.shard(index);
            path.file_name().is_none_or(|file| *file != *shard.file)
        };
        if let Some(index) = shards.files.iter().enumerate().position(strange) {
            return Err(refuse(&format!("shard {index} is not as this run would make it")));
        }
        for (index, shard) in shards.files.iter().enumerate() {
            if let Err(error) = self.look(&self.targets.shard(index), shard) {
                if !self.session.quiet {
                    let again = format!("shard {index} and those after it are made again");
                    print::message(&print::one_line(&format!("{error}; {again}")));
                }
                let after = index + 1..shards.files.len();
                self.obsolete.extend(after.map(|index| self.targets.shard(index)));
                break;
            }
            add(&mut self.tally.nan, &shard.nan);
            add(&mut self.tally.infinite, &shard.infinite);
            self.resumed += 1;
        }
        shards.files.truncate(self.resumed);
        self.tally.skip(self.manifest.shape[0].min(self.resumed * self.per));
        self.manifest.shards = Some(shards);
        Ok(())
    }

    /// Whether a finished shard is still what was written; its values then go into those of all.
    fn look(&mut self, path: &Path, shard: &Shard) -> anyhow::Result<()> {
        let source = Source::open(&[path], None)?;
        let [_, timesteps, columns] = self.manifest.shape;
        let [_, found_timesteps, found_columns] = source.layout().shape;
        if [found_timesteps, found_columns] != [timesteps, columns]
            || source.layout().dtype.name() != self.manifest.dtype
        {
            bail!("{}: is not as this run would make it", path.display());
        }
        let mut whole = self.whole.clone();
        let found = match source.layout().dtype {
            Dtype::F32 => look::<f32>(self.session, &source, &mut whole),
            Dtype::F64 => look::<f64>(self.session, &source, &mut whole),
        }?;
        if found != shard.fingerprint {
            bail!("{}: is not what was written (its fingerprint)", path.display());
        }
        self.whole = whole;
        Ok(())
    }

    /// The shards, and the counts of all.
    pub fn end(mut self) -> anyhow::Result<(Manifest, Tally)> {
        let complete = self.noted == self.targets.manifest && self.resumed == self.files().len();
        if complete && !self.session.quiet {
            let name = self.noted.display();
            let line = format!("{name}: is complete already, and its shards are what was written");
            print::message(&print::one_line(&line));
        }
        // Still there where no shard was made.
        self.obsolete.iter().try_for_each(|path| remove(path))?;
        self.manifest.fingerprint = Some(self.whole.text());
        Ok((self.manifest, self.tally))
    }

    fn files(&mut self) -> &mut Vec<Shard> {
        &mut self.manifest.shards.as_mut().expect("set at the begin").files
    }

    /// Writes down what is finished.
    fn note(&self) -> anyhow::Result<()> {
        let mut output = files::open_one(self.session, &self.targets.unfinished, true)?;
        output.write_text(&self.manifest.to_json())?;
        files::commit(vec![output])?;
        signals::resumable(&self.targets.unfinished);
        Ok(())
    }

    /// The samples of a shard.
    fn samples(&self, index: usize) -> usize {
        self.per.min(self.manifest.shape[0] - index * self.per)
    }

    fn next(&mut self, dtype: Dtype) -> anyhow::Result<Open> {
        let index = self.files().len();
        let [_, timesteps, columns] = self.manifest.shape;
        let shape = [self.samples(index), timesteps, columns];
        // What may be there was looked at before the run.
        let output = files::open_one(self.session, &self.targets.shard(index), true)?;
        let array = ArrayOutput::begin(output, self.targets.format, shape, dtype)?;
        let (fingerprint, before) = (Fingerprint::new(), self.tally.clone());
        Ok(Open { array, fingerprint, samples: 0, before })
    }
}

impl<O: Element> Sink<O> for Sharded<'_> {
    fn start(&self) -> usize {
        self.manifest.shape[0].min(self.resumed * self.per)
    }

    fn passed(&mut self, samples: usize, so_far: &str) -> anyhow::Result<()> {
        self.passed += samples;
        let at_end = self.passed == self.manifest.shape[0] || self.passed.is_multiple_of(self.per);
        let index = self.passed.div_ceil(self.per) - 1;
        if at_end && self.files()[index].input != so_far {
            bail!(
                "{}: the input is not the one that shard {index} was made from; --force starts anew",
                self.noted.display()
            );
        }
        Ok(())
    }

    fn take(&mut self, y: ArrayView3<'_, O>, ends: bool, so_far: &str) -> anyhow::Result<()> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.next(O::DTYPE)?,
        };
        let Sharded { tally, whole, .. } = self;
        stream::write(&mut open.array, y, ends, |y, ends| {
            tally.push(y, ends)?;
            let values = y.as_slice().expect("blocks are in C order");
            whole.push(values);
            open.fingerprint.push(values);
            Ok(())
        })?;
        open.samples += if ends { y.dim().0 } else { 0 };
        let index = self.files().len();
        if open.samples < self.samples(index) {
            self.open = Some(open);
            return Ok(());
        }
        let Open { array, fingerprint, samples, before } = open;
        let path: PathBuf = self.targets.shard(index);
        let shard = Shard {
            file: path.file_name().unwrap_or_default().display().to_string(),
            samples,
            fingerprint: fingerprint.text(),
            input: so_far.to_owned(),
            nan: since(&self.tally.nan, &before.nan),
            infinite: since(&self.tally.infinite, &before.infinite),
        };
        let output = array.end()?;
        if index == self.resumed {
            // Old shards are of no use from here on, and must not be taken for new ones. Their manifest
            // goes last: whenever this run is killed, one that continues finds it or the note.
            self.note()?;
            self.obsolete.drain(..).try_for_each(|path| remove(&path))?;
            remove(&self.targets.manifest)?;
        }
        files::commit(vec![output])?;
        self.files().push(shard);
        self.note()
    }
}

/// The fingerprint of a file, whose values also go into `whole`.
fn look<O: Element>(
    session: &Session,
    source: &Source,
    whole: &mut Fingerprint,
) -> anyhow::Result<String> {
    let [samples, timesteps, _] = source.layout().shape;
    let blocks = Blocks::of_layout(session.memory(), source.layout())?;
    let parts = parts(samples, timesteps, blocks, usize::MAX);
    stream::read::<O>(source, blocks, parts, |x, _, _| {
        whole.push(x.as_slice().expect("blocks are in C order"));
        Ok(())
    })
}

fn add(to: &mut [u64], counts: &[u64]) {
    to.iter_mut().zip(counts).for_each(|(to, count)| *to += count);
}

fn since(now: &[u64], before: &[u64]) -> Vec<u64> {
    now.iter().zip(before).map(|(now, before)| now - before).collect()
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(anyhow!("cannot remove {}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}
