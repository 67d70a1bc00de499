//! The two element types of a batch.

use std::fmt;

use crate::simd::Lanes;

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
    use crate::simd::Lanes;

    /// How elements enter and leave lanes; not open to other types.
    pub trait Sealed: Sized {
        /// [`Lanes::gather_f32`] or its sibling.
        fn gather<L: Lanes>(lanes: &[&[Self]], targets: &[u32], arena: &mut [f64]);
        /// Writes the lanes of `values` to a row.
        fn put<L: Lanes>(values: L, row: &mut [Self]);
        /// [`Lanes::scatter_f32`] or its sibling.
        fn scatter<L: Lanes>(
            arena: &[Self],
            sources: &[u32],
            lanes: &mut [&mut [Self]],
            stream: bool,
        );
    }
}

impl sealed::Sealed for f32 {
    #[inline(always)]
    fn gather<L: Lanes>(lanes: &[&[f32]], targets: &[u32], arena: &mut [f64]) {
        L::gather_f32(lanes, targets, arena);
    }
    #[inline(always)]
    fn put<L: Lanes>(values: L, row: &mut [f32]) {
        values.narrow(row);
    }
    #[inline(always)]
    fn scatter<L: Lanes>(arena: &[f32], sources: &[u32], lanes: &mut [&mut [f32]], stream: bool) {
        L::scatter_f32(arena, sources, lanes, stream);
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
    #[inline(always)]
    fn gather<L: Lanes>(lanes: &[&[f64]], targets: &[u32], arena: &mut [f64]) {
        L::gather_f64(lanes, targets, arena);
    }
    #[inline(always)]
    fn put<L: Lanes>(values: L, row: &mut [f64]) {
        values.store(&mut bytemuck::cast_slice_mut(row)[0]);
    }
    #[inline(always)]
    fn scatter<L: Lanes>(arena: &[f64], sources: &[u32], lanes: &mut [&mut [f64]], stream: bool) {
        L::scatter_f64(arena, sources, lanes, stream);
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
