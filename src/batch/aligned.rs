//! Buffers that begin on a cache line.

use std::marker::PhantomData;

use bytemuck::{Pod, Zeroable, cast_slice, cast_slice_mut};

/// One cache line.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct Line([u64; 8]);

/// A buffer of `T` that begins on a cache line, zero at first.
#[derive(Clone)]
pub(crate) struct Aligned<T> {
    lines: Vec<Line>,
    length: usize,
    element: PhantomData<T>,
}

impl<T: Pod> Aligned<T> {
    /// `length` zeros.
    pub fn zeroed(length: usize) -> Self {
        let lines = (length * size_of::<T>()).div_ceil(size_of::<Line>());
        Aligned { lines: vec![Line([0; 8]); lines], length, element: PhantomData }
    }
}

impl<T> Default for Aligned<T> {
    fn default() -> Self {
        Aligned { lines: Vec::new(), length: 0, element: PhantomData }
    }
}

impl<T: Pod> std::ops::Deref for Aligned<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &cast_slice(&self.lines)[..self.length]
    }
}

impl<T: Pod> std::ops::DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut cast_slice_mut(&mut self.lines)[..self.length]
    }
}
