//! How much of a list goes into one answer.

/// Longest answer of a protocol that can go on in another, in bytes.
pub(crate) const PAGE_BYTES_MAX: usize = 1 << 20;
/// Longest document of a protocol that cannot, in bytes.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 16 << 20;

/// How many items, from the first on, are together no longer than `bytes_max`; one at least, so that a list always goes on.
pub(crate) fn fitting(bytes_max: usize, sizes: impl IntoIterator<Item = usize>) -> usize {
    let mut bytes = 0_usize;
    let fits = |(at, size): &(usize, usize)| {
        bytes = bytes.saturating_add(*size);
        *at == 0 || bytes <= bytes_max
    };
    sizes.into_iter().enumerate().take_while(fits).count()
}

#[cfg(test)]
mod tests;
