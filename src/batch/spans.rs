//! How work that leaves something behind is cut for threads.

use std::ops::Range;

/// Spans a thread: enough that one that is late holds nobody up.
const SHARE: usize = 8;

/// `groups` in a few spans a thread, in order. For what does not depend on the cut.
pub(crate) fn spans(groups: usize) -> Vec<Range<usize>> {
    let size = groups.div_ceil(SHARE * rayon::current_num_threads()).max(1);
    (0..groups).step_by(size).map(|first| first..groups.min(first + size)).collect()
}
