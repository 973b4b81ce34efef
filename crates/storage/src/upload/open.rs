//! A session that a request writes to. While its client is silent it rests: everything taken is durable, and it holds neither
//! claim nor file nor bytes; it goes on when more comes, unless another request has gone on with it meanwhile.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::{Algorithm, Digest, Watch};
use tokio::time::Instant;

use super::pending::{Pending, Then};
use super::stage::{Rest, Sink, Stage};
use super::{Done, Upload, Verified, discard, load_of};
use crate::blobs::{ObjectWriter, Progress};
use crate::claims::Claim;
use crate::error::Error;
use crate::hashing::Hashing;
use crate::shared::Shared;
use crate::sql::Tx;
use crate::sql::uploads::{self, UploadRow};

/// How often the right to go on is asked for again while bytes come.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// Sessions of a principal with too many that each saved one ends.
const SURPLUS_MAX: u32 = 8;

/// A session somebody is writing to.
pub(super) struct Open {
    pub(super) shared: Arc<Shared>,
    pub(super) row: UploadRow,
    pub(super) stage: Stage,
    pending: Pending,
    pub(super) accepted_bytes: u64,
    /// Appended to since it was last saved.
    pub(super) dirty: bool,
    /// Unless it is verified, the session stays as its row says.
    pub(super) all_or_nothing: bool,
    /// Where the last bytes beyond the row wait, if it is all or nothing and has rested.
    ahead_tail: Option<String>,
    /// `None` while it rests.
    claim: Option<Claim>,
    watch: Watch,
    asked_at: Instant,
}

impl Open {
    pub(super) fn new(
        shared: &Arc<Shared>,
        row: UploadRow,
        claim: Claim,
        watch: Watch,
    ) -> Result<Box<Self>, Error> {
        let hashing = Hashing::from_state(&row.hash_state)?;
        let writer = writer(shared, &row, &saved(&row), &watch)?;
        Ok(Box::new(Self {
            shared: Arc::clone(shared),
            stage: Stage::Idle(Box::new(Sink { hashing, writer })),
            pending: Pending::new(Arc::clone(&shared.gathered), watch.client()),
            accepted_bytes: row.offset_bytes,
            dirty: false,
            all_or_nothing: false,
            ahead_tail: None,
            claim: Some(claim),
            watch,
            asked_at: Instant::now(),
            row,
        }))
    }

    pub(super) async fn append(&mut self, bytes: Bytes) -> Result<(), Error> {
        if self.asked_at.elapsed() >= ASKED_AGAIN {
            self.ask_again()?;
        }
        self.go_on().await?;
        self.accepted_bytes = self.accepted_bytes.saturating_add(bytes.len() as u64);
        self.dirty = true;
        match self.pending.push(bytes) {
            Then::Wait => Ok(()),
            Then::Write => self.flush().await,
            Then::WriteAndWait => {
                self.flush().await?;
                self.stage.settle().await
            }
        }
    }

    /// Saves the session and gives up all it holds, until it is gone on with.
    pub(super) async fn rest(&mut self) -> Result<(), Error> {
        self.ask_again()?;
        if self.claim.is_none() {
            return Ok(());
        }
        let rest = self.write_down().await?;
        self.stage = Stage::Resting(Box::new(rest));
        self.claim = None;
        Ok(())
    }

    pub(super) async fn save(mut self: Box<Self>) -> Result<u64, Error> {
        if self.all_or_nothing {
            self.abandon().await;
        } else if self.claim.is_some() {
            self.write_down().await?;
        }
        Ok(self.row.offset_bytes)
    }

    /// Leaves the session as its row says. What is being written must land before anybody goes on with it.
    async fn abandon(&mut self) {
        if self.stage.settle().await.is_ok()
            && let Ok(sink) = self.stage.take()
        {
            sink.writer.abandon().await;
        }
    }

