//! Statements about what was fetched and made (docs/guide/usage.md).

use domain::{EntryKey, EntryKind, ProjectId, RepositoryId};

use super::among::{in_numbers, numbers};
use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;
use crate::model::{Downloads, UsageDay};
use crate::usage::{FetchedVersion, UsageSums};

/// Which repositories are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Everywhere,
    Project(ProjectId),
    Repository(RepositoryId),
}

/// Adds to a day of a repository; one that is gone gets nothing.
pub(crate) fn add_to_repository(
    tx: &mut dyn Tx,
    (repository, day): (RepositoryId, i64),
    sums: UsageSums,
) -> Result<(), Error> {
    let sql = "INSERT INTO usage_repository (repository, day, downloads, bytes, published) \
               SELECT r.node, CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) \
               FROM repository r WHERE r.node = $5 AND r.project <> 2 \
               ON CONFLICT (repository, day) DO UPDATE SET downloads = usage_repository.downloads + excluded.downloads, \
               bytes = usage_repository.bytes + excluded.bytes, published = usage_repository.published + excluded.published";
    let values = [
        day.into(),
        Value::count(sums.downloads),
        Value::count(sums.bytes),
        Value::count(sums.published),
        repository.get().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Adds to a version and its package; a version that is gone gets nothing, and nothing goes to its package. The version comes first:
/// whoever takes its name away waits for this transaction, and then takes all of it away.
pub(crate) fn add_to_version(
    tx: &mut dyn Tx,
    (repository, day): (RepositoryId, i64),
    of: &FetchedVersion,
    downloads: u64,
) -> Result<(), Error> {
    let sql = "SELECT id FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4 \
               AND state IN ('live', 'unlisted')";
    let values =
        [repository.get().into(), of.kind.as_str().into(), (&*of.package).into(), (&*of.name).into()];
    let Some(entry) = maybe(tx, sql, &values, |row| row.int(0))? else { return Ok(()) };
    let downloads = Value::count(downloads);
    tx.execute(
        "INSERT INTO usage_entry (entry, downloads) VALUES ($1, $2) \
         ON CONFLICT (entry) DO UPDATE SET downloads = usage_entry.downloads + excluded.downloads",
        &[entry.into(), downloads],
    )?;
    tx.execute(
        "INSERT INTO usage_entry_day (entry, day, downloads) VALUES ($1, $2, $3) \
         ON CONFLICT (entry, day) DO UPDATE SET downloads = usage_entry_day.downloads + excluded.downloads",
        &[entry.into(), day.into(), downloads],
    )?;
    tx.execute(
        "INSERT INTO usage_package (repository, package_key, downloads) VALUES ($1, $2, $3) \
         ON CONFLICT (repository, package_key) DO UPDATE SET downloads = usage_package.downloads + excluded.downloads",
        &[repository.get().into(), (&*of.package).into(), downloads],
    )?;
    tx.execute(
        "INSERT INTO usage_package_day (repository, package_key, day, downloads) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (repository, package_key, day) DO UPDATE \
         SET downloads = usage_package_day.downloads + excluded.downloads",
        &[repository.get().into(), (&*of.package).into(), day.into(), downloads],
    )?;
    Ok(())
}

/// What a version has goes to the row that has its name now.
pub(crate) fn move_to(tx: &mut dyn Tx, from: i64, to: i64) -> Result<(), Error> {
    tx.execute("UPDATE usage_entry SET entry = $1 WHERE entry = $2", &[to.into(), from.into()]).map(drop)
}

/// Forgets what a package had of which no name is left.
pub(crate) fn forget_package(tx: &mut dyn Tx, repository: RepositoryId, key: &str) -> Result<(), Error> {
    let sql = "DELETE FROM usage_package WHERE repository = $1 AND package_key = $2";
    tx.execute(sql, &[repository.get().into(), key.into()]).map(drop)
}

/// What was fetched of a package: ever, and from a day on.
pub(crate) fn of_package(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &str,
    since: i64,
) -> Result<Downloads, Error> {
    let sql = "SELECT u.downloads, CAST((SELECT coalesce(sum(d.downloads), 0) FROM usage_package_day d \
               WHERE d.repository = u.repository AND d.package_key = u.package_key AND d.day >= $1) AS BIGINT) \
               FROM usage_package u WHERE u.repository = $2 AND u.package_key = $3";
    let found = maybe(tx, sql, &[since.into(), repository.get().into(), key.into()], |row| {
        Ok(Downloads { total: row.count(0)?, recent: row.count(1)? })
    })?;
    Ok(found.unwrap_or_default())
}

/// What was fetched of a version: ever, and from a day on.
pub(crate) fn of_version(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    since: i64,
) -> Result<Downloads, Error> {
    let sql = "SELECT u.downloads, CAST((SELECT coalesce(sum(d.downloads), 0) FROM usage_entry_day d \
               WHERE d.entry = u.entry AND d.day >= $1) AS BIGINT) FROM entry e JOIN usage_entry u ON u.entry = e.id \
               WHERE e.repository = $2 AND e.kind = $3 AND e.package_key = $4 AND e.name_key = $5";
    let values = [
        since.into(),
        repository.get().into(),
        key.kind.as_str().into(),
        key.package.key().into(),
        key.name.key().into(),
    ];
    let found = maybe(tx, sql, &values, |row| Ok(Downloads { total: row.count(0)?, recent: row.count(1)? }))?;
    Ok(found.unwrap_or_default())
}

/// What was ever fetched of each version of a package that has something, by the key of its name.
pub(crate) fn of_versions(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    (kind, package): (EntryKind, &str),
) -> Result<Vec<(Box<str>, u64)>, Error> {
    let sql = "SELECT e.name_key, u.downloads FROM entry e JOIN usage_entry u ON u.entry = e.id \
               WHERE e.repository = $1 AND e.kind = $2 AND e.package_key = $3 ORDER BY e.name_key";
    let values = [repository.get().into(), kind.as_str().into(), package.into()];
    rows(tx, sql, &values, |row| Ok((row.text(0)?.into(), row.count(1)?)))
}

/// Packages of a repository that were fetched, by how often and then by key, behind a place in either way.
pub(crate) fn fetched(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    after: Option<(u64, &str)>,
    down: bool,
    limit: u32,
) -> Result<Vec<(u64, Box<str>)>, Error> {
    let sql = if down {
        "SELECT downloads, package_key FROM usage_package WHERE repository = $1 AND (downloads, package_key) < ($2, $3) \
         AND downloads > 0 ORDER BY downloads DESC, package_key DESC LIMIT $4"
    } else {
        "SELECT downloads, package_key FROM usage_package WHERE repository = $1 AND (downloads, package_key) > ($2, $3) \
         AND downloads > 0 ORDER BY downloads, package_key LIMIT $4"
    };
    let end = if down { (i64::MAX.unsigned_abs(), "") } else { (0, "") };
    let (downloads, key) = after.unwrap_or(end);
    let values = [repository.get().into(), Value::count(downloads), key.into(), limit.into()];
    rows(tx, sql, &values, |row| Ok((row.count(0)?, row.text(1)?.into())))
}

row! {
    UsageDay {
        day: "u.day",
        downloads: "CAST(sum(u.downloads) AS BIGINT)",
        bytes: "CAST(sum(u.bytes) AS BIGINT)",
        published: "CAST(sum(u.published) AS BIGINT)",
    }
}

/// The sums of each day, of those that have any.
macro_rules! select_days {
    ($($from:expr),+) => {
        select!(
            UsageDay,
            "FROM usage_repository u ",
            $($from),+,
            " AND u.day >= $2 AND u.day <= $3 GROUP BY u.day ORDER BY u.day"
        )
    };
}

/// What there was from a day to another, both included; of days on which there was anything.
pub(crate) fn days(tx: &mut dyn Tx, scope: Scope, (from, to): (i64, i64)) -> Result<Vec<UsageDay>, Error> {
    let (sql, id): (_, u32) = match scope {
        Scope::Everywhere => {
            (select_days!("JOIN repository r ON r.node = u.repository WHERE r.project <> $1"), 2)
        }
        Scope::Project(id) => {
            (select_days!("JOIN repository r ON r.node = u.repository WHERE r.project = $1"), id.get())
        }
        Scope::Repository(id) => (select_days!("WHERE u.repository = $1"), id.get()),
    };
    rows(tx, sql, &[id.into(), from.into(), to.into()], Ok)
}

/// The same in these repositories.
pub(crate) fn days_among(
    tx: &mut dyn Tx,
    repositories: &[RepositoryId],
    (from, to): (i64, i64),
) -> Result<Vec<UsageDay>, Error> {
    let sql = in_numbers!(tx, "$1", IN_IDS => select_days!("WHERE u.repository ", IN_IDS));
    let ids = numbers(repositories.iter().map(|id| id.get().into()));
    rows(tx, sql, &[ids.as_str().into(), from.into(), to.into()], Ok)
}

/// The repositories that are asked about, with the words of their formats.
pub(crate) fn repositories(tx: &mut dyn Tx, scope: Scope) -> Result<Vec<(RepositoryId, Box<str>)>, Error> {
    let (sql, id): (_, u32) = match scope {
        Scope::Everywhere => ("SELECT node, format FROM repository WHERE project <> $1 ORDER BY node", 2),
        Scope::Project(id) => {
            ("SELECT node, format FROM repository WHERE project = $1 ORDER BY node", id.get())
        }
        Scope::Repository(id) => ("SELECT node, format FROM repository WHERE node = $1", id.get()),
    };
    rows(tx, sql, &[id.into()], |row| Ok((RepositoryId::new(row.id(0)?), row.text(1)?.into())))
}

/// How many packages a repository has with a name of this kind: a look-up each.
pub(crate) fn packages(tx: &mut dyn Tx, repository: RepositoryId, kind: EntryKind) -> Result<u64, Error> {
    let sql = "WITH RECURSIVE found (package) AS (\
               SELECT min(package_key) FROM entry WHERE repository = $1 AND kind = $2 \
               UNION ALL SELECT (SELECT min(e.package_key) FROM entry e WHERE e.repository = $1 AND e.kind = $2 \
               AND e.package_key > found.package) FROM found WHERE found.package IS NOT NULL) \
               SELECT count(package) FROM found";
    one(tx, sql, &[repository.get().into(), kind.as_str().into()], |row| row.count(0))
}

/// How many names of this kind a repository has.
pub(crate) fn names(tx: &mut dyn Tx, repository: RepositoryId, kind: EntryKind) -> Result<u64, Error> {
    let sql =
        "SELECT count(*) FROM entry WHERE repository = $1 AND kind = $2 AND state IN ('live', 'unlisted')";
    one(tx, sql, &[repository.get().into(), kind.as_str().into()], |row| row.count(0))
}

/// How long everything is that a repository links, each content once.
pub(crate) fn bytes(tx: &mut dyn Tx, repository: RepositoryId) -> Result<u64, Error> {
    let sql = "SELECT CAST(coalesce(sum(b.size_bytes), 0) AS BIGINT) FROM link l JOIN blob b ON b.id = l.blob \
               WHERE l.repository = $1";
    one(tx, sql, &[repository.get().into()], |row| row.count(0))
}

/// How long everything is that these repositories link, content that several of them have once.
pub(crate) fn stored(tx: &mut dyn Tx, scope: Scope) -> Result<u64, Error> {
    let (sql, id): (_, u32) = match scope {
        Scope::Everywhere => (
            "SELECT CAST(coalesce(sum(b.size_bytes), 0) AS BIGINT) FROM blob b WHERE EXISTS \
             (SELECT 1 FROM link l JOIN repository r ON r.node = l.repository WHERE l.blob = b.id AND r.project <> $1)",
            2,
        ),
        Scope::Project(id) => (
            "SELECT CAST(coalesce(sum(b.size_bytes), 0) AS BIGINT) FROM blob b WHERE b.id IN \
             (SELECT l.blob FROM link l JOIN repository r ON r.node = l.repository WHERE r.project = $1)",
            id.get(),
        ),
        Scope::Repository(id) => return bytes(tx, id),
    };
    one(tx, sql, &[id.into()], |row| row.count(0))
}

/// Forgets days before these, some of each: of versions and packages, and of repositories. Gives how many rows.
pub(crate) fn trim(tx: &mut dyn Tx, (names_before, before): (i64, i64), limit: u32) -> Result<u64, Error> {
    const PIECES: [&str; 3] = [
        "DELETE FROM usage_entry_day WHERE (entry, day) IN \
         (SELECT entry, day FROM usage_entry_day WHERE day < $1 ORDER BY day LIMIT $2)",
        "DELETE FROM usage_package_day WHERE (repository, package_key, day) IN \
         (SELECT repository, package_key, day FROM usage_package_day WHERE day < $1 ORDER BY day LIMIT $2)",
        "DELETE FROM usage_repository WHERE (repository, day) IN \
         (SELECT repository, day FROM usage_repository WHERE day < $1 ORDER BY day LIMIT $2)",
    ];
    let mut gone = 0_u64;
    for (piece, before) in PIECES.into_iter().zip([names_before, names_before, before]) {
        gone = gone.saturating_add(tx.execute(piece, &[before.into(), limit.into()])?);
    }
    Ok(gone)
}
