//! Statements that collect garbage (docs/operations.md 2.3): links that no name needs, blobs that nobody links, bytes whose time has
//! come. What is asked before something goes is asked here alone, for the deed and for whoever wants to know.

use domain::{Digest, RepositoryId, Timestamp};

use super::leases::{BLOBS, LINKS, PURGE};
use super::row::{Select, row, select};
use super::uploads::StuckRow;
use super::{Tx, Value, maybe, one, parts, rows};
use crate::error::Error;

/// Tries after which something is given up, until a gateway is started.
pub(crate) const TRIES_MAX: u32 = 20;
/// What is given up is due then.
pub(crate) const NEVER: Timestamp = Timestamp::from_millis(253_402_300_799_000);
/// Why bytes are condemned: nobody has them any more, or other ones took their place because they were damaged.
pub(crate) const UNLINKED: &str = "unlinked";
pub(crate) const DAMAGED: &str = "damaged";

/// A link to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkCandidate {
    pub(crate) repository: RepositoryId,
    pub(crate) blob: i64,
    pub(crate) tries: u32,
}

row! { LinkCandidate { repository, blob, tries } }

/// A blob to be looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlobCandidate {
    pub(crate) blob: i64,
    pub(crate) repository: Option<RepositoryId>,
    pub(crate) hurried: bool,
    pub(crate) tries: u32,
}

row! { BlobCandidate { blob, repository, hurried, tries } }

/// Bytes that wait to be removed.
#[derive(Debug, Clone)]
pub(crate) struct CondemnedRow {
    pub(crate) object_key: Box<str>,
    pub(crate) repository: Option<RepositoryId>,
    pub(crate) size_bytes: u64,
    pub(crate) tries: u32,
}

row! { CondemnedRow { object_key, repository, size_bytes, tries } }

/// Bytes that are to be condemned.
pub(crate) struct Condemned<'a> {
    pub(crate) object_key: &'a str,
    pub(crate) blob: i64,
    pub(crate) size_bytes: u64,
    pub(crate) why: &'static str,
}

/// A blob as it is condemned.
pub(crate) struct BlobRow {
    object_key: Box<str>,
    size_bytes: u64,
}

row! { BlobRow { object_key, size_bytes } }

/// Links to be looked at, those due longest first.
pub(crate) const DUE_LINKS: Select<LinkCandidate> =
    select!(LinkCandidate, "FROM link_review WHERE due_at <= $1 ORDER BY due_at LIMIT $2");
/// Blobs to be looked at.
pub(crate) const DUE_BLOBS: Select<BlobCandidate> =
    select!(BlobCandidate, "FROM blob_review WHERE due_at <= $1 ORDER BY due_at LIMIT $2");
/// Bytes whose time has come.
pub(crate) const DUE_BYTES: Select<CondemnedRow> =
    select!(CondemnedRow, "FROM condemned WHERE purge_at <= $1 ORDER BY purge_at LIMIT $2");
/// Bytes whose window an administrator has ended; those that could not be removed wait for their time like all others.
pub(crate) const ENDED_BYTES: Select<CondemnedRow> = select!(
    CondemnedRow,
    "FROM condemned WHERE condemned_at <= (SELECT ended_until FROM collection WHERE id = 1) AND tries = 0 \
     ORDER BY condemned_at LIMIT $1"
);
/// Whether a name of the repository has the blob as its content, in whatever state.
pub(crate) const CONTENT_OF: &str = "SELECT id FROM entry WHERE blob = $1 AND repository = $2 LIMIT 1";
/// Whether a name of the repository, in whatever state but gone, names this digest.
pub(crate) const NAMED: &str = "SELECT g.entry FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 \
     AND g.kind IN ('blob', 'member', 'subject') AND g.target = $2 AND e.state <> 'gone' LIMIT 1";
/// A blob that no repository links and no name has.
pub(crate) const UNUSED: Select<BlobRow> = select!(
    BlobRow,
    "FROM blob WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM link l WHERE l.blob = blob.id) \
     AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.blob = blob.id)"
);
/// Takes it away, asked once more.
pub(crate) const DELETE_UNUSED: &str = "DELETE FROM blob WHERE id = $1 \
     AND NOT EXISTS (SELECT 1 FROM link l WHERE l.blob = blob.id) \
     AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.blob = blob.id)";

/// What became of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Looked {
    /// It is garbage no more, or somebody else saw to it.
    Kept,
    /// It was taken away.
    Taken,
}

pub(crate) fn due_links(
    tx: &mut dyn Tx,
    settled: Timestamp,
    limit: u32,
) -> Result<Vec<LinkCandidate>, Error> {
    rows(tx, DUE_LINKS, &[settled.millis().into(), limit.into()], Ok)
}

