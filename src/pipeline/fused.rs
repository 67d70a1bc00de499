//! The transform in one pass: a tile is read once, every step happens in cache, and the rows of
//! the output are written once.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use ndarray::{Array3, ArrayView3, ArrayViewMut3, Axis};
use rayon::prelude::*;

use super::abreast::levels;
use super::graph::Graph;
use super::layout::Layout;
use super::run::Run;
use super::worker::{Shape, Worker};
use crate::batch::{Dtype, Element, GROUP, Kind, TileWriter, Trial};
use crate::error::Result;
use crate::scale::Map;
use crate::simd::Level;

/// Cells of output below which a second thread costs more than it gives.
const WORTH_A_THREAD: usize = 1 << 16;

/// Bytes of a worker that may wait for the next call; larger ones, for long lags, are let go.
const WORTH_KEEPING: usize = 4 << 20;

/// Transforms `x` into `y`, whose shape was checked.
pub(super) fn transform<E: Element, O: Element>(
    graph: &Graph,
    maps: &[Map],
    kept: &Kept,
    x: &ArrayView3<'_, E>,
    mut y: ArrayViewMut3<'_, O>,
    level: Level,
    run: &Run<'_>,
) -> Result<()> {
    if y.is_empty() {
        return Ok(());
    }
    let sequential = y.len() < WORTH_A_THREAD;
    let most = y.dim().0.div_ceil(GROUP);
    let threads = if sequential { 1 } else { rayon::current_num_threads().min(most) };
    let bytes = x.len() * size_of::<E>() + y.len() * size_of::<O>();
    let known = run.stores.known(bytes);
    let levels = levels(x.dim().0, level);
    let key = Key { timesteps: x.dim().1, known, levels, dtypes: [E::DTYPE, O::DTYPE] };
    let crew = kept.crew::<E, O>(graph, maps, key, threads)?;
    let work = |hand: &mut Hand<'_, E, O>, (group, mut y): (usize, ArrayViewMut3<'_, O>)| {
        let worker = hand.worker.as_mut().expect("there until dropped");
        let (first, present) = (group * GROUP, y.dim().0);
        let mut write = |kind: Kind| match y.as_slice_mut() {
            Some(samples) => worker.group(x, first, samples, kind),
            None => {
                let mut copy = Array3::from_elem(y.dim(), O::zeroed());
                worker.group(x, first, copy.as_slice_mut().expect("just made"), kind);
                y.assign(&copy);
            }
        };
        match known {
            Some(kind) => write(kind),
            None if present == GROUP => crew.trial.run(write),
            None => write(crew.trial.faster()),
        }
        run.done(present);
    };
    let groups = y.axis_chunks_iter_mut(Axis(0), GROUP);
    if sequential {
        let mut hand = crew.hand(graph);
        groups.enumerate().for_each(|group| work(&mut hand, group));
    } else {
        groups.into_par_iter().enumerate().for_each_init(|| crew.hand(graph), work);
    }
    Ok(())
}

/// What decides how a transform is laid out.
#[derive(Clone, Copy, PartialEq)]
struct Key {
    timesteps: usize,
    /// The kind of stores; none if it has to be tried.
    known: Option<Kind>,
    levels: (Level, Option<Level>),
    dtypes: [Dtype; 2],
}

/// The crew of the last transform, for the next one like it: laying out and taking memory cost as
/// much as transforming two thousand timesteps.
#[derive(Default)]
pub(super) struct Kept(Mutex<Option<(Key, Arc<dyn Any + Send + Sync>)>>);

impl Kept {
    fn crew<E: Element, O: Element>(
        &self,
        graph: &Graph,
        maps: &[Map],
        key: Key,
        threads: usize,
    ) -> Result<Arc<Crew<E, O>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, crew)) = &*kept
            && *of == key
            && let Ok(crew) = Arc::clone(crew).downcast()
        {
            return Ok(crew);
        }
        let rows = match key.known {
            Some(Kind::Ordinary) => 0,
            _ => TileWriter::<O>::kept(graph.columns.len()),
        };
        let layout = Layout::new(graph, key.timesteps, rows, key.levels);
        layout.check_scratch(graph, key.levels.0.lanes(), O::DTYPE, threads)?;
        let shape = Arc::new(Shape::new(graph, layout, maps, key.levels));
        let crew = Arc::new(Crew { shape, trial: Trial::new(), idle: Mutex::new(Vec::new()) });
        *kept = Some((key, crew.clone()));
        Ok(crew)
    }
}

impl Clone for Kept {
    fn clone(&self) -> Self {
        Kept::default()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Kept")
    }
}

/// The workers of a transform.
struct Crew<E, O> {
    shape: Arc<Shape>,
    trial: Trial,
    idle: Mutex<Vec<Worker<E, O>>>,
}

impl<E: Element, O: Element> Crew<E, O> {
    /// A worker that waits, or a new one.
    fn hand(&self, graph: &Graph) -> Hand<'_, E, O> {
        let waiting = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let worker = waiting.unwrap_or_else(|| Worker::new(graph, Arc::clone(&self.shape)));
        Hand { crew: self, worker: Some(worker) }
    }
}

/// A worker that goes back to its crew.
struct Hand<'a, E, O> {
    crew: &'a Crew<E, O>,
    worker: Option<Worker<E, O>>,
}

impl<E, O> Drop for Hand<'_, E, O> {
    fn drop(&mut self) {
        // One that panicked is not to be trusted.
        if let Some(worker) = self.worker.take()
            && !std::thread::panicking()
            && worker.bytes() <= WORTH_KEEPING
        {
            self.crew.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        }
    }
}
