//! Statements about what names are parts of, and about the digests of their content.

use domain::{Digest, EntryKey, RepositoryId};

use super::entry_row::digest_of;
use super::row::{row, select};
use super::{Tx, maybe, one, rows, rows_while};
use crate::error::Error;
use crate::model::Stamp;

/// Whether any name is a part of this target.
pub(crate) fn has_parts(tx: &mut dyn Tx, repository: RepositoryId, target: &str) -> Result<bool, Error> {
    let sql = "SELECT g.entry FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 AND g.kind = 'part' \
               AND g.target = $2 AND e.kind <> 'hidden' LIMIT 1";
    Ok(maybe(tx, sql, &[repository.get().into(), target.into()], |_| Ok(()))?.is_some())
}

/// How many names are parts of this target.
pub(crate) fn count(tx: &mut dyn Tx, repository: RepositoryId, target: &str) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 AND g.kind = 'part' \
               AND g.target = $2 AND e.state IN ('live', 'unlisted')";
    one(tx, sql, &[repository.get().into(), target.into()], |row| row.count(0))
}

/// Some parts of a target: those whose entries come first.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) target: &'a str,
    /// The last of the entries.
    pub(crate) upto: i64,
}

impl<'a> Parts<'a> {
    /// Every one.
    pub(crate) const fn all(target: &'a str) -> Self {
        Self { target, upto: i64::MAX }
    }

    /// So many, if there are more than that.
    pub(crate) fn first(
        tx: &mut dyn Tx,
        repository: RepositoryId,
        target: &'a str,
        many: u32,
    ) -> Result<Option<Self>, Error> {
        let sql = "SELECT g.entry FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 AND g.kind = 'part' \
                   AND g.target = $2 AND e.state IN ('live', 'unlisted') ORDER BY g.entry LIMIT $3";
        let values = [repository.get().into(), target.into(), many.saturating_add(1).into()];
        let found = rows(tx, sql, &values, |row| row.int(0))?;
        let last = many.checked_sub(1).and_then(|last| found.get(last as usize));
        Ok((found.len() > many as usize).then_some(last).flatten().map(|upto| Self { target, upto: *upto }))
    }
}

/// A part: its row and its name.
struct PartRow {
    key: EntryKey,
    id: i64,
}

row! { PartRow { key: EntryKey::COLUMNS, id: "e.id" } }

/// Hands over each part: its row and its name.
pub(crate) fn each(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    parts: Parts<'_>,
    found: &mut dyn FnMut(i64, EntryKey) -> Result<(), Error>,
) -> Result<(), Error> {
    let sql = select!(
        PartRow,
        "FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 AND g.kind = 'part' AND g.target = $2 \
         AND g.entry <= $3 AND e.state IN ('live', 'unlisted')"
    );
    let values = [repository.get().into(), parts.target.into(), parts.upto.into()];
    rows_while(tx, sql, &values, |row| found(row.id, row.key).map(|()| true)).map(drop)
}

/// Writes for each part that it is removed.
pub(crate) fn insert_removed_events(tx: &mut dyn Tx, at: Stamp, parts: Parts<'_>) -> Result<u64, Error> {
    tx.execute(
        "INSERT INTO outbox (at, repository, event, entry_kind, package, name, actor) \
         SELECT CAST($1 AS BIGINT), e.repository, 'removed', e.kind, e.package, e.name, CAST($2 AS BIGINT) FROM edge g \
         JOIN entry e ON e.id = g.entry WHERE g.repository = $3 AND g.kind = 'part' AND g.target = $4 \
         AND g.entry <= $5 AND e.state IN ('live', 'unlisted') ORDER BY e.id",
        &[
            at.now.millis().into(),
            at.principal.into(),
            at.repository.get().into(),
            parts.target.into(),
            parts.upto.into(),
        ],
    )
}

/// What the content of these parts is, each once.
pub(crate) fn contents(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    parts: Parts<'_>,
) -> Result<Vec<i64>, Error> {
    let sql = "SELECT DISTINCT e.blob FROM edge g JOIN entry e ON e.id = g.entry WHERE g.repository = $1 \
               AND g.kind = 'part' AND g.target = $2 AND g.entry <= $3 AND e.blob IS NOT NULL ORDER BY e.blob";
    let values = [repository.get().into(), parts.target.into(), parts.upto.into()];
    rows(tx, sql, &values, |row| row.int(0))
}

/// What these parts name by their digests.
pub(crate) fn named(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    parts: Parts<'_>,
) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT DISTINCT n.target FROM edge g JOIN edge n ON n.entry = g.entry WHERE g.repository = $1 \
               AND g.kind = 'part' AND g.target = $2 AND g.entry <= $3 AND n.kind IN ('blob', 'member', 'subject')";
    let values = [repository.get().into(), parts.target.into(), parts.upto.into()];
    let named = rows(tx, sql, &values, |row| Ok(Digest::parse(row.text(0)?).ok()))?;
    Ok(named.into_iter().flatten().collect())
}

/// Deletes the parts and says how many there were.
pub(crate) fn delete(tx: &mut dyn Tx, repository: RepositoryId, parts: Parts<'_>) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM entry WHERE id IN (SELECT entry FROM edge WHERE repository = $1 AND kind = 'part' AND target = $2 \
         AND entry <= $3) AND state IN ('live', 'unlisted')",
        &[repository.get().into(), parts.target.into(), parts.upto.into()],
    )
}

/// Every stored digest of a blob.
pub(crate) fn digests(tx: &mut dyn Tx, blob: i64) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT algorithm, value FROM blob_digest WHERE blob = $1 ORDER BY algorithm";
    rows(tx, sql, &[blob.into()], |row| digest_of(row.text(0)?, row.bytes(1)?))
}