pub(crate) fn due_blobs(
    tx: &mut dyn Tx,
    settled: Timestamp,
    limit: u32,
) -> Result<Vec<BlobCandidate>, Error> {
    rows(tx, DUE_BLOBS, &[settled.millis().into(), limit.into()], Ok)
}

/// Bytes that are to be removed now.
pub(crate) fn due_bytes(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<Vec<CondemnedRow>, Error> {
    let due = rows(tx, DUE_BYTES, &[now.millis().into(), limit.into()], Ok)?;
    if due.is_empty() { rows(tx, ENDED_BYTES, &[limit.into()], Ok) } else { Ok(due) }
}

/// Puts who collects in line with those who write to a repository, and changes nothing there; false if it is gone.
pub(crate) fn take_turn(tx: &mut dyn Tx, repository: RepositoryId) -> Result<bool, Error> {
    let sql = "UPDATE repository SET revision = revision WHERE node = $1";
    Ok(tx.execute(sql, &[repository.get().into()])? == 1)
}

/// Whether a name of the repository needs its link to a blob: whatever state the name is in, under whatever digest.
pub(crate) fn is_needed(tx: &mut dyn Tx, repository: RepositoryId, blob: i64) -> Result<bool, Error> {
    let (content, named) = (CONTENT_OF, NAMED);
    if maybe(tx, content, &[blob.into(), repository.get().into()], |_| Ok(()))?.is_some() {
        return Ok(true);
    }
    for digest in parts::digests(tx, blob)? {
        let digest = digest.to_string();
        if maybe(tx, named, &[repository.get().into(), digest.as_str().into()], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Since when a link is relied on; `None` if there is none.
pub(crate) fn touched_at(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    blob: i64,
) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT touched_at FROM link WHERE repository = $1 AND blob = $2";
    let values = [repository.get().into(), blob.into()];
    maybe(tx, sql, &values, |row| Ok(Timestamp::from_millis(row.int(0)?)))
}

/// Drops the candidate; false if it is not due any more, because somebody made a new one of it.
pub(crate) fn drop_link_candidate(
    tx: &mut dyn Tx,
    candidate: LinkCandidate,
    settled: Timestamp,
) -> Result<bool, Error> {
    let sql = "DELETE FROM link_review WHERE repository = $1 AND blob = $2 AND due_at <= $3";
    let values = [candidate.repository.get().into(), candidate.blob.into(), settled.millis().into()];
    Ok(tx.execute(sql, &values)? == 1)
}

/// Takes a link away unless it is relied on since `unrelied`: asked under the lock of its row.
pub(crate) fn delete_link(
    tx: &mut dyn Tx,
    (repository, blob): (RepositoryId, i64),
    unrelied: Timestamp,
) -> Result<bool, Error> {
    let sql = "DELETE FROM link WHERE repository = $1 AND blob = $2 AND touched_at <= $3";
    Ok(tx.execute(sql, &[repository.get().into(), blob.into(), unrelied.millis().into()])? == 1)
}

/// Takes a blob away that nobody has, and condemns its bytes: they stay until then.
///
/// # Errors
/// `Raced` if somebody is about to have it.
pub(crate) fn look_at_blob(
    tx: &mut dyn Tx,
    candidate: BlobCandidate,
    (settled, now, purge_at): (Timestamp, Timestamp, Timestamp),
) -> Result<Looked, Error> {
    let BlobCandidate { blob, repository, .. } = candidate;
    let sql = "DELETE FROM blob_review WHERE blob = $1 AND due_at <= $2";
    if tx.execute(sql, &[blob.into(), settled.millis().into()])? == 0 {
        return Ok(Looked::Kept);
    }
    let Some(unused) = maybe(tx, UNUSED, &[blob.into()], Ok)? else { return Ok(Looked::Kept) };
    let digests = parts::digests(tx, blob)?;
    let BlobRow { object_key, size_bytes } = unused;
    let gone = Condemned { object_key: &object_key, blob, size_bytes, why: UNLINKED };
    condemn(tx, &gone, (repository, &digests), (now, purge_at))?;
    if tx.execute(DELETE_UNUSED, &[blob.into()])? == 1 {
        Ok(Looked::Taken)
    } else {
        Err(Error::Raced("a blob that nobody had was taken up".into()))
    }
}

/// Notes bytes that no row names from now on: the only way for them to be removed.
pub(crate) fn condemn(
    tx: &mut dyn Tx,
    gone: &Condemned<'_>,
    (repository, digests): (Option<RepositoryId>, &[Digest]),
    (now, purge_at): (Timestamp, Timestamp),
) -> Result<(), Error> {
    let sha256 = digests.iter().find(|digest| digest.algorithm() == domain::Algorithm::Sha256);
    let found_by = sha256.map(ToString::to_string).unwrap_or_default();
    let all = digests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    tx.execute(
        "INSERT INTO condemned (object_key, blob, repository, size_bytes, digest, digests, why, condemned_at, purge_at, tries) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
        &[
            gone.object_key.into(),
            gone.blob.into(),
            repository.map(RepositoryId::get).into(),
            Value::count(gone.size_bytes),
            found_by.as_str().into(),
            all.as_str().into(),
            gone.why.into(),
            now.millis().into(),
            purge_at.millis().into(),
        ],
    )
    .map(drop)
}

/// Forgets bytes that have been removed.
pub(crate) fn forget_bytes(tx: &mut dyn Tx, object_key: &str) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM condemned WHERE object_key = $1", &[object_key.into()])? == 1)
}

/// Notes that bytes could not be removed: when it is tried again, how often it was, and why not.
pub(crate) fn put_bytes_off(
    tx: &mut dyn Tx,
    object_key: &str,
    (purge_at, tries, failure): (Timestamp, u32, &str),
) -> Result<(), Error> {
    let sql = "UPDATE condemned SET purge_at = $1, tries = $2, failure = $3 WHERE object_key = $4";
    let values = [purge_at.millis().into(), tries.into(), failure.into(), object_key.into()];
    tx.execute(sql, &values).map(drop)
}

/// What one of the works of the collection could not deal with.
pub(crate) fn stuck(tx: &mut dyn Tx, work: &str) -> Result<StuckRow, Error> {
    let sql = match work {
        LINKS => "SELECT COUNT(*), COUNT(CASE WHEN tries >= $1 THEN 1 END) FROM link_review WHERE tries > 0",
        BLOBS => "SELECT COUNT(*), COUNT(CASE WHEN tries >= $1 THEN 1 END) FROM blob_review WHERE tries > 0",
        PURGE => "SELECT COUNT(*), COUNT(CASE WHEN tries >= $1 THEN 1 END) FROM condemned WHERE tries > 0",
        _ => return Ok(StuckRow::default()),
    };
    let (all, given_up) = one(tx, sql, &[TRIES_MAX.into()], |row| Ok((row.count(0)?, row.count(1)?)))?;
    let failure = if work == PURGE && all > 0 {
        let sql = "SELECT failure FROM condemned WHERE tries > 0 ORDER BY tries DESC, purge_at DESC LIMIT 1";
        maybe(tx, sql, &[], |row| Ok(row.opt_text(0)?.map(Box::from)))?.flatten()
    } else {
        None
    };
    Ok(StuckRow { failing: all.saturating_sub(given_up), given_up, failure })
}

/// Tries some of those again that were given up.
pub(crate) fn retry(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<(), Error> {
    const AGAIN: [&str; 3] = [
        "UPDATE link_review SET due_at = $1, tries = 0 WHERE (repository, blob) IN \
         (SELECT repository, blob FROM link_review WHERE due_at >= $2 LIMIT $3)",
        "UPDATE blob_review SET due_at = $1, tries = 0 WHERE blob IN \
         (SELECT blob FROM blob_review WHERE due_at >= $2 LIMIT $3)",
        "UPDATE condemned SET purge_at = $1 WHERE object_key IN \
         (SELECT object_key FROM condemned WHERE purge_at >= $2 LIMIT $3)",
    ];
    let values = [now.millis().into(), NEVER.millis().into(), limit.into()];
    AGAIN.into_iter().try_for_each(|sql| tx.execute(sql, &values).map(drop))
}

/// Puts a link's candidate off that could not be looked at.
pub(crate) fn put_link_off(
    tx: &mut dyn Tx,
    candidate: LinkCandidate,
    (due_at, tries): (Timestamp, u32),
) -> Result<(), Error> {
    let sql = "UPDATE link_review SET due_at = $1, tries = $2 WHERE repository = $3 AND blob = $4";
    let LinkCandidate { repository, blob, .. } = candidate;
    let values = [due_at.millis().into(), tries.into(), repository.get().into(), blob.into()];
    tx.execute(sql, &values).map(drop)
}

/// Puts a blob's candidate off that could not be looked at.
pub(crate) fn put_blob_off(
    tx: &mut dyn Tx,
    blob: i64,
    (due_at, tries): (Timestamp, u32),
) -> Result<(), Error> {
    let sql = "UPDATE blob_review SET due_at = $1, tries = $2 WHERE blob = $3";
    tx.execute(sql, &[due_at.millis().into(), tries.into(), blob.into()]).map(drop)
}
