//! Hashes that come before the content they are of: clients that send several files at a time send a file's hash with it, and
//! either may be there first. What was told is kept in a row, so that a restart forgets nothing and any node compares it.

use domain::{Digest, EntryKey, Granted, Publish};

use super::Storage;
use crate::entries::expected::since;
use crate::error::Error;
use crate::model::Entry;
use crate::sql::{Load, content, expected, parts};

/// Most hashes that wait, of one principal in all repositories; beyond it the oldest is forgotten.
const EXPECTED_MAX: u32 = 1024;
/// Hashes of anybody that have waited too long and are cleared away whenever one is noted, so that there are ever fewer of them.
const SWEPT_MAX: u32 = 4;
/// What noting one weighs at the writer.
const EXPECTED_ROWS: u64 = 4 + SWEPT_MAX as u64;

impl Storage {
    /// Notes a hash of content that this principal is about to give a name, for half an hour. Whoever commits with
    /// [`Precondition::AsExpected`](crate::Precondition::AsExpected) is held to it. `seen` is what the name stands for now, as far as
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
        let at = self.stamp(&may);
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
