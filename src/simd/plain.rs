//! Turning between samples and lanes, one value at a time: the definition, and the way of every
//! level without one of its own.
//!
//! Tables hold offsets: where in the arena the row of a position begins. The lanes are counted, not
//! zipped: builds without LTO, as that of the tests, call `zip` a value (5 times slower).

/// Sets the rows of positions `from..` from the lanes: position `p` goes to the row at
/// `targets[p]`, which has a value for each of `lanes`.
#[inline(always)]
pub(super) fn gather<E: Copy>(lanes: &[&[E]], targets: &[u32], from: usize, arena: &mut [E]) {
    for (position, &target) in targets.iter().enumerate().skip(from) {
        let row = &mut arena[target as usize..][..lanes.len()];
        for lane in 0..lanes.len() {
            row[lane] = lanes[lane][position];
        }
    }
}

/// Sets positions `from..` of the lanes from an arena: position `p` comes from the row at
/// `sources[p]`, which has a value for each of `lanes`.
#[inline(always)]
pub(super) fn scatter<E: Copy>(arena: &[E], sources: &[u32], from: usize, lanes: &mut [&mut [E]]) {
    for (position, &source) in sources.iter().enumerate().skip(from) {
        let row = &arena[source as usize..][..lanes.len()];
        for lane in 0..lanes.len() {
            lanes[lane][position] = row[lane];
        }
    }
}