    pub(super) async fn complete(
        mut self: Box<Self>,
        expected: Option<Digest>,
    ) -> Result<Upload<Verified>, Error> {
        self.go_on().await?;
        self.note().await?;
        self.stage.settle().await?;
        let sink = self.stage.take()?;
        let whole = self.pending.bytes() == self.accepted_bytes;
        let gathered = self.pending.take();
        let held = if whole { gathered.pieces.clone() } else { Vec::new() };
        let wanted = expected.filter(|digest| sink.hashing.computes(digest.algorithm()));
        // A complete object of another store than a disk cannot be gone on with.
        let is_file = sink.writer.blocks();
        let mut digests = match sink.finish(gathered.pieces, wanted).await {
            Ok(digests) => digests,
            Err(error) => return Err(self.refuse(error, true).await),
        };
        if let Some(expected) = expected.filter(|digest| !digests.contains(digest)) {
            match self.rehashed(expected).await {
                Ok(()) => digests.push(expected),
                Err(error) => return Err(self.refuse(error, is_file).await),
            }
        }
        let named = expected.or_else(|| digests.first().copied());
        let named = named.ok_or_else(|| Error::corrupt("an upload without a digest"))?;
        // Whoever publishes many files at once holds all of them until the commit.
        self.claim.iter_mut().for_each(Claim::give_place_back);
        let Self { shared, row, accepted_bytes, claim, ahead_tail, .. } = *self;
        let tails = [row.tail_key.clone(), ahead_tail].into_iter().flatten().collect();
        let (size_bytes, memory) = (accepted_bytes, gathered.share.filter(|_| whole));
        Ok(Upload::of(Done { shared, row, digests, named, size_bytes, tails, held, _memory: memory, claim }))
    }

    fn ask_again(&mut self) -> Result<(), Error> {
        self.watch.recheck()?;
        self.asked_at = Instant::now();
        Ok(())
    }

    /// Ends a rest: with a claim again, where the session was left.
    async fn go_on(&mut self) -> Result<(), Error> {
        let Stage::Resting(rest) = &self.stage else { return Ok(()) };
        let (hashing, progress) = (rest.hashing.clone(), rest.progress.clone());
        let claim = self.shared.claims.take(self.row.id, self.watch.client()).await?;
        let (id, repository, owner) = (self.row.id, self.row.repository, self.row.owner);
        let find = move |tx: &mut dyn Tx| uploads::find(tx, id, repository, owner);
        let found = self.shared.database.point(find).await?.ok_or(Error::UnknownUpload)?;
        if found.revision != self.row.revision {
            return Err(Error::Busy);
        }
        let writer = writer(&self.shared, &self.row, &progress, &self.watch)?;
        self.stage = Stage::Idle(Box::new(Sink { hashing, writer }));
        self.claim = Some(claim);
        Ok(())
    }

    /// Hands what is pending to the writing stage once that is free.
    async fn flush(&mut self) -> Result<(), Error> {
        self.note().await?;
        self.stage.settle().await?;
        if self.pending.is_empty() { Ok(()) } else { self.stage.start(self.pending.take()) }
    }

    /// Sees to it that a row knows of the bytes before there are any, without waiting for it to be durable: only the sweep
    /// needs it, and later writes of this process are queued behind it.
    async fn note(&mut self) -> Result<(), Error> {
        if self.row.revision == 0 {
            self.row.revision = 1;
            let (row, now) = (self.row.clone(), self.shared.clock.now());
            let load = load_of(&row);
            let note = move |tx: &mut dyn Tx| uploads::save(tx, &row, now).map(drop);
            self.shared.database.write_unattended(load, note).await?;
        }
        Ok(())
    }

    /// Makes everything taken so far durable, bytes first, then the row that says how to go on. If the upload is all or nothing,
    /// the row only says that there is more than it tells of.
    async fn write_down(&mut self) -> Result<Rest, Error> {
        // A session without bytes needs no row noted in front of the one below.
        if !self.pending.is_empty() {
            self.flush().await?;
        }
        self.stage.settle().await?;
        let Sink { hashing, writer } = *self.stage.take()?;
        let progress = writer.save().await?;
        let named = self.row.tail_key.clone();
        // All that is to be removed must be known, whoever does it.
        self.row.multipart.clone_from(&progress.multipart);
        if self.all_or_nothing {
            let ahead = progress.offset_bytes > self.row.offset_bytes;
            self.row.ahead_bytes = if ahead { progress.offset_bytes } else { 0 };
        } else {
            self.row.hash_state = hashing.state();
            self.row.offset_bytes = progress.offset_bytes;
            self.row.tail_bytes = progress.tail_bytes;
            self.row.tail_key.clone_from(&progress.tail_key);
            self.row.parts.clone_from(&progress.parts);
        }
        if let Err(error) = self.save_row().await {
            // Only then is it sure that no row names it.
            if let (Error::Busy, Some(unnamed)) = (&error, &progress.tail_key) {
                forget_tail(&self.shared, unnamed).await;
            }
            return Err(error);
        }
        let before = if self.all_or_nothing {
            std::mem::replace(&mut self.ahead_tail, progress.tail_key.clone())
        } else {
            named
        };
        if let Some(before) = before {
            forget_tail(&self.shared, &before).await;
        }
        Ok(Rest { hashing, progress })
    }

