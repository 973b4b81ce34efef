use std::sync::{Arc, Mutex, PoisonError};

/// Buffers kept for the next read; more are made when more are lent, and forgotten when they come back.
const KEPT_MAX: usize = 16;

/// Buffers of one size that are lent out and come back: clearing and mapping fresh memory costs as much as the reading.
#[derive(Clone, Default)]
pub(crate) struct Buffers {
    free: Arc<Mutex<Vec<Box<[u8]>>>>,
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
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let bytes = free.unwrap_or_else(|| vec![0; Self::BYTES].into_boxed_slice());
        Lent { bytes, filled_bytes: 0, home: self.clone() }
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
        let mut free = self.home.free.lock().unwrap_or_else(PoisonError::into_inner);
        if free.len() < KEPT_MAX {
            free.push(std::mem::take(&mut self.bytes));
        }
    }
}
