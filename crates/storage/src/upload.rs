//! An upload as typestate: `Upload<Receiving>` takes bytes, `verify` turns it into `Upload<Verified>`, the only form in which
//! bytes enter a batch. What was saved is a row that survives a restart.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use dashmap::DashMap;
use domain::{Algorithm, Digest, PrincipalId, RepositoryId, UploadId};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;

use crate::blobs::Progress;
use crate::error::Error;
use crate::hashing::{Hash, Hashing};
use crate::layout;
use crate::sql::uploads::{self, UploadRow};
use crate::store::Shared;

mod stage;

use stage::{Sink, Stage};

/// Bytes gathered before they are hashed and written in one go.
const STAGE_BYTES: usize = 256 * 1024;

/// An upload; `S` says how far it is.
#[must_use]
pub struct Upload<S> {
    state: S,
}

/// Takes bytes. Dropping it keeps what was appended, as far as the runtime still runs.
pub struct Receiving {
    open: Option<Box<Open>>,
}

/// Complete, durable, of a known digest; invisible until it is committed. Dropping it removes the bytes.
pub struct Verified {
    done: Option<Done>,
}

/// A session somebody is writing to.
struct Open {
    shared: Arc<Shared>,
    row: UploadRow,
    stage: Stage,
    pending: Vec<Bytes>,
    pending_bytes: usize,
    accepted_bytes: u64,
    /// Appended to since it was last saved.
    dirty: bool,
    claim: Claim,
}

/// What a batch needs of a verified upload.
pub(crate) struct Done {
    shared: Arc<Shared>,
    pub(crate) row: UploadRow,
    /// SHA-256 first, then the others that were computed.
    pub(crate) digests: Vec<Digest>,
    /// The one it was verified by; SHA-256 if none was given.
    named: Option<Digest>,
    pub(crate) size_bytes: u64,
    /// All bytes, if they came in one piece: who looks into them need not read them back.
    held: Vec<Bytes>,
    claim: Claim,
}

/// Sessions being written to in this process: one writer each.
#[derive(Clone, Default)]
pub(crate) struct Claims {
    held: Arc<DashMap<UploadId, ()>>,
}

struct Claim {
    claims: Claims,
    id: UploadId,
}

impl Claims {
    fn take(&self, id: UploadId, uploads_max: usize) -> Result<Claim, Error> {
        if self.held.len() >= uploads_max {
            return Err(Error::Full);
        }
        match self.held.insert(id, ()) {
            None => Ok(Claim { claims: self.clone(), id }),
            Some(()) => Err(Error::Busy),
        }
    }

    pub(crate) fn is_held(&self, id: UploadId) -> bool {
        self.held.contains_key(&id)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.held.remove(&self.id);
    }
}

impl Upload<Receiving> {
    /// A new session. Nothing is stored before the first byte or [`Self::save`].
    pub(crate) fn begin(
        shared: &Arc<Shared>,
        repository: RepositoryId,
        owner: PrincipalId,
    ) -> Result<Self, Error> {
        let row = UploadRow {
            id: layout::upload_id()?,
            repository,
            owner,
            object_key: layout::blob_key()?,
            offset_bytes: 0,
            tail_bytes: 0,
            multipart: None,
            parts: String::new(),
            hash_state: Hashing::default().state(),
            revision: 0,
        };
        let claim = shared.claims.take(row.id, shared.limits.uploads_max)?;
        Self::open(shared, row, claim)
    }

    /// Goes on with a stored session.
    pub(crate) async fn resume(
        shared: &Arc<Shared>,
        repository: RepositoryId,
        owner: PrincipalId,
        id: UploadId,
    ) -> Result<Self, Error> {
        let find = move |tx: &mut dyn crate::sql::Tx| uploads::find(tx, id, repository, owner);
        // Whether it exists is asked before whether it is busy, so that a stranger learns nothing.
        shared.database.point(find).await?.ok_or(Error::UnknownUpload)?;
        let claim = shared.claims.take(id, shared.limits.uploads_max)?;
        let row = shared.database.point(find).await?.ok_or(Error::UnknownUpload)?;
        Self::open(shared, row, claim)
    }

