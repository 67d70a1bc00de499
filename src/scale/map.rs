//! What a fitted scaler does to a value, and the way back.

use std::sync::Arc;

use bytemuck::{cast_slice, cast_slice_mut};

use super::affine::Affine;
use super::power::PowerMap;
use super::quantile::QuantileMap;
use crate::simd::{Lanes, Level, Task, functions};

/// A map of one column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Map {
    /// A straight line.
    Affine(Affine),
    /// `y = ln(1 + x)`, accurate near zero; NaN below -1.
    Log1p,
    /// The share of the fit's values below.
    Quantile(Arc<QuantileMap>),
    /// A power.
    Power(PowerMap),
    /// A map for each timestep; see [`at`](Map::at).
    Timesteps(Arc<[Map]>),
}

impl Map {
    /// The straight line, if it is one.
    pub fn affine(&self) -> Option<&Affine> {
        match self {
            Map::Affine(map) => Some(map),
            _ => None,
        }
    }

    /// The map of a timestep: the map itself, unless each has its own.
    ///
    /// # Panics
    ///
    /// Where each has its own, and there is no such timestep.
    pub fn at(&self, timestep: usize) -> &Map {
        match self {
            Map::Timesteps(maps) => &maps[timestep],
            map => map,
        }
    }

    /// How many timesteps a sample must have, if each has a map of its own.
    pub(crate) fn timesteps(&self) -> Option<usize> {
        match self {
            Map::Timesteps(maps) => Some(maps.len()),
            _ => None,
        }
    }

    /// Applies the map. NaN stays NaN; where each timestep has a map of its own, all becomes NaN.
    pub fn apply(&self, x: f64) -> f64 {
        match self {
            Map::Affine(map) => map.apply(x),
            Map::Log1p => functions::ln_1p(x),
            Map::Quantile(map) => map.apply(x),
            Map::Power(map) => map.apply(x),
            Map::Timesteps(_) => f64::NAN,
        }
    }

    /// The value that [`apply`](Map::apply) maps to `y`, up to rounding, where there is one.
    pub fn invert(&self, y: f64) -> f64 {
        match self {
            Map::Affine(map) => map.invert(y),
            Map::Log1p => libm::expm1(y),
            Map::Quantile(map) => map.invert(y),
            Map::Power(map) => map.invert(y),
            Map::Timesteps(_) => f64::NAN,
        }
    }

    /// [`apply`](Map::apply) by the textbook.
    pub(crate) fn reference(&self, x: f64) -> f64 {
        match self {
            Map::Affine(map) => map.apply(x),
            Map::Log1p => libm::log1p(x),
            Map::Quantile(map) => map.reference(x),
            Map::Power(map) => map.reference(x),
            Map::Timesteps(_) => f64::NAN,
        }
    }

    /// Whether it makes NaN of everything: the map of a column without values.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Map::Timesteps(maps) => maps.iter().all(Map::is_empty),
            _ => self.affine().is_some_and(|map| map.factor.is_nan()),
        }
    }

    /// Applies the map to whole rows of lanes of that level, the first of which is timestep `at`.
    pub(crate) fn apply_rows(&self, level: Level, at: usize, x: &[f64], y: &mut [f64]) {
        match self {
            Map::Timesteps(maps) => {
                let rows = x.chunks_exact(level.lanes()).zip(y.chunks_exact_mut(level.lanes()));
                for (map, (x, y)) in maps[at..].iter().zip(rows) {
                    map.apply_rows(level, 0, x, y);
                }
            }
            Map::Log1p => level.dispatch(Log1p { x, y }),
            _ => y.iter_mut().zip(x).for_each(|(y, x)| *y = self.apply(*x)),
        }
    }
}

struct Log1p<'a> {
    x: &'a [f64],
    y: &'a mut [f64],
}

impl Task for Log1p<'_> {
    type Output = ();
    #[inline(always)]
    fn run<L: Lanes>(self) {
        let (x, y): (&[L::Row], &mut [L::Row]) = (cast_slice(self.x), cast_slice_mut(self.y));
        for (x, y) in x.iter().zip(y) {
            functions::ln_1p(L::load(x)).store(y);
        }
    }
}
