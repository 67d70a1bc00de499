//! Computes the planes of a tile, chunk by chunk. One machine a thread.

use std::collections::VecDeque;

use bytemuck::{cast_slice, cast_slice_mut};
use ndarray::ArrayView3;

use super::abreast::Abreast;
use super::column::Change;
use super::graph::{Graph, Plane, Slot, Stage, With, Work};
use crate::batch::{Aligned, Dtype, Element, Samples, TileReader};
use crate::kernel::Running;
use crate::scale::{Affine, Map, Norm, SampleScaler, apply_all};
use crate::simd::{Lanes, Level};

/// Most inputs and outputs of a stage that is a kernel.
const ARITY: usize = 8;

/// The needed part of a graph, in motion.
pub(super) struct Machine<E> {
    chunk: usize,
    reader: TileReader,
    /// The input columns that are read, as they are stored.
    stored: Aligned<E>,
    /// Planes of f64: those that stages read, each where it stays, and behind them those that the
    /// stage at work makes for others to see.
    computed: Aligned<f64>,
    /// Stored inputs to be widened, and the computed planes that they become.
    widened: Vec<(usize, usize)>,
    /// The input columns in the order in which they are stored.
    inputs: Vec<Plane>,
    stages: Vec<Moving>,
    /// Stages that go abreast, for a sample alone.
    parties: Vec<Abreast>,
}

/// A chunk of a plane, `[time][lane]`.
#[derive(Clone, Copy)]
pub(super) enum Rows<'a, E> {
    /// An input, as it is stored.
    Stored(&'a [E]),
    /// In f64.
    Computed(&'a [f64]),
}

/// A stage in motion.
struct Moving {
    /// All stand before the outputs.
    inputs: Vec<Input>,
    /// Where the first of its outputs stands, and which planes they are.
    place: usize,
    outputs: Vec<Plane>,
    motion: Motion,
    /// Its party, for a sample alone.
    party: Option<usize>,
}

/// An input of a stage.
#[derive(Clone, Copy)]
enum Input {
    /// A stored plane, which is f64 as it is.
    Stored(usize),
    Computed(usize),
}

impl Input {
    /// The values of this input among the stored and the computed planes.
    fn rows<'a, E: Element>(
        self,
        stored: &'a [E],
        computed: &'a [f64],
        plane: usize,
        length: usize,
    ) -> &'a [f64] {
        match self {
            Input::Stored(k) => cast_slice(&stored[k * plane..][..length]),
            Input::Computed(k) => &computed[k * plane..][..length],
        }
    }
}

enum Motion {
    /// Resets to this timestep.
    Kernel(Box<dyn Running>, usize),
    Derive {
        maps: Vec<Affine>,
        lag: usize,
        past: VecDeque<f64>,
    },
    Fill(Filling),
    Bend {
        map: Map,
        level: Level,
        /// The next timestep.
        at: usize,
    },
    Normalize(Norm, Level),
    /// Of series that begin at this timestep.
    Sample(SampleScaler, Level, usize),
    /// The series ends before the first value.
    Missing,
}

/// Puts something in place of NaN.
struct Filling {
    forward: bool,
    /// Of each lane; NaN where there is nothing yet.
    with: f64,
    begin: usize,
    /// The next timestep, and what stands in place of NaN there.
    at: usize,
    last: Vec<f64>,
}

impl<E: Element> Machine<E> {
    /// A machine for samples of `timesteps`, which computes the `needed` planes; `abreast` for a
    /// sample alone.
    pub fn new(
        graph: &Graph,
        needed: &[bool],
        maps: &[Option<Map>],
        (level, abreast): (Level, Option<Level>),
        timesteps: usize,
        chunk: usize,
    ) -> Self {
        let lanes = level.lanes();
        let features = graph.inputs.len();
        let inputs: Vec<Plane> = (0..features).filter(|&column| needed[column]).collect();
        let stages: Vec<&Stage> = graph
            .stages
            .iter()
            .filter(|stage| stage.outputs.iter().any(|&plane| needed[plane]))
            .collect();
        // Planes that stages read stay; all others give way to those of the next stage.
        let mut read = vec![false; graph.planes];
        stages.iter().flat_map(|stage| &stage.inputs).for_each(|&plane| read[plane] = true);

        let mut places: Vec<Option<Input>> = vec![None; graph.planes];
        let mut widened = Vec::new();
        let mut staying = 0;
        for (stored, &column) in inputs.iter().enumerate().filter(|(_, column)| read[**column]) {
            places[column] = Some(match E::DTYPE {
                Dtype::F64 => Input::Stored(stored),
                Dtype::F32 => {
                    widened.push((stored, staying));
                    staying += 1;
                    Input::Computed(staying - 1)
                }
            });
        }
        for stage in &stages {
            if stage.outputs.iter().any(|&plane| read[plane]) {
                for &plane in &stage.outputs {
                    places[plane] = Some(Input::Computed(staying));
                    staying += 1;
                }
            }
        }
        let passing = stages.iter().map(|stage| stage.outputs.len()).max().unwrap_or(0);

        let place = |plane: Plane| places[plane].expect("a stage reads what stands before it");
        let moving = |stage: &&Stage| Moving {
            inputs: stage.inputs.iter().map(|&plane| place(plane)).collect(),
            place: match places[stage.outputs[0]] {
                Some(Input::Computed(first)) => first,
                _ => staying,
            },
            outputs: stage.outputs.clone(),
            motion: Motion::new(&stage.work, maps, level, timesteps),
            party: None,
        };
        let mut moving: Vec<Moving> = stages.iter().map(moving).collect();
        let parties = abreast.map(|level| Abreast::parties(&stages, level, timesteps, chunk));
        let parties = parties.unwrap_or_default();
        for (party, abreast) in parties.iter().enumerate() {
            abreast.members.iter().for_each(|&stage| moving[stage].party = Some(party));
        }
        let reader = TileReader::new(features, &inputs, chunk, lanes);
        Machine {
            chunk,
            stored: Aligned::zeroed(reader.rows() * lanes),
            computed: Aligned::zeroed((staying + passing) * chunk * lanes),
            stages: moving,
            parties,
            reader,
            widened,
            inputs,
        }
    }

