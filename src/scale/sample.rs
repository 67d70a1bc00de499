//! A scaler that is fitted on each sample by itself, when that is transformed.

use bytemuck::{cast_slice, cast_slice_mut};

use super::affine::{Affine, LaneAffine};
use super::lanes::LaneStatistics;
use super::missing::Missing;
use super::ranks;
use super::scaler::Scaler;
use super::statistics::{MomentsPart, Part, Statistics};
use crate::batch::GROUP;
use crate::simd::{Lanes, Level, Task};

/// A straight line for every series, from its own values, the later ones too. Nothing is kept.
///
/// There is nobody to fail to any more: a series with a value that is not finite, with too few
/// values or with a spread beyond f64 becomes NaN. NaN itself is left out where it is to be ignored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct SampleScaler {
    pub scaler: Scaler,
    pub missing: Missing,
}

impl SampleScaler {
    /// What NaN does to its sample, as pipeline files write it.
    pub const NAMES: [(&'static str, Missing); 2] =
        [("propagate", Missing::Error), ("ignore", Missing::Ignore)];

    /// Scales the series of every lane of that level, whose values begin at timestep `begin`; before
    /// them is NaN.
    pub fn scale(self, level: Level, begin: usize, x: &[f64], y: &mut [f64]) {
        level.dispatch(Scale { own: self, begin, x, y });
    }

    /// [`scale`](SampleScaler::scale) of one series without what is before it, by the definition.
    pub fn reference(self, x: &[f64], y: &mut [f64]) {
        let map = self.exact(x.iter().copied());
        y.iter_mut().zip(x).for_each(|(y, x)| *y = map.apply(*x));
    }

    /// The line of these values from exact sums.
    #[cold]
    fn exact(self, values: impl Iterator<Item = f64> + Clone) -> Affine {
        let values = values.filter(|x| !self.missing.skips(*x));
        if values.clone().any(|x| !x.is_finite()) {
            return NONE;
        }
        let mut statistics = self.scaler.start_narrow();
        loop {
            values.clone().for_each(|x| statistics.push_value(x));
            match self.scaler.end_pass(&mut statistics) {
                Ok(true) => return self.line(&statistics),
                Ok(false) => {}
                Err(_) => return NONE,
            }
        }
    }

    fn line(self, statistics: &Statistics) -> Affine {
        let map = self.scaler.map(statistics).ok();
        map.and_then(|map| map.affine().copied()).unwrap_or(NONE)
    }

    /// The line of each lane.
    #[inline(always)]
    fn lines<L: Lanes>(self, x: &[L::Row]) -> [Affine; GROUP] {
        let mut lines = [NONE; GROUP];
        if let Scaler::Robust { .. } = self.scaler {
            let mut values = Vec::with_capacity(x.len());
            for (lane, line) in lines[..L::COUNT].iter_mut().enumerate() {
                *line = self.of_quantiles(series::<L>(x, lane), &mut values);
            }
            return lines;
        }
        let mut start = self.scaler.start();
        let mut sums = LaneStatistics::<L>::new(&start, self.missing, 0);
        sums.push::<f64>(x, L::COUNT, &mut start);
        let parts = sums.finish();
        for (lane, line) in lines[..L::COUNT].iter_mut().enumerate() {
            *line = match parts[lane] {
                Part::Moments(part) => self.of_moments(part, series::<L>(x, lane)),
                Part::Extent(extent) if parts[lane].is_sound() => {
                    self.line(&Statistics::Extent(extent))
                }
                _ => self.exact(series::<L>(x, lane)),
            };
        }
        lines
    }

    fn of_moments(self, part: MomentsPart, values: impl Iterator<Item = f64> + Clone) -> Affine {
        let MomentsPart { count, mean, m2, .. } = part;
        if !Part::Moments(part).is_sound() {
            return self.exact(values);
        }
        let deviation = |ddof: u64| match count.checked_sub(ddof) {
            Some(count) if count > 0 => (m2 / count as f64).sqrt(),
            _ => f64::NAN,
        };
        self.scaler.standard(count, count as f64, mean, deviation).unwrap_or(NONE)
    }

    fn of_quantiles(self, series: impl Iterator<Item = f64>, values: &mut Vec<f64>) -> Affine {
        values.clear();
        // Zero has one sign.
        values.extend(series.filter(|x| !self.missing.skips(*x)).map(|x| x + 0.0));
        if values.iter().any(|x| !x.is_finite()) {
            return NONE;
        }
        values.sort_unstable_by(f64::total_cmp);
        let places = self.scaler.places(values.len() as u64);
        self.line(&Statistics::Quantiles(ranks::of_sorted(values, &places)))
    }
}

/// Makes NaN of everything.
const NONE: Affine = Affine::new(f64::NAN, f64::NAN);

/// The values of a lane.
fn series<L: Lanes>(x: &[L::Row], lane: usize) -> impl Iterator<Item = f64> + Clone {
    cast_slice::<L::Row, f64>(x).iter().skip(lane).step_by(L::COUNT).copied()
}

struct Scale<'a> {
    own: SampleScaler,
    begin: usize,
    x: &'a [f64],
    y: &'a mut [f64],
}

impl Task for Scale<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let before = (self.begin.saturating_mul(L::COUNT)).min(self.x.len());
        let (none, y) = self.y.split_at_mut(before);
        none.fill(f64::NAN);
        let (x, y): (&[L::Row], &mut [L::Row]) = (cast_slice(&self.x[before..]), cast_slice_mut(y));
        let line = LaneAffine::<L>::new(&self.own.lines::<L>(x));
        for (x, y) in x.iter().zip(y) {
            line.apply(L::load(x)).store(y);
        }
    }
}
