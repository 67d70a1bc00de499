//! Computes the planes of a tile, chunk by chunk. One machine a thread.

use std::collections::VecDeque;

use bytemuck::cast_slice;
use ndarray::ArrayView3;

use super::graph::{Graph, Plane, Slot, Work};
use crate::batch::{Aligned, Element, TileReader};
use crate::kernel::Running;
use crate::scale::{Affine, apply_all};
use crate::simd::{Lanes, Level};

/// Most inputs and outputs of a stage.
const ARITY: usize = 8;

/// The needed part of a graph, in motion.
pub(super) struct Machine<E> {
    chunk: usize,
    lanes: usize,
    reader: TileReader<E>,
    /// The input planes that are read.
    inputs: Aligned<f64>,
    /// The planes that stages make.
    computed: Vec<Aligned<f64>>,
    places: Vec<Place>,
    stages: Vec<Moving>,
}

/// Where a plane is kept.
#[derive(Clone, Copy)]
enum Place {
    Unneeded,
    Input(usize),
    Computed(usize),
}

/// A stage in motion.
struct Moving {
    inputs: Vec<Plane>,
    outputs: Vec<Plane>,
    motion: Motion,
}

enum Motion {
    /// Resets to this timestep.
    Kernel(Box<dyn Running>, usize),
    Derive {
        maps: Vec<Affine>,
        lag: usize,
        past: VecDeque<f64>,
    },
    /// The series ends before the first value.
    Missing,
}

impl<E: Element> Machine<E> {
    /// A machine for samples of `timesteps`, which computes the `needed` planes.
    pub fn new(
        graph: &Graph,
        needed: &[bool],
        maps: &[Option<Affine>],
        level: Level,
        timesteps: usize,
        chunk: usize,
    ) -> Self {
        let lanes = level.lanes();
        let features = graph.inputs.len();
        let wanted: Vec<usize> = (0..features).filter(|&column| needed[column]).collect();
        let mut places = vec![Place::Unneeded; graph.planes];
        for (k, &column) in wanted.iter().enumerate() {
            places[column] = Place::Input(k);
        }
        let mut computed = Vec::new();
        let mut stages = Vec::new();
        for stage in &graph.stages {
            if !stage.outputs.iter().any(|&plane| needed[plane]) {
                continue;
            }
            for &plane in &stage.outputs {
                places[plane] = Place::Computed(computed.len());
                computed.push(Aligned::zeroed(chunk * lanes));
            }
            let motion = match &stage.work {
                Work::Kernel { row, params, nan, begin } => {
                    match begin.saturating_add(row.lookback(params)) < timesteps {
                        true => Motion::Kernel(row.start(params, level, *nan), *begin),
                        false => Motion::Missing,
                    }
                }
                Work::Derive { lag, .. } if *lag >= timesteps => Motion::Missing,
                Work::Derive { scales, lag } => {
                    Motion::Derive { maps: fitted(scales, maps), lag: *lag, past: VecDeque::new() }
                }
            };
            let (inputs, outputs) = (stage.inputs.clone(), stage.outputs.clone());
            stages.push(Moving { inputs, outputs, motion });
        }
        let reader = TileReader::new(features, &wanted, chunk, lanes);
        let inputs = Aligned::zeroed(reader.rows() * lanes);
        Machine { chunk, lanes, reader, inputs, computed, places, stages }
    }

    /// Goes back to the first timestep, for other samples.
    pub fn reset(&mut self) {
        for stage in &mut self.stages {
            match &mut stage.motion {
                Motion::Kernel(kernel, begin) => kernel.reset(*begin),
                Motion::Derive { lag, past, .. } => {
                    past.clear();
                    past.resize(*lag * self.lanes, f64::NAN);
                }
                Motion::Missing => {}
            }
        }
    }

    /// Reads and computes timesteps `start..start + steps` of the samples from `first` on.
    #[inline(always)]
    pub fn advance<L: Lanes>(
        &mut self,
        x: &ArrayView3<'_, E>,
        first: usize,
        start: usize,
        steps: usize,
    ) {
        self.reader.read::<L>(x, first, start, steps, &mut self.inputs);
        match start + steps < x.dim().1 {
            true => self.reader.prefetch::<L>(x, first, start + steps, self.chunk),
            false => self.reader.prefetch::<L>(x, first + L::COUNT, 0, self.chunk),
        }
        for stage in 0..self.stages.len() {
            self.run(stage, steps);
        }
    }

    /// The current chunk of a needed plane, `[time][lane]`.
    pub fn plane(&self, plane: Plane, steps: usize) -> &[f64] {
        let length = steps * self.lanes;
        match self.places[plane] {
            Place::Input(k) => &self.inputs[k * self.chunk * self.lanes..][..length],
            Place::Computed(k) => &self.computed[k][..length],
            Place::Unneeded => unreachable!("asked for a plane that is not computed"),
        }
    }

    fn run(&mut self, stage: usize, steps: usize) {
        let length = steps * self.lanes;
        // The stage and its outputs leave the machine while the inputs are read from it.
        let mut moving = std::mem::replace(&mut self.stages[stage], Moving::nothing());
        let mut taken: [Aligned<f64>; ARITY] = Default::default();
        for (buffer, &plane) in taken.iter_mut().zip(&moving.outputs) {
            std::mem::swap(buffer, self.computed_mut(plane));
        }
        let mut inputs: [&[f64]; ARITY] = [&[]; ARITY];
        for (input, &plane) in inputs.iter_mut().zip(&moving.inputs) {
            *input = self.plane(plane, steps);
        }
        let inputs = &inputs[..moving.inputs.len()];
        let count = moving.outputs.len();
        let mut outputs = taken.each_mut().map(|buffer| match buffer.len() {
            0 => &mut [][..],
            _ => &mut buffer[..length],
        });
        let outputs = &mut outputs[..count];
        match &mut moving.motion {
            Motion::Kernel(kernel, _) => kernel.advance(inputs, outputs),
            Motion::Derive { maps, past, .. } => {
                let scaled = |x: &f64| apply_all(maps, *x);
                past.extend(inputs[0].iter().map(scaled));
                for (y, x) in outputs[0].iter_mut().zip(past.drain(..length)) {
                    *y = x;
                }
            }
            Motion::Missing => outputs.iter_mut().for_each(|y| y.fill(f64::NAN)),
        }
        for (buffer, &plane) in taken.iter_mut().zip(&moving.outputs) {
            std::mem::swap(buffer, self.computed_mut(plane));
        }
        self.stages[stage] = moving;
    }

    fn computed_mut(&mut self, plane: Plane) -> &mut Aligned<f64> {
        match self.places[plane] {
            Place::Computed(k) => &mut self.computed[k],
            _ => unreachable!("stages write to planes of their own"),
        }
    }
}

impl Moving {
    fn nothing() -> Self {
        Moving { inputs: Vec::new(), outputs: Vec::new(), motion: Motion::Missing }
    }
}

/// The maps of these slots, which earlier passes have fitted.
pub(super) fn fitted(slots: &[Slot], maps: &[Option<Affine>]) -> Vec<Affine> {
    slots.iter().map(|&slot| maps[slot].expect("fitted in an earlier pass")).collect()
}

/// The rows of a plane.
#[inline(always)]
pub(super) fn rows<L: Lanes>(plane: &[f64]) -> &[L::Row] {
    cast_slice(plane)
}
