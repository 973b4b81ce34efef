//! Statements about entries and edges.

use domain::{Digest, EntryKey, EntryKind, EntryState, RefName, RepositoryId, Timestamp};

use super::blobs::{linked_blob, unlink};
use super::entry_row::{EntryRow, KINDS, damaged, entry_of, key_values, select_entry};
use super::row::{Select, select};
use super::{Tx, Value, hidden, maybe, names, reviews, rows, rows_while, version_changes};
use crate::error::Error;
use crate::model::{Entry, Stamp};

/// Most bytes of attribute documents on one page, but for the last of them.
const PAGE_BYTES_MAX: usize = 1 << 20;

/// Some names of a package, of a kind that are live, or in this state, after a sort key and key.
pub(crate) struct Page<'a> {
    pub(crate) kind: EntryKind,
    pub(crate) or: EntryState,
    pub(crate) package_key: &'a str,
    pub(crate) after: (&'a str, &'a str),
    pub(crate) limit: u32,
}

impl Page<'_> {
    /// Parameters of a statement about a page.
    fn values(&self, repository: RepositoryId) -> [Value<'_>; 7] {
        [
            repository.get().into(),
            self.kind.as_str().into(),
            self.package_key.into(),
            self.after.0.into(),
            self.after.1.into(),
            self.or.as_str().into(),
            self.limit.into(),
        ]
    }
}

pub(crate) fn repository_exists(tx: &mut dyn Tx, repository: RepositoryId) -> Result<bool, Error> {
    let sql = "SELECT node FROM repository WHERE node = $1";
    Ok(maybe(tx, sql, &[repository.get().into()], |_| Ok(()))?.is_some())
}

