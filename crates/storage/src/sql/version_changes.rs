//! Statements about the versions of NuGet feeds by their last changes.

use domain::{EntryKey, RepositoryId};

use super::row::{row, select};
use super::{Tx, Value, maybe, rows};
use crate::error::Error;
use crate::model::{ChangePage, Stamp, VersionChange};

row! { VersionChange { package, name, number, at: "changed_at", removed } }

row! {
    ChangePage {
        page: "(number - 1) / CAST($1 AS BIGINT) AS page",
        count: "count(*)",
        number: "max(number)",
        at: "max(changed_at)",
    }
}

/// Gives a version the next number; for repositories of other formats nothing. In line with all who write names there.
pub(crate) fn append(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, removed: bool) -> Result<(), Error> {
    let next = maybe(
        tx,
        "UPDATE repository SET catalog_number = catalog_number + 1, \
         catalog_at = CASE WHEN catalog_at < $1 THEN $1 ELSE catalog_at + 1 END \
         WHERE node = $2 AND format = 'nuget' RETURNING catalog_number, catalog_at",
        &[at.now.millis().into(), at.repository.get().into()],
        |row| Ok((row.count(0)?, row.int(1)?)),
    )?;
    let Some((number, changed_at)) = next else { return Ok(()) };
    tx.execute(
        "INSERT INTO catalog (repository, package_key, package, name_key, name, number, changed_at, removed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (repository, package_key, name_key) DO UPDATE SET \
         package = excluded.package, name = excluded.name, number = excluded.number, \
         changed_at = excluded.changed_at, removed = excluded.removed",
        &[
            at.repository.get().into(),
            key.package.key().into(),
            key.package.display().into(),
            key.name.key().into(),
            key.name.display().into(),
            Value::count(number),
            changed_at.into(),
            i64::from(removed).into(),
        ],
    )?;
    if removed && let Some(forgotten) = number.checked_sub(ChangePage::REMOVED_MAX) {
        let sql = "DELETE FROM catalog WHERE repository = $1 AND removed = 1 AND number <= $2";
        tx.execute(sql, &[at.repository.get().into(), Value::count(forgotten)])?;
    }
    Ok(())
}

/// How versions are spread over the numbers, in order.
pub(crate) fn pages(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Vec<ChangePage>, Error> {
    let mut found = rows(
        tx,
        select!(ChangePage, "FROM catalog WHERE repository = $2 GROUP BY page ORDER BY page DESC LIMIT $3"),
        &[Value::count(ChangePage::NUMBERS), repository.get().into(), ChangePage::PAGES_MAX.into()],
        Ok,
    )?;
    found.reverse();
    Ok(found)
}

/// The versions whose numbers are on a page.
pub(crate) fn page(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    page: u64,
) -> Result<Vec<VersionChange>, Error> {
    let after = page.saturating_mul(ChangePage::NUMBERS);
    let to = after.saturating_add(ChangePage::NUMBERS);
    rows(
        tx,
        select!(
            VersionChange,
            "FROM catalog WHERE repository = $1 AND number > $2 AND number <= $3 ORDER BY number"
        ),
        &[repository.get().into(), Value::count(after), Value::count(to)],
        Ok,
    )
}

/// One version.
pub(crate) fn find(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
    name_key: &str,
) -> Result<Option<VersionChange>, Error> {
    let sql =
        select!(VersionChange, "FROM catalog WHERE repository = $1 AND package_key = $2 AND name_key = $3");
    maybe(tx, sql, &[repository.get().into(), package_key.into(), name_key.into()], Ok)
}
