//! Statements about issuers of identity tokens.

use domain::Timestamp;

use super::row::{row, select};
use super::{Tx, maybe, one, rows};
use crate::error::Error;
use crate::model::IssuerRow;

/// An issuer to make.
pub(crate) struct IssuerInsert<'a> {
    pub(crate) name: &'a str,
    pub(crate) url: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) audiences: &'a str,
    pub(crate) private: bool,
    pub(crate) jwks: Option<&'a str>,
    pub(crate) by: u32,
    pub(crate) now: Timestamp,
}

row! {
    IssuerRow {
        id: "i.id",
        name: "i.name",
        url: "i.url",
        kind: "i.kind",
        audiences: "i.audiences",
        private: "i.private",
        jwks: "i.jwks",
        rules: "(SELECT count(*) FROM publisher p WHERE p.issuer = i.id)",
        created_at: "i.created_at",
    }
}

/// The issuer of this name.
pub(crate) fn named(tx: &mut dyn Tx, name: &str) -> Result<Option<IssuerRow>, Error> {
    maybe(tx, select!(IssuerRow, "FROM issuer i WHERE i.name = $1"), &[name.into()], Ok)
}

/// The issuer whose tokens say this.
pub(crate) fn of_url(tx: &mut dyn Tx, url: &str) -> Result<Option<IssuerRow>, Error> {
    maybe(tx, select!(IssuerRow, "FROM issuer i WHERE i.url = $1"), &[url.into()], Ok)
}

/// Issuers by name, after `after`.
pub(crate) fn after(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<IssuerRow>, Error> {
    let sql = select!(IssuerRow, "FROM issuer i WHERE i.name > $1 ORDER BY i.name LIMIT $2");
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// How many there are.
pub(crate) fn counted(tx: &mut dyn Tx) -> Result<u64, Error> {
    one(tx, "SELECT count(*) FROM issuer", &[], |row| row.count(0))
}

/// Stores one; false if name or address is taken.
pub(crate) fn insert(tx: &mut dyn Tx, new: &IssuerInsert<'_>) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO issuer (name, url, kind, audiences, private, jwks, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &[
            new.name.into(),
            new.url.into(),
            new.kind.into(),
            new.audiences.into(),
            new.private.into(),
            new.jwks.into(),
            new.by.into(),
            new.now.millis().into(),
        ],
    )?;
    Ok(inserted == 1)
}

/// Sets what can be set; nobody else has the address.
pub(crate) fn set(tx: &mut dyn Tx, id: i64, new: &IssuerInsert<'_>) -> Result<(), Error> {
    tx.execute(
        "UPDATE issuer SET url = $1, kind = $2, audiences = $3, private = $4, jwks = $5 WHERE id = $6",
        &[
            new.url.into(),
            new.kind.into(),
            new.audiences.into(),
            new.private.into(),
            new.jwks.into(),
            id.into(),
        ],
    )
    .map(drop)
}

pub(crate) fn delete(tx: &mut dyn Tx, id: i64) -> Result<(), Error> {
    tx.execute("DELETE FROM issuer WHERE id = $1", &[id.into()]).map(drop)
}
