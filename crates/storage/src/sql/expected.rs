//! Statements about hashes that were announced before their content.

use domain::{Digest, EntryKey, Timestamp};

use super::entry_row::{digest_of, key_values};
use super::{Tx, Value, rows};
use crate::error::Error;
use crate::model::Stamp;

/// Keeps a hash, in the place of an earlier one of the same kind.
pub(crate) fn insert(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, digest: &Digest) -> Result<(), Error> {
    let [repository, kind, package, name] = key_values(at.repository, key);
    tx.execute(
        "INSERT INTO expected_hash (principal, repository, kind, package_key, name_key, algorithm, value, told_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (principal, repository, kind, package_key, name_key, algorithm) \
         DO UPDATE SET value = excluded.value, told_at = excluded.told_at",
        &[
            at.principal.into(),
            repository,
            kind,
            package,
            name,
            digest.algorithm().as_str().into(),
            digest.as_bytes().into(),
            at.now.millis().into(),
        ],
    )?;
    Ok(())
}

/// What a principal announced for a name since then.
pub(crate) fn find(
    tx: &mut dyn Tx,
    at: Stamp,
    key: &EntryKey,
    since: Timestamp,
) -> Result<Vec<Digest>, Error> {
    let [repository, kind, package, name] = key_values(at.repository, key);
    rows(
        tx,
        "SELECT algorithm, value FROM expected_hash WHERE principal = $1 AND repository = $2 AND kind = $3 \
         AND package_key = $4 AND name_key = $5 AND told_at >= $6",
        &[at.principal.into(), repository, kind, package, name, since.millis().into()],
        |row| digest_of(row.text(0)?, row.bytes(1)?),
    )
}

/// Forgets what a principal announced for a name.
pub(crate) fn delete(tx: &mut dyn Tx, at: Stamp, key: &EntryKey) -> Result<(), Error> {
    let [repository, kind, package, name] = key_values(at.repository, key);
    let sql = "DELETE FROM expected_hash WHERE principal = $1 AND repository = $2 AND kind = $3 \
               AND package_key = $4 AND name_key = $5";
    tx.execute(sql, &[at.principal.into(), repository, kind, package, name])?;
    Ok(())
}

/// Forgets the oldest of whatever was announced before then.
pub(crate) fn sweep(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM expected_hash WHERE (principal, repository, kind, package_key, name_key, algorithm) IN (\
         SELECT principal, repository, kind, package_key, name_key, algorithm FROM expected_hash \
         WHERE told_at < $1 ORDER BY told_at LIMIT $2)",
        &[before.millis().into(), limit.into()],
    )?;
    Ok(())
}

/// Forgets what a principal announced beyond the newest `keep`.
pub(crate) fn keep_newest(tx: &mut dyn Tx, principal: u32, keep: u32) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM expected_hash WHERE principal = $1 AND told_at <= (SELECT told_at FROM expected_hash \
         WHERE principal = $1 ORDER BY told_at DESC LIMIT 1 OFFSET $2)",
        &[principal.into(), Value::from(keep)],
    )?;
    Ok(())
}
