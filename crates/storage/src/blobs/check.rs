//! Whether the bytes that are handed out are those that were stored.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use bytes::Bytes;
use domain::Digest;

use crate::hashing::Hash;
use crate::model::BlobRef;

/// Is told of contents whose bytes are gone, cut short or altered, and of those that are right. It is told while they are sent, so it
/// must not wait for anything.
pub(crate) trait Keeper: Send + Sync {
    fn sound(&self, blob: &BlobRef);

    fn damaged(&self, blob: &BlobRef, digest: &Digest, why: &str);
}

/// A blob whose bytes are looked at on their way, and who is told.
#[derive(Clone)]
pub(crate) struct Watched {
    pub(crate) keeper: Arc<dyn Keeper>,
    pub(crate) blob: BlobRef,
    pub(crate) digest: Digest,
    /// Whether all of them were read lately and were right: then they are not hashed again.
    pub(crate) is_believed: bool,
}

/// What was seen of the bytes so far.
pub(super) struct Check {
    watched: Watched,
    /// Of all of them, unless they are believed; a part has no digest that anybody knows.
    hash: Option<Hash>,
}

impl Check {
    pub(super) fn new(watched: Watched, whole: bool) -> Self {
        let hash = (whole && !watched.is_believed).then(|| Hash::new(watched.digest.algorithm()));
        Self { watched, hash }
    }

    /// Looks at the next piece. The last one of what is altered is withheld, so that nobody has all bytes and takes them for right.
    pub(super) fn see(&mut self, piece: io::Result<Bytes>, last: bool) -> io::Result<Bytes> {
        let piece = piece.inspect_err(|error| self.failed(error))?;
        let Some(hash) = &mut self.hash else { return Ok(piece) };
        // On this thread, which has just copied the bytes and copies them again: a third pass, where a hop to another thread and back
        // would keep a piece in memory that nobody counts.
        hash.update(&piece);
        if !last {
            return Ok(piece);
        }
        let found = self.hash.take().map(Hash::finish).transpose().map_err(io::Error::other)?;
        if found == Some(self.watched.digest) {
            self.watched.keeper.sound(&self.watched.blob);
            return Ok(piece);
        }
        let why = "its bytes are other ones";
        self.tell(why);
        Err(io::Error::new(ErrorKind::InvalidData, why))
    }

    fn failed(&self, error: &io::Error) {
        match error.kind() {
            ErrorKind::UnexpectedEof => self.tell("it is cut short"),
            ErrorKind::NotFound => self.tell("its bytes are gone"),
            _ => {}
        }
    }

    /// Tells the keeper.
    pub(super) fn tell(&self, why: &str) {
        let Watched { keeper, blob, digest, .. } = &self.watched;
        keeper.damaged(blob, digest, why);
    }
}
