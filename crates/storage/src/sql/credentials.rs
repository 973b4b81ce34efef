//! Statements about how principals log in, and about tokens.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{
    Login, NodeId, Permissions, PrincipalCredentials, PrincipalId, PrincipalKind, Timestamp, TokenFact,
    TokenId, TokenLimits, TokenState,
};

use super::row::{row, select};
use super::{Tx, Value, maybe, rows, rows_while};
use crate::error::Error;

/// A token to store.
pub(crate) struct TokenInsert<'a> {
    pub(crate) id: TokenId,
    pub(crate) sha256: [u8; 32],
    pub(crate) owner: PrincipalId,
    pub(crate) name: &'a str,
    /// `p` for a person's, `a` for an application's, `s` for a short-lived one.
    pub(crate) kind: &'a str,
    pub(crate) limits: Option<&'a [(NodeId, Permissions)]>,
    pub(crate) state: TokenState,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) created_by: u32,
    pub(crate) now: Timestamp,
}

/// A token as lists show it.
#[derive(Clone)]
pub(crate) struct TokenListed {
    pub(crate) id: TokenId,
    pub(crate) name: Box<str>,
    pub(crate) state: TokenState,
    pub(crate) limited: bool,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) owner: PrincipalId,
}

row! { TokenListed { id, name, state, limited, expires: "expires_at", created_at, last_used_at, owner } }

/// How a principal logs in, but for its names.
struct CredentialsRow<'r> {
    id: PrincipalId,
    kind: PrincipalKind,
    suspended: bool,
    password_hash: Option<&'r str>,
    generation: u32,
}

row! { CredentialsRow<'r> { id: "subject", kind, suspended, password_hash, generation } }

/// A token as it decides, but for what it is limited to.
struct TokenRow<'r> {
    id: TokenId,
    sha256: &'r [u8],
    owner: PrincipalId,
    limited: bool,
    expires: Option<Timestamp>,
    state: TokenState,
}

row! { TokenRow<'r> { id, sha256, owner, limited, expires: "expires_at", state } }

/// What a token may at most do on a node.
struct LimitRow {
    token: TokenId,
    node: NodeId,
    permissions: Permissions,
}

row! { LimitRow { token, node, permissions } }

/// Every principal that can log in, or the one with this id.
pub(crate) fn principals(
    tx: &mut dyn Tx,
    one: Option<PrincipalId>,
) -> Result<Vec<PrincipalCredentials>, Error> {
    let values = one.map_or([Value::Int(1), Value::Int(0)], |id| [Value::Int(0), Value::id(id.get())]);
    let mut logins: HashMap<u32, Vec<Login>> = HashMap::new();
    let sql = "SELECT principal, login FROM principal_login WHERE CAST($1 AS BIGINT) = 1 OR principal = $2 ORDER BY principal, position";
    tx.each(sql, &values, &mut |row| {
        logins.entry(row.id(0)?).or_default().push(Login::parse(row.text(1)?)?);
        Ok(())
    })?;
    let sql = select!(
        CredentialsRow<'_>,
        "FROM principal WHERE subject <> 5 AND (CAST($1 AS BIGINT) = 1 OR subject = $2) ORDER BY subject"
    );
    rows(tx, sql, &values, |row| {
        Ok(PrincipalCredentials {
            id: row.id,
            kind: row.kind,
            suspended: row.suspended,
            logins: logins.remove(&row.id.get()).unwrap_or_default(),
            password_hash: row.password_hash.map(Arc::from),
            generation: row.generation,
        })
    })
}

/// Every token that is not revoked.
pub(crate) fn tokens(tx: &mut dyn Tx) -> Result<Vec<TokenFact>, Error> {
    let mut limits: HashMap<TokenId, Vec<(NodeId, Permissions)>> = HashMap::new();
    rows_while(tx, select!(LimitRow, "FROM \"limit\" WHERE token IS NOT NULL"), &[], |limit| {
        limits.entry(limit.token).or_default().push((limit.node, limit.permissions));
        Ok(true)
    })?;
    let sql = select!(TokenRow<'_>, "FROM token WHERE state < 2 ORDER BY id");
    rows(tx, sql, &[], |row| token_of(row, &mut |id| limits.remove(&id).unwrap_or_default()))
}

/// One token, whatever its state.
pub(crate) fn token(tx: &mut dyn Tx, id: TokenId) -> Result<Option<TokenFact>, Error> {
    let mut limits = limits_of(tx, id)?;
    let sql = select!(TokenRow<'_>, "FROM token WHERE id = $1");
    maybe(tx, sql, &[Value::count(id.get())], |row| token_of(row, &mut |_| std::mem::take(&mut limits)))
}

pub(crate) fn insert_token(tx: &mut dyn Tx, new: &TokenInsert<'_>) -> Result<bool, Error> {
    let inserted = tx.execute(
        "INSERT INTO token (id, sha256, owner, name, kind, limited, state, expires_at, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        &[
            Value::count(new.id.get()),
            Value::Bytes(&new.sha256),
            new.owner.get().into(),
            new.name.into(),
            new.kind.into(),
            new.limits.is_some().into(),
            Value::Int(new.state as i64),
            new.expires.map(Timestamp::millis).into(),
            new.created_by.into(),
            new.now.millis().into(),
        ],
    )?;
    if inserted == 1 {
        insert_limits(tx, new.id, new.limits.unwrap_or_default())?;
    }
    Ok(inserted == 1)
}

/// Sets what a token is limited to and when it expires.
pub(crate) fn update_token(
    tx: &mut dyn Tx,
    id: TokenId,
    limits: Option<&[(NodeId, Permissions)]>,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE token SET limited = $1, expires_at = $2 WHERE id = $3",
        &[limits.is_some().into(), expires.map(Timestamp::millis).into(), Value::count(id.get())],
    )?;
    tx.execute("DELETE FROM \"limit\" WHERE token = $1", &[Value::count(id.get())])?;
    insert_limits(tx, id, limits.unwrap_or_default())
}

fn insert_limits(tx: &mut dyn Tx, id: TokenId, limits: &[(NodeId, Permissions)]) -> Result<(), Error> {
    for (node, some) in limits {
        tx.execute(
            "INSERT INTO \"limit\" (token, node, permissions) VALUES ($1, $2, $3)",
            &[Value::count(id.get()), node.get().into(), u32::from(some.bits()).into()],
        )?;
    }
    Ok(())
}

/// Moves a token down to `state`; false if it is there or below already.
pub(crate) fn lower_token(tx: &mut dyn Tx, id: TokenId, state: TokenState) -> Result<bool, Error> {
    let sql = "UPDATE token SET state = $1 WHERE id = $2 AND state < $3";
    Ok(tx.execute(sql, &[Value::Int(state as i64), Value::count(id.get()), Value::Int(state as i64)])? == 1)
}

/// The permanent tokens of a principal that are not revoked, by id, after `after`.
pub(crate) fn tokens_of(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    after: Option<TokenId>,
    limit: u32,
) -> Result<Vec<TokenListed>, Error> {
    let after = after.map_or(Value::Int(-1), |id| Value::count(id.get()));
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND id > $2 AND state < 2 AND kind <> 's' ORDER BY id LIMIT $3"
    );
    rows(tx, sql, &[owner.get().into(), after, limit.into()], Ok)
}

