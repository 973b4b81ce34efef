//! Statements about packages, of one repository or of many.

use domain::{EntryKey, EntryKind, EntryState, Format, RepositoryId, Timestamp};

use super::row::{Select, row, select};
use super::{Tx, maybe, one, rows, usage};
use crate::error::Error;
use crate::model::PackageRow;

/// A version as lists of packages have it.
struct LastRow<'r> {
    package: &'r str,
    name: &'r str,
    changed_at: Timestamp,
}

row! { LastRow<'r> { package, name, changed_at } }

/// The last version of a package that is listed.
const LAST_LISTED: Select<LastRow<'static>> = select!(
    LastRow<'_>,
    "FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND state = 'live' \
     ORDER BY sort_key DESC, name_key DESC LIMIT 1"
);
/// The last version of a package.
const LAST: Select<LastRow<'static>> = select!(
    LastRow<'_>,
    "FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND state IN ('live', 'unlisted') \
     ORDER BY sort_key DESC, name_key DESC LIMIT 1"
);

/// Keys of the packages of one repository after one of them.
pub(crate) fn after(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    last: &str,
    limit: u32,
) -> Result<Vec<Box<str>>, Error> {
    rows(
        tx,
        "SELECT DISTINCT package_key FROM entry WHERE repository = $1 AND package_key > $2 AND state = 'live' \
         ORDER BY package_key LIMIT $3",
        &[repository.get().into(), last.into(), limit.into()],
        |row| Ok(row.text(0)?.into()),
    )
}

/// The package of this key as lists have it, by its last version, with what was fetched of it ever and from a day on; `None` if it has
/// no version of either state.
pub(crate) fn row(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, key): (EntryKind, &str),
    since: i64,
) -> Result<Option<PackageRow>, Error> {
    let downloads = usage::of_package(tx, repository, key, since)?;
    let values = [repository.get().into(), kind.as_str().into(), key.into()];
    let listed = maybe(tx, LAST_LISTED, &values, |row| {
        let (last, updated_at) = (Some(row.name.into()), Some(row.changed_at));
        Ok(PackageRow { key: key.into(), name: row.package.into(), last, updated_at, downloads })
    })?;
    if listed.is_some() {
        return Ok(listed);
    }
    maybe(tx, LAST, &values, |row| {
        Ok(PackageRow { key: key.into(), name: row.package.into(), last: None, updated_at: None, downloads })
    })
}

/// A name of a package, and whether lists have it.
struct NameRow {
    key: EntryKey,
    state: EntryState,
}

row! { NameRow { key: EntryKey::COLUMNS, state: "e.state" } }

/// The names of a kind that a package has, in the order of their sort keys.
pub(crate) fn names(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, key): (EntryKind, &str),
    limit: u32,
) -> Result<Vec<(EntryKey, EntryState)>, Error> {
    let sql = select!(
        NameRow,
        "FROM entry e WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 \
         AND e.state IN ('live', 'unlisted') ORDER BY e.sort_key, e.name_key LIMIT $4"
    );
    let values = [repository.get().into(), kind.as_str().into(), key.into(), limit.into()];
    rows(tx, sql, &values, |row| Ok((row.key, row.state)))
}

/// How many versions a package has, as many as are counted.
pub(crate) fn versions(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    key: &str,
) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM (SELECT id FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 \
               AND state IN ('live', 'unlisted') LIMIT $4) AS counted";
    let values = [repository.get().into(), kind.as_str().into(), key.into(), PackageRow::COUNTED_MAX.into()];
    one(tx, sql, &values, |row| row.count(0))
}

/// How many versions a repository has, as many as are counted; and how long all that it links is, if that is no more than so many
/// blobs.
pub(crate) fn contents(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
) -> Result<(u64, Option<u64>), Error> {
    let most = PackageRow::COUNTED_MAX;
    let sql = "SELECT count(*) FROM (SELECT id FROM entry WHERE repository = $1 AND kind = $2 \
               AND state IN ('live', 'unlisted') LIMIT $3) AS counted";
    let versions =
        one(tx, sql, &[repository.get().into(), kind.as_str().into(), most.into()], |row| row.count(0))?;
    let sql = "SELECT count(*), CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM (SELECT b.size_bytes FROM link l \
               JOIN blob b ON b.id = l.blob WHERE l.repository = $1 LIMIT $2) AS linked";
    let values = [repository.get().into(), most.saturating_add(1).into()];
    let (blobs, bytes) = one(tx, sql, &values, |row| Ok((row.count(0)?, row.count(1)?)))?;
    Ok((versions, (blobs <= most.into()).then_some(bytes)))
}

/// Every repository of a format that has a name of this kind, with `PROJECT/REPOSITORY/`, sorted by that.
pub(crate) fn repository_paths(
    tx: &mut dyn Tx,
    format: Format,
    kind: EntryKind,
) -> Result<Vec<(RepositoryId, Box<str>)>, Error> {
    rows(
        tx,
        "SELECT r.node, p.key || '/' || r.name || '/' AS path FROM repository r JOIN project p ON p.node = r.project \
         WHERE r.format = $1 AND EXISTS (SELECT 1 FROM entry e WHERE e.repository = r.node AND e.kind = $2) \
         ORDER BY path",
        &[format.as_str().into(), kind.as_str().into()],
        |row| Ok((RepositoryId::new(row.id(0)?), row.text(1)?.into())),
    )
}

/// Packages of one repository with a name of this kind, after one of them: a look-up each, however many names they have.
pub(crate) fn with_kind(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    after: &str,
    limit: u32,
) -> Result<Vec<Box<str>>, Error> {
    rows(
        tx,
        "WITH RECURSIVE found (package) AS (\
         SELECT min(package_key) FROM entry WHERE repository = $1 AND kind = $2 AND package_key > $3 \
         UNION ALL SELECT (SELECT min(e.package_key) FROM entry e WHERE e.repository = $1 AND e.kind = $2 \
         AND e.package_key > found.package) FROM found WHERE found.package IS NOT NULL) \
         SELECT package FROM found WHERE package IS NOT NULL LIMIT $4",
        &[repository.get().into(), kind.as_str().into(), after.into(), limit.into()],
        |row| Ok(row.text(0)?.into()),
    )
}

/// As [`with_kind`], the last first, before one of them.
pub(crate) fn with_kind_before(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    kind: EntryKind,
    before: &str,
    limit: u32,
) -> Result<Vec<Box<str>>, Error> {
    rows(
        tx,
        "WITH RECURSIVE found (package) AS (\
         SELECT max(package_key) FROM entry WHERE repository = $1 AND kind = $2 AND package_key < $3 \
         UNION ALL SELECT (SELECT max(e.package_key) FROM entry e WHERE e.repository = $1 AND e.kind = $2 \
         AND e.package_key < found.package) FROM found WHERE found.package IS NOT NULL) \
         SELECT package FROM found WHERE package IS NOT NULL LIMIT $4",
        &[repository.get().into(), kind.as_str().into(), before.into(), limit.into()],
        |row| Ok(row.text(0)?.into()),
    )
}
