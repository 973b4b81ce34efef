//! Statements about how principals log in, and about tokens.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{
    Login, Networks, NodeId, PasswordUse, Permissions, PrincipalCredentials, PrincipalId, PrincipalKind,
    Timestamp, TokenFact, TokenId, TokenLimits, TokenState, TokenUse,
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
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) networks: &'a Networks,
    pub(crate) created_by: u32,
    pub(crate) now: Timestamp,
}

/// A token as lists show it.
#[derive(Clone)]
pub(crate) struct TokenListed {
    pub(crate) id: TokenId,
    pub(crate) name: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) state: TokenState,
    pub(crate) limited: bool,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) networks: Option<Networks>,
    pub(crate) created_by: u32,
    pub(crate) created_at: Timestamp,
    pub(crate) last_used_at: Option<Timestamp>,
    pub(crate) last_used_address: Option<Box<str>>,
    pub(crate) last_used_agent: Option<Box<str>>,
    /// What a rotation made in its place.
    pub(crate) successor: Option<TokenId>,
    pub(crate) owner: PrincipalId,
}

row! { TokenListed {
    id, name, kind, state, limited, not_before, expires: "expires_at", networks: "cidrs", created_by, created_at, last_used_at,
    last_used_address, last_used_agent, successor, owner,
} }

/// Which tokens of somebody are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TokensMeant {
    /// From this state down to the other.
    pub(crate) states: (TokenState, TokenState),
    /// Neither made nor used after this moment.
    pub(crate) unused_since: Option<Timestamp>,
    /// Those that were exchanged, in place of those that somebody made.
    pub(crate) short_lived: bool,
}

impl TokenListed {
    /// Whether it was exchanged for an identity token.
    pub(crate) fn is_short_lived(&self) -> bool {
        &*self.kind == "s"
    }
}

impl TokensMeant {
    /// Those that are not revoked.
    pub(crate) const LIVE: Self =
        Self { states: (TokenState::Active, TokenState::Disabled), unused_since: None, short_lived: false };

    /// Whether this one is among them.
    pub(crate) fn has(&self, token: &TokenListed) -> bool {
        let (from, to) = self.states;
        let last = token.last_used_at.unwrap_or(token.created_at);
        let is_meant = token.is_short_lived() == self.short_lived;
        is_meant
            && from <= token.state
            && token.state <= to
            && self.unused_since.is_none_or(|since| last <= since)
    }
}

/// How a principal logs in, but for its names.
struct CredentialsRow<'r> {
    id: PrincipalId,
    kind: PrincipalKind,
    suspended: bool,
    password_hash: Option<&'r str>,
    generation: u32,
    must_change: bool,
}

row! { CredentialsRow<'r> {
    id: "subject", kind, suspended, password_hash, generation, must_change: "password_must_change",
} }

/// A token as it decides, but for what it is limited to.
struct TokenRow<'r> {
    id: TokenId,
    sha256: &'r [u8],
    owner: PrincipalId,
    limited: bool,
    not_before: Option<Timestamp>,
    expires: Option<Timestamp>,
    networks: Option<Networks>,
    state: TokenState,
    /// Of what a publisher made: that one, and whom it is for.
    made_by_rule: Option<&'r str>,
}

row! { TokenRow<'r> {
    id, sha256, owner, limited, not_before, expires: "expires_at", networks: "cidrs", state,
    made_by_rule: "CASE WHEN publisher IS NULL THEN NULL ELSE name END",
} }

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
            must_change: row.must_change,
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
        "INSERT INTO token (id, sha256, owner, name, kind, limited, state, not_before, expires_at, cidrs, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        &[
            Value::count(new.id.get()),
            Value::Bytes(&new.sha256),
            new.owner.get().into(),
            new.name.into(),
            new.kind.into(),
            new.limits.is_some().into(),
            Value::Int(new.state as i64),
            new.not_before.map(Timestamp::millis).into(),
            new.expires.map(Timestamp::millis).into(),
            networks_text(new.networks).as_deref().into(),
            new.created_by.into(),
            new.now.millis().into(),
        ],
    )?;
    if inserted == 1 {
        insert_limits(tx, new.id, new.limits.unwrap_or_default())?;
    }
    Ok(inserted == 1)
}

