//! Passes over files in parts: while one is computed, the next is read and the one before
//! written.
//!
//! Every block that is under way is one of two that are there from the start, so memory is what the
//! budget says, whatever the size of the files. Threads that each read, compute and write a slice of
//! their own, in turn, took 1.2 times as long; blocks from 128 KiB to 8 MiB as long.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{Builder, Scope, ScopedJoinHandle};

use anyhow::anyhow;
use ndarray::{Array3, ArrayBase, ArrayView3, Axis, Ix3, RawData, s};
use windrow::io::{ArrayOutput, Fingerprint, Source, block};
use windrow::{Element, FittedPipeline, Run};

use super::memory::{BLOCKS, Blocks};
use super::parts::{Part, TransformParts};

/// A part on its way.
struct Filled<E> {
    values: Array3<E>,
    part: Part,
    /// Rows of each sample that are filled.
    rows: usize,
    /// The fingerprint of the source up to and with it.
    so_far: String,
}

impl<E> Filled<E> {
    fn view(&self) -> ArrayView3<'_, E> {
        self.values.slice(s![..self.part.samples, ..self.rows, ..])
    }
}

/// Calls `work` with the parts of a source in order, no larger than `blocks`, which read it to its
/// end; gives the source's fingerprint.
pub fn read<E: Element>(
    source: &Source,
    blocks: Blocks,
    parts: impl Iterator<Item = Part> + Send,
    mut work: impl FnMut(ArrayView3<'_, E>, Part, &str) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let features = source.layout().shape[2];
    let (filled, ready) = sync_channel(BLOCKS);
    let (empty, back) = channel();
    for _ in 0..BLOCKS {
        let block = block([blocks.samples, blocks.timesteps, features])?;
        empty.send(block).expect("the other end is here");
    }
    std::thread::scope(|scope| {
        let reader = spawn(scope, move || fill(source, parts, &back, &filled))?;
        let mut worked = Ok(());
        // The end comes when the reader has let go of its own.
        while let Ok(filled) = ready.recv() {
            worked = work(Filled::<E>::view(&filled), filled.part, &filled.so_far);
            if worked.is_err() {
                break;
            }
            // Nobody takes it back after the last.
            let _ = empty.send(filled.values);
        }
        drop((ready, empty));
        let read = join(reader);
        worked?;
        read
    })
}

/// Reads parts until all are read or nobody wants more.
fn fill<E: Element>(
    source: &Source,
    parts: impl Iterator<Item = Part>,
    empty: &Receiver<Array3<E>>,
    filled: &SyncSender<Filled<E>>,
) -> anyhow::Result<String> {
    let mut reader = source.reader();
    let mut fingerprint = Fingerprint::new();
    for part in parts {
        let Ok(mut values) = empty.recv() else { return Ok(fingerprint.text()) };
        let mut into = values.slice_mut(s![..part.samples, ..part.timesteps, ..]);
        // Files in another order are not read row by row.
        let (axis, most) = if source.in_rows() { slices(&into) } else { (Axis(0), usize::MAX) };
        for mut into in into.axis_chunks_iter_mut(axis, most) {
            reader.read(into.view_mut())?;
            fingerprint.push(into.as_slice().expect("the first rows of a block in C order"));
        }
        let so_far = fingerprint.text();
        if filled.send(Filled { values, part, rows: part.timesteps, so_far }).is_err() {
            return Ok(fingerprint.text());
        }
    }
    reader.end()?;
    source.check()?;
    Ok(fingerprint.text())
}

/// Where the parts of a transform go, in their order.
pub trait Sink<O>: Send {
    /// The first sample that it does not have yet.
    fn start(&self) -> usize;

    /// Samples that it has, read once more: the fingerprint of the input up to and with them.
    fn passed(&mut self, samples: usize, so_far: &str) -> anyhow::Result<()>;

    /// The next rows of some samples, whether they end them, and the fingerprint of the input up to
    /// and with them.
    fn take(&mut self, y: ArrayView3<'_, O>, ends: bool, so_far: &str) -> anyhow::Result<()>;
}

/// What goes to a sink.
enum Sent<O> {
    Passed(usize, String),
    Made(Filled<O>),
}

/// Transforms a source into a sink; gives the source's fingerprint.
pub fn transform<E: Element, O: Element>(
    source: &Source,
    fitted: &FittedPipeline,
    blocks: Blocks,
    parts: impl Iterator<Item = Part> + Send,
    run: &Run<'_>,
    sink: &mut impl Sink<O>,
) -> anyhow::Result<String> {
    let [_, timesteps, features] = source.layout().shape;
    let (_, kept, columns) = fitted.output_shape((blocks.samples, timesteps, features))?;
    let (made, ready) = sync_channel(BLOCKS);
    let (empty, back) = channel();
    for _ in 0..BLOCKS {
        let block = block::<O>([blocks.samples, kept.min(blocks.timesteps), columns])?;
        empty.send(block).expect("the other end is here");
    }
    let first = sink.start();
    std::thread::scope(|scope| {
        let writer = spawn(scope, move || drain(sink, &ready, &empty))?;
        let mut transform = TransformParts::new(fitted, timesteps, run);
        let mut sample = 0;
        let mut stopped = false;
        let read = read::<E>(source, blocks, parts, |x, part, so_far| {
            let so_far = so_far.to_owned();
            let passed = if part.ends { part.samples } else { 0 };
            let sent = if sample < first {
                Sent::Passed(passed, so_far)
            } else {
                let Ok(mut values) = back.recv() else {
                    stopped = true;
                    anyhow::bail!("the output cannot be written");
                };
                let rows = transform.push(x, part, &mut values)?;
                Sent::Made(Filled { values, part, rows, so_far })
            };
            sample += passed;
            if made.send(sent).is_err() {
                stopped = true;
                anyhow::bail!("the output cannot be written");
            }
            Ok(())
        });
        drop((made, back));
        let written = join(writer);
        match stopped {
            // The writer knows why.
            true => written.and(read),
            false => read.and_then(|fingerprint| written.map(|()| fingerprint)),
        }
    })
}

/// Gives parts to the sink until there are no more.
fn drain<O: Element>(
    sink: &mut impl Sink<O>,
    made: &Receiver<Sent<O>>,
    empty: &Sender<Array3<O>>,
) -> anyhow::Result<()> {
    while let Ok(sent) = made.recv() {
        match sent {
            // Only samples that have ended tell anything.
            Sent::Passed(0, _) => {}
            Sent::Passed(samples, so_far) => sink.passed(samples, &so_far)?,
            Sent::Made(filled) => {
                sink.take(filled.view(), filled.part.ends, &filled.so_far)?;
                // Nobody takes it back after the last.
                let _ = empty.send(filled.values);
            }
        }
    }
    Ok(())
}

/// Writes rows of some samples, and shows them to `look` meanwhile, slice by slice, each with whether
/// it ends them, as `ends` says of all.
///
/// On two threads, as the system keeps the one that writes busy longer than anything else keeps
/// another (measured: a transform on 2 cores came from 0.78 of copying its bytes to 0.95; with cheap
/// counts, on a slower machine, one thread for both takes 1.1 times as long).
pub fn write<O: Element>(
    array: &mut ArrayOutput,
    y: ArrayView3<'_, O>,
    ends: bool,
    mut look: impl FnMut(ArrayView3<'_, O>, bool) -> anyhow::Result<()> + Send,
) -> anyhow::Result<()> {
    let (axis, most) = slices(&y);
    let whole = y.len_of(axis) <= most;
    let mut look = || {
        let mut slices = y.axis_chunks_iter(axis, most).peekable();
        while let Some(slice) = slices.next() {
            let last = axis == Axis(0) || slices.peek().is_none();
            look(slice, ends && last)?;
        }
        Ok(())
    };
    let values = y.as_slice().expect("blocks are in C order");
    if whole {
        look()?;
        return Ok(array.push(values)?);
    }
    std::thread::scope(|scope| {
        let looked = spawn(scope, look)?;
        let written = array.push(values);
        let looked = join(looked);
        written?;
        looked
    })
}

/// How values are cut so that a slice stays in the cache while it is read or counted, and hashed:
/// along which axis, and into how much of it. Nothing is one slice.
fn slices<S: RawData<Elem = E>, E>(values: &ArrayBase<S, Ix3>) -> (Axis, usize) {
    const SLICE: usize = 1 << 18;
    let (samples, steps, features) = values.dim();
    let row = (features * size_of::<E>()).max(1);
    match samples {
        1 if steps > 0 => (Axis(1), (SLICE / row).max(1)),
        _ => (Axis(0), (SLICE / (row * steps).max(1)).max(1)),
    }
}

/// Starts a thread, which the system may refuse.
fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> anyhow::Result<ScopedJoinHandle<'scope, T>> {
    let thread = Builder::new().spawn_scoped(scope, work);
    thread.map_err(|error| anyhow!("cannot start a thread: {error}"))
}

/// What a thread came to; its panic goes on here.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    use windrow::io::{Format, Output, write_npy};
    use windrow::{Dtype, Engine, Pipeline};

    use super::*;
    use crate::cli::parts::parts;

    /// Fails in the part of samples that begins with this one.
    const FAILS: usize = 20;

    struct Failing<'a> {
        array: ArrayOutput,
        seen: usize,
        fail: &'a (dyn Fn(&str, usize) + Sync),
    }

    impl<O: Element> Sink<O> for Failing<'_> {
        fn start(&self) -> usize {
            0
        }

        fn passed(&mut self, _: usize, _: &str) -> anyhow::Result<()> {
            Ok(())
        }

        fn take(&mut self, y: ArrayView3<'_, O>, ends: bool, _: &str) -> anyhow::Result<()> {
            let Failing { array, seen, fail } = self;
            fail("write", *seen);
            write(array, y, ends, |_, _| {
                fail("look", *seen);
                Ok(())
            })?;
            *seen += y.dim().0;
            Ok(())
        }
    }

    /// Transforms a file, where one thread panics, or `none` does: what it panicked with, and the
    /// files that are left.
    fn run(place: &'static str) -> (Option<String>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let [x, y] = ["x.npy", "y.npy"].map(|name| folder.path().join(name));
        // Each part is of several slices.
        let shape = [50, 20_000, 1];
        write_npy(&x, Array3::<f32>::zeros(shape).view()).unwrap();
        let pipeline = Pipeline::from_toml("[input]\ncolumns = [\"x\"]\n").unwrap();
        let fitted = pipeline.fit(Array3::<f32>::zeros(shape).view()).unwrap();
        let source = Source::open(&[x], None).unwrap();
        let fail = move |at: &str, sample: usize| {
            assert!(at != place || sample < FAILS, "{at} fails");
        };

        let blocks = Blocks { samples: 10, timesteps: shape[1], bytes: 0 };
        let mut read = 0;
        let parts = parts(shape[0], shape[1], blocks, usize::MAX).inspect(move |part| {
            fail("read", read);
            read += part.samples;
        });
        let computed = std::sync::atomic::AtomicUsize::new(0);
        let progress = |samples| {
            fail("compute", computed.fetch_add(samples, std::sync::atomic::Ordering::Relaxed));
        };
        let run = Run::new(Engine::default()).with_progress(&progress);
        let output = Output::create(&y).unwrap();
        let array = ArrayOutput::begin(output, Format::Npy, shape, Dtype::F32).unwrap();
        let mut sink = Failing { array, seen: 0, fail: &fail };
        let pass = || transform::<f32, f32>(&source, &fitted, blocks, parts, &run, &mut sink);
        let panicked = catch_unwind(AssertUnwindSafe(pass)).map(drop).err();
        match panicked {
            Some(_) => drop(sink),
            None => sink.array.end().and_then(Output::commit).unwrap(),
        }
        let names = fs::read_dir(&folder).unwrap();
        let mut names: Vec<String> =
            names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        (panicked.map(|panic| panic.downcast_ref::<String>().unwrap().clone()), names)
    }

    #[test]
    fn a_panic_of_any_thread_ends_all_and_leaves_no_file() {
        assert_eq!(run("none"), (None, ["x.npy", "y.npy"].map(str::to_owned).to_vec()));
        for place in ["read", "compute", "look", "write"] {
            let (ended, end) = channel();
            std::thread::spawn(move || ended.send(run(place)));
            let found = end.recv_timeout(Duration::from_secs(60));
            let expected = (Some(format!("{place} fails")), vec!["x.npy".to_owned()]);
            assert_eq!(found, Ok(expected), "{place}");
        }
    }
}
