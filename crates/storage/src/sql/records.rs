//! Statements about the order of access changes.

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
    Session,
}

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
            Self::Session => "session",
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
            Self::Session,
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

/// Whether anything that decides changed after `version`; log-ins, tokens and sessions do not decide about nodes.
pub(crate) fn decided_otherwise_after(tx: &mut dyn Tx, version: PolicyVersion) -> Result<bool, Error> {
    let sql = "SELECT version FROM policy_change WHERE version > $1 AND kind NOT IN ('login', 'token', 'session') LIMIT 1";
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
