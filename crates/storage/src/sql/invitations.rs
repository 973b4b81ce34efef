//! Statements about invitations.

use domain::{PrincipalId, Timestamp, TokenId};

use super::row::{row, select};
use super::{Tx, Value, maybe, rows};
use crate::error::Error;

/// An invitation.
pub(crate) struct InvitationRecord {
    pub(crate) id: TokenId,
    pub(crate) sha256: Vec<u8>,
    pub(crate) principal: PrincipalId,
    pub(crate) purpose: Box<str>,
    pub(crate) expires: Timestamp,
    pub(crate) created_by: u32,
    pub(crate) created_at: Timestamp,
}

row! {
    InvitationRecord {
        id,
        sha256,
        principal,
        purpose,
        expires: "expires_at",
        created_by,
        created_at,
    }
}

/// Stores one; false if its id is taken.
pub(crate) fn insert(tx: &mut dyn Tx, new: &InvitationRecord) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO invitation (id, sha256, principal, purpose, expires_at, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &[
            Value::count(new.id.get()),
            Value::Bytes(&new.sha256),
            new.principal.get().into(),
            (&*new.purpose).into(),
            new.expires.millis().into(),
            new.created_by.into(),
            new.created_at.millis().into(),
        ],
    )?;
    Ok(inserted == 1)
}

pub(crate) fn invitation(tx: &mut dyn Tx, id: TokenId) -> Result<Option<InvitationRecord>, Error> {
    maybe(tx, select!(InvitationRecord, "FROM invitation WHERE id = $1"), &[Value::count(id.get())], Ok)
}

/// Those of somebody, of which a new one ends the old: one at most, but for those that are over.
pub(crate) fn of_principal(tx: &mut dyn Tx, principal: PrincipalId) -> Result<Vec<InvitationRecord>, Error> {
    let sql = select!(InvitationRecord, "FROM invitation WHERE principal = $1 ORDER BY id");
    rows(tx, sql, &[principal.get().into()], Ok)
}

/// Takes one away; false if it is not there.
pub(crate) fn delete(tx: &mut dyn Tx, id: TokenId) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM invitation WHERE id = $1", &[Value::count(id.get())])? == 1)
}

/// Takes those of somebody away.
pub(crate) fn delete_of(tx: &mut dyn Tx, principal: PrincipalId) -> Result<(), Error> {
    tx.execute("DELETE FROM invitation WHERE principal = $1", &[principal.get().into()]).map(drop)
}
