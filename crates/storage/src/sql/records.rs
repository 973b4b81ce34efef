//! Statements about the order of access changes and the audit.

use domain::{PolicyPoint, PolicyVersion, Timestamp};

use super::row::{returning, row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;

/// The version of a new database.
const FIRST: PolicyVersion = PolicyVersion::new(1);

row! { PolicyPoint { epoch, version, stamp } }

/// What kind of object changed; the words of `policy_change`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangedKind {
    Principal,
    Team,
    Role,
    Project,
    Repository,
    Grant,
    /// How a principal logs in.
    Login,
    Token,
}

/// One administrative event.
pub(crate) struct AuditRow<'a> {
    pub(crate) at: Timestamp,
    pub(crate) action: &'a str,
    pub(crate) actor: Option<u32>,
    pub(crate) actor_kind: &'a str,
    pub(crate) actor_name: &'a str,
    pub(crate) token: Option<i64>,
    pub(crate) request: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) agent: Option<&'a str>,
    pub(crate) node: Option<u32>,
    pub(crate) object_kind: &'a str,
    pub(crate) object: Option<i64>,
    pub(crate) object_name: &'a str,
    pub(crate) before: Option<&'a str>,
    pub(crate) after: Option<&'a str>,
    pub(crate) version: PolicyVersion,
}

/// Who did something to an object, and when.
pub(crate) struct LastEvent {
    pub(crate) actor_kind: Box<str>,
    pub(crate) actor_name: Box<str>,
    pub(crate) at: Timestamp,
}

row! { LastEvent { actor_kind, actor_name, at } }

impl ChangedKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Team => "team",
            Self::Role => "role",
            Self::Project => "project",
            Self::Repository => "repository",
            Self::Grant => "grant",
            Self::Login => "login",
            Self::Token => "token",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [
            Self::Principal,
            Self::Team,
            Self::Role,
            Self::Project,
            Self::Repository,
            Self::Grant,
            Self::Login,
            Self::Token,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// Draws the next version. The row stays locked until the transaction ends, so versions are in the order of commits.
pub(crate) fn next_point(tx: &mut dyn Tx) -> Result<PolicyPoint, Error> {
    let sql =
        returning!(PolicyPoint, "UPDATE policy_version SET version = version + 1, stamp = $1 WHERE id = 1");
    one(tx, sql, &[Value::count(random()?)], Ok)
}

/// Puts the changes in line: nobody else changes anything before this transaction ends. Returns the present point.
pub(crate) fn lock_version(tx: &mut dyn Tx) -> Result<PolicyPoint, Error> {
    let sql = returning!(PolicyPoint, "UPDATE policy_version SET version = version WHERE id = 1");
    one(tx, sql, &[], Ok)
}

/// The point reached.
pub(crate) fn point(tx: &mut dyn Tx) -> Result<PolicyPoint, Error> {
    one(tx, select!(PolicyPoint, "FROM policy_version WHERE id = 1"), &[], Ok)
}

/// The stamp that a version was drawn with, if its changes are still known. The first version is that of the migrations and has
/// none.
pub(crate) fn stamp_of(tx: &mut dyn Tx, version: PolicyVersion) -> Result<Option<u64>, Error> {
    let sql = "SELECT stamp FROM policy_change WHERE version = $1 LIMIT 1";
    let found = maybe(tx, sql, &[Value::count(version.get())], |row| row.count(0))?;
    Ok(found.or_else(|| (version == FIRST).then_some(0)))
}

/// Says that this is another history from now on, unless somebody said so before.
pub(crate) fn draw_epoch(tx: &mut dyn Tx, known: u64) -> Result<(), Error> {
    let sql = "UPDATE policy_version SET epoch = $1 WHERE id = 1 AND epoch = $2";
    tx.execute(sql, &[Value::count(random()?), Value::count(known)]).map(drop)
}

/// As many bits as fit in a column.
fn random() -> Result<u64, Error> {
    let bits = getrandom::u64().map_err(|error| Error::unavailable("drawing random bits", error))?;
    Ok(bits >> 1)
}

/// Whether anything that decides changed after `version`; tokens and log-ins do not decide about nodes.
pub(crate) fn decided_otherwise_after(tx: &mut dyn Tx, version: PolicyVersion) -> Result<bool, Error> {
    let sql =
        "SELECT version FROM policy_change WHERE version > $1 AND kind NOT IN ('login', 'token') LIMIT 1";
    Ok(maybe(tx, sql, &[Value::count(version.get())], |_| Ok(()))?.is_some())
}

/// Notes that an object changed at a point.
pub(crate) fn insert_change(
    tx: &mut dyn Tx,
    point: PolicyPoint,
    kind: ChangedKind,
    object: i64,
    now: Timestamp,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO policy_change (version, kind, object, changed_at, stamp) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT DO NOTHING",
        &[
            Value::count(point.version.get()),
            kind.as_str().into(),
            object.into(),
            now.millis().into(),
            Value::count(point.stamp),
        ],
    )?;
    Ok(())
}

