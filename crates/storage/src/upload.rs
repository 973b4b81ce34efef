//! An upload as typestate: `Upload<Receiving>` takes bytes, `verify` turns it into `Upload<Verified>`, the only form in which
//! bytes enter a batch. What was saved is a row that survives a restart.

use std::ops::Range;
use std::sync::Arc;

use budget::Share;
use bytes::Bytes;
use domain::{Algorithm, Client, Digest, Granted, Publish, UploadId};
use scopeguard::{ScopeGuard, guard};
use tokio::runtime::Handle;

use crate::claims::Claim;
use crate::error::{Error, UploadError};
use crate::hashing::Hashing;
use crate::layout;
use crate::shared::Shared;
use crate::sql::uploads::{self, UploadRow};
use crate::sql::{Load, Tx};

mod open;
mod pending;
mod stage;

use open::Open;
pub(crate) use pending::memory;

/// An upload; `S` says how far it is.
#[must_use]
pub struct Upload<S> {
    state: S,
}

/// Takes bytes. Dropping it keeps what was appended, as far as the runtime still runs.
pub struct Receiving {
    open: ScopeGuard<Box<Open>, fn(Box<Open>)>,
}

/// Complete, durable, of a known digest; invisible until it is committed. It holds no place among those who write, so that many
/// can wait for one commit; nobody else goes on with it. Dropping it removes the bytes.
pub struct Verified {
    done: ScopeGuard<Done, fn(Done)>,
}

/// What a batch needs of a verified upload.
pub(crate) struct Done {
    shared: Arc<Shared>,
    pub(crate) row: UploadRow,
    /// SHA-256 first, then the others that were computed.
    pub(crate) digests: Vec<Digest>,
    /// The one it was verified by; SHA-256 if none was given.
    named: Digest,
    pub(crate) size_bytes: u64,
    /// Where some of the bytes waited between requests: of no use once they are committed.
    pub(crate) tails: Vec<String>,
    /// All bytes, if they came in one piece: who looks into them need not read them back.
    held: Vec<Bytes>,
    _memory: Option<Share>,
    claim: Option<Claim>,
}

impl Upload<Receiving> {
    /// A new session. Nothing is stored before the first byte or [`Self::save`].
    pub(crate) async fn begin(shared: &Arc<Shared>, may: &Granted<Publish>) -> Result<Self, Error> {
        let row = UploadRow {
            id: layout::upload_id()?,
            repository: may.node().id(),
            owner: may.principal(),
            object_key: layout::blob_key()?,
            offset_bytes: 0,
            tail_bytes: 0,
            tail_key: None,
            multipart: None,
            parts: String::new(),
            hash_state: Hashing::default().state(),
            ahead_bytes: 0,
            revision: 0,
        };
        let claim = shared.claims.take(row.id, may.client()).await?;
        Self::open(shared, row, claim, may)
    }

    /// Goes on with a stored session.
    pub(crate) async fn resume(
        shared: &Arc<Shared>,
        may: &Granted<Publish>,
        id: UploadId,
    ) -> Result<Self, Error> {
        let (repository, owner) = (may.node().id(), may.principal());
        let find = move |tx: &mut dyn Tx| uploads::find(tx, id, repository, owner);
        // Whether it exists is asked before whether it is busy, so that a stranger learns nothing.
        shared.database.point(find).await?.ok_or(Error::UnknownUpload)?;
        let claim = shared.claims.take(id, may.client()).await?;
        let row = shared.database.point(find).await?.ok_or(Error::UnknownUpload)?;
        let row = if row.ahead_bytes > 0 { open::take_back(shared, row).await? } else { row };
        Self::open(shared, row, claim, may)
    }

    fn open(
        shared: &Arc<Shared>,
        row: UploadRow,
        claim: Claim,
        may: &Granted<Publish>,
    ) -> Result<Self, Error> {
        let open = Open::new(shared, row, claim, may.watch())?;
        Ok(Self { state: Receiving { open: guard(open, keep) } })
    }

    /// The session, to resume it by.
    #[must_use]
    pub fn id(&self) -> UploadId {
        self.state.open.row.id
    }

