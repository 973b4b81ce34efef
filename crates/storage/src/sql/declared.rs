//! Statements about what sources of whole documents last applied.

use domain::Timestamp;

use super::row::{row, select};
use super::{Tx, rows};
use crate::error::Error;

/// One field of one object, as a source last applied it.
pub(crate) struct Declaration {
    pub(crate) object: Box<str>,
    pub(crate) field: Box<str>,
    pub(crate) value: Box<str>,
}

row! { Declaration { object, field, value } }

/// Everything that a source applied.
pub(crate) fn of_source(tx: &mut dyn Tx, source: &str) -> Result<Vec<Declaration>, Error> {
    rows(tx, select!(Declaration, "FROM declared WHERE source = $1"), &[source.into()], Ok)
}

/// Remembers a field as it is applied.
pub(crate) fn put(
    tx: &mut dyn Tx,
    source: &str,
    declaration: &Declaration,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO declared (source, object, field, value, applied_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (source, object, field) DO UPDATE SET value = excluded.value, applied_at = excluded.applied_at",
        &[
            source.into(),
            (&*declaration.object).into(),
            (&*declaration.field).into(),
            (&*declaration.value).into(),
            now.millis().into(),
        ],
    )?;
    Ok(())
}

/// Forgets one field.
pub(crate) fn forget(tx: &mut dyn Tx, source: &str, object: &str, field: &str) -> Result<(), Error> {
    let sql = "DELETE FROM declared WHERE source = $1 AND object = $2 AND field = $3";
    tx.execute(sql, &[source.into(), object.into(), field.into()]).map(drop)
}
