//! Links that somebody relies on from now on.

use domain::{Digest, EntryKey, Granted, Publish};

use super::{Storage, lease};
use crate::blobs::BlobInfo;
use crate::damage::{settle, unless_damaged};
use crate::error::{ContentError, Error};
use crate::sql::{Load, Tx, blobs, bulk, references};

/// The only thing that is written while an answer is made: since when a link is relied on.
#[derive(Clone, Copy)]
pub struct Leases<'s>(pub(super) &'s Storage);

impl Leases<'_> {
    /// As [`Storage::stat_blob`], for somebody who may publish and goes by the answer instead of sending the bytes: the link stays for
    /// as long as that may take. Written, before this returns, if it is relied on for an hour or more already (docs/operations.md 2.4).
    ///
    /// # Errors
    /// `Absent` if the repository does not link it, or its bytes are known to be damaged.
    pub async fn hold_blob(&self, may: &Granted<Publish>, digest: &Digest) -> Result<BlobInfo, ContentError> {
        let Self(Storage { shared, .. }) = self;
        let (repository, digest) = (may.node().id(), *digest);
        let find = move |tx: &mut dyn Tx| blobs::leased_blob(tx, repository, &digest);
        let (blob, touched_at) = shared.database.point(find).await?.ok_or(Error::Absent)?;
        unless_damaged(shared, &blob, &digest)?;
        let lease = lease(shared.clock.now());
        if touched_at < lease.1 {
            let watch = may.watch();
            let hold = move |tx: &mut dyn Tx| {
                watch.recheck()?;
                bulk::renew_links(tx, repository, &[digest], lease)?;
                // Taken away in between, it is not there.
                blobs::sound_blob(tx, repository, &digest)?.map(drop).ok_or(Error::Absent)
            };
            // In a box, because it is seldom needed.
            Box::pin(shared.database.write(Load::of(may.client(), 1), hold)).await?;
        }
        Ok(BlobInfo { digest, size_bytes: blob.size_bytes })
    }

    /// Whether nothing that a name points at is known to be damaged. Somebody who may publish and is told that a manifest is there
    /// sends none of what it names, so that what is damaged would never be brought again (docs/operations.md 6). What the members
    /// of an index name in turn is asked for with them.
    ///
    /// # Errors
    /// Failures of the database.
    pub async fn is_whole(&self, may: &Granted<Publish>, key: &EntryKey) -> Result<bool, ContentError> {
        let Self(Storage { shared, .. }) = self;
        settle(shared).await?;
        let (repository, key) = (may.node().id(), key.clone());
        let damaged = move |tx: &mut dyn Tx| {
            Ok(blobs::is_any_damaged(tx)? && {
                let parts = references::parts_of(tx, repository, &key)?;
                bulk::is_one_damaged(tx, repository, &parts)?
            })
        };
        Ok(!shared.database.point(damaged).await?)
    }
}

impl Storage {
    /// Links that are looked at by who relies on them.
    #[must_use]
    pub const fn leases(&self) -> Leases<'_> {
        Leases(self)
    }
}
