//! Statements about removed names that stay reserved.

use std::sync::LazyLock;

use domain::{Algorithm, Digest, EntryKey, PrincipalId, RepositoryId, Timestamp};

use super::bulk::{Texts, chunked, places, texts};
use super::entry_row::{damaged, key_values};
use super::row::{row, select};
use super::{Tx, Value, maybe, rows};
use crate::error::Error;
use crate::model::{Stamp, Tombstone};

struct TombstoneRow<'r> {
    key: EntryKey,
    sha256: &'r [u8],
    removed_by: PrincipalId,
    removed_at: Timestamp,
}

row! {
    TombstoneRow<'r> {
        key: EntryKey::COLUMNS,
        sha256: "e.sha256",
        removed_by: "e.removed_by",
        removed_at: "e.removed_at",
    }
}

/// The columns that a tombstone has of its entry.
macro_rules! insert_select {
    ($rest:literal) => {
        concat!(
            "INSERT INTO tombstone (repository, kind, package_key, package, name_key, name, sort_key, sha256, removed_by, \
             removed_at) SELECT e.repository, e.kind, e.package_key, e.package, e.name_key, e.name, e.sort_key, d.value, \
             CAST($1 AS BIGINT), CAST($2 AS BIGINT) FROM entry e \
             JOIN blob_digest d ON d.blob = e.blob AND d.algorithm = 'sha256' ",
            $rest,
            " ON CONFLICT DO NOTHING"
        )
    };
}

/// Reserves a name that is there for its content; false if there would be more than `most` in the repository.
pub(crate) fn insert(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, most: u64) -> Result<bool, Error> {
    let [repository, kind, package, name] = key_values(at.repository, key);
    let inserted = tx.execute(
        insert_select!(
            "WHERE e.repository = $3 AND e.kind = $4 AND e.package_key = $5 AND e.name_key = $6 \
             AND e.state IN ('live', 'unlisted')"
        ),
        &[at.principal.into(), at.now.millis().into(), repository, kind, package, name],
    )?;
    count(tx, at.repository, inserted, most)
}

static ROWS: Texts = LazyLock::new(|| {
    texts(|rows| {
        let ids = places(3, rows, |place| format!("${place}"));
        insert_select!("WHERE e.id IN ({ids}) AND e.state IN ('live', 'unlisted')").replace("{ids}", &ids)
    })
});

/// As [`insert`], for the names of these rows.
pub(crate) fn insert_rows(tx: &mut dyn Tx, at: Stamp, rows: &[i64], most: u64) -> Result<bool, Error> {
    let mut inserted = 0_u64;
    let fixed = [at.principal.into(), at.now.millis().into()];
    chunked(&ROWS, &fixed, rows.iter().map(|row| (*row).into()), |text, values| {
        inserted = inserted.saturating_add(tx.execute(text, values)?);
        Ok(())
    })?;
    count(tx, at.repository, inserted, most)
}

/// Whether the name is reserved for this content; `None` if it is not reserved.
pub(crate) fn is_of(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    blob: Option<i64>,
) -> Result<Option<bool>, Error> {
    let sql = "SELECT sha256 FROM tombstone WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4";
    let reserved = maybe(tx, sql, &key_values(repository, key), |row| Ok(row.bytes(0)?.to_vec()))?;
    let Some(reserved) = reserved else { return Ok(None) };
    let Some(blob) = blob else { return Ok(Some(false)) };
    let sql = "SELECT value FROM blob_digest WHERE blob = $1 AND algorithm = 'sha256'";
    Ok(Some(maybe(tx, sql, &[blob.into()], |row| Ok(row.bytes(0)? == reserved))?.unwrap_or_default()))
}

/// Frees a name; false if it is not reserved.
pub(crate) fn delete(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<bool, Error> {
    let sql =
        "DELETE FROM tombstone WHERE repository = $1 AND kind = $2 AND package_key = $3 AND name_key = $4";
    let freed = tx.execute(sql, &key_values(repository, key))? == 1;
    if freed {
        let sql = "UPDATE repository SET tombstones = tombstones - 1 WHERE node = $1";
        tx.execute(sql, &[repository.get().into()])?;
    }
    Ok(freed)
}

/// Reserved names in order, after one of them.
pub(crate) fn list(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    after: Option<&EntryKey>,
    limit: u32,
) -> Result<Vec<Tombstone>, Error> {
    let (kind, package, name) =
        after.map_or(("", "", ""), |key| (key.kind.as_str(), key.package.key(), key.name.key()));
    rows(
        tx,
        select!(
            TombstoneRow<'_>,
            "FROM tombstone e WHERE e.repository = $1 AND (e.kind, e.package_key, e.name_key) > ($2, $3, $4) \
             ORDER BY e.kind, e.package_key, e.name_key LIMIT $5"
        ),
        &[repository.get().into(), kind.into(), package.into(), name.into(), limit.into()],
        |row| {
            Ok(Tombstone {
                key: row.key,
                sha256: Digest::new(Algorithm::Sha256, row.sha256).map_err(damaged)?,
                removed_by: row.removed_by,
                removed_at: row.removed_at,
            })
        },
    )
}

fn count(tx: &mut dyn Tx, repository: RepositoryId, inserted: u64, most: u64) -> Result<bool, Error> {
    if inserted == 0 {
        return Ok(true);
    }
    let sql = "UPDATE repository SET tombstones = tombstones + $1 WHERE node = $2 AND tombstones + $1 <= $3";
    let values = [Value::count(inserted), repository.get().into(), Value::count(most)];
    Ok(tx.execute(sql, &values)? == 1)
}
