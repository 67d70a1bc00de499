//! Passes over files in blocks: while one block is computed, the next is read and the one before
//! written.
//!
//! Every block that is under way is one of two that are there from the start, so memory is what the
//! budget says, whatever the size of the files.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::ScopedJoinHandle;

use ndarray::{Array3, ArrayView3, s};
use windrow::io::{Fingerprint, Source, block};
use windrow::{Element, FittedPipeline, Run};

/// Blocks of a kind.
const BLOCKS: usize = 2;

/// Samples of a source, on their way.
struct Filled<E> {
    values: Array3<E>,
    /// How many of its samples are filled.
    samples: usize,
    /// The fingerprint of the source up to and with them.
    so_far: String,
}

/// Calls `work` with the samples of a source in order, in blocks of the sizes given, which read it
/// to its end; gives the source's fingerprint.
pub fn read<E: Element>(
    source: &Source,
    most: usize,
    sizes: impl Iterator<Item = usize> + Send,
    mut work: impl FnMut(ArrayView3<'_, E>, &str) -> anyhow::Result<()>,
) -> anyhow::Result<String> {
    let [_, timesteps, features] = source.layout().shape;
    let (filled, blocks) = sync_channel(BLOCKS);
    let (empty, back) = channel();
    for _ in 0..BLOCKS {
        empty.send(block([most, timesteps, features])?).expect("the other end is here");
    }
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || fill(source, sizes, &back, &filled));
        let mut worked = Ok(());
        // The end comes when the reader has let go of its own.
        while let Ok(Filled::<E> { values, samples, so_far }) = blocks.recv() {
            worked = work(values.slice(s![..samples, .., ..]), &so_far);
            if worked.is_err() {
                break;
            }
            // Nobody takes it back after the last.
            let _ = empty.send(values);
        }
        drop((blocks, empty));
        let read = join(reader);
        worked?;
        read
    })
}

/// Reads blocks until all are read or nobody wants more.
fn fill<E: Element>(
    source: &Source,
    sizes: impl Iterator<Item = usize>,
    empty: &Receiver<Array3<E>>,
    filled: &SyncSender<Filled<E>>,
) -> anyhow::Result<String> {
    let mut reader = source.reader();
    let mut fingerprint = Fingerprint::new();
    for samples in sizes {
        let Ok(mut values) = empty.recv() else { return Ok(fingerprint.text()) };
        let mut part = values.slice_mut(s![..samples, .., ..]);
        reader.read(part.view_mut())?;
        fingerprint.push(part.as_slice().expect("the first samples of a block in C order"));
        let so_far = fingerprint.text();
        if filled.send(Filled { values, samples, so_far }).is_err() {
            return Ok(fingerprint.text());
        }
    }
    reader.end()?;
    source.check()?;
    Ok(fingerprint.text())
}

/// Where the blocks of a transform go, in their order.
pub trait Sink<O>: Send {
    /// The first sample that it does not have yet.
    fn start(&self) -> usize;

    /// Samples that it has, read once more: the fingerprint of the input up to and with them.
    fn passed(&mut self, samples: usize, so_far: &str) -> anyhow::Result<()>;

    /// The next samples, and the fingerprint of the input up to and with them.
    fn take(&mut self, y: ArrayView3<'_, O>, so_far: &str) -> anyhow::Result<()>;
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
    most: usize,
    sizes: impl Iterator<Item = usize> + Send,
    run: &Run<'_>,
    sink: &mut impl Sink<O>,
) -> anyhow::Result<String> {
    let [_, timesteps, features] = source.layout().shape;
    let (_, kept, columns) = fitted.output_shape((most, timesteps, features))?;
    let (made, blocks) = sync_channel(BLOCKS);
    let (empty, back) = channel();
    for _ in 0..BLOCKS {
        empty.send(block::<O>([most, kept, columns])?).expect("the other end is here");
    }
    let first = sink.start();
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || drain(sink, &blocks, &empty));
        let mut sample = 0;
        let mut stopped = false;
        let read = read::<E>(source, most, sizes, |x, so_far| {
            let samples = x.dim().0;
            let so_far = so_far.to_owned();
            let sent = if sample < first {
                Sent::Passed(samples, so_far)
            } else {
                let Ok(mut values) = back.recv() else {
                    stopped = true;
                    anyhow::bail!("the output cannot be written");
                };
                let y = values.slice_mut(s![..samples, .., ..]);
                fitted.transform_into_with(x, y, run)?;
                Sent::Made(Filled { values, samples, so_far })
            };
            sample += samples;
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

/// Gives blocks to the sink until there are no more.
fn drain<O: Element>(
    sink: &mut impl Sink<O>,
    made: &Receiver<Sent<O>>,
    empty: &Sender<Array3<O>>,
) -> anyhow::Result<()> {
    while let Ok(sent) = made.recv() {
        match sent {
            Sent::Passed(samples, so_far) => sink.passed(samples, &so_far)?,
            Sent::Made(Filled { values, samples, so_far }) => {
                sink.take(values.slice(s![..samples, .., ..]), &so_far)?;
                // Nobody takes it back after the last.
                let _ = empty.send(values);
            }
        }
    }
    Ok(())
}

/// What a thread came to; its panic goes on here.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The sizes of blocks of at most `most` samples that end where a multiple of `cut` does.
pub fn sizes(samples: usize, most: usize, cut: usize) -> impl Iterator<Item = usize> + Send {
    let mut at = 0;
    std::iter::from_fn(move || {
        let size = most.min(samples - at).min(cut - at % cut);
        at += size;
        (size > 0).then_some(size)
    })
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn sizes_end_at_cuts() {
        let all = |samples, most, cut| sizes(samples, most, cut).collect::<Vec<_>>();
        assert_eq!(all(20, 8, usize::MAX), [8, 8, 4]);
        assert_eq!(all(20, 8, 10), [8, 2, 8, 2]);
        assert_eq!(all(5, 8, 2), [2, 2, 1]);
        assert_eq!(all(0, 8, 3), [0; 0]);
    }
}
