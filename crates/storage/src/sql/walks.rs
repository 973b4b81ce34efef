//! Statements of the walks over every link and every blob (docs/operations.md 2.2): what is garbage and has no candidate, as that of
//! earlier versions, is found by them. What was given up is tried again.

use domain::{RepositoryId, Timestamp};

use super::row::{Select, row, select};
use super::{Tx, maybe, one, rows};
use crate::error::Error;

/// How far the walks have got, and when they last ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalkRow {
    pub(crate) links_repository: i64,
    pub(crate) links_blob: i64,
    pub(crate) links_walked_at: Timestamp,
    pub(crate) blobs_blob: i64,
    pub(crate) blobs_walked_at: Timestamp,
}

row! { WalkRow { links_repository, links_blob, links_walked_at, blobs_blob, blobs_walked_at } }

/// A link on the way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkPassed {
    pub(crate) repository: RepositoryId,
    pub(crate) blob: i64,
    pub(crate) touched_at: Timestamp,
}

row! { LinkPassed { repository, blob, touched_at } }

/// A blob on the way, and whether anybody has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BlobPassed {
    pub(crate) blob: i64,
    pub(crate) is_used: bool,
}

row! {
    BlobPassed {
        blob: "b.id",
        is_used: "CAST(CASE WHEN EXISTS (SELECT 1 FROM link l WHERE l.blob = b.id) \
                  OR EXISTS (SELECT 1 FROM entry e WHERE e.blob = b.id) THEN 1 ELSE 0 END AS BIGINT)",
    }
}

pub(crate) const LINKS: Select<LinkPassed> =
    select!(LinkPassed, "FROM link WHERE (repository, blob) > ($1, $2) ORDER BY repository, blob LIMIT $3");
pub(crate) const BLOBS: Select<BlobPassed> =
    select!(BlobPassed, "FROM blob b WHERE b.id > $1 ORDER BY b.id LIMIT $2");

pub(crate) fn state(tx: &mut dyn Tx) -> Result<WalkRow, Error> {
    one(tx, select!(WalkRow, "FROM collection WHERE id = 1"), &[], Ok)
}

/// The next links behind this one.
pub(crate) fn links(
    tx: &mut dyn Tx,
    (repository, blob): (i64, i64),
    limit: u32,
) -> Result<Vec<LinkPassed>, Error> {
    rows(tx, LINKS, &[repository.into(), blob.into(), limit.into()], Ok)
}

/// The next blobs behind this one.
pub(crate) fn blobs(tx: &mut dyn Tx, after: i64, limit: u32) -> Result<Vec<BlobPassed>, Error> {
    rows(tx, BLOBS, &[after.into(), limit.into()], Ok)
}

/// Whether a link has a candidate already: that knows better when it is due.
pub(crate) fn is_link_noted(tx: &mut dyn Tx, repository: RepositoryId, blob: i64) -> Result<bool, Error> {
    let sql = "SELECT blob FROM link_review WHERE repository = $1 AND blob = $2";
    Ok(maybe(tx, sql, &[repository.get().into(), blob.into()], |_| Ok(()))?.is_some())
}

/// Whether a blob has a candidate already.
pub(crate) fn is_blob_noted(tx: &mut dyn Tx, blob: i64) -> Result<bool, Error> {
    let sql = "SELECT blob FROM blob_review WHERE blob = $1";
    Ok(maybe(tx, sql, &[blob.into()], |_| Ok(()))?.is_some())
}

/// Goes on behind this link the next time; with a moment, all have been passed.
pub(crate) fn note_links_passed(
    tx: &mut dyn Tx,
    (repository, blob): (i64, i64),
    walked_at: Timestamp,
) -> Result<(), Error> {
    let sql =
        "UPDATE collection SET links_repository = $1, links_blob = $2, links_walked_at = $3 WHERE id = 1";
    tx.execute(sql, &[repository.into(), blob.into(), walked_at.millis().into()]).map(drop)
}

/// As [`note_links_passed`], of blobs.
pub(crate) fn note_blobs_passed(tx: &mut dyn Tx, blob: i64, walked_at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE collection SET blobs_blob = $1, blobs_walked_at = $2 WHERE id = 1";
    tx.execute(sql, &[blob.into(), walked_at.millis().into()]).map(drop)
}
