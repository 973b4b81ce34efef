//! Storage: the verbs of the content, each behind a proof. The repository comes out of the proof and from nowhere else.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use domain::{
    Digest, EntryKey, EntryKind, Granted, Implies, Overwrite, Probe, Publish, Read, RepositoryId, Right,
    Rules, Timestamp,
};
use tokio::time::Instant;

use crate::audit_queue::AuditQueue;
use crate::batch::Batch;
use crate::blobs::{Blob, BlobInfo, Keeper as _, Source, Watched};
use crate::damage::{settle, unless_damaged};
use crate::damages::DamageCounts;
use crate::entries::{self, Publisher};
use crate::error::{ContentError, Error};
use crate::model::{BlobRef, Committed, Entry, Stamp};
use crate::shared::Shared;
use crate::sql::{Tx, blobs, content, parts, repositories};
use crate::upload::{forget_tails, remove_discarded};

mod budgets;
mod dependents;
mod documents;
mod expected;
mod health;
mod leases;
mod links;
mod lists;
mod newest;
mod packages;
mod pins;
mod references;
mod remarks;
mod remove;
mod search;
mod transfers;
mod uploads;
mod usage;
mod version_changes;
mod versions;

use transfers::{Brought, Sender};

pub use documents::PairHalf;
pub(crate) use health::Health;
pub use leases::Leases;
pub use references::ReferrersQuery;
pub use usage::{SeesUsage, UsageAt};

/// Leases younger than this are not renewed (docs/design.md 7), in seconds.
const LEASE_RENEWAL_SECS: i64 = 3600;

/// Bytes and names. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    pub(crate) shared: Arc<Shared>,
    pub(crate) health: Health,
}

impl Storage {
    pub(crate) const fn new(shared: Arc<Shared>, health: Health) -> Self {
        Self { shared, health }
    }