    /// Most timesteps that it takes at once.
    pub fn chunk(&self) -> usize {
        self.chunk
    }

    /// Goes back to the first timestep, for other samples of `timesteps` and `lanes`.
    pub fn reset(&mut self, lanes: usize) {
        self.parties.iter_mut().for_each(Abreast::reset);
        for stage in &mut self.stages {
            match &mut stage.motion {
                Motion::Kernel(kernel, begin) => kernel.reset(*begin),
                Motion::Derive { lag, past, .. } => {
                    past.clear();
                    past.resize(*lag * lanes, f64::NAN);
                }
                Motion::Fill(filling) => {
                    filling.at = 0;
                    filling.last.clear();
                    filling.last.resize(lanes, filling.with);
                }
                Motion::Bend { at, .. } => *at = 0,
                Motion::Normalize(..) | Motion::Sample(..) | Motion::Missing => {}
            }
        }
    }

    /// Reads and computes timesteps `start..start + steps` of some samples of `x`, and shows each
    /// plane as soon as it is there, while it is in the cache.
    #[inline(always)]
    pub fn advance<L: Lanes>(
        &mut self,
        x: &ArrayView3<'_, E>,
        samples: &Samples<'_, E>,
        start: usize,
        steps: usize,
        mut show: impl FnMut(Plane, Rows<'_, E>),
    ) {
        self.reader.read::<L, _>(x, samples, start, steps, &mut self.stored);
        if start + steps < x.dim().1 {
            self.reader.prefetch::<L, _>(samples, start + steps);
        }
        let (plane, length) = (self.chunk * L::COUNT, steps * L::COUNT);
        for &(stored, computed) in &self.widened {
            let from = cast_slice::<E, E::Row<L>>(&self.stored[stored * plane..][..length]);
            let to = cast_slice_mut(&mut self.computed[computed * plane..][..length]);
            for (from, to) in from.iter().zip(to) {
                E::load::<L>(from).store(to);
            }
        }
        for (&input, rows) in self.inputs.iter().zip(self.stored.chunks_exact(plane)) {
            show(input, Rows::Stored(&rows[..length]));
        }
        for index in 0..self.stages.len() {
            self.advance_stage(index, plane, length);
            let stage = &self.stages[index];
            let own = self.computed[stage.place * plane..].chunks_exact(plane);
            for (&output, rows) in stage.outputs.iter().zip(own) {
                show(output, Rows::Computed(&rows[..length]));
            }
        }
    }

    /// Carries a stage over a chunk, once what it reads is there. Apart from `advance`, as it has
    /// no lanes of its own: those of kernels are behind `Running`.
    fn advance_stage(&mut self, index: usize, plane: usize, length: usize) {
        let (before, own) = self.computed.split_at_mut(self.stages[index].place * plane);
        let Some(party) = self.stages[index].party else {
            return self.stages[index].advance(&self.stored, before, own, plane, length);
        };
        let party = &mut self.parties[party];
        if party.members[0] == index {
            let stages = &self.stages;
            let input = |member: usize, i: usize| {
                stages[member].inputs[i].rows(&self.stored, before, plane, length)
            };
            party.advance(length, &input);
        }
        for output in 0..self.stages[index].outputs.len() {
            party.unpack(index, output, &mut own[output * plane..][..length]);
        }
    }

    /// Asks for the first chunk of other samples.
    #[inline(always)]
    pub fn prefetch<L: Lanes>(&self, samples: &Samples<'_, E>) {
        self.reader.prefetch::<L, _>(samples, 0);
    }
}

impl Motion {
    fn new(work: &Work, maps: &[Option<Map>], level: Level, timesteps: usize) -> Motion {
        match work {
            Work::Kernel { row, params, nan, begin } => {
                match begin.saturating_add(row.lookback(params)) < timesteps {
                    true => {
                        let params = row.within(params, timesteps);
                        Motion::Kernel(row.start(&params, level, *nan), *begin)
                    }
                    false => Motion::Missing,
                }
            }
            Work::Fill { with, begin } => {
                let (forward, with) = match *with {
                    With::Number(number) => (false, number),
                    With::Forward => (true, f64::NAN),
                    With::Mean(slot) => (false, fitted(&[slot], maps)[0].center),
                };
                Motion::Fill(Filling { forward, with, begin: *begin, at: 0, last: Vec::new() })
            }
            Work::Bend(change) => {
                let map = map_of(change, maps).expect("fitted in an earlier pass");
                Motion::Bend { map, level, at: 0 }
            }
            Work::Normalize(norm) => Motion::Normalize(*norm, level),
            Work::Sample { scaler, begin } => Motion::Sample(*scaler, level, *begin),
            Work::Derive { lag, .. } if *lag >= timesteps => Motion::Missing,
            Work::Derive { scales, lag } => {
                Motion::Derive { maps: fitted(scales, maps), lag: *lag, past: VecDeque::new() }
            }
        }
    }
}

impl Moving {
    /// Carries the stage over a chunk. A plane has room for `plane` values, of which it takes
    /// `length`; `own` begins with the outputs.
    fn advance<E: Element>(
        &mut self,
        stored: &[E],
        before: &[f64],
        own: &mut [f64],
        plane: usize,
        length: usize,
    ) {
        if let Motion::Normalize(norm, level) = self.motion {
            let rows = |input: &Input| input.rows(stored, before, plane, length);
            let inputs: Vec<&[f64]> = self.inputs.iter().map(rows).collect();
            let planes = own.chunks_exact_mut(plane).take(inputs.len());
            let mut outputs: Vec<&mut [f64]> = planes.map(|rows| &mut rows[..length]).collect();
            return norm.divide(level, &inputs, &mut outputs);
        }
        let mut inputs: [&[f64]; ARITY] = [&[]; ARITY];
        for (place, input) in inputs.iter_mut().zip(&self.inputs) {
            *place = input.rows(stored, before, plane, length);
        }
        let mut outputs: [&mut [f64]; ARITY] = Default::default();
        for (place, output) in outputs.iter_mut().zip(own.chunks_exact_mut(plane)) {
            *place = &mut output[..length];
        }
        let (inputs, outputs) = (&inputs[..self.inputs.len()], &mut outputs[..self.outputs.len()]);
        match &mut self.motion {
            Motion::Kernel(kernel, _) => kernel.advance(inputs, outputs),
            Motion::Derive { maps, past, .. } => {
                let scaled = |x: &f64| apply_all(maps, *x);
                past.extend(inputs[0].iter().map(scaled));
                for (y, x) in outputs[0].iter_mut().zip(past.drain(..length)) {
                    *y = x;
                }
            }
            Motion::Fill(filling) => filling.advance(inputs[0], outputs[0]),
            Motion::Bend { map, level, at } => {
                map.apply_rows(*level, *at, inputs[0], outputs[0]);
                *at += length / level.lanes();
            }
            Motion::Sample(scaler, level, begin) => {
                scaler.scale(*level, *begin, inputs[0], outputs[0]);
            }
            Motion::Normalize(..) => unreachable!("done above"),
            Motion::Missing => outputs.iter_mut().for_each(|y| y.fill(f64::NAN)),
        }
    }
}

impl Filling {
    fn advance(&mut self, x: &[f64], y: &mut [f64]) {
        let lanes = self.last.len();
        for (y, x) in y.chunks_exact_mut(lanes).zip(x.chunks_exact(lanes)) {
            let begun = self.at >= self.begin;
            for ((y, x), last) in y.iter_mut().zip(x).zip(&mut self.last) {
                *y = if x.is_nan() && begun { *last } else { *x };
                if self.forward {
                    *last = *y;
                }
            }
            self.at += 1;
        }
    }
}

/// The straight lines of these slots, which earlier passes have fitted.
pub(super) fn fitted(slots: &[Slot], maps: &[Option<Map>]) -> Vec<Affine> {
    let line = |&slot: &Slot| {
        let map = maps[slot].as_ref().expect("fitted in an earlier pass");
        *map.affine().expect("other maps make planes of their own")
    };
    slots.iter().map(line).collect()
}

/// The map of a change, if it has one and that is fitted.
pub(super) fn map_of(change: &Change, maps: &[Option<Map>]) -> Option<Map> {
    match change {
        Change::Fitted(slot) => maps[*slot].clone(),
        Change::Known(map) => Some(map.clone()),
        Change::Lost(_) => None,
    }
}

/// A number to which that was done.
pub(super) fn changed(value: f64, changes: &[Change], maps: &[Option<Map>]) -> Option<f64> {
    changes.iter().try_fold(value, |x, change| Some(map_of(change, maps)?.apply(x)))
}