    /// Bytes taken so far, of earlier requests too.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        self.state.open.accepted_bytes
    }

    /// Computes these digests too while the bytes arrive, for [`Upload::digests`] and to be stored with the content. Before the
    /// first byte, else without effect; a session that is saved and resumed goes on with SHA-256 alone.
    pub fn hashed_also(mut self, algorithms: &[Algorithm]) -> Self {
        let open = &mut *self.state.open;
        if open.accepted_bytes == 0
            && let Some(hashing) = open.stage.hashing()
        {
            hashing.also(algorithms);
        }
        self
    }

    /// Takes more bytes. They are hashed and written while the next ones arrive; waits when the disk is slower, and for a place
    /// among those who write if the session rested.
    ///
    /// # Errors
    /// `TooLarge` beyond the bound of an upload, `Unavailable` if bytes could not be written; the session is then at its
    /// last saved offset. `Denied` if the right to go on was withdrawn, `Busy` if another request went on while it rested,
    /// `Crowded` or `Full` if there is no place.
    pub async fn append(&mut self, bytes: Bytes) -> Result<(), UploadError> {
        let open = &mut self.state.open;
        let bytes_max = open.shared.limits.upload_bytes_max;
        if open.accepted_bytes.saturating_add(bytes.len() as u64) > bytes_max {
            return Err(UploadError::TooLarge { bytes_max });
        }
        Ok(open.append(bytes).await?)
    }

    /// To be called whenever the client has sent nothing for a while: saves the session and gives up what it holds, its place
    /// among those who write too, so that another request can go on with it. With more bytes it goes on by itself. What was
    /// taken since [`Self::all_or_nothing`] is kept beside the session, which stays at its offset, and is lost if another
    /// request goes on.
    ///
    /// # Errors
    /// As [`Self::save`], and `Denied` if the right to go on was withdrawn.
    pub async fn rest(&mut self) -> Result<(), UploadError> {
        Ok(self.state.open.rest().await?)
    }

    /// From here on it is all or nothing: unless the upload is verified, the session stays at the offset it was resumed at, so
    /// that the same bytes may be sent again. Neither [`Self::save`] nor a lost connection keeps what was appended.
    pub fn all_or_nothing(mut self) -> Self {
        self.state.open.all_or_nothing = true;
        self
    }

    /// Makes everything taken so far durable and ends this request's hold on the session; returns the offset.
    ///
    /// # Errors
    /// `Busy` if another node went on with the session, `Unavailable` if it cannot be written.
    pub async fn save(self) -> Result<u64, UploadError> {
        Ok(ScopeGuard::into_inner(self.state.open).save().await?)
    }

    /// Completes the upload if its bytes have this digest; otherwise discards it, or leaves the session as it was if that was
    /// asked for.
    ///
    /// # Errors
    /// `DigestMismatch`, or `Unavailable` if the bytes cannot be made durable.
    pub async fn verify(self, expected: &Digest) -> Result<Upload<Verified>, UploadError> {
        Ok(ScopeGuard::into_inner(self.state.open).complete(Some(*expected)).await?)
    }

    /// Completes the upload whatever its bytes are, for protocols that do not announce a digest.
    ///
    /// # Errors
    /// `Unavailable` if the bytes cannot be made durable.
    pub async fn verify_any(self) -> Result<Upload<Verified>, UploadError> {
        Ok(ScopeGuard::into_inner(self.state.open).complete(None).await?)
    }

    /// Ends the session and removes its bytes.
    ///
    /// # Errors
    /// `Unavailable` if they cannot be removed now; the sweep will.
    pub async fn cancel(self) -> Result<(), UploadError> {
        let mut open = ScopeGuard::into_inner(self.state.open);
        // What is being written must land before it is removed.
        let settled = open.stage.settle().await;
        if let Err(error) = settled {
            tracing::debug!(%error, "a cancelled upload had failed");
        }
        Ok(discard(&open.shared, &open.row).await?)
    }
}

impl Upload<Verified> {
    /// The digest it was verified by; SHA-256 if none was given.
    #[must_use]
    pub fn digest(&self) -> &Digest {
        &self.state.done.named
    }