/// The short-lived tokens of a principal that are not revoked, by id, after `after`.
pub(crate) fn short_lived_of(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    after: Option<TokenId>,
    limit: u32,
) -> Result<Vec<TokenListed>, Error> {
    let after = after.map_or(Value::Int(-1), |id| Value::count(id.get()));
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND id > $2 AND state < 2 AND kind = 's' ORDER BY id LIMIT $3"
    );
    rows(tx, sql, &[owner.get().into(), after, limit.into()], Ok)
}

/// The permanent token of this name that is not revoked.
pub(crate) fn token_named(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    name: &str,
) -> Result<Option<TokenListed>, Error> {
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND name = $2 AND state < 2 AND kind <> 's' LIMIT 1"
    );
    maybe(tx, sql, &[owner.get().into(), name.into()], Ok)
}

/// A token by its id.
pub(crate) fn token_listed(tx: &mut dyn Tx, id: TokenId) -> Result<Option<TokenListed>, Error> {
    maybe(tx, select!(TokenListed, "FROM token WHERE id = $1"), &[Value::count(id.get())], Ok)
}

/// What a token is limited to.
pub(crate) fn limits_of(tx: &mut dyn Tx, id: TokenId) -> Result<Vec<(NodeId, Permissions)>, Error> {
    let sql = select!(LimitRow, "FROM \"limit\" WHERE token = $1 ORDER BY node");
    rows(tx, sql, &[Value::count(id.get())], |row| Ok((row.node, row.permissions)))
}

/// Notes when a token was last used; never backwards.
pub(crate) fn touch_token(tx: &mut dyn Tx, id: TokenId, at: Timestamp) -> Result<(), Error> {
    tx.execute(
        "UPDATE token SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at < $3)",
        &[at.millis().into(), Value::count(id.get()), at.millis().into()],
    )?;
    Ok(())
}

/// Sets a password and voids what was verified under the one before.
pub(crate) fn set_password(tx: &mut dyn Tx, id: PrincipalId, hash: &str) -> Result<(), Error> {
    let sql = "UPDATE principal SET password_hash = $1 WHERE subject = $2";
    tx.execute(sql, &[hash.into(), id.get().into()])?;
    draw_generation(tx, id)
}

/// Voids what was verified of somebody's password, and the bearers it was given. The number is drawn and not counted: in a database
/// that was set back to a backup, counting would hand out one that bearers of the lost password still name.
pub(crate) fn draw_generation(tx: &mut dyn Tx, id: PrincipalId) -> Result<(), Error> {
    let step = getrandom::u32().map_err(|error| Error::unavailable("drawing random bits", error))?.max(1);
    let sql = "UPDATE principal SET generation = (generation + $1) % 4294967296 WHERE subject = $2";
    tx.execute(sql, &[step.into(), id.get().into()]).map(drop)
}

fn token_of(
    row: TokenRow<'_>,
    limits: &mut dyn FnMut(TokenId) -> Vec<(NodeId, Permissions)>,
) -> Result<TokenFact, Error> {
    let sha256 = row.sha256.try_into().map_err(|_| Error::corrupt("a token's hash has another length"))?;
    let limits = if row.limited { TokenLimits::Only(limits(row.id).into()) } else { TokenLimits::Full };
    Ok(TokenFact { id: row.id, sha256, owner: row.owner, limits, expires: row.expires, state: row.state })
}