/// Distinct objects that changed after `version`, at most `limit`.
pub(crate) fn changes_after(
    tx: &mut dyn Tx,
    version: PolicyVersion,
    limit: u32,
) -> Result<Vec<(ChangedKind, i64)>, Error> {
    rows(
        tx,
        "SELECT DISTINCT kind, object FROM policy_change WHERE version > $1 ORDER BY kind, object LIMIT $2",
        &[Value::count(version.get()), limit.into()],
        |row| {
            let kind = ChangedKind::parse(row.text(0)?)
                .ok_or_else(|| Error::corrupt("an unknown kind of change"))?;
            Ok((kind, row.int(1)?))
        },
    )
}

pub(crate) fn insert_audit(tx: &mut dyn Tx, row: &AuditRow<'_>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO audit (at, action, actor, actor_kind, actor_name, token, request, address, agent, node, \
         object_kind, object, object_name, before, after, policy_version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        &[
            row.at.millis().into(),
            row.action.into(),
            row.actor.into(),
            row.actor_kind.into(),
            row.actor_name.into(),
            row.token.into(),
            row.request.into(),
            row.address.into(),
            row.agent.into(),
            row.node.into(),
            row.object_kind.into(),
            row.object.into(),
            row.object_name.into(),
            row.before.into(),
            row.after.into(),
            Value::count(row.version.get()),
        ],
    )?;
    Ok(())
}

/// The last event about objects of a kind and name; of those that an event once gave this content, if one is named.
pub(crate) fn last_event(
    tx: &mut dyn Tx,
    kind: ChangedKind,
    name: &str,
    once: Option<&str>,
) -> Result<Option<LastEvent>, Error> {
    let (every, once) = (Value::Int(once.is_none().into()), once.unwrap_or_default());
    maybe(
        tx,
        select!(
            LastEvent,
            "FROM audit WHERE object_kind = $1 AND object_name = $2 AND (CAST($3 AS BIGINT) = 1 OR object IN \
             (SELECT object FROM audit WHERE object_kind = $4 AND object_name = $5 AND after = $6)) ORDER BY id DESC LIMIT 1"
        ),
        &[kind.as_str().into(), name.into(), every, kind.as_str().into(), name.into(), once.into()],
        Ok,
    )
}

/// The audit in short, for suites: `ACTION|KIND|NAME|REQUEST|AGENT|OBJECT|VERSION`.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn audit_lines(tx: &mut dyn Tx) -> Result<Vec<String>, Error> {
    let sql = "SELECT action || '|' || actor_kind || '|' || actor_name || '|' || coalesce(request, '') || '|' || \
               coalesce(agent, '') || '|' || object_name || '|' || policy_version FROM audit ORDER BY id";
    rows(tx, sql, &[], |row| Ok(row.text(0)?.to_owned()))
}
