//! Statements about what was asked with a key of the caller's own.

use domain::Timestamp;

use super::row::{row, select};
use super::{Tx, Value, maybe};
use crate::error::Error;

/// What was asked, and what it made.
pub(crate) struct Asked<'r> {
    pub(crate) request: &'r [u8],
    pub(crate) object_kind: &'r str,
    pub(crate) object: i64,
}

row! { Asked<'r> { request, object_kind, object } }

/// What was asked with this key, as `take` takes it.
pub(crate) fn find<T>(
    tx: &mut dyn Tx,
    key: &[u8; 32],
    take: impl FnMut(Asked<'_>) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    maybe(tx, select!(Asked<'_>, "FROM once WHERE key = $1"), &[Value::Bytes(key)], take)
}

/// Remembers it.
pub(crate) fn put(tx: &mut dyn Tx, key: &[u8; 32], asked: &Asked<'_>, now: Timestamp) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO once (key, request, object_kind, object, at) VALUES ($1, $2, $3, $4, $5)",
        &[
            Value::Bytes(key),
            Value::Bytes(asked.request),
            asked.object_kind.into(),
            asked.object.into(),
            now.millis().into(),
        ],
    )
    .map(drop)
}

/// Forgets some of what was asked before. Gives how many.
pub(crate) fn trim(tx: &mut dyn Tx, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM once WHERE key IN (SELECT key FROM once WHERE at < $1 ORDER BY at LIMIT $2)";
    tx.execute(sql, &[before.millis().into(), limit.into()])
}
