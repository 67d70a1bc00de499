//! Asking the system for memory in large pages.
#![allow(unsafe_code)]

/// Asks that memory which has not been touched yet come in huge pages.
///
/// First touch of ordinary pages costs more than all arithmetic: measured 60 ns a step for the
/// transform into new memory, 33 in huge pages. A system that has none does without.
pub(super) fn ask_for_huge_pages<T>(memory: &[T]) {
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        /// Less than a few huge pages is not worth asking for.
        const LEAST: usize = 8 << 20;
        let bytes = size_of_val(memory);
        if bytes < LEAST {
            return;
        }
        let start = memory.as_ptr().addr().next_multiple_of(PAGE);
        let length = (memory.as_ptr().addr() + bytes - start) / PAGE * PAGE;
        // SAFETY: the range lies within `memory`, and the advice changes how it is backed, not what
        // it holds; a refusal is of no consequence.
        unsafe {
            libc::madvise(start as *mut libc::c_void, length, libc::MADV_HUGEPAGE);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = memory;
}
