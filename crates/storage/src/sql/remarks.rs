//! Statements about what is said of versions after they were published.

use domain::{EntryKey, RepositoryId, Timestamp};

use super::entry_row::key_values;
use super::row::{row, select};
use super::{Tx, maybe, one, rows, rows_while, version_changes};
use crate::error::Error;
use crate::model::{Advisory, NewAdvisory, Remarks, Stamp};

/// Most bytes of documents on one page, but for the last of them.
const PAGE_BYTES_MAX: usize = 1 << 20;

row! { Advisory { id: "a.id", document: "a.document", changed_at: "a.changed_at" } }

/// What is said of a version that should no longer be used.
pub(crate) fn deprecation(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<Option<Box<str>>, Error> {
    let sql = "SELECT d.document FROM entry e JOIN deprecation d ON d.entry = e.id WHERE e.repository = $1 AND e.kind = $2 \
               AND e.package_key = $3 AND e.name_key = $4";
    maybe(tx, sql, &key_values(repository, key), |row| Ok(row.text(0)?.into()))
}

/// The advisory of this id.
pub(crate) fn advisory(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    id: &str,
) -> Result<Option<Advisory>, Error> {
    let sql = select!(Advisory, "FROM advisory a WHERE a.repository = $1 AND a.id = $2");
    maybe(tx, sql, &[repository.get().into(), id.into()], Ok)
}

/// Sets or takes back what is said of a version; false if there is no such version.
pub(crate) fn deprecate(
    tx: &mut dyn Tx,
    at: Stamp,
    key: &EntryKey,
    document: Option<&str>,
) -> Result<bool, Error> {
    let sql = "SELECT id FROM entry WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4 \
               AND state IN ('live', 'unlisted')";
    let entry = maybe(tx, sql, &key_values(at.repository, key), |row| row.int(0))?;
    let Some(entry) = entry else { return Ok(false) };
    match document {
        Some(document) => tx.execute(
            "INSERT INTO deprecation (entry, document, changed_by, changed_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (entry) DO UPDATE SET document = excluded.document, changed_by = excluded.changed_by, \
             changed_at = excluded.changed_at",
            &[entry.into(), document.into(), at.principal.into(), at.now.millis().into()],
        )?,
        None => tx.execute("DELETE FROM deprecation WHERE entry = $1", &[entry.into()])?,
    };
    version_changes::append(tx, at, key, false)?;
    Ok(true)
}

/// Puts an advisory with its packages, within the bounds of both.
pub(crate) fn put_advisory(tx: &mut dyn Tx, at: Stamp, advisory: &NewAdvisory) -> Result<(), Error> {
    let (repository, id) = (at.repository.get(), &*advisory.id);
    tx.execute(
        "INSERT INTO advisory (repository, id, document, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (repository, id) DO UPDATE SET document = excluded.document, changed_by = excluded.changed_by, \
         changed_at = excluded.changed_at",
        &[
            repository.into(),
            id.into(),
            (&*advisory.document).into(),
            at.principal.into(),
            at.now.millis().into(),
        ],
    )?;
    let sql = "SELECT count(*) FROM advisory WHERE repository = $1";
    if one(tx, sql, &[repository.into()], |row| row.count(0))? > NewAdvisory::REPOSITORY_MAX {
        return Err(Error::refused("the repository has as many advisories as it may"));
    }
    let sql = "DELETE FROM advisory_package WHERE repository = $1 AND advisory = $2";
    tx.execute(sql, &[repository.into(), id.into()])?;
    for package in &advisory.packages {
        tx.execute(
            "INSERT INTO advisory_package (repository, package_key, advisory) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
            &[repository.into(), package.key().into(), id.into()],
        )?;
        let sql = "SELECT count(*) FROM advisory_package WHERE repository = $1 AND package_key = $2";
        let values = [repository.into(), package.key().into()];
        if one(tx, sql, &values, |row| row.count(0))? > NewAdvisory::PACKAGE_MAX {
            return Err(Error::refused("the package has as many advisories as it may"));
        }
    }
    changed(tx, at)
}

/// Takes an advisory away; false if there is none.
pub(crate) fn delete_advisory(tx: &mut dyn Tx, at: Stamp, id: &str) -> Result<bool, Error> {
    let sql = "DELETE FROM advisory WHERE repository = $1 AND id = $2";
    let deleted = tx.execute(sql, &[at.repository.get().into(), id.into()])? == 1;
    if deleted {
        changed(tx, at)?;
    }
    Ok(deleted)
}

fn changed(tx: &mut dyn Tx, at: Stamp) -> Result<(), Error> {
    let sql =
        "UPDATE repository SET advisories_changed_at = $1 WHERE node = $2 AND advisories_changed_at < $1";
    tx.execute(sql, &[at.now.millis().into(), at.repository.get().into()]).map(drop)
}

/// When an advisory was last put or taken away; `None` if the repository is gone.
pub(crate) fn advisories_changed_at(
    tx: &mut dyn Tx,
    repository: RepositoryId,
) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT advisories_changed_at FROM repository WHERE node = $1";
    maybe(tx, sql, &[repository.get().into()], |row| Ok(Timestamp::from_millis(row.int(0)?)))
}

/// Advisories by id, until their documents are too much.
pub(crate) fn advisories(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    after: &str,
    limit: u32,
) -> Result<Vec<Advisory>, Error> {
    let (mut found, mut bytes): (Vec<Advisory>, usize) = (Vec::new(), 0);
    rows_while(
        tx,
        select!(Advisory, "FROM advisory a WHERE a.repository = $1 AND a.id > $2 ORDER BY a.id LIMIT $3"),
        &[repository.get().into(), after.into(), limit.into()],
        |advisory| {
            bytes = bytes.saturating_add(advisory.document.len());
            found.push(advisory);
            Ok(bytes < PAGE_BYTES_MAX)
        },
    )?;
    Ok(found)
}

/// What is said of the versions of a package; how much that is was bounded when it was put.
pub(crate) fn of_package(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    package_key: &str,
) -> Result<Remarks, Error> {
    let values = [repository.get().into(), package_key.into()];
    let deprecations = rows(
        tx,
        "SELECT e.name_key, d.document FROM entry e JOIN deprecation d ON d.entry = e.id \
         WHERE e.repository = $1 AND e.kind = 'version' AND e.package_key = $2 ORDER BY e.sort_key, e.name_key",
        &values,
        |row| Ok((row.text(0)?.into(), row.text(1)?.into())),
    )?;
    let advisories = rows(
        tx,
        select!(
            Advisory,
            "FROM advisory_package p JOIN advisory a ON a.repository = p.repository AND a.id = p.advisory \
             WHERE p.repository = $1 AND p.package_key = $2 ORDER BY a.id"
        ),
        &values,
        Ok,
    )?;
    Ok(Remarks { deprecations, advisories })
}
