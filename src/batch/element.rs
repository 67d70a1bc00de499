//! The two element types of a batch.

use std::fmt;

use ndarray::{ArrayView3, ArrayViewMut3};

use super::{AnyBatch, AnyBatchMut};
use crate::simd::{Lanes, Offsets};

/// `f32` or `f64`: what a batch stores. Arithmetic is f64 for both.
pub trait Element: bytemuck::Pod + Send + Sync + fmt::Debug + sealed::Sealed {
    /// Its run-time name.
    const DTYPE: Dtype;
    /// To f64, exactly.
    fn widen(self) -> f64;
    /// From f64, rounded once to the nearest.
    fn round(value: f64) -> Self;
}

mod sealed {
    use bytemuck::Pod;
    use ndarray::{ArrayView3, ArrayViewMut3};

    use crate::batch::{AnyBatch, AnyBatchMut};
    use crate::simd::{Lanes, Offsets};

    /// How elements enter and leave lanes; not open to other types.
    pub trait Sealed: Sized {
        /// One timestep of a tile, as it is stored.
        type Row<L: Lanes>: Pod;
        /// Widens a row.
        fn load<L: Lanes>(row: &Self::Row<L>) -> L;
        /// Rounds to a row; NaN has one bit pattern.
        fn put<L: Lanes>(values: L, row: &mut Self::Row<L>);
        /// [`Lanes::gather_f32`] or its sibling.
        fn gather<L: Lanes>(lanes: &[&[Self]], targets: Offsets<'_>, arena: &mut [Self]);
        /// [`Lanes::scatter_f32`] or its sibling.
        fn scatter<L: Lanes>(
            arena: &[Self],
            sources: Offsets<'_>,
            lanes: &mut [&mut [Self]],
            stream: bool,
        );
        /// A batch that may be of either type.
        fn any(x: ArrayView3<'_, Self>) -> AnyBatch<'_>;
        /// The same for one that is written.
        fn any_mut(y: ArrayViewMut3<'_, Self>) -> AnyBatchMut<'_>;
    }
}

impl sealed::Sealed for f32 {
    type Row<L: Lanes> = L::Narrow;
    #[inline(always)]
    fn load<L: Lanes>(row: &L::Narrow) -> L {
        L::widen(row)
    }
    #[inline(always)]
    fn put<L: Lanes>(values: L, row: &mut L::Narrow) {
        values.narrow(row);
    }
    #[inline(always)]
    fn gather<L: Lanes>(lanes: &[&[f32]], targets: Offsets<'_>, arena: &mut [f32]) {
        L::gather_f32(lanes, targets, arena);
    }
    #[inline(always)]
    fn scatter<L: Lanes>(
        arena: &[f32],
        sources: Offsets<'_>,
        lanes: &mut [&mut [f32]],
        stream: bool,
    ) {
        L::scatter_f32(arena, sources, lanes, stream);
    }
    fn any(x: ArrayView3<'_, f32>) -> AnyBatch<'_> {
        AnyBatch::F32(x)
    }
    fn any_mut(y: ArrayViewMut3<'_, f32>) -> AnyBatchMut<'_> {
        AnyBatchMut::F32(y)
    }
}

impl Element for f32 {
    const DTYPE: Dtype = Dtype::F32;
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn round(value: f64) -> f32 {
        value as f32
    }
}

impl sealed::Sealed for f64 {
    type Row<L: Lanes> = L::Row;
    #[inline(always)]
    fn load<L: Lanes>(row: &L::Row) -> L {
        L::load(row)
    }
    #[inline(always)]
    fn put<L: Lanes>(values: L, row: &mut L::Row) {
        L::select(values.is_nan(), L::splat(f64::NAN), values).store(row);
    }
    #[inline(always)]
    fn gather<L: Lanes>(lanes: &[&[f64]], targets: Offsets<'_>, arena: &mut [f64]) {
        L::gather_f64(lanes, targets, arena);
    }
    #[inline(always)]
    fn scatter<L: Lanes>(
        arena: &[f64],
        sources: Offsets<'_>,
        lanes: &mut [&mut [f64]],
        stream: bool,
    ) {
        L::scatter_f64(arena, sources, lanes, stream);
    }
    fn any(x: ArrayView3<'_, f64>) -> AnyBatch<'_> {
        AnyBatch::F64(x)
    }
    fn any_mut(y: ArrayViewMut3<'_, f64>) -> AnyBatchMut<'_> {
        AnyBatchMut::F64(y)
    }
}

impl Element for f64 {
    const DTYPE: Dtype = Dtype::F64;
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn round(value: f64) -> f64 {
        value
    }
}

/// The element type of a batch, as a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit floats.
    F32,
    /// 64-bit floats.
    F64,
}

impl Dtype {
    /// The name in pipeline files: `f32` or `f64`.
    pub fn name(self) -> &'static str {
        match self {
            Dtype::F32 => "f32",
            Dtype::F64 => "f64",
        }
    }

    /// The dtype of that name.
    pub fn parse(name: &str) -> Option<Dtype> {
        [Dtype::F32, Dtype::F64].into_iter().find(|dtype| dtype.name() == name)
    }

    /// Bytes an element.
    pub fn size(self) -> usize {
        match self {
            Dtype::F32 => 4,
            Dtype::F64 => 8,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