    async fn save_row(&mut self) -> Result<(), Error> {
        self.row.revision = self.row.revision.saturating_add(1);
        let (row, now) = (self.row.clone(), self.shared.clock.now());
        let saved_max = self.shared.limits.uploads_saved_max;
        let load = load_of(&row);
        let save = move |tx: &mut dyn Tx| {
            let saved = uploads::save(tx, &row, now)?;
            Ok((saved, uploads::surplus(tx, row.owner, saved_max, SURPLUS_MAX)?))
        };
        let (saved, surplus) = self.shared.database.write(load, save).await?;
        if !saved {
            return Err(Error::Busy);
        }
        self.dirty = false;
        end_all(&self.shared, surplus).await;
        Ok(())
    }

    /// Reads the object again under another algorithm, known only now.
    async fn rehashed(&self, expected: Digest) -> Result<(), Error> {
        if !matches!(expected.algorithm(), Algorithm::Sha256 | Algorithm::Sha512) {
            return Err(Error::refused("content is named by sha256 or sha512 only"));
        }
        let source = self.shared.blobs.source(&self.row.object_key).await?;
        let found = source.digest(self.accepted_bytes, expected.algorithm()).await?;
        if found == expected { Ok(()) } else { Err(Error::DigestMismatch) }
    }

    /// Removes what cannot become content, unless the session is to stay and can, and passes the reason on.
    async fn refuse(&self, why: Error, resumable: bool) -> Error {
        if self.all_or_nothing && resumable {
            return why;
        }
        if let Err(error) = discard(&self.shared, &self.row).await {
            tracing::warn!(%error, "a refused upload is left to the sweep");
        }
        why
    }
}

/// Ends those of these sessions that nobody writes to.
async fn end_all(shared: &Shared, sessions: Vec<UploadRow>) {
    for row in sessions.into_iter().filter(|row| !shared.claims.is_held(row.id)) {
        if let Err(error) = discard(shared, &row).await {
            tracing::warn!(%error, "an upload beyond the bound of its principal is left to the sweep");
        }
    }
}

/// Takes back what a silent request has beyond the session: its bytes are not to be mixed with those that come now.
pub(super) async fn take_back(shared: &Shared, mut row: UploadRow) -> Result<UploadRow, Error> {
    row.ahead_bytes = 0;
    row.revision = row.revision.saturating_add(1);
    let (changed, now) = (row.clone(), shared.clock.now());
    let save = move |tx: &mut dyn Tx| uploads::save(tx, &changed, now);
    if !shared.database.write(load_of(&row), save).await? {
        return Err(Error::Busy);
    }
    // No row says where those bytes are.
    if let Err(error) = shared.blobs.forget_tails(row.id, row.tail_key.as_deref()).await {
        tracing::debug!(%error, "what a silent request kept stays behind until its session ends");
    }
    Ok(row)
}

/// Removes bytes kept outside the parts that no row names any more.
pub(super) async fn forget_tail(shared: &Shared, tail_key: &str) {
    if let Err(error) = shared.blobs.delete(tail_key).await {
        tracing::debug!(%error, "the last bytes of an upload stay behind where they were");
    }
}

/// How far the session is by its row.
fn saved(row: &UploadRow) -> Progress {
    Progress {
        offset_bytes: row.offset_bytes,
        tail_bytes: row.tail_bytes,
        tail_key: row.tail_key.clone(),
        multipart: row.multipart.clone(),
        parts: row.parts.clone(),
    }
}

fn writer(shared: &Shared, row: &UploadRow, from: &Progress, watch: &Watch) -> Result<ObjectWriter, Error> {
    shared.blobs.writer(&row.object_key, row.id, from, watch.client())
}
