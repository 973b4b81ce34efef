//! Bytes gathered in memory before they are hashed and written in one go.

use std::sync::Arc;

use budget::{Bounds, Budget, Share};
use bytes::Bytes;
use domain::Client;

/// Bytes gathered before they are written.
const STAGE_BYTES: u64 = 256 * 1024;
/// A piece counts as at least so many: it may be all that keeps the buffer it came in.
const PIECE_BYTES_MIN: u64 = 4 * 1024;

/// Memory for what all uploads gather, for that of one principal, and of one address: two stages for each of 64, 16 and 4 uploads
/// at full speed. Who has no more writes each piece as it comes.
const GATHERED: Bounds = Bounds::new(32 << 20, 8 << 20, 2 << 20);

/// Pieces in the order they came.
pub(super) struct Pending {
    memory: Arc<Budget>,
    client: Client,
    pieces: Vec<Bytes>,
    bytes: u64,
    share: Option<Share>,
}

/// Pieces taken out, with the memory they are counted in.
pub(super) struct Gathered {
    pub(super) pieces: Vec<Bytes>,
    pub(super) share: Option<Share>,
}

/// What is to be done with what was gathered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Gather more.
    Wait,
    /// Write it while more comes.
    Write,
    /// Write it before more is taken: there is no memory for more.
    WriteAndWait,
}

/// The memory that uploads gather bytes in.
pub(crate) fn memory() -> Arc<Budget> {
    Budget::new(GATHERED)
}

impl Pending {
    pub(super) const fn new(memory: Arc<Budget>, client: Client) -> Self {
        Self { memory, client, pieces: Vec::new(), bytes: 0, share: None }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes a piece, which must not be empty.
    pub(super) fn push(&mut self, piece: Bytes) -> Then {
        let length = piece.len() as u64;
        self.bytes = self.bytes.saturating_add(length);
        self.pieces.push(piece);
        let counted = self.count(length.max(PIECE_BYTES_MIN));
        match &self.share {
            Some(share) if counted && share.amount() < STAGE_BYTES => Then::Wait,
            _ if counted => Then::Write,
            _ => Then::WriteAndWait,
        }
    }

    pub(super) fn take(&mut self) -> Gathered {
        self.bytes = 0;
        Gathered { pieces: std::mem::take(&mut self.pieces), share: self.share.take() }
    }

    /// Whether there is memory for it.
    fn count(&mut self, bytes: u64) -> bool {
        match &mut self.share {
            Some(share) => share.grow(bytes).is_ok(),
            None => {
                self.share = self.memory.take(self.client, bytes).ok();
                self.share.is_some()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(bytes: u64) -> Bytes {
        vec![0; usize::try_from(bytes).unwrap()].into()
    }

    #[test]
    fn a_stage_is_gathered_where_there_is_memory() {
        let budget = Budget::new(Bounds::new(1 << 20, 1 << 20, STAGE_BYTES + PIECE_BYTES_MIN));
        let client = Client::at(None);
        let mut first = Pending::new(Arc::clone(&budget), client);
        assert_eq!(first.push(piece(STAGE_BYTES - 1)), Then::Wait);
        assert_eq!(first.push(piece(1)), Then::Write);
        let mut second = Pending::new(Arc::clone(&budget), client);
        assert_eq!(second.push(piece(PIECE_BYTES_MIN)), Then::WriteAndWait);
        let taken = first.take();
        assert_eq!((taken.pieces.len(), first.bytes(), first.is_empty()), (2, 0, true));
        assert_eq!(budget.held(), STAGE_BYTES - 1 + PIECE_BYTES_MIN, "until it is written");
        drop(taken);
        assert_eq!((budget.held(), second.take().pieces.len()), (0, 1));
    }

    #[test]
    fn many_small_pieces_are_no_way_around_it() {
        let budget = memory();
        let mut pending = Pending::new(Arc::clone(&budget), Client::at(None));
        let gathered = (1_u64..).find(|_| pending.push(piece(1)) == Then::Write).unwrap();
        assert_eq!(gathered, STAGE_BYTES / PIECE_BYTES_MIN);
    }
}
