//! Hashes that come before the content they are of: clients that send several files at a time send a file's hash with it, and
//! either may be there first. What was told is kept in a row, so that a restart forgets nothing and any node compares it.

use domain::{Client, Digest, EntryKey, Granted, Publish, Timestamp};

use crate::batch::Entry;
use crate::error::Error;
use crate::sql::content::{self, Stamp};
use crate::sql::{Load, Tx, expected, parts};
use crate::store::{Shared, Storage};

/// How long a hash waits for its content, in seconds. Longer, the hash of a publication that was given up would meet the files
/// of the next.
const EXPECTED_SECS: i64 = 1800;
/// Most hashes that wait, of one principal in all repositories; beyond it the oldest is forgotten.
const EXPECTED_MAX: u32 = 1024;
/// Hashes of anybody that have waited too long and are cleared away whenever one is noted, so that there are ever fewer of them.
const SWEPT_MAX: u32 = 4;
/// What noting one weighs at the writer.
const EXPECTED_ROWS: u64 = 4 + SWEPT_MAX as u64;

impl Storage {
    /// Notes a hash of content that this principal is about to give a name, for half an hour. Whoever commits with
    /// [`Precondition::AsTold`](crate::Precondition::AsTold) is held to it. `seen` is what the name stands for now, as far as
    /// the caller knows; if it has come to stand for something else, the hashes of that are returned and nothing is noted.
    ///
    /// # Errors
    /// `Denied` if the right, or the credential behind it, was withdrawn since the proof was given; `Absent` if the repository
    /// is gone.
    pub async fn expect(
        &self,
        may: Granted<Publish>,
        key: &EntryKey,
        digest: Digest,
        seen: Option<&Entry>,
    ) -> Result<Option<Vec<Digest>>, Error> {
        let at = Stamp { repository: may.node().id(), principal: may.principal().get(), now: self.now() };
        let seen = seen.map(|entry| entry.digest);
        let (key, load) = (key.clone(), Load::of(may.client(), EXPECTED_ROWS));
        self.shared
            .database
            .write(load, move |tx| {
                may.recheck()?;
                // In line with those who write names, so that one of the two sees the other.
                if !content::take_turn(tx, at.repository)? {
                    return Err(Error::Absent);
                }
                if let Some(entry) = content::entry(tx, at.repository, &key)?
                    && Some(entry.digest) != seen
                    && let Some(blob) = entry.blob
                {
                    return parts::digests(tx, blob.id).map(Some);
                }
                expected::insert(tx, at, &key, &digest)?;
                expected::sweep(tx, since(at.now), SWEPT_MAX)?;
                expected::keep_newest(tx, at.principal, EXPECTED_MAX)?;
                Ok(None)
            })
            .await
    }
}

/// Compares a blob that is to be the content of a name with the hashes that were told of it, which are done with then.
pub(crate) fn meet(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, blob: i64) -> Result<(), Error> {
    let told = expected::find(tx, at, key, since(at.now))?;
    if told.is_empty() {
        return Ok(());
    }
    let digests = parts::digests(tx, blob)?;
    let known = |told: &Digest| digests.iter().find(|digest| digest.algorithm() == told.algorithm());
    if told.iter().any(|told| known(told).is_some_and(|digest| digest != told)) {
        return Err(Error::DigestMismatch);
    }
    expected::delete(tx, at, key)
}

/// Forgets what was told of names and is not what came for them, in a write of its own, because the one that found it out left
/// everything as it was: a hash that was wrong, or of a publication that was given up, is in the way once and not for half an hour.
pub(crate) async fn forget(shared: &Shared, client: Client, at: Stamp, names: Vec<EntryKey>) {
    let load = Load::of(client, names.len() as u64);
    let forget = move |tx: &mut dyn Tx| names.iter().try_for_each(|key| expected::delete(tx, at, key));
    if let Err(error) = shared.database.write(load, forget).await {
        tracing::warn!(%error, "a hash that was told and does not fit waits on");
    }
}

const fn since(now: Timestamp) -> Timestamp {
    now.plus_secs(-EXPECTED_SECS)
}
