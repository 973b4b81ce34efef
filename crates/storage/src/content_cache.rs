//! Immutable bytes, small and hot, in one cache bounded in bytes; nothing enters it unverified (docs/design.md 7).

use std::sync::Arc;

use bytes::Bytes;
use domain::Digest;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::blobs::Blobs;
use crate::error::Error;
use crate::hashing;
use crate::model::BlobRef;
use crate::sql::blocking;

/// By object key, drawn at random: ids of blobs are handed out a second time after a database was set back. Who may see a blob is
/// asked before, every time.
pub(crate) struct ContentCache {
    bytes: Cache<Arc<str>, Bytes, Size>,
}

#[derive(Clone)]
struct Size;

/// What an entry costs besides its bytes.
const OVERHEAD_BYTES: u64 = 128;
/// Above this hashing leaves the runtime's thread.
const INLINE_HASH_BYTES_MAX: usize = 64 * 1024;

impl Weighter<Arc<str>, Bytes> for Size {
    fn weight(&self, _: &Arc<str>, bytes: &Bytes) -> u64 {
        (bytes.len() as u64).saturating_add(OVERHEAD_BYTES)
    }
}

impl ContentCache {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let entries = usize::try_from(bytes_max / 8192).unwrap_or(usize::MAX).max(16);
        Self { bytes: Cache::with_weighter(entries, bytes_max, Size) }
    }

    /// The whole bytes of a small blob, from memory or, after their digest was checked, from the store.
    pub(crate) async fn content(
        &self,
        blobs: &Blobs,
        blob: &BlobRef,
        digest: &Digest,
    ) -> Result<Bytes, Error> {
        match self.bytes.get(&*blob.object_key) {
            Some(bytes) => Ok(bytes),
            None => Box::pin(self.checked(blobs, blob, digest)).await,
        }
    }

    async fn checked(&self, blobs: &Blobs, blob: &BlobRef, digest: &Digest) -> Result<Bytes, Error> {
        let bytes = blobs.whole(&blob.object_key).await?;
        if bytes.len() as u64 != blob.size_bytes {
            return Err(Error::damaged(format!("{digest} has another length than its row says")));
        }
        let algorithm = digest.algorithm();
        let found = if bytes.len() <= INLINE_HASH_BYTES_MAX {
            hashing::digest(algorithm, &bytes)?
        } else {
            let bytes = bytes.clone();
            blocking(move || hashing::digest(algorithm, &bytes)).await?
        };
        if found != *digest {
            return Err(Error::damaged(format!("the bytes of {digest} are other ones")));
        }
        self.bytes.insert(Arc::clone(&blob.object_key), bytes.clone());
        Ok(bytes)
    }
}