    fn open(shared: &Arc<Shared>, row: UploadRow, claim: Claim) -> Result<Self, Error> {
        let progress = Progress {
            offset_bytes: row.offset_bytes,
            tail_bytes: row.tail_bytes,
            multipart: row.multipart.clone(),
            parts: row.parts.clone(),
        };
        let writer = shared.blobs.writer(&row.object_key, layout::tail_key(row.id), &progress)?;
        let sink = Sink { hashing: Hashing::from_state(&row.hash_state)?, writer };
        let open = Open {
            shared: Arc::clone(shared),
            stage: Stage::Idle(Box::new(sink)),
            pending: Vec::new(),
            pending_bytes: 0,
            accepted_bytes: row.offset_bytes,
            dirty: false,
            claim,
            row,
        };
        Ok(Self { state: Receiving { open: Some(Box::new(open)) } })
    }

    /// The session, to resume it by.
    #[must_use]
    pub fn id(&self) -> UploadId {
        self.state.open.as_ref().map_or(UploadId::new(0), |open| open.row.id)
    }

    /// Bytes taken so far, of earlier requests too.
    #[must_use]
    pub fn offset_bytes(&self) -> u64 {
        self.state.open.as_ref().map_or(0, |open| open.accepted_bytes)
    }

    /// Computes these digests too while the bytes arrive, for [`Upload::digests`] and to be stored with the content. Before the
    /// first byte, else without effect; a session that is saved and resumed goes on with SHA-256 alone.
    pub fn hashed_also(mut self, algorithms: &[Algorithm]) -> Self {
        let fresh = self.state.open.as_mut().filter(|open| open.accepted_bytes == 0);
        if let Some(hashing) = fresh.and_then(|open| open.stage.hashing()) {
            hashing.also(algorithms);
        }
        self
    }

    /// Takes more bytes. They are hashed and written while the next ones arrive; waits when the disk is slower.
    ///
    /// # Errors
    /// `TooLarge` beyond the bound of an upload, `Unavailable` if bytes could not be written; the session is then at its
    /// last saved offset.
    pub async fn append(&mut self, bytes: Bytes) -> Result<(), Error> {
        let open = self.state.open.as_mut().ok_or(Error::UnknownUpload)?;
        let bytes_max = open.shared.limits.upload_bytes_max;
        let after = open.accepted_bytes.saturating_add(bytes.len() as u64);
        if after > bytes_max {
            return Err(Error::TooLarge { bytes_max });
        }
        open.accepted_bytes = after;
        open.dirty = true;
        open.pending_bytes = open.pending_bytes.saturating_add(bytes.len());
        open.pending.push(bytes);
        if open.pending_bytes >= STAGE_BYTES {
            open.flush().await?;
        }
        Ok(())
    }

    /// Makes everything taken so far durable and ends this request's hold on the session; returns the offset.
    ///
    /// # Errors
    /// `Busy` if another node went on with the session, `Unavailable` if it cannot be written.
    pub async fn save(mut self) -> Result<u64, Error> {
        let open = self.state.open.take().ok_or(Error::UnknownUpload)?;
        open.save().await
    }

    /// Completes the upload if its bytes have this digest; otherwise discards it.
    ///
    /// # Errors
    /// `DigestMismatch`, or `Unavailable` if the bytes cannot be made durable.
    pub async fn verify(mut self, expected: &Digest) -> Result<Upload<Verified>, Error> {
        let open = self.state.open.take().ok_or(Error::UnknownUpload)?;
        open.complete(Some(*expected)).await
    }

    /// Completes the upload whatever its bytes are, for protocols that do not announce a digest.
    ///
    /// # Errors
    /// `Unavailable` if the bytes cannot be made durable.
    pub async fn verify_any(mut self) -> Result<Upload<Verified>, Error> {
        let open = self.state.open.take().ok_or(Error::UnknownUpload)?;
        open.complete(None).await
    }