/// Everything that a token is limited to.
pub(crate) struct TokenBounds<'a> {
    pub(crate) limits: Option<&'a [(NodeId, Permissions)]>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) networks: &'a Networks,
}

/// Sets what a token is limited to.
pub(crate) fn update_token(tx: &mut dyn Tx, id: TokenId, bounds: &TokenBounds<'_>) -> Result<(), Error> {
    let limits = bounds.limits;
    tx.execute(
        "UPDATE token SET limited = $1, not_before = $2, expires_at = $3, cidrs = $4 WHERE id = $5",
        &[
            limits.is_some().into(),
            bounds.not_before.map(Timestamp::millis).into(),
            bounds.expires.map(Timestamp::millis).into(),
            networks_text(bounds.networks).as_deref().into(),
            Value::count(id.get()),
        ],
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

/// Sets what stands in a token's place, and when it ends.
pub(crate) fn succeed_token(
    tx: &mut dyn Tx,
    id: TokenId,
    successor: TokenId,
    expires: Timestamp,
) -> Result<(), Error> {
    let sql = "UPDATE token SET successor = $1, expires_at = $2 WHERE id = $3";
    tx.execute(sql, &[Value::count(successor.get()), expires.millis().into(), Value::count(id.get())])
        .map(drop)
}

/// Moves a token down to `state`; false if it is there or below already. One that is revoked stands in nobody's place any more.
pub(crate) fn lower_token(tx: &mut dyn Tx, id: TokenId, state: TokenState) -> Result<bool, Error> {
    let sql = "UPDATE token SET state = $1 WHERE id = $2 AND state < $3";
    let values = [Value::Int(state as i64), Value::count(id.get()), Value::Int(state as i64)];
    let lowered = tx.execute(sql, &values)? == 1;
    if lowered && state == TokenState::Revoked {
        let sql =
            "UPDATE token SET successor = (SELECT successor FROM token WHERE id = $1) WHERE successor = $2";
        tx.execute(sql, &[Value::count(id.get()), Value::count(id.get())])?;
    }
    Ok(lowered)
}

/// The tokens of a principal that are meant, by id, after `after`.
pub(crate) fn tokens_of(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    meant: &TokensMeant,
    after: Option<TokenId>,
    limit: u32,
) -> Result<Vec<TokenListed>, Error> {
    let after = after.map_or(Value::Int(-1), |id| Value::count(id.get()));
    let (from, to) = meant.states;
    let since = meant.unused_since.map_or(i64::MAX, Timestamp::millis);
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND id > $2 AND state >= $3 AND state <= $4 \
         AND COALESCE(last_used_at, created_at) <= $5 AND CASE kind WHEN 's' THEN 's' ELSE 'p' END = $6 \
         ORDER BY id LIMIT $7"
    );
    let values = [
        owner.get().into(),
        after,
        Value::Int(from as i64),
        Value::Int(to as i64),
        since.into(),
        (if meant.short_lived { "s" } else { "p" }).into(),
        limit.into(),
    ];
    rows(tx, sql, &values, Ok)
}

/// All tokens of this name that are not revoked, the last one first: several while what a rotation replaced is good for a time.
pub(crate) fn tokens_named(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    name: &str,
) -> Result<Vec<TokenListed>, Error> {
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND name = $2 AND state < 2 AND kind <> 's' ORDER BY successor IS NOT NULL, id"
    );
    rows(tx, sql, &[owner.get().into(), name.into()], Ok)
}

/// The token of this name that was made last, whatever its state.
pub(crate) fn last_named(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    name: &str,
) -> Result<Option<TokenListed>, Error> {
    let sql = select!(
        TokenListed,
        "FROM token WHERE owner = $1 AND name = $2 AND kind <> 's' ORDER BY created_at DESC, state DESC, successor IS NOT NULL, id LIMIT 1"
    );
    maybe(tx, sql, &[owner.get().into(), name.into()], Ok)
}