    /// Length of a blob that this repository links.
    ///
    /// # Errors
    /// `Absent` if it does not, or its bytes are known to be damaged.
    pub async fn stat_blob<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        digest: &Digest,
    ) -> Result<BlobInfo, ContentError> {
        let blob = self.linked(may.node().id(), digest).await?;
        Ok(BlobInfo { digest: *digest, size_bytes: blob.size_bytes })
    }

    /// Opens a blob that this repository links.
    ///
    /// # Errors
    /// `Absent` if it does not, or its bytes are damaged.
    pub async fn open_blob(&self, may: &Granted<Read>, digest: &Digest) -> Result<Blob, ContentError> {
        let blob = self.linked(may.node().id(), digest).await?;
        Ok(self.opened(&blob, digest).await?)
    }

    /// Looks a name up.
    ///
    /// # Errors
    /// `Absent` if there is no such live or unlisted name, or its content is known to be damaged.
    pub async fn entry<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        key: &EntryKey,
    ) -> Result<Entry, ContentError> {
        let repository = may.node().id();
        let moment = self.shared.name_cache.moment(repository);
        let entry = match self.shared.name_cache.entry(moment, key) {
            Some(entry) => entry,
            None => {
                let asked = key.clone();
                let find = move |tx: &mut dyn Tx| content::entry(tx, repository, &asked);
                let entry = self.shared.database.point(find).await?.ok_or(Error::Absent)?;
                self.shared.name_cache.keep_entry(moment, key.clone(), &entry);
                entry
            }
        };
        if let (Some(blob), Some(digest)) = (&entry.blob, &entry.digest) {
            unless_damaged(&self.shared, blob, digest)?;
        }
        Ok(entry)
    }

    /// The whole content of a small entry, verified against its digest before it is first served.
    ///
    /// # Errors
    /// `Absent` if the entry is another repository's or its bytes are damaged, `TooLarge` if it is not small.
    pub async fn content(&self, may: &Granted<Read>, entry: &Entry) -> Result<Bytes, ContentError> {
        if entry.repository != may.node().id() {
            return Err(ContentError::Absent);
        }
        let bytes_max = self.shared.limits.content_bytes_max;
        if entry.size_bytes > bytes_max {
            return Err(ContentError::TooLarge { bytes_max });
        }
        let (Some(blob), Some(digest)) = (&entry.blob, &entry.digest) else {
            return Err(ContentError::Absent);
        };
        Ok(self.small(blob, digest).await?)
    }

    /// Every stored digest of an entry's content, by algorithm; none for a name without bytes of its own.
    ///
    /// # Errors
    /// `Absent` if the entry is another repository's.
    pub async fn digests<R: Implies<Probe>>(
        &self,
        may: &Granted<R>,
        entry: &Entry,
    ) -> Result<Arc<[Digest]>, ContentError> {
        let repository = may.node().id();
        if entry.repository != repository {
            return Err(ContentError::Absent);
        }
        let Some(blob) = entry.blob.as_ref().map(|blob| blob.id) else { return Ok(Arc::default()) };
        let moment = self.shared.name_cache.moment(repository);
        if let Some(digests) = self.shared.name_cache.digests(moment, blob) {
            return Ok(digests);
        }
        let read = move |tx: &mut dyn Tx| parts::digests(tx, blob);
        let digests: Arc<[Digest]> = self.shared.database.point(read).await?.into();
        self.shared.name_cache.keep_digests(moment, blob, &digests);
        Ok(digests)
    }

    /// Opens the content of an entry, for content of any size.
    ///
    /// # Errors
    /// As [`Self::content`], but for `TooLarge`.
    pub async fn open_entry(&self, may: &Granted<Read>, entry: &Entry) -> Result<Blob, ContentError> {
        if entry.repository != may.node().id() {
            return Err(ContentError::Absent);
        }
        let (Some(blob), Some(digest)) = (&entry.blob, &entry.digest) else {
            return Err(ContentError::Absent);
        };
        Ok(self.opened(blob, digest).await?)
    }

    /// Some bytes of an entry's content, in memory, cut to its length.
    ///
    /// # Errors
    /// As [`Self::content`]; `TooLarge` for more bytes than that hands out whole.
    pub async fn part(
        &self,
        may: &Granted<Read>,
        entry: &Entry,
        range: Range<u64>,
    ) -> Result<Bytes, ContentError> {
        let stream = self.open_entry(may, entry).await?.stream(range).await?;
        match stream.collected(self.shared.limits.content_bytes_max).await {
            // Noted while it was read.
            Err(Error::Damaged(_)) => Err(ContentError::Absent),
            read => Ok(read?),
        }
    }

    /// What the repository's policy lets happen.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn rules<R: Right>(&self, may: &Granted<R>) -> Result<Arc<dyn Rules>, ContentError> {
        let (repository, policies) = (may.node().id(), Arc::clone(&self.shared.policies));
        let read = move |tx: &mut dyn Tx| repositories::rules(tx, &policies, repository);
        self.shared.database.point(read).await?.ok_or(ContentError::Absent)
    }

    /// Makes everything in the batch visible at once, or nothing. The gate is asked again inside the transaction.
    ///
    /// # Errors
    /// `Denied` if the right, or the credential behind it, was withdrawn since the proof was given.
    /// `NotHosted` if the repository gets its names from elsewhere.
    /// `Unlinked` and `AbsentEntries` for preconditions; `Conflict` where the repository's rule keeps what is there, and only
    /// where it would not, `MissingOverwrite`; `Refused` if the batch is larger than its bounds.
    pub async fn commit(
        &self,
        may: Granted<Publish>,
        replace: Option<Granted<Overwrite>>,
        batch: Batch,
    ) -> Result<Committed, ContentError> {
        self.shared.space.require(0)?;
        settle(&self.shared).await?;
        let now = self.shared.clock.now();
        let foreign = |replace: &Granted<Overwrite>| {
            replace.node().id() != may.node().id() || replace.principal() != may.principal()
        };
        if replace.as_ref().is_some_and(foreign) {
            return Err(Error::refused("the two proofs are not about the same repository and caller").into());
        }
        let (sender, brought) = (Sender::of(&may), Brought::by(&batch));
        let place = (may.node().id(), may.node().format());
        let kinds: Vec<EntryKind> = batch.entries.iter().map(|entry| entry.key.kind).collect();
        let by = Publisher {
            repository: may.node().id(),
            principal: may.principal(),
            client: may.client(),
            may: may.into_watch(),
            replace: replace.map(Granted::into_watch),
        };
        let (committed, batch) = entries::commit(&self.shared, by, lease(now), batch).await?;
        sender.published(&self.shared.audit, brought, &committed.outcome.entries);
        self.published(place, &kinds, &committed.outcome.entries);
        for (upload, spare) in batch.uploads.into_iter().zip(&committed.spare) {
            let (row, tails) = (upload.done().row.clone(), upload.done().tails.clone());
            upload.committed();
            if !*spare {
                forget_tails(&self.shared, &tails).await;
            } else if let Err(error) = remove_discarded(&self.shared, &row).await {
                tracing::warn!(%error, "bytes stored twice are left to the sweep");
            }
        }
        Ok(committed.outcome)
    }

    /// How many contents were found damaged, and how many of such have the right bytes again.
    #[must_use]
    pub fn damage(&self) -> DamageCounts {
        self.shared.damages.counts()
    }

    /// Where log-ins, refusals and transfers are noted for the audit.
    #[must_use]
    pub fn audit(&self) -> &Arc<AuditQueue> {
        &self.shared.audit
    }

    /// The present moment of the clock that everything stored here is stamped by.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Where, by whom and when what a proof allows is done.
    fn stamp<R: Right>(&self, may: &Granted<R>) -> Stamp {
        let (repository, principal) = (may.node().id(), may.principal().get());
        Stamp { repository, principal, now: self.shared.clock.now() }
    }

    async fn opened(&self, blob: &BlobRef, digest: &Digest) -> Result<Blob, Error> {
        let info = BlobInfo { digest: *digest, size_bytes: blob.size_bytes };
        if blob.size_bytes <= self.shared.limits.small_blob_bytes_max {
            let source = Source::Bytes(self.small(blob, digest).await?);
            return Ok(Blob { info, source, watched: None });
        }
        unless_damaged(&self.shared, blob, digest)?;
        let opened = Box::pin(self.shared.blobs.stored(blob)).await;
        let source = self.readable(blob, digest, opened)?;
        let keeper = Arc::<Shared>::clone(&self.shared);
        let is_believed = self.shared.sound.believes(&blob.object_key, Instant::now());
        let watched = Watched { keeper, blob: blob.clone(), digest: *digest, is_believed };
        Ok(Blob { info, source, watched: Some(watched) })
    }

    /// The bytes of a small content.
    async fn small(&self, blob: &BlobRef, digest: &Digest) -> Result<Bytes, Error> {
        unless_damaged(&self.shared, blob, digest)?;
        let read = self.shared.content_cache.content(&self.shared.blobs, blob, digest).await;
        self.readable(blob, digest, read)
    }

    /// What turns out to be damaged is absent, to everybody from now on.
    fn readable<T>(&self, blob: &BlobRef, digest: &Digest, read: Result<T, Error>) -> Result<T, Error> {
        match read {
            Err(Error::Damaged(why)) => {
                self.shared.damaged(blob, digest, &why);
                Err(Error::Absent)
            }
            read => read,
        }
    }

    async fn linked(&self, repository: RepositoryId, digest: &Digest) -> Result<BlobRef, Error> {
        let moment = self.shared.name_cache.moment(repository);
        let blob = match self.shared.name_cache.link(moment, digest) {
            Some(blob) => blob,
            None => {
                let asked = *digest;
                let find = move |tx: &mut dyn Tx| blobs::linked_blob(tx, repository, &asked);
                let blob = self.shared.database.point(find).await?.ok_or(Error::Absent)?;
                self.shared.name_cache.keep_link(moment, digest, &blob);
                blob
            }
        };
        unless_damaged(&self.shared, &blob, digest)?;
        Ok(blob)
    }
}

/// Now, and since when a lease is fresh enough.
const fn lease(now: Timestamp) -> (Timestamp, Timestamp) {
    (now, now.plus_secs(-LEASE_RENEWAL_SECS))
}