/// A live or unlisted entry with its content.
pub(crate) fn entry(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Option<Entry>, Error> {
    maybe(
        tx,
        select_entry!(
            "WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND e.name_key = $4 \
             AND e.state IN ('live', 'unlisted')"
        ),
        &key_values(repository, key),
        entry_of,
    )
}

/// Entries of a package that are live, or in this state, in the order of their sort keys, until their documents are too much, and
/// whether that left any out.
pub(crate) fn entries(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    page: &Page<'_>,
) -> Result<(Vec<Entry>, bool), Error> {
    until_too_much(
        tx,
        select_entry!(
            "WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND (e.sort_key, e.name_key) > ($4, $5) \
             AND e.state IN ('live', $6) ORDER BY e.sort_key, e.name_key LIMIT $7"
        ),
        &page.values(repository),
    )
}

/// As [`entries`], the last first: those before a sort key and key.
pub(crate) fn entries_down(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    page: &Page<'_>,
) -> Result<(Vec<Entry>, bool), Error> {
    until_too_much(
        tx,
        select_entry!(
            "WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND (e.sort_key, e.name_key) < ($4, $5) \
             AND e.state IN ('live', $6) ORDER BY e.sort_key DESC, e.name_key DESC LIMIT $7"
        ),
        &page.values(repository),
    )
}

/// The names, in the order of their sort keys.
pub(crate) fn display_names(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    page: &Page<'_>,
) -> Result<Vec<Box<str>>, Error> {
    let sql = "SELECT name FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 \
               AND (sort_key, name_key) > ($4, $5) AND state IN ('live', $6) ORDER BY sort_key, name_key LIMIT $7";
    rows(tx, sql, &page.values(repository), |row| Ok(row.text(0)?.into()))
}

/// The entries that a statement finds, until their documents are longer than [`PAGE_BYTES_MAX`] together, and whether that left any out.
pub(super) fn until_too_much(
    tx: &mut dyn Tx,
    sql: Select<EntryRow<'static>>,
    values: &[Value<'_>],
) -> Result<(Vec<Entry>, bool), Error> {
    let (mut found, mut bytes): (Vec<Entry>, usize) = (Vec::new(), 0);
    let cut = rows_while(tx, sql, values, |row| {
        let entry = entry_of(row)?;
        bytes = bytes.saturating_add(entry.attributes.len());
        found.push(entry);
        Ok(bytes < PAGE_BYTES_MAX)
    })?;
    Ok((found, cut))
}

/// Names of a page whose limit is how many are looked at: those that hold a text, letters of either case being equal, at most so many;
/// the last first if it is a page before a sort key and key. And the name behind which the list goes on.
pub(crate) fn holding(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (page, down): (&Page<'_>, bool),
    (text, most): (&str, usize),
) -> Result<(Vec<EntryKey>, Option<RefName>), Error> {
    let sql = if down {
        select!(
            EntryKey,
            "FROM entry e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND (e.sort_key, e.name_key) < ($4, $5) \
             AND e.state IN ('live', $6) ORDER BY e.sort_key DESC, e.name_key DESC LIMIT $7"
        )
    } else {
        select!(
            EntryKey,
            "FROM entry e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND (e.sort_key, e.name_key) > ($4, $5) \
             AND e.state IN ('live', $6) ORDER BY e.sort_key, e.name_key LIMIT $7"
        )
    };
    let (mut found, mut seen, mut last) = (Vec::new(), 0, None);
    let left_out = rows_while(tx, sql, &page.values(repository), |key| {
        seen += 1;
        last = Some(key.name.clone());
        if key.name.display().to_lowercase().contains(text) {
            found.push(key);
        }
        Ok(found.len() < most)
    })?;
    let more = left_out || seen >= page.limit;
    Ok((found, last.filter(|_| more)))
}

/// The entries of these names that are still there, until their documents are longer than [`PAGE_BYTES_MAX`] together, and whether that
/// left any out.
pub(crate) fn entries_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    keys: &[EntryKey],
) -> Result<(Vec<Entry>, bool), Error> {
    let (mut found, mut bytes): (Vec<Entry>, usize) = (Vec::new(), 0);
    for key in keys {
        if bytes >= PAGE_BYTES_MAX {
            return Ok((found, true));
        }
        if let Some(entry) = entry(tx, repository, key)? {
            bytes = bytes.saturating_add(entry.attributes.len());
            found.push(entry);
        }
    }
    Ok((found, false))
}

/// Whether the package has any live entry: what "unknown name" is decided by.
pub(crate) fn package_exists(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
) -> Result<bool, Error> {
    for kind in KINDS {
        let sql = "SELECT id FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 LIMIT 1";
        let values = [repository.get().into(), kind.as_str().into(), package_key.into()];
        if maybe(tx, sql, &values, |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Live entries of a package that point at `target`, in the order of their sort keys.
pub(crate) fn pointing_to(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    edge: (&'static str, &str),
    package_key: &str,
    after: (&str, &str),
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    rows(
        tx,
        select_entry!(
            "JOIN edge g ON g.entry = e.id WHERE g.repository = $1 AND g.kind = $2 AND g.target = $3 \
             AND e.package_key = $4 AND (e.sort_key, e.name_key) > ($5, $6) AND e.state = 'live' \
             ORDER BY e.sort_key, e.name_key LIMIT $7"
        ),
        &[
            repository.get().into(),
            edge.0.into(),
            edge.1.into(),
            package_key.into(),
            after.0.into(),
            after.1.into(),
            limit.into(),
        ],
        entry_of,
    )
}

/// The blobs that came with a file, and go with it unless something else needs them. What a manifest names was pushed on its own,
/// and stays until it is deleted on its own.
pub(crate) fn enclosed(tx: &mut dyn Tx, entry: i64, kind: EntryKind) -> Result<Vec<Digest>, Error> {
    if kind != EntryKind::File {
        return Ok(Vec::new());
    }
    let sql = "SELECT target FROM edge WHERE entry = $1 AND kind = 'blob'";
    rows(tx, sql, &[entry.into()], |row| Digest::parse(row.text(0)?).map_err(damaged))
}

/// Unlinks those of them that no name of the repository needs any more.
pub(crate) fn release_enclosed(tx: &mut dyn Tx, at: Stamp, enclosed: &[Digest]) -> Result<(), Error> {
    for digest in enclosed {
        if let Some(blob) = linked_blob(tx, at.repository, digest)?
            && names::user_of(tx, at.repository, blob.id)?.is_none()
        {
            unlink(tx, at.repository, blob.id, (at.now, false))?;
        }
    }
    Ok(())
}

/// What an entry names by its digest: nobody may need it once the entry names it no more.
pub(crate) fn named_by(tx: &mut dyn Tx, entry: i64) -> Result<Vec<Digest>, Error> {
    let sql = "SELECT target FROM edge WHERE entry = $1 AND kind IN ('blob', 'member', 'subject')";
    let named = rows(tx, sql, &[entry.into()], |row| Ok(Digest::parse(row.text(0)?).ok()))?;
    Ok(named.into_iter().flatten().collect())
}

/// Deletes one name, with what is [`enclosed`] in it alone, and returns what its content was. If it has many edges, these wait to
/// be cleared away, and its row is noted.
pub(crate) fn delete_entry(
    tx: &mut dyn Tx,
    at: Stamp,
    key: &EntryKey,
    gone: &mut Vec<i64>,
) -> Result<Option<Option<i64>>, Error> {
    let found = maybe(
        tx,
        "SELECT id, blob FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4 \
         AND state IN ('live', 'unlisted')",
        &key_values(at.repository, key),
        |row| Ok((row.int(0)?, row.opt_int(1)?)),
    )?;
    let Some((id, blob)) = found else { return Ok(None) };
    let enclosed = enclosed(tx, id, key.kind)?;
    let named = if hidden::has_many_edges(tx, id)? {
        hidden::hide(tx, id)?;
        gone.push(id);
        Vec::new()
    } else {
        let named = named_by(tx, id)?;
        tx.execute("DELETE FROM entry WHERE id = $1", &[id.into()])?;
        named
    };
    release_enclosed(tx, at, &enclosed)?;
    reviews::note_links(tx, at.repository, &named, at.now)?;
    Ok(Some(blob))
}

/// Moves a name into or out of lists; false if there is no such live or unlisted name.
pub(crate) fn set_listed(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    listed: bool,
    now: Timestamp,
) -> Result<bool, Error> {
    let state = if listed { EntryState::Live } else { EntryState::Unlisted };
    let changed = tx.execute(
        "UPDATE entry SET state = $1, changed_at = $2 WHERE repository = $3 AND kind = $4 AND package_key = $5 \
         AND name_key = $6 AND state IN ('live', 'unlisted')",
        &[
            state.as_str().into(),
            now.millis().into(),
            repository.get().into(),
            key.kind.as_str().into(),
            key.package.key().into(),
            key.name.key().into(),
        ],
    )?;
    Ok(changed == 1)
}

/// Puts the writers of one repository in line until the end of the transaction; false if it does not exist (any more).
pub(crate) fn take_turn(tx: &mut dyn Tx, repository: RepositoryId) -> Result<bool, Error> {
    let sql = "UPDATE repository SET revision = revision + 1 WHERE node = $1";
    Ok(tx.execute(sql, &[repository.get().into()])? == 1)
}

/// How often the names of a repository changed; `None` if it does not exist (any more).
pub(crate) fn revision(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Option<u64>, Error> {
    let sql = "SELECT revision FROM repository WHERE node = $1";
    maybe(tx, sql, &[repository.get().into()], |row| row.count(0))
}

/// Deletes the tags of a package that have this content.
pub(crate) fn delete_tags_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    blob: i64,
) -> Result<u64, Error> {
    tx.execute(
        "DELETE FROM entry WHERE blob = $1 AND repository = $2 AND kind = 'tag' AND package_key = $3",
        &[blob.into(), repository.get().into(), package_key.into()],
    )
}

/// Writes an event of a package that waits for delivery; one of a version is a change that mirrors follow.
pub(crate) fn insert_event(tx: &mut dyn Tx, at: Stamp, event: &str, key: &EntryKey) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO outbox (at, repository, event, entry_kind, package, name, actor) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &[
            at.now.millis().into(),
            at.repository.get().into(),
            event.into(),
            key.kind.as_str().into(),
            key.package.display().into(),
            key.name.display().into(),
            at.principal.into(),
        ],
    )?;
    if key.kind == EntryKind::Version {
        version_changes::append(tx, at, key, event == "removed")?;
    }
    Ok(())
}
