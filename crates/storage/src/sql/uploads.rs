//! Statements about upload sessions.

use domain::{PrincipalId, RepositoryId, Timestamp, UploadId};

use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// Tries to throw a session away after which it is given up, until a gateway is started.
pub(crate) const TRIES_MAX: u32 = 20;

/// A session as stored: everything any node needs to go on with it.
#[derive(Debug, Clone)]
pub(crate) struct UploadRow {
    pub(crate) id: UploadId,
    pub(crate) repository: RepositoryId,
    pub(crate) owner: PrincipalId,
    pub(crate) object_key: String,
    pub(crate) offset_bytes: u64,
    /// How many of the last bytes are kept outside the parts.
    pub(crate) tail_bytes: u64,
    /// Where those are.
    pub(crate) tail_key: Option<String>,
    /// The store's name for an unfinished multipart object.
    pub(crate) multipart: Option<String>,
    /// The store's names of the finished parts, one a line.
    pub(crate) parts: String,
    pub(crate) hash_state: Vec<u8>,
    /// How far a silent request has got that is to be all or nothing, beyond the offset; 0 if there is none. Who resumes the
    /// session takes this back first.
    pub(crate) ahead_bytes: u64,
    /// Grows with every change; a writer that saw an older one has lost.
    pub(crate) revision: i64,
}

row! {
    UploadRow {
        id,
        repository,
        owner,
        object_key,
        offset_bytes,
        tail_bytes,
        tail_key,
        multipart,
        parts,
        hash_state,
        ahead_bytes,
        revision,
    }
}

/// A session that nobody goes on with, since when, and how often it could not be thrown away.
pub(crate) struct AbandonedRow {
    pub(crate) touched_at: Timestamp,
    pub(crate) tries: u32,
    pub(crate) upload: UploadRow,
}

row! { AbandonedRow { touched_at, tries, upload: UploadRow::COLUMNS } }

/// How many sessions could not be thrown away and are tried again, how many were given up, and why, of the last of them.
#[derive(Debug, Default)]
pub(crate) struct StuckRow {
    pub(crate) failing: u64,
    pub(crate) given_up: u64,
    pub(crate) failure: Option<Box<str>>,
}

/// Makes the session or brings it forward. False if somebody else changed it since it was read.
pub(crate) fn save(tx: &mut dyn Tx, upload: &UploadRow, now: Timestamp) -> Result<bool, Error> {
    let id = upload.id.to_string();
    let changed = tx.execute(
        "INSERT INTO upload (id, repository, owner, object_key, offset_bytes, tail_bytes, multipart, parts, hash_state, \
         revision, discarded, created_at, touched_at, ahead_bytes, tail_key) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, $13, $14) \
         ON CONFLICT (id) DO UPDATE SET offset_bytes = excluded.offset_bytes, tail_bytes = excluded.tail_bytes, \
         tail_key = excluded.tail_key, \
         multipart = excluded.multipart, parts = excluded.parts, hash_state = excluded.hash_state, \
         revision = excluded.revision, touched_at = excluded.touched_at, ahead_bytes = excluded.ahead_bytes \
         WHERE upload.revision = excluded.revision - 1 AND upload.discarded = 0",
        &[
            id.as_str().into(),
            upload.repository.get().into(),
            upload.owner.get().into(),
            upload.object_key.as_str().into(),
            Value::count(upload.offset_bytes),
            Value::count(upload.tail_bytes),
            upload.multipart.as_deref().into(),
            upload.parts.as_str().into(),
            upload.hash_state.as_slice().into(),
            upload.revision.into(),
            now.millis().into(),
            now.millis().into(),
            Value::count(upload.ahead_bytes),
            upload.tail_key.as_deref().into(),
        ],
    )?;
    Ok(changed == 1)
}

/// The session, if it is of this repository and this principal.
pub(crate) fn find(
    tx: &mut dyn Tx,
    id: UploadId,
    repository: RepositoryId,
    owner: PrincipalId,
) -> Result<Option<UploadRow>, Error> {
    let id = id.to_string();
    maybe(
        tx,
        select!(UploadRow, "FROM upload WHERE id = $1 AND repository = $2 AND owner = $3 AND discarded = 0"),
        &[id.as_str().into(), repository.get().into(), owner.get().into()],
        Ok,
    )
}