    /// Ends the session and removes its bytes.
    ///
    /// # Errors
    /// `Unavailable` if they cannot be removed now; the sweep will.
    pub async fn cancel(mut self) -> Result<(), Error> {
        let mut open = self.state.open.take().ok_or(Error::UnknownUpload)?;
        // What is being written must land before it is removed.
        let settled = open.stage.settle().await;
        if let Err(error) = settled {
            tracing::debug!(%error, "a cancelled upload had failed");
        }
        discard(&open.shared, &open.row).await
    }
}

impl Upload<Verified> {
    /// The digest it was verified by; SHA-256 if none was given. Always there in practice: a verified upload has a digest.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        self.state.done.as_ref().and_then(|done| done.named.as_ref())
    }

    /// Every digest that was computed: SHA-256 first.
    #[must_use]
    pub fn digests(&self) -> &[Digest] {
        self.state.done.as_ref().map_or(&[], |done| &done.digests)
    }

    /// Its length in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.state.done.as_ref().map_or(0, |done| done.size_bytes)
    }

    /// Reads some of the bytes before they are committed, for protocols that look into what they publish.
    ///
    /// # Errors
    /// `TooLarge` for more than storage hands out whole, `Unavailable` if they cannot be read.
    pub async fn read_at(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let done = self.done()?;
        let end = range.end.min(done.size_bytes);
        let range = range.start.min(end)..end;
        if !done.held.is_empty() {
            return Ok(joined(&done.held, range));
        }
        let stream = done.shared.blobs.source(&done.row.object_key).await?.stream(range);
        stream.collected(done.shared.limits.content_bytes_max).await
    }

    /// Looks at what the transaction needs; the upload keeps its bytes until [`Self::committed`].
    pub(crate) fn done(&self) -> Result<&Done, Error> {
        self.state.done.as_ref().ok_or(Error::UnknownUpload)
    }

    /// The bytes belong to a blob now; nothing is removed any more.
    pub(crate) fn committed(mut self) {
        self.state.done = None;
    }
}

impl Open {
    /// Hands what is pending to the writing stage once that is free.
    async fn flush(&mut self) -> Result<(), Error> {
        self.note().await?;
        self.stage.settle().await?;
        if !self.pending.is_empty() {
            let chunks = std::mem::take(&mut self.pending);
            self.pending_bytes = 0;
            self.stage.start(chunks)?;
        }
        Ok(())
    }

    /// Sees to it that a row knows of the bytes before there are any, without waiting for it to be durable: only the sweep
    /// needs it, and later writes of this process are queued behind it.
    async fn note(&mut self) -> Result<(), Error> {
        if self.row.revision == 0 {
            self.row.revision = 1;
            let (row, now) = (self.row.clone(), self.shared.clock.now());
            self.shared.database.write_unattended(move |tx| uploads::save(tx, &row, now).map(drop)).await?;
        }
        Ok(())
    }

    async fn save(mut self: Box<Self>) -> Result<u64, Error> {
        self.flush_or_skip().await?;
        self.stage.settle().await?;
        let sink = self.stage.take()?;
        self.row.hash_state = sink.hashing.state();
        let progress = sink.writer.save().await?;
        self.row.offset_bytes = progress.offset_bytes;
        self.row.tail_bytes = progress.tail_bytes;
        self.row.multipart = progress.multipart;
        self.row.parts = progress.parts;
        self.row.revision = self.row.revision.saturating_add(1);
        let (row, now) = (self.row.clone(), self.shared.clock.now());
        let saved = self.shared.database.write(move |tx| uploads::save(tx, &row, now)).await?;
        if saved { Ok(self.row.offset_bytes) } else { Err(Error::Busy) }
    }

    /// A session without bytes needs no row noted in front of the one that [`Self::save`] writes.
    async fn flush_or_skip(&mut self) -> Result<(), Error> {
        if self.pending.is_empty() { Ok(()) } else { self.flush().await }
    }

