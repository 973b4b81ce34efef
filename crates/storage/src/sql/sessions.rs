//! Statements about sessions in browsers.

use domain::{PrincipalId, SessionFact, SessionId, SessionUse, Timestamp, TokenId};

use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// A session.
#[derive(Clone)]
pub(crate) struct SessionRecord {
    pub(crate) id: SessionId,
    pub(crate) sha256: Vec<u8>,
    pub(crate) principal: PrincipalId,
    pub(crate) generation: u32,
    /// How they proved who they are.
    pub(crate) method: Box<str>,
    /// The provider of log-ins that said so, by name.
    pub(crate) provider: Option<Box<str>>,
    pub(crate) created_at: Timestamp,
    /// When they last did.
    pub(crate) fresh_at: Timestamp,
    pub(crate) seen_at: Timestamp,
    /// Unless it is used before.
    pub(crate) expires: Timestamp,
    /// In any case.
    pub(crate) ends: Timestamp,
    pub(crate) address: Option<Box<str>>,
    pub(crate) agent: Option<Box<str>>,
}

row! {
    SessionRecord {
        id,
        sha256,
        principal,
        generation,
        method,
        provider,
        created_at,
        fresh_at,
        seen_at,
        expires: "expires_at",
        ends: "ends_at",
        address,
        agent,
    }
}

impl SessionRecord {
    /// As it decides.
    pub(crate) fn fact(&self) -> Result<SessionFact, Error> {
        let sha256 = self.sha256.as_slice().try_into();
        Ok(SessionFact {
            id: self.id,
            sha256: sha256.map_err(|_| Error::corrupt("a session's hash has another length"))?,
            owner: self.principal,
            generation: self.generation,
            by_password: self.provider.is_none(),
            signed_in: self.fresh_at,
            expires: self.expires,
        })
    }
}

pub(crate) fn insert(tx: &mut dyn Tx, new: &SessionRecord) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO session (id, sha256, principal, generation, method, created_at, fresh_at, seen_at, expires_at, ends_at, address, \
         agent, provider) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        &[
            Value::count(new.id.get()),
            Value::Bytes(&new.sha256),
            new.principal.get().into(),
            new.generation.into(),
            (&*new.method).into(),
            new.created_at.millis().into(),
            new.fresh_at.millis().into(),
            new.seen_at.millis().into(),
            new.expires.millis().into(),
            new.ends.millis().into(),
            new.address.as_deref().into(),
            new.agent.as_deref().into(),
            new.provider.as_deref().into(),
        ],
    )?;
    Ok(inserted == 1)
}

pub(crate) fn session(tx: &mut dyn Tx, id: SessionId) -> Result<Option<SessionRecord>, Error> {
    maybe(tx, select!(SessionRecord, "FROM session WHERE id = $1"), &[Value::count(id.get())], Ok)
}

/// All of them, also those that are over and not forgotten yet.
pub(crate) fn all(tx: &mut dyn Tx) -> Result<Vec<SessionFact>, Error> {
    rows(tx, select!(SessionRecord, "FROM session ORDER BY id"), &[], |row| row.fact())
}

/// Those of somebody, the one used last first.
pub(crate) fn of_principal(tx: &mut dyn Tx, principal: PrincipalId) -> Result<Vec<SessionRecord>, Error> {
    let sql = select!(SessionRecord, "FROM session WHERE principal = $1 ORDER BY seen_at DESC, id");
    rows(tx, sql, &[principal.get().into()], Ok)
}

/// Those that a provider of log-ins began.
pub(crate) fn by_provider(tx: &mut dyn Tx, provider: &str) -> Result<Vec<SessionRecord>, Error> {
    let sql = select!(SessionRecord, "FROM session WHERE provider = $1 ORDER BY id");
    rows(tx, sql, &[provider.into()], Ok)
}

/// Some that have ended by themselves.
pub(crate) fn over(tx: &mut dyn Tx, now: Timestamp, limit: u32) -> Result<Vec<SessionId>, Error> {
    let sql = "SELECT id FROM session WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2";
    rows(tx, sql, &[now.millis().into(), limit.into()], |row| Ok(SessionId::new(TokenId::new(row.count(0)?))))
}

/// Takes one away; false if it is not there.
pub(crate) fn delete(tx: &mut dyn Tx, id: SessionId) -> Result<bool, Error> {
    Ok(tx.execute("DELETE FROM session WHERE id = $1", &[Value::count(id.get())])? == 1)
}

/// Notes when one was last used; never backwards.
pub(crate) fn touch(tx: &mut dyn Tx, used: SessionUse) -> Result<(), Error> {
    let at = i64::from(used.minute).saturating_mul(60_000);
    let sql = "UPDATE session SET seen_at = $1 WHERE id = $2 AND seen_at < $3";
    tx.execute(sql, &[at.into(), Value::count(used.session.get()), at.into()]).map(drop)
}

/// Moves its end on.
pub(crate) fn extend(tx: &mut dyn Tx, id: SessionId, expires: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE session SET expires_at = $1 WHERE id = $2";
    tx.execute(sql, &[expires.millis().into(), Value::count(id.get())]).map(drop)
}

/// Which password of somebody counts.
pub(crate) fn generation(tx: &mut dyn Tx, principal: PrincipalId) -> Result<u32, Error> {
    one(tx, "SELECT generation FROM principal WHERE subject = $1", &[principal.get().into()], |row| row.id(0))
}
