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
}

impl Map {
    /// The straight line, if it is one.
    pub fn affine(&self) -> Option<&Affine> {
        match self {
            Map::Affine(map) => Some(map),
            _ => None,
        }
    }

    /// Applies the map. NaN stays NaN.
    pub fn apply(&self, x: f64) -> f64 {
        match self {
            Map::Affine(map) => map.apply(x),
            Map::Log1p => functions::ln_1p(x),
            Map::Quantile(map) => map.apply(x),
            Map::Power(map) => map.apply(x),
        }
    }

    /// The value that [`apply`](Map::apply) maps to `y`, up to rounding, where there is one.
    pub fn invert(&self, y: f64) -> f64 {
        match self {
            Map::Affine(map) => map.invert(y),
            Map::Log1p => libm::expm1(y),
            Map::Quantile(map) => map.invert(y),
            Map::Power(map) => map.invert(y),
        }
    }

    /// [`apply`](Map::apply) by the textbook.
    pub(crate) fn reference(&self, x: f64) -> f64 {
        match self {
            Map::Affine(map) => map.apply(x),
            Map::Log1p => libm::log1p(x),
            Map::Quantile(map) => map.reference(x),
            Map::Power(map) => map.reference(x),
        }
    }

    /// Whether it makes NaN of everything: the map of a column without values.
    pub(crate) fn is_empty(&self) -> bool {
        self.affine().is_some_and(|map| map.factor.is_nan())
    }

    /// Applies the map to whole rows of lanes of that level.
    pub(crate) fn apply_rows(&self, level: Level, x: &[f64], y: &mut [f64]) {
        match self {
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
