//! Statements about entries that no name leads to: they have the edges of a name that is not made yet (`staged`), or that is gone
//! (`gone`). Everything else finds entries by their kind or state, and theirs are in no list; content they have none.

use domain::{Digest, EntryState, RepositoryId, Timestamp};

use super::slots::Slot;
use super::{Tx, Value, maybe, needs, one, reviews, rows, usage};
use crate::error::Error;
use crate::model::{NewEntry, Stamp};
use crate::search::facets;

/// Edges that one job writes or deletes: a few milliseconds of the writer, most of it for the pages of the index by target.
pub(crate) const PIECE_ROWS: u32 = 128;

/// Makes one for edges to come; `token` is nobody else's.
pub(crate) fn stage(tx: &mut dyn Tx, at: Stamp, token: &str) -> Result<i64, Error> {
    one(
        tx,
        "INSERT INTO entry (repository, kind, package_key, package, name_key, name, sort_key, state, attributes, words, \
         facets, created_by, created_at, changed_at, revision) \
         VALUES ($1, 'hidden', '', '', $2, '', '', 'staged', '', '', '', $3, $4, $5, 1) RETURNING id",
        &[
            at.repository.get().into(),
            token.into(),
            at.principal.into(),
            at.now.millis().into(),
            at.now.millis().into(),
        ],
        |row| row.int(0),
    )
}

/// Whether it is still there, and nobody has begun to clear it away.
pub(crate) fn is_staged(tx: &mut dyn Tx, id: i64) -> Result<bool, Error> {
    let sql = "SELECT id FROM entry WHERE id = $1 AND kind = 'hidden' AND state = 'staged'";
    Ok(maybe(tx, sql, &[id.into()], |_| Ok(()))?.is_some())
}

/// Gives a staged entry, with the edges it has, a name, in place of the one that had it; false if it is no longer there.
pub(crate) fn show(
    tx: &mut dyn Tx,
    at: Stamp,
    (id, before): (i64, Option<&Slot>),
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<bool, Error> {
    let (mut state, mut created_at) = (EntryState::Live, at.now);
    if let Some(slot) = before {
        hide(tx, slot.id)?;
        (state, created_at) = (slot.state_with(new), slot.created_at);
    }
    let shown = tx.execute(
        "UPDATE entry SET kind = $1, package_key = $2, package = $3, name_key = $4, name = $5, sort_key = $6, state = $7, \
         blob = $8, algorithm = $9, media_type = $10, attributes = $11, words = $12, facets = $13, created_by = $14, \
         created_at = $15, changed_at = $16 WHERE id = $17 AND repository = $18 AND kind = 'hidden' AND state = 'staged'",
        &[
            new.key.kind.as_str().into(),
            new.key.package.key().into(),
            new.key.package.display().into(),
            new.key.name.key().into(),
            new.key.name.display().into(),
            new.key.name.sort_key().into(),
            state.as_str().into(),
            blob.into(),
            new.content.map(|digest| digest.algorithm().as_str()).into(),
            (&*new.media_type).into(),
            (&*new.attributes).into(),
            (&*new.words).into(),
            facets(&new.words).into(),
            at.principal.into(),
            created_at.millis().into(),
            at.now.millis().into(),
            id.into(),
            at.repository.get().into(),
        ],
    )?;
    if let Some(slot) = before {
        usage::move_to(tx, slot.id, id)?;
    }
    Ok(shown == 1)
}

/// Takes an entry away from its name, however many edges it has; they are to be cleared away.
pub(crate) fn hide(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE entry SET kind = 'hidden', package_key = '', name_key = CAST(id AS TEXT), sort_key = '', state = 'gone', \
         blob = NULL, words = '', facets = '' WHERE id = $1",
        &[id.into()],
    )?;
    needs::forget(tx, id)
}

/// Whether an entry has more edges than one job deletes.
pub(crate) fn has_many_edges(tx: &mut dyn Tx, id: i64) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM (SELECT 1 AS one FROM edge WHERE entry = $1 LIMIT $2) AS few";
    let limit = PIECE_ROWS.saturating_add(1);
    Ok(one(tx, sql, &[id.into(), limit.into()], |row| row.count(0))? > u64::from(PIECE_ROWS))
}

/// Entries to be cleared away, of any repository: those that are gone, and those staged since before.
pub(crate) fn left_over(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<Vec<i64>, Error> {
    rows(
        tx,
        "SELECT id FROM entry WHERE kind = 'hidden' AND (state = 'gone' OR changed_at < $1) ORDER BY id LIMIT $2",
        &[before.millis().into(), limit.into()],
        |row| row.int(0),
    )
}

/// Clears one piece of a hidden entry away; false if there is more of it. What the piece named by its digest may be of no use any more.
pub(crate) fn clear(tx: &mut dyn Tx, id: i64, now: Timestamp) -> Result<bool, Error> {
    // From here on nobody can give it a name.
    let sql = "UPDATE entry SET state = 'gone' WHERE id = $1 AND kind = 'hidden' RETURNING repository";
    let Some(repository) = maybe(tx, sql, &[id.into()], |row| row.id(0))? else { return Ok(true) };
    let piece = [id.into(), Value::from(PIECE_ROWS)];
    let sql = "SELECT kind, target FROM edge WHERE entry = $1 ORDER BY kind, target LIMIT $2";
    let named = rows(tx, sql, &piece, |row| {
        let names = matches!(row.text(0)?, "blob" | "member" | "subject");
        Ok(if names { Digest::parse(row.text(1)?).ok() } else { None })
    })?;
    let named: Vec<Digest> = named.into_iter().flatten().collect();
    let cleared = tx.execute(
        "DELETE FROM edge WHERE entry = $1 AND (kind, target) IN \
         (SELECT kind, target FROM edge WHERE entry = $1 ORDER BY kind, target LIMIT $2)",
        &piece,
    )?;
    reviews::note_links(tx, RepositoryId::new(repository), &named, now)?;
    if cleared == u64::from(PIECE_ROWS) {
        return Ok(false);
    }
    tx.execute("DELETE FROM entry WHERE id = $1", &[id.into()])?;
    Ok(true)
}
