//! Turning between samples and lanes, one value at a time: the definition, and the way of every
//! level without one of its own.

use bytemuck::Pod;

/// Sets the rows of positions `from..` from the lanes: position `p` goes to row `targets[p]`.
#[inline(always)]
pub(super) fn gather<E: Copy + Into<f64>, R: Pod>(
    lanes: &[&[E]],
    targets: &[u32],
    from: usize,
    rows: &mut [R],
) {
    for (position, &target) in targets.iter().enumerate().skip(from) {
        let row = bytemuck::cast_slice_mut(std::slice::from_mut(&mut rows[target as usize]));
        for (value, lane) in row.iter_mut().zip(lanes) {
            *value = lane[position].into();
        }
    }
}

/// Sets positions `from..` of the lanes from an arena: position `p` comes from row `sources[p]`,
/// which has a value for each of `lanes`.
#[inline(always)]
pub(super) fn scatter<E: Copy>(arena: &[E], sources: &[u32], from: usize, lanes: &mut [&mut [E]]) {
    for (position, &source) in sources.iter().enumerate().skip(from) {
        let row = &arena[source as usize * lanes.len()..][..lanes.len()];
        for (value, lane) in row.iter().zip(lanes.iter_mut()) {
            lane[position] = *value;
        }
    }
}