/// The token of this name that is not revoked; of several the last one.
pub(crate) fn token_named(
    tx: &mut dyn Tx,
    owner: PrincipalId,
    name: &str,
) -> Result<Option<TokenListed>, Error> {
    Ok(tokens_named(tx, owner, name)?.into_iter().next())
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

/// Notes when, from where and with what a token was last used; never backwards.
pub(crate) fn touch_token(tx: &mut dyn Tx, used: &TokenUse) -> Result<(), Error> {
    let at = i64::from(used.minute).saturating_mul(MINUTE_MILLIS);
    let address = used.address.map(|address| address.to_string());
    let sql = "UPDATE token SET last_used_at = $1, last_used_address = $2, last_used_agent = $3 \
               WHERE id = $4 AND (last_used_at IS NULL OR last_used_at < $5)";
    let values = [
        at.into(),
        address.as_deref().into(),
        used.agent.as_deref().into(),
        Value::count(used.token.get()),
        at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}

const MINUTE_MILLIS: i64 = 60_000;

/// As they are stored; none for everywhere.
fn networks_text(networks: &Networks) -> Option<String> {
    (!networks.is_everywhere()).then(|| networks.to_string())
}

/// Notes when somebody's password last let them in; never backwards.
pub(crate) fn touch_password(tx: &mut dyn Tx, used: &PasswordUse) -> Result<(), Error> {
    let at = i64::from(used.minute).saturating_mul(MINUTE_MILLIS);
    let sql = "UPDATE principal SET password_used_at = $1 \
               WHERE subject = $2 AND (password_used_at IS NULL OR password_used_at < $3)";
    tx.execute(sql, &[at.into(), used.principal.get().into(), at.into()]).map(drop)
}

/// Sets a password, whether it is good for nothing but setting another one, and voids what was verified under the one before.
pub(crate) fn set_password(
    tx: &mut dyn Tx,
    id: PrincipalId,
    (hash, must_change): (&str, bool),
) -> Result<(), Error> {
    let sql = "UPDATE principal SET password_hash = $1, password_must_change = $2 WHERE subject = $3";
    tx.execute(sql, &[hash.into(), must_change.into(), id.get().into()])?;
    draw_generation(tx, id)
}

/// Voids what was verified of somebody's password, and the bearers it was given. The number is drawn and not counted: in a database
/// that was set back to a backup, counting would hand out one that bearers of the lost password still name.
pub(crate) fn draw_generation(tx: &mut dyn Tx, id: PrincipalId) -> Result<(), Error> {
    let sql = "UPDATE principal SET generation = (generation + $1) % 4294967296 WHERE subject = $2";
    tx.execute(sql, &[drawn_generation()?.into(), id.get().into()]).map(drop)
}

/// That of somebody's first password, or how far it is from that of one to that of the next; never 0.
pub(super) fn drawn_generation() -> Result<u32, Error> {
    Ok(getrandom::u32().map_err(|error| Error::unavailable("drawing random bits", error))?.max(1))
}

fn token_of(
    row: TokenRow<'_>,
    limits: &mut dyn FnMut(TokenId) -> Vec<(NodeId, Permissions)>,
) -> Result<TokenFact, Error> {
    let sha256 = row.sha256.try_into().map_err(|_| Error::corrupt("a token's hash has another length"))?;
    let limits = if row.limited { TokenLimits::Only(limits(row.id).into()) } else { TokenLimits::Full };
    Ok(TokenFact {
        id: row.id,
        sha256,
        owner: row.owner,
        limits,
        not_before: row.not_before,
        expires: row.expires,
        networks: row.networks.unwrap_or_default(),
        state: row.state,
        rule: row.made_by_rule.map(|name| name.split_once(' ').map_or(name, |(rule, _)| rule).into()),
    })
}
