//! The map that a fitted scaler applies to a value.

use bytemuck::cast_slice;
use serde::{Deserialize, Serialize};

use crate::batch::GROUP;
use crate::simd::Lanes;

/// `y = (x - center) * factor + low`, in f64, in this order; a `low` of zero is not added. Where
/// there is a clip, `y` stays within it.
///
/// The difference comes first: for data far from zero it is exact or nearly so, where
/// `x * factor + offset` would cancel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Affine {
    /// What becomes `low`.
    pub center: f64,
    /// What a unit becomes.
    pub factor: f64,
    /// What `center` becomes.
    pub low: f64,
    /// The least and the largest result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clip: Option<[f64; 2]>,
}

impl Affine {
    /// `y = (x - center) * factor`.
    pub const fn new(center: f64, factor: f64) -> Affine {
        Affine { center, factor, low: 0.0, clip: None }
    }

    /// Applies the map. NaN stays NaN.
    ///
    /// ```
    /// let map = windrow::scale::Affine::new(10.0, 0.5);
    /// assert_eq!(map.apply(13.0), 1.5);
    /// assert_eq!(map.invert(1.5), 13.0);
    /// ```
    pub fn apply(&self, x: f64) -> f64 {
        self.apply_lanes(x)
    }

    /// The value that [`apply`](Affine::apply) maps to `y`, up to rounding, if none was clipped.
    pub fn invert(&self, y: f64) -> f64 {
        (y - self.low) / self.factor + self.center
    }

    #[inline(always)]
    pub(crate) fn apply_lanes<L: Lanes>(&self, x: L) -> L {
        let Affine { center, factor, low, clip } = *self;
        LaneAffine { center: L::splat(center), factor: L::splat(factor), low, clip }.apply(x)
    }
}

/// A map of each lane, with ends that all have in common.
pub(super) struct LaneAffine<L> {
    center: L,
    factor: L,
    low: f64,
    clip: Option<[f64; 2]>,
}

impl<L: Lanes> LaneAffine<L> {
    /// Of maps of one scaler, or such as make NaN of everything.
    pub fn new(maps: &[Affine; GROUP]) -> Self {
        let ends = maps.iter().find(|map| !map.factor.is_nan()).unwrap_or(&maps[0]);
        let load = |of: fn(&Affine) -> f64| {
            L::load(&cast_slice::<f64, L::Row>(&maps.each_ref().map(of)[..L::COUNT])[0])
        };
        let (center, factor) = (load(|map| map.center), load(|map| map.factor));
        LaneAffine { center, factor, low: ends.low, clip: ends.clip }
    }

    #[inline(always)]
    pub fn apply(&self, x: L) -> L {
        let scaled = (x - self.center) * self.factor;
        let moved = if self.low == 0.0 { scaled } else { scaled + L::splat(self.low) };
        match self.clip {
            None => moved,
            Some([low, high]) => L::splat(high).min(L::splat(low).max(moved)),
        }
    }
}

/// Applies maps one after the other.
#[inline(always)]
pub(crate) fn apply_all<L: Lanes>(maps: &[Affine], x: L) -> L {
    let mut x = x;
    for map in maps {
        x = map.apply_lanes(x);
    }
    x
}
