//! Statements about versions that are pinned.

use domain::{EntryKey, EntryKind, RepositoryId, Timestamp};

use super::entry_row::{KINDS, key_values};
use super::row::{row, select};
use super::{Tx, maybe, one, rows};
use crate::error::Error;
use crate::model::{NewPin, Pin};

row! {
    Pin {
        key: EntryKey::COLUMNS,
        reason: "e.reason",
        pinned_by: "e.pinned_by",
        pinned_at: "e.pinned_at",
    }
}

/// A name that is there: its row, and what it is called.
pub(crate) struct Named {
    pub(crate) id: i64,
    pub(crate) key: EntryKey,
}

row! { Named { id: "e.id", key: EntryKey::COLUMNS } }

/// The name of a key, as it was first given.
pub(crate) fn entry(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Option<Named>, Error> {
    let sql = select!(
        Named,
        "FROM entry e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND e.name_key = $4 \
         AND e.state IN ('live', 'unlisted')"
    );
    maybe(tx, sql, &key_values(repository, key), Ok)
}

/// Pins the name of this row, or says anew why.
pub(crate) fn put(
    tx: &mut dyn Tx,
    entry: i64,
    pin: &NewPin,
    (by, now): (u32, Timestamp),
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO pin (repository, kind, package_key, package, name_key, name, sort_key, parts, reason, pinned_by, pinned_at) \
         SELECT e.repository, e.kind, e.package_key, e.package, e.name_key, e.name, e.sort_key, CAST($1 AS TEXT), \
         CAST($2 AS TEXT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM entry e WHERE e.id = $5 \
         ON CONFLICT (repository, kind, package_key, name_key) DO UPDATE SET reason = excluded.reason, \
         pinned_by = excluded.pinned_by, pinned_at = excluded.pinned_at",
        &[
            pin.parts.as_deref().into(),
            (&*pin.reason).into(),
            by.into(),
            now.millis().into(),
            entry.into(),
        ],
    )?;
    Ok(())
}

/// Takes a pin back.
pub(crate) fn delete(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<u64, Error> {
    let sql = "DELETE FROM pin WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4";
    tx.execute(sql, &key_values(repository, key))
}

/// How many pins a repository has.
pub(crate) fn count(tx: &mut dyn Tx, repository: RepositoryId) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM pin WHERE repository = $1";
    one(tx, sql, &[repository.get().into()], |row| row.count(0))
}

/// The first pin of a repository.
pub(crate) fn first(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Option<Pin>, Error> {
    let sql =
        select!(Pin, "FROM pin e WHERE e.repository = $1 ORDER BY e.kind, e.package_key, e.name_key LIMIT 1");
    maybe(tx, sql, &[repository.get().into()], Ok)
}

/// The pin of a name.
pub(crate) fn of(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<Option<Pin>, Error> {
    let sql = select!(
        Pin,
        "FROM pin e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 AND e.name_key = $4"
    );
    maybe(tx, sql, &key_values(repository, key), Ok)
}

/// The pin of a version that this name is a part of.
pub(crate) fn of_whole(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Option<Pin>, Error> {
    let sql = select!(
        Pin,
        "FROM entry n JOIN edge g ON g.entry = n.id JOIN pin e ON e.repository = n.repository AND e.parts = g.target \
         WHERE n.repository = $1 AND n.kind = $2 AND n.package_key = $3 AND n.name_key = $4 AND g.kind = 'part' LIMIT 1"
    );
    maybe(tx, sql, &key_values(repository, key), Ok)
}

/// A pin among the parts of a target: of the target itself, or of a name that is a part of it.
pub(crate) fn among_parts(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    target: &str,
) -> Result<Option<Pin>, Error> {
    let values = [repository.get().into(), target.into()];
    let whole = select!(Pin, "FROM pin e WHERE e.repository = $1 AND e.parts = $2 LIMIT 1");
    if let Some(pin) = maybe(tx, whole, &values, Ok)? {
        return Ok(Some(pin));
    }
    let part = select!(
        Pin,
        "FROM pin e JOIN entry n ON n.repository = e.repository AND n.kind = e.kind \
         AND n.package_key = e.package_key AND n.name_key = e.name_key JOIN edge g ON g.entry = n.id \
         WHERE e.repository = $1 AND g.kind = 'part' AND g.target = $2 LIMIT 1"
    );
    maybe(tx, part, &values, Ok)
}

/// A pin in a package.
pub(crate) fn in_package(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
) -> Result<Option<Pin>, Error> {
    for kind in KINDS {
        let sql = select!(
            Pin,
            "FROM pin e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 ORDER BY e.name_key LIMIT 1"
        );
        let values = [repository.get().into(), kind.as_str().into(), package_key.into()];
        let found = maybe(tx, sql, &values, Ok)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether anything of an image is pinned.
pub(crate) fn any_of(tx: &mut dyn Tx, repository: RepositoryId, package_key: &str) -> Result<bool, Error> {
    for kind in [EntryKind::Tag, EntryKind::Manifest] {
        let sql =
            "SELECT pinned_at FROM pin WHERE repository = $1 AND kind = $2 AND package_key = $3 LIMIT 1";
        let values = [repository.get().into(), kind.as_str().into(), package_key.into()];
        if maybe(tx, sql, &values, |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A pinned tag of a manifest.
pub(crate) fn of_tags(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Option<Pin>, Error> {
    let sql = select!(
        Pin,
        "FROM pin e JOIN entry t ON t.repository = e.repository AND t.kind = e.kind \
         AND t.package_key = e.package_key AND t.name_key = e.name_key \
         JOIN entry m ON m.repository = t.repository AND m.blob = t.blob AND m.package_key = t.package_key \
         WHERE e.repository = $1 AND m.kind = $2 AND m.package_key = $3 AND m.name_key = $4 AND e.kind = 'tag' LIMIT 1"
    );
    maybe(tx, sql, &key_values(repository, key), Ok)
}

/// The pins of a kind of a package between two names, in the order of their sort keys, both included.
pub(crate) fn between(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (first, last): (&EntryKey, &EntryKey),
    limit: u32,
) -> Result<Vec<Pin>, Error> {
    rows(
        tx,
        select!(
            Pin,
            "FROM pin e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 \
             AND (e.sort_key, e.name_key) >= ($4, $5) AND (e.sort_key, e.name_key) <= ($6, $7) \
             ORDER BY e.sort_key, e.name_key LIMIT $8"
        ),
        &[
            repository.get().into(),
            first.kind.as_str().into(),
            first.package.key().into(),
            first.name.sort_key().into(),
            first.name.key().into(),
            last.name.sort_key().into(),
            last.name.key().into(),
            limit.into(),
        ],
        Ok,
    )
}
