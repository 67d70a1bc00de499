//! Several series of one function in motion.

use ta_lib::abstract_api::FuncId;

use super::streams::{self, Part, Stream};
use crate::kernel::{Nan, Running, Value};

pub struct Lanes {
    id: FuncId,
    params: Vec<Value>,
    lookback: usize,
    /// For recursive functions, what follows a value that is not finite.
    policy: Option<Nan>,
    /// Timesteps to pass over before the series begin.
    wait: usize,
    lanes: Vec<Lane>,
}

/// Where a series is.
enum Lane {
    /// Before its first value: the bars so far, none since the last that was not finite.
    Gathering(Vec<Vec<f64>>),
    Open(Box<dyn Stream>),
    /// NaN to the end of the series.
    Over,
}

impl Lane {
    fn fresh() -> Self {
        Lane::Gathering(Vec::new())
    }
}

impl Lanes {
    pub fn new(
        id: FuncId,
        params: &[Value],
        lookback: usize,
        lanes: usize,
        policy: Option<Nan>,
    ) -> Self {
        let lanes = (0..lanes).map(|_| Lane::fresh()).collect();
        Lanes { id, params: params.to_vec(), lookback, policy, wait: 0, lanes }
    }

    fn advance_lane(&mut self, index: usize, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let stride = self.lanes.len();
        let length = inputs[0].len() / stride;
        let mut t = 0;
        while t < length {
            let at = t * stride + index;
            if let Lane::Open(stream) = &mut self.lanes[index] {
                t += stream.advance(inputs, outputs, &Part { start: at, stride });
                if t == length {
                    return;
                }
            }
            let at = t * stride + index;
            let first = self.take(index, inputs, at);
            for (o, y) in outputs.iter_mut().enumerate() {
                y[at] = first.as_ref().map_or(f64::NAN, |first| first[o]);
            }
            t += 1;
        }
    }

    /// Takes a bar that no open stream takes; gives the first value when it has come.
    fn take(&mut self, index: usize, inputs: &[&[f64]], at: usize) -> Option<Vec<f64>> {
        let lane = &mut self.lanes[index];
        if !inputs.iter().all(|x| x[at].is_finite()) {
            // NaN before the first value is no value yet; everything else is an event.
            let before = matches!(lane, Lane::Gathering(bars) if bars.is_empty());
            let waits = match self.policy {
                Some(Nan::Propagate) => before && inputs.iter().any(|x| x[at].is_nan()),
                Some(Nan::Reseed) | None => true,
            };
            if !matches!(lane, Lane::Over) {
                *lane = if waits { Lane::fresh() } else { Lane::Over };
            }
            return None;
        }
        match lane {
            Lane::Gathering(bars) => {
                bars.resize(inputs.len(), Vec::new());
                bars.iter_mut().zip(inputs).for_each(|(bars, x)| bars.push(x[at]));
                if bars[0].len() <= self.lookback {
                    return None;
                }
                let opened = streams::open(self.id, &self.params, bars);
                let (next, first) = opened.map_or((Lane::Over, None), |(stream, first)| {
                    (Lane::Open(stream), Some(first))
                });
                *lane = next;
                first
            }
            // A stream refuses a finite bar at the end of TA-Lib's longest series only.
            Lane::Open(_) | Lane::Over => {
                *lane = Lane::Over;
                None
            }
        }
    }
}

impl Running for Lanes {
    fn reset(&mut self, begin: usize) {
        self.wait = begin;
        self.lanes.fill_with(Lane::fresh);
    }

    fn advance(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        let lanes = self.lanes.len();
        let skipped = self.wait.min(inputs[0].len() / lanes);
        self.wait -= skipped;
        let inputs: Vec<&[f64]> = inputs.iter().map(|x| &x[skipped * lanes..]).collect();
        let mut rest = Vec::new();
        for y in outputs {
            let (before, y) = y.split_at_mut(skipped * lanes);
            before.fill(f64::NAN);
            rest.push(y);
        }
        for lane in 0..lanes {
            self.advance_lane(lane, &inputs, &mut rest);
        }
    }
}
