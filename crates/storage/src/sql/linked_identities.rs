//! Statements about whom people are at providers of log-ins.

use domain::{PrincipalId, Timestamp};

use super::row::{row, select};
use super::{Tx, maybe, rows};
use crate::error::Error;
use crate::model::LinkedIdentityRow;

row! {
    LinkedIdentityRow {
        provider: "l.name",
        title: "l.title",
        subject: "d.subject",
        linked_at: "d.linked_at",
        used_at: "d.used_at",
    }
}

/// Who is linked to this subject of an issuer, at a provider.
pub(crate) fn principal_of(
    tx: &mut dyn Tx,
    provider: i64,
    (issuer, subject): (&str, &str),
) -> Result<Option<PrincipalId>, Error> {
    let sql = "SELECT principal FROM identity WHERE provider = $1 AND issuer = $2 AND subject = $3";
    maybe(tx, sql, &[provider.into(), issuer.into(), subject.into()], |row| Ok(PrincipalId::new(row.id(0)?)))
}

/// Whom somebody is, by the name of the provider.
pub(crate) fn of_principal(tx: &mut dyn Tx, principal: PrincipalId) -> Result<Vec<LinkedIdentityRow>, Error> {
    let sql = select!(
        LinkedIdentityRow,
        "FROM identity d JOIN login_provider l ON l.id = d.provider WHERE d.principal = $1 ORDER BY l.name"
    );
    rows(tx, sql, &[principal.get().into()], Ok)
}

/// Links somebody; false if either of the two is linked there already.
pub(crate) fn insert(
    tx: &mut dyn Tx,
    provider: i64,
    (issuer, subject): (&str, &str),
    (principal, now): (PrincipalId, Timestamp),
) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO identity (provider, issuer, subject, principal, linked_at, used_at) VALUES ($1, $2, $3, $4, $5, NULL) \
         ON CONFLICT DO NOTHING",
        &[
            provider.into(),
            issuer.into(),
            subject.into(),
            principal.get().into(),
            now.millis().into(),
        ],
    )?;
    Ok(inserted == 1)
}

/// Notes that somebody came in by it.
pub(crate) fn used(
    tx: &mut dyn Tx,
    provider: i64,
    principal: PrincipalId,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE identity SET used_at = $1 WHERE provider = $2 AND principal = $3";
    tx.execute(sql, &[now.millis().into(), provider.into(), principal.get().into()]).map(drop)
}

/// Unlinks somebody.
pub(crate) fn delete(tx: &mut dyn Tx, provider: i64, principal: PrincipalId) -> Result<(), Error> {
    let sql = "DELETE FROM identity WHERE provider = $1 AND principal = $2";
    tx.execute(sql, &[provider.into(), principal.get().into()]).map(drop)
}
