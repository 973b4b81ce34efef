use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most buffers kept for the next read; more are made when more are lent, and forgotten when they come back.
const KEPT_MAX: usize = 16;
/// Buffers kept when none is lent: one that is kept holds on to the memory around it, so after a storm few stay.
const KEPT_AT_REST: usize = 2;

/// Buffers of one size that are lent out and come back: clearing and mapping fresh memory costs as much as the reading.
#[derive(Clone, Default)]
pub(crate) struct Buffers {
    shelf: Arc<Mutex<Shelf>>,
}

#[derive(Default)]
struct Shelf {
    free: Vec<Box<[u8]>>,
    lent: usize,
}

/// A lent buffer of which the first bytes are filled.
pub(super) struct Lent {
    bytes: Box<[u8]>,
    pub(super) filled_bytes: usize,
    home: Buffers,
}

impl Buffers {
    /// Size of each, in bytes.
    pub(super) const BYTES: usize = 256 * 1024;

    pub(super) fn lend(&self) -> Lent {
        let free = {
            let mut shelf = self.shelf();
            shelf.lent = shelf.lent.saturating_add(1);
            shelf.free.pop()
        };
        let bytes = free.unwrap_or_else(|| vec![0; Self::BYTES].into_boxed_slice());
        Lent { bytes, filled_bytes: 0, home: self.clone() }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// The whole buffer, to be filled from the front.
    pub(super) fn space(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.filled_bytes).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut shelf = self.home.shelf();
        shelf.lent = shelf.lent.saturating_sub(1);
        // As many as are in use, so that those who take turns find one each.
        let kept = shelf.lent.saturating_add(KEPT_AT_REST).min(KEPT_MAX);
        shelf.free.push(std::mem::take(&mut self.bytes));
        shelf.free.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_kept_as_are_in_use_and_few_at_rest() {
        let buffers = Buffers::default();
        let mut lent: Vec<Lent> = (0..40).map(|_| buffers.lend()).collect();
        lent.truncate(30);
        assert_eq!(buffers.shelf().free.len(), 10);
        lent.truncate(4);
        assert_eq!(buffers.shelf().free.len(), 6);
        drop(lent);
        assert_eq!(buffers.shelf().free.len(), KEPT_AT_REST);
    }
}
