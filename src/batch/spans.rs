//! Work that leaves something behind, in spans for threads.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::error::Result;

/// Spans a thread: enough that one that is late holds nobody up.
const SHARE: usize = 8;

/// Values below which a span costs more than it gives: what works on it has to be made.
const WORTH_A_SPAN: usize = 1 << 16;

/// What all of some groups, of so many values each, leave behind, from what none do: `work` adds a
/// span of them to a value of its own, `merge` adds such a value to another. Spans merge in whatever
/// order they are done, so merging must not depend on it.
///
/// # Errors
///
/// The error of the first groups that have one.
pub(crate) fn over_spans<T: Clone + Send + Sync>(
    groups: usize,
    values: usize,
    none: T,
    work: impl Fn(Range<usize>, &mut T) -> Result<()> + Sync,
    merge: impl Fn(&mut T, &T) -> Result<()> + Sync,
) -> Result<T> {
    let least = WORTH_A_SPAN.div_ceil(values.max(1));
    let size = groups.div_ceil(SHARE * rayon::current_num_threads()).max(least);
    if size >= groups {
        let mut all = none;
        work(0..groups, &mut all)?;
        return Ok(all);
    }
    let total = Mutex::new(none.clone());
    let span = |groups: Range<usize>| {
        let mut part = none.clone();
        work(groups, &mut part)?;
        merge(&mut total.lock().unwrap_or_else(PoisonError::into_inner), &part)
    };
    let firsts = (0..groups).into_par_iter().step_by(size);
    let spans: Vec<Result<()>> =
        firsts.map(|first| span(first..groups.min(first + size))).collect();
    spans.into_iter().collect::<Result<()>>()?;
    Ok(total.into_inner().unwrap_or_else(PoisonError::into_inner))
}
