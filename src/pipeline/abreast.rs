//! One sample alone: stages that do the same to different columns go abreast, a column a lane.
//!
//! Lanes are samples, so a batch of one would leave seven of eight idle. It is moved by one lane
//! instead, and an indicator of eight columns, which is eight stages that differ in their inputs
//! only, becomes one of eight lanes (measured on 100,000 timesteps: SMA, RSI and MACD of eight
//! columns took four times as long as TA-Lib before). Lanes do not see each other, so the bits are
//! the same.

use std::collections::HashMap;

use super::graph::{Stage, Work};
use crate::batch::Aligned;
use crate::kernel::Running;
use crate::simd::Level;

/// The level for a batch, and the one at which its columns go abreast.
pub(super) fn levels(samples: usize, level: Level) -> (Level, Option<Level>) {
    if samples == 1 && level.lanes() > 1 { (Level::SCALAR, Some(level)) } else { (level, None) }
}

/// Stages that go abreast. Planes around it hold one lane.
pub(super) struct Abreast {
    /// Lanes of the kernel.
    lanes: usize,
    /// Their indices, in order; a lane each.
    pub members: Vec<usize>,
    kernel: Box<dyn Running>,
    begin: usize,
    inputs: Vec<Aligned<f64>>,
    outputs: Vec<Aligned<f64>>,
}

impl Abreast {
    /// The parties of two stages and more that `stages`, in the order in which they run, fall into.
    pub fn parties(
        stages: &[&Stage],
        level: Level,
        timesteps: usize,
        chunk: usize,
    ) -> Vec<Abreast> {
        let lanes = level.lanes();
        let mut parties: Vec<Vec<usize>> = Vec::new();
        // Which stage makes a plane.
        let mut maker = HashMap::new();
        for (index, stage) in stages.iter().enumerate() {
            let last = stage.inputs.iter().filter_map(|plane| maker.get(plane)).max().copied();
            let joins = |party: &&mut Vec<usize>| {
                // Whatever it reads is there when the first of the party runs.
                let made = last.is_none_or(|last| last < party[0]);
                party.len() < lanes && made && same(stages[party[0]], stage)
            };
            maker.extend(stage.outputs.iter().map(|&plane| (plane, index)));
            match parties.iter_mut().find(joins) {
                Some(party) => party.push(index),
                None => parties.push(vec![index]),
            }
        }
        let party = |members: Vec<usize>| {
            let stage = stages[members[0]];
            let Work::Kernel { row, params, nan, begin } = &stage.work else { return None };
            if members.len() < 2 || begin.saturating_add(row.lookback(params)) >= timesteps {
                return None;
            }
            let plane = || Aligned::zeroed(chunk * lanes);
            Some(Abreast {
                lanes,
                members,
                kernel: row.start(&row.within(params, timesteps), level, *nan),
                begin: *begin,
                inputs: stage.inputs.iter().map(|_| plane()).collect(),
                outputs: stage.outputs.iter().map(|_| plane()).collect(),
            })
        };
        parties.into_iter().filter_map(party).collect()
    }

    /// Goes back to the first timestep.
    pub fn reset(&mut self) {
        self.kernel.reset(self.begin);
    }

    /// Carries all members over a chunk of `steps`; `input` gives an input of a member.
    pub fn advance<'a>(&mut self, steps: usize, input: &dyn Fn(usize, usize) -> &'a [f64]) {
        let length = steps * self.lanes;
        for (i, packed) in self.inputs.iter_mut().enumerate() {
            for lane in 0..self.lanes {
                // Lanes beyond the last member repeat it: they go the way that lanes usually go.
                let member = self.members[lane.min(self.members.len() - 1)];
                let rows = packed[lane..length].iter_mut().step_by(self.lanes);
                for (to, from) in rows.zip(input(member, i)) {
                    *to = *from;
                }
            }
        }
        let inputs: Vec<&[f64]> = self.inputs.iter().map(|plane| &plane[..length]).collect();
        let mut outputs: Vec<&mut [f64]> =
            self.outputs.iter_mut().map(|plane| &mut plane[..length]).collect();
        self.kernel.advance(&inputs, &mut outputs);
    }

    /// Writes an output of a member to its plane.
    pub fn unpack(&self, member: usize, output: usize, plane: &mut [f64]) {
        let lane = self.members.iter().position(|&stage| stage == member).expect("a member");
        let rows = self.outputs[output].chunks_exact(self.lanes);
        for (to, from) in plane.iter_mut().zip(rows) {
            *to = from[lane];
        }
    }
}

/// Whether two stages differ in their inputs only.
fn same(a: &Stage, b: &Stage) -> bool {
    match (&a.work, &b.work) {
        (
            Work::Kernel { row, params, nan, begin },
            Work::Kernel { row: row_b, params: params_b, nan: nan_b, begin: begin_b },
        ) => row.name == row_b.name && params == params_b && nan == nan_b && begin == begin_b,
        _ => false,
    }
}
