use bytes::{Bytes, BytesMut};
use object_store::PutPayload;

/// Bytes that do not fill a part yet, in pieces of one size, so that no more memory is taken than is asked for.
pub(super) struct Part {
    piece_bytes: usize,
    pieces: Vec<Bytes>,
    last: BytesMut,
    bytes: usize,
}

impl Part {
    pub(super) fn new(piece_bytes: usize) -> Self {
        Self { piece_bytes, pieces: Vec::new(), last: BytesMut::new(), bytes: 0 }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What it takes with so many bytes more.
    pub(super) const fn bytes_with(&self, more: usize) -> usize {
        self.bytes.saturating_add(more).div_ceil(self.piece_bytes).saturating_mul(self.piece_bytes)
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.last.len() >= self.piece_bytes {
                self.pieces.push(std::mem::take(&mut self.last).freeze());
            }
            if self.last.is_empty() {
                self.last = BytesMut::with_capacity(self.piece_bytes);
            }
            let room = self.piece_bytes.saturating_sub(self.last.len());
            let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            self.last.extend_from_slice(now);
            self.bytes = self.bytes.saturating_add(now.len());
            bytes = later;
        }
    }

    /// All of it, to be put into the store.
    pub(super) fn take(&mut self) -> PutPayload {
        let last = std::mem::take(&mut self.last);
        self.bytes = 0;
        std::mem::take(&mut self.pieces).into_iter().chain([last.freeze()]).collect()
    }
}