    async fn complete(mut self: Box<Self>, expected: Option<Digest>) -> Result<Upload<Verified>, Error> {
        self.note().await?;
        self.stage.settle().await?;
        let sink = self.stage.take()?;
        let pending = std::mem::take(&mut self.pending);
        let held =
            if self.pending_bytes as u64 == self.accepted_bytes { pending.clone() } else { Vec::new() };
        let wanted = expected.filter(|digest| digest.algorithm() == Algorithm::Sha256);
        let mut digests = match sink.finish(pending, wanted).await {
            Ok(digests) => digests,
            Err(error) => return Err(self.refuse(error).await),
        };
        if let Some(expected) = expected.filter(|digest| !digests.contains(digest)) {
            match self.rehashed(expected).await {
                Ok(()) => digests.push(expected),
                Err(error) => return Err(self.refuse(error).await),
            }
        }
        let named = expected.or_else(|| digests.first().copied());
        let Self { shared, row, accepted_bytes, claim, .. } = *self;
        let done = Done { shared, row, digests, named, size_bytes: accepted_bytes, held, claim };
        Ok(Upload { state: Verified { done: Some(done) } })
    }

    /// Reads the object again under another algorithm, known only now.
    async fn rehashed(&self, expected: Digest) -> Result<(), Error> {
        if !matches!(expected.algorithm(), Algorithm::Sha256 | Algorithm::Sha512) {
            return Err(Error::refused("content is named by sha256 or sha512 only"));
        }
        let mut hash = Hash::new(expected.algorithm());
        let source = self.shared.blobs.source(&self.row.object_key).await?;
        let mut stream = source.stream(0..self.accepted_bytes);
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| Error::unavailable("reading an upload again", error))?;
            hash = crate::sql::blocking(move || {
                hash.update(&piece);
                Ok(hash)
            })
            .await?;
        }
        if hash.finish()? == expected { Ok(()) } else { Err(Error::DigestMismatch) }
    }

    /// Removes what cannot become content, and passes the reason on.
    async fn refuse(&self, why: Error) -> Error {
        if let Err(error) = discard(&self.shared, &self.row).await {
            tracing::warn!(%error, "a refused upload is left to the sweep");
        }
        why
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

impl Drop for Receiving {
    fn drop(&mut self) {
        // A connection lost in the middle: what arrived is kept, so that the client can go on. Bounded by `uploads_max`.
        if let (Some(open), Ok(runtime)) = (self.open.take(), Handle::try_current())
            && open.dirty
        {
            runtime.spawn(async move {
                if let Err(error) = open.save().await {
                    tracing::debug!(%error, "an interrupted upload is at its last saved offset");
                }
            });
        }
    }
}

impl Drop for Verified {
    fn drop(&mut self) {
        // The batch it was meant for was refused. Bounded by `uploads_max`, because the claim goes along.
        if let (Some(done), Ok(runtime)) = (self.done.take(), Handle::try_current()) {
            runtime.spawn(async move {
                let Done { shared, row, claim, .. } = done;
                if let Err(error) = discard(&shared, &row).await {
                    tracing::debug!(%error, "an unused upload is left to the sweep");
                }
                drop(claim);
            });
        }
    }
}

/// Ends a session: first the row says so, then the bytes go, then the row. A crash in between is finished by the sweep.
pub(crate) async fn discard(shared: &Shared, row: &UploadRow) -> Result<(), Error> {
    let (id, revision) = (row.id, row.revision);
    let ended = shared.database.write(move |tx| uploads::discard(tx, id, revision)).await?;
    if ended { remove_discarded(shared, row).await } else { Ok(()) }
}

/// Removes the bytes of a session that has ended, then its row.
pub(crate) async fn remove_discarded(shared: &Shared, row: &UploadRow) -> Result<(), Error> {
    shared.blobs.abort(&row.object_key, &layout::tail_key(row.id), row.multipart.as_deref()).await?;
    let id = row.id;
    shared.database.write(move |tx| uploads::delete(tx, id).map(drop)).await
}
