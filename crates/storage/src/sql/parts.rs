//! Statements about what names are parts of, and about the digests of their content.

use domain::{Digest, EntryKey, RepositoryId};

use super::content::{digest_of, key_of};
use super::{Tx, maybe, rows};
use crate::error::Error;

/// Whether any name is a part of this target.
pub(crate) fn has_parts(tx: &mut dyn Tx, repository: RepositoryId, target: &str) -> Result<bool, Error> {
    let sql = "SELECT entry FROM edge WHERE repository = $1 AND kind = 'part' AND target = $2 LIMIT 1";
    Ok(maybe(tx, sql, &[repository.get().into(), target.into()], |_| Ok(()))?.is_some())
}

/// The names that are parts of this target, at most so many.
pub(crate) fn part_keys(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    target: &str,
    most: u32,
) -> Result<Vec<EntryKey>, Error> {
    rows(
        tx,
        "SELECT e.kind, e.package, e.package_key, e.name, e.name_key, e.sort_key FROM edge g \
         JOIN entry e ON e.id = g.entry WHERE g.repository = $1 AND g.kind = 'part' AND g.target = $2 \
         AND e.state IN ('live', 'unlisted') ORDER BY e.id LIMIT $3",
        &[repository.get().into(), target.into(), most.into()],
        key_of,
    )
}

/// Every stored digest of a blob.
pub(crate) fn digests(tx: &mut dyn Tx, blob: i64) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT algorithm, value FROM blob_digest WHERE blob = $1 ORDER BY algorithm";
    rows(tx, sql, &[blob.into()], |row| digest_of(row.text(0)?, row.bytes(1)?))
}