    /// Every digest that was computed: SHA-256 first.
    #[must_use]
    pub fn digests(&self) -> &[Digest] {
        &self.state.done.digests
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.state.done.size_bytes
    }

    /// Reads some of the bytes before they are committed, for protocols that look into what they publish.
    ///
    /// # Errors
    /// `TooLarge` for more than storage hands out whole, `Unavailable` if they cannot be read.
    pub async fn read_at(&self, range: Range<u64>) -> Result<Bytes, UploadError> {
        let done = self.done();
        let end = range.end.min(done.size_bytes);
        let range = range.start.min(end)..end;
        if !done.held.is_empty() {
            return Ok(joined(&done.held, range));
        }
        let stream = done.shared.blobs.source(&done.row.object_key).await?.stream(range).await?;
        Ok(stream.collected(done.shared.limits.content_bytes_max).await?)
    }

    /// Looks at what the transaction needs; the upload keeps its bytes until [`Self::committed`].
    pub(crate) fn done(&self) -> &Done {
        &self.state.done
    }

    /// The bytes belong to a blob now; nothing is removed any more.
    pub(crate) fn committed(self) {
        drop(ScopeGuard::into_inner(self.state.done));
    }

    fn of(done: Done) -> Self {
        Self { state: Verified { done: guard(done, give_up) } }
    }
}

/// Some bytes of those in memory, which are no more than one stage takes. Copied only where pieces meet.
fn joined(chunks: &[Bytes], range: Range<u64>) -> Bytes {
    let index = |at| usize::try_from(at).unwrap_or(usize::MAX);
    let (start, end) = (index(range.start), index(range.end));
    let mut before: usize = 0;
    let mut parts = Vec::new();
    for chunk in chunks {
        let within = |at: usize| at.saturating_sub(before).min(chunk.len());
        let part = within(start)..within(end);
        if !part.is_empty() {
            parts.push(chunk.slice(part));
        }
        before = before.saturating_add(chunk.len());
    }
    match parts.as_slice() {
        [one] => one.clone(),
        many => many.concat().into(),
    }
}

/// A connection lost in the middle: what arrived is kept, so that the client can go on. Bounded by `uploads_max`, because the claim
/// goes along.
fn keep(open: Box<Open>) {
    if let Ok(runtime) = Handle::try_current()
        && open.dirty
    {
        runtime.spawn(async move {
            if let Err(error) = open.save().await {
                tracing::debug!(%error, "an interrupted upload is at its last saved offset");
            }
        });
    }
}

/// The batch it was meant for was refused. What waits for the writer is bounded; the rest is left to the sweep.
fn give_up(done: Done) {
    if let Ok(runtime) = Handle::try_current() {
        runtime.spawn(async move {
            let Done { shared, row, claim, .. } = done;
            if let Err(error) = discard(&shared, &row).await {
                tracing::debug!(%error, "an unused upload is left to the sweep");
            }
            drop(claim);
        });
    }
}

/// Ends a session: first the row says so, then the bytes go, then the row. A crash in between is finished by the sweep.
pub(crate) async fn discard(shared: &Shared, row: &UploadRow) -> Result<(), Error> {
    let (id, revision) = (row.id, row.revision);
    let ended = shared.database.write(load_of(row), move |tx| uploads::discard(tx, id, revision)).await?;
    if ended { remove_discarded(shared, row).await } else { Ok(()) }
}

/// Removes where some of the bytes waited that have been committed.
pub(crate) async fn forget_tails(shared: &Shared, tails: &[String]) {
    for tail in tails {
        open::forget_tail(shared, tail).await;
    }
}

/// Removes the bytes of a session that has ended, then its row.
pub(crate) async fn remove_discarded(shared: &Shared, row: &UploadRow) -> Result<(), Error> {
    shared.blobs.abort(&row.object_key, row.id, row.multipart.as_deref()).await?;
    let id = row.id;
    shared.database.write(load_of(row), move |tx| uploads::delete(tx, id).map(drop)).await
}

/// One row, for whom the upload is.
const fn load_of(row: &UploadRow) -> Load {
    Load::of(Client::Principal(row.owner), 1)
}
