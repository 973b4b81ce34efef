//! Links that somebody relies on from now on.

use domain::{Digest, Granted, Publish};

use super::{Storage, lease};
use crate::blobs::BlobInfo;
use crate::damage::unless_damaged;
use crate::error::{ContentError, Error};
use crate::sql::{Load, Tx, blobs, bulk};

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
}

impl Storage {
    /// Links that are looked at by who relies on them.
    #[must_use]
    pub const fn leases(&self) -> Leases<'_> {
        Leases(self)
    }
}