/// Sessions untouched since `before`, and those whose bytes wait to be removed, by when they were touched, after one of them; without
/// those that failed and are not due now, or were given up.
pub(crate) fn abandoned(
    tx: &mut dyn Tx,
    (before, now): (Timestamp, Timestamp),
    after: Option<&(Timestamp, String)>,
    limit: u32,
) -> Result<Vec<AbandonedRow>, Error> {
    let (touched_at, id) = after.map_or((i64::MIN, ""), |(touched_at, id)| (touched_at.millis(), id));
    rows(
        tx,
        select!(
            AbandonedRow,
            "FROM upload WHERE (touched_at < $1 OR discarded = 1) AND due_at <= $2 AND tries < $3 \
             AND (touched_at, id) > ($4, $5) ORDER BY touched_at, id LIMIT $6"
        ),
        &[
            before.millis().into(),
            now.millis().into(),
            TRIES_MAX.into(),
            touched_at.into(),
            id.into(),
            limit.into(),
        ],
        Ok,
    )
}

/// Notes that a session could not be thrown away: when it is tried again, how often it was, and why not.
pub(crate) fn note_failure(
    tx: &mut dyn Tx,
    id: UploadId,
    (due_at, tries, failure): (Timestamp, u32, &str),
) -> Result<(), Error> {
    let id = id.to_string();
    let sql = "UPDATE upload SET due_at = $1, tries = $2, failure = $3 WHERE id = $4";
    tx.execute(sql, &[due_at.millis().into(), tries.into(), failure.into(), id.as_str().into()]).map(drop)
}

/// Tries some of those again that were given up.
pub(crate) fn retry(tx: &mut dyn Tx, limit: u32) -> Result<(), Error> {
    let sql = "UPDATE upload SET tries = 0, due_at = 0 WHERE id IN (SELECT id FROM upload WHERE tries >= $1 LIMIT $2)";
    tx.execute(sql, &[TRIES_MAX.into(), limit.into()]).map(drop)
}

/// What could not be thrown away.
pub(crate) fn stuck(tx: &mut dyn Tx) -> Result<StuckRow, Error> {
    let sql = "SELECT COUNT(*), COUNT(CASE WHEN tries >= $1 THEN 1 END) FROM upload WHERE tries > 0";
    let (all, given_up) = one(tx, sql, &[TRIES_MAX.into()], |row| Ok((row.count(0)?, row.count(1)?)))?;
    if all == 0 {
        return Ok(StuckRow::default());
    }
    let sql = "SELECT failure FROM upload WHERE tries > 0 ORDER BY tries DESC, due_at DESC LIMIT 1";
    let failure = maybe(tx, sql, &[], |row| Ok(Box::from(row.text(0)?)))?;
    Ok(StuckRow { failing: all.saturating_sub(given_up), given_up, failure })
}

/// Sessions of a principal beyond the newest `keep`, at most so many.
pub(crate) fn surplus(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    keep: u32,
    limit: u32,
) -> Result<Vec<UploadRow>, Error> {
    rows(
        tx,
        select!(
            UploadRow,
            "FROM upload WHERE owner = $1 AND discarded = 0 ORDER BY touched_at DESC LIMIT $2 OFFSET $3"
        ),
        &[owner.get().into(), limit.into(), keep.into()],
        Ok,
    )
}

/// Ends a session before its bytes are removed, so that nobody resumes it and a crash in between leaves a trace.
/// False if it was changed since it was read, or is not there.
pub(crate) fn discard(tx: &mut dyn Tx, id: UploadId, revision: i64) -> Result<bool, Error> {
    let id = id.to_string();
    let sql = "UPDATE upload SET discarded = 1 WHERE id = $1 AND revision = $2";
    Ok(tx.execute(sql, &[id.as_str().into(), revision.into()])? == 1)
}

/// Ends a session whose bytes have become a blob. False if it was changed since it was read, or is not there.
pub(crate) fn take(tx: &mut dyn Tx, id: UploadId, revision: i64) -> Result<bool, Error> {
    let id = id.to_string();
    let sql = "DELETE FROM upload WHERE id = $1 AND revision = $2 AND discarded = 0";
    Ok(tx.execute(sql, &[id.as_str().into(), revision.into()])? == 1)
}

/// Forgets a session.
pub(crate) fn delete(tx: &mut dyn Tx, id: UploadId) -> Result<bool, Error> {
    let id = id.to_string();
    Ok(tx.execute("DELETE FROM upload WHERE id = $1", &[id.as_str().into()])? == 1)
}
