//! Blobs of one repository that become another's too: no bytes move.

use domain::{Digest, Granted, Publish, Read, RepositoryId, Visible};

use super::{Storage, lease};
use crate::damage::settle;
use crate::entries;
use crate::error::{ContentError, Error};
use crate::sql::{Load, Tx, blobs};

/// Repositories looked at for a mount without a named source.
const MOUNT_SOURCES_MAX: u32 = 1000;

impl Storage {
    /// Links a blob of one repository to another: no bytes move.
    ///
    /// # Errors
    /// `Absent` if the source does not link it, `NotHosted` if the target gets its content from elsewhere.
    pub async fn link_blob(
        &self,
        to: &Granted<Publish>,
        from: &Granted<Read>,
        digest: &Digest,
    ) -> Result<(), ContentError> {
        Ok(self.link_from(to, from.node().id(), *digest).await?)
    }

    /// Links a blob of any repository the caller may read.
    ///
    /// # Errors
    /// As [`Self::link_blob`], where none of them links it.
    pub async fn link_visible(
        &self,
        to: &Granted<Publish>,
        within: &Visible,
        digest: &Digest,
    ) -> Result<(), ContentError> {
        let digest = *digest;
        let linking = move |tx: &mut dyn Tx| blobs::linking_repositories(tx, &digest, MOUNT_SOURCES_MAX);
        let sources = self.shared.database.point(linking).await?;
        let from = sources.into_iter().find(|id| within.contains(*id)).ok_or(Error::Absent)?;
        Ok(self.link_from(to, from, digest).await?)
    }

    async fn link_from(
        &self,
        to: &Granted<Publish>,
        from: RepositoryId,
        digest: Digest,
    ) -> Result<(), Error> {
        self.shared.space.require(0)?;
        settle(&self.shared).await?;
        let load = Load::of(to.client(), 1);
        let (may, to, now) = (to.watch(), to.node().id(), self.shared.clock.now());
        let limits = self.shared.limits;
        let link = move |tx: &mut dyn Tx| {
            may.recheck()?;
            entries::mount(tx, &limits, (to, from), &digest, lease(now))
        };
        self.shared.database.write(load, link).await
    }
}
