//! Statements that list principals and teams, and set what is said of them.

use domain::{PrincipalId, PrincipalKind, SubjectId, TeamId, Timestamp};

use super::directory::{PrincipalRow, TeamRow};
use super::row::{Select, joined, row, select};
use super::{Tx, maybe, one, rows};
use crate::error::Error;

/// THE definition of being seen: by any token of theirs, whatever became of it, by the password, or in a session that is kept.
/// Whatever else lets people in is one more line of this union.
const SEEN_AT: &str = "(SELECT max(u.at) FROM (\
     SELECT t.last_used_at AS at FROM token t WHERE t.owner = p.subject \
     UNION ALL SELECT e.seen_at FROM session e WHERE e.principal = p.subject \
     UNION ALL SELECT p.password_used_at) u)";

/// When somebody was last seen; `None` for who never was.
pub(crate) fn seen_at(tx: &mut dyn Tx, id: PrincipalId) -> Result<Option<Timestamp>, Error> {
    let row = maybe(tx, select!(Seen, "FROM principal p WHERE p.subject = $1"), &[id.get().into()], Ok)?;
    Ok(row.and_then(|Seen { at }| at))
}

struct Seen {
    at: Option<Timestamp>,
}

row! { Seen { at: SEEN_AT } }

/// Somebody in the list of people.
#[derive(Debug, Clone)]
pub(crate) struct ListedRow {
    pub(crate) id: PrincipalId,
    pub(crate) kind: PrincipalKind,
    /// The folded name, by which lists go on.
    pub(crate) key: Box<str>,
    /// Whether these words are found.
    pub(crate) is_found: bool,
}

/// What people are looked for by: nothing but what is in the index that puts them in order.
pub(super) struct CalledRow<'r> {
    id: PrincipalId,
    kind: PrincipalKind,
    key: &'r str,
    title: &'r str,
    email: Option<&'r str>,
}

row! {
    CalledRow<'r> { id: "p.subject", kind: "p.kind", key: "p.name_key", title: "p.title", email: "p.email" }
}

/// Which people are listed: suspended ones or others, and those who were not seen since.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listed {
    pub(crate) suspended: Option<bool>,
    pub(crate) unseen_since: Option<Timestamp>,
}

impl Listed {
    pub(crate) const ALL: Self = Self { suspended: None, unseen_since: None };
}

/// People in their order. Kinds are left out rather than named: by those named the index would be asked once for each, from its
/// beginning.
pub(super) fn listed_people() -> Select<CalledRow<'static>> {
    const NOT_SEEN: &str = joined!("coalesce(", SEEN_AT, ", p.created_at)");
    select!(
        CalledRow<'_>,
        "FROM principal p WHERE p.kind NOT IN ('anonymous', 'application') AND (p.kind, p.name_key) > ($1, $2) \
         AND (CAST($3 AS BIGINT) < 0 OR p.suspended = $3) AND (CAST($4 AS BIGINT) = 0 OR ",
        NOT_SEEN,
        " <= $4) ORDER BY p.kind, p.name_key LIMIT $5"
    )
}

/// People by kind and folded name, after those of `after`; which of them are found is asked of what they are called.
pub(crate) fn people_after(
    tx: &mut dyn Tx,
    which: Listed,
    (kind, key): (&str, &str),
    limit: u32,
    is_found: impl Fn(&[&str]) -> bool,
) -> Result<Vec<ListedRow>, Error> {
    let suspended = which.suspended.map_or(-1, i64::from);
    let unseen = which.unseen_since.map_or(0, Timestamp::millis);
    let values = [kind.into(), key.into(), suspended.into(), unseen.into(), limit.into()];
    rows(tx, listed_people(), &values, |row| {
        let is_found = is_found(&[row.key, row.title, row.email.unwrap_or_default()]);
        Ok(ListedRow { id: row.id, kind: row.kind, key: row.key.into(), is_found })
    })
}

/// Applications by folded name, after `after`.
pub(crate) fn applications_after(
    tx: &mut dyn Tx,
    after: &str,
    limit: u32,
) -> Result<Vec<PrincipalRow>, Error> {
    let sql = select!(
        PrincipalRow,
        "FROM principal p WHERE p.kind = 'application' AND p.name_key > $1 ORDER BY p.name_key LIMIT $2"
    );
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// Teams by folded name, after `after`.
pub(crate) fn teams_after(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<TeamRow>, Error> {
    let sql = select!(TeamRow, "FROM team WHERE name_key > $1 ORDER BY name_key LIMIT $2");
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// Sets what somebody is called by people.
pub(crate) fn set_title(tx: &mut dyn Tx, id: PrincipalId, title: &str) -> Result<(), Error> {
    let sql = "UPDATE principal SET title = $1 WHERE subject = $2";
    tx.execute(sql, &[title.into(), id.get().into()]).map(drop)
}

/// Sets what a team is called by people.
pub(crate) fn set_team_title(tx: &mut dyn Tx, id: TeamId, title: &str) -> Result<(), Error> {
    let sql = "UPDATE team SET title = $1 WHERE subject = $2";
    tx.execute(sql, &[title.into(), id.get().into()]).map(drop)
}

/// Everybody and every team inside a team, at whatever depth, ascending.
pub(crate) fn inside(tx: &mut dyn Tx, team: TeamId) -> Result<Vec<SubjectId>, Error> {
    rows(
        tx,
        "WITH RECURSIVE inside (subject) AS (SELECT member FROM membership WHERE team = $1 \
         UNION SELECT m.member FROM membership m JOIN inside i ON m.team = i.subject) \
         SELECT subject FROM inside ORDER BY subject",
        &[team.get().into()],
        |row| Ok(SubjectId::new(row.id(0)?)),
    )
}

/// Who is in which team directly: as it is set, and as it is computed of the kinds of principals (0004_builtin) and of the grants of
/// `project-member` that have not ended at `$1`.
macro_rules! in_teams {
    () => {
        "WITH RECURSIVE belongs (team, member) AS (SELECT team, member FROM membership \
         UNION ALL SELECT 2, subject FROM principal WHERE kind IN ('member', 'application') \
         UNION ALL SELECT 3, subject FROM principal WHERE kind = 'member' \
         UNION ALL SELECT t.subject, g.subject FROM team t JOIN \"grant\" g ON g.node = t.project \
         JOIN role r ON r.id = g.role WHERE r.builtin = 1 AND r.name = 'project-member' \
         AND (g.expires_at IS NULL OR g.expires_at > $1))"
    };
}

/// A team and the teams in it, as they are set: asked of the teams, which are few, and not of everybody in them.
macro_rules! nested {
    () => {
        "WITH RECURSIVE nested (team) AS (SELECT CAST($1 AS BIGINT) UNION SELECT t.subject FROM nested n CROSS JOIN team t \
         WHERE EXISTS (SELECT 1 FROM membership m WHERE m.team = n.team AND m.member = t.subject))"
    };
}

/// Whether who is in a team is a matter of more than memberships: it is computed, or one in it is.
fn is_computed(tx: &mut dyn Tx, team: TeamId) -> Result<bool, Error> {
    let sql = concat!(
        nested!(),
        " SELECT count(*) FROM nested n JOIN team t ON t.subject = n.team WHERE t.subject < 4 OR t.project IS NOT NULL"
    );
    one(tx, sql, &[team.get().into()], |row| Ok(row.int(0)? > 0))
}

/// Everybody and every team in a team, those of computed ones too, ascending, after one of them: at whatever depth, or only directly.
pub(crate) fn belonging(
    tx: &mut dyn Tx,
    (team, indirect): (TeamId, bool),
    now: Timestamp,
    page: (u32, u32),
) -> Result<Vec<SubjectId>, Error> {
    if is_computed(tx, team)? {
        return computed(tx, (team, indirect), now, page);
    }
    let sql = if indirect {
        concat!(
            nested!(),
            " SELECT DISTINCT m.member FROM membership m WHERE m.team IN (SELECT team FROM nested) AND m.member > $2 \
             ORDER BY m.member LIMIT $3"
        )
    } else {
        "SELECT member FROM membership WHERE team = $1 AND member > $2 ORDER BY member LIMIT $3"
    };
    let values = [team.get().into(), page.0.into(), page.1.into()];
    rows(tx, sql, &values, |row| Ok(SubjectId::new(row.id(0)?)))
}

/// The same where kinds of principals and grants have a say.
fn computed(
    tx: &mut dyn Tx,
    (team, indirect): (TeamId, bool),
    now: Timestamp,
    (after, limit): (u32, u32),
) -> Result<Vec<SubjectId>, Error> {
    let sql = if indirect {
        concat!(
            in_teams!(),
            ", inside (subject) AS (SELECT b.member FROM belongs b WHERE b.team = $2 \
             UNION SELECT b.member FROM belongs b JOIN inside i ON b.team = i.subject) \
             SELECT subject FROM inside WHERE subject > $3 ORDER BY subject LIMIT $4"
        )
    } else {
        concat!(
            in_teams!(),
            " SELECT DISTINCT member FROM belongs WHERE team = $2 AND member > $3 ORDER BY member LIMIT $4"
        )
    };
    let values = [now.millis().into(), team.get().into(), after.into(), limit.into()];
    rows(tx, sql, &values, |row| Ok(SubjectId::new(row.id(0)?)))
}

/// How many permanent tokens somebody has that are not revoked.
pub(crate) fn tokens_counted(tx: &mut dyn Tx, owner: PrincipalId) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM token WHERE owner = $1 AND state < 2 AND kind <> 's'";
    one(tx, sql, &[owner.get().into()], |row| row.count(0))
}

/// How many grants name a role.
pub(crate) fn holders_counted(tx: &mut dyn Tx, role: domain::RoleId) -> Result<u64, Error> {
    let sql = "SELECT count(*) FROM \"grant\" WHERE role = $1";
    one(tx, sql, &[role.get().into()], |row| row.count(0))
}

/// Authorises the requested rights of an application in a project; false if they are.
pub(crate) fn authorise(
    tx: &mut dyn Tx,
    application: PrincipalId,
    project: domain::ProjectId,
    requested: domain::Permissions,
) -> Result<bool, Error> {
    let sql = "SELECT id FROM \"limit\" WHERE principal = $1 AND node = $2";
    if maybe(tx, sql, &[application.get().into(), project.get().into()], |_| Ok(()))?.is_some() {
        return Ok(false);
    }
    let sql = "INSERT INTO \"limit\" (principal, node, permissions) VALUES ($1, $2, $3)";
    let bits = u32::from(requested.bits());
    tx.execute(sql, &[application.get().into(), project.get().into(), bits.into()])?;
    Ok(true)
}

/// Takes that back; false if they are not.
pub(crate) fn withdraw(
    tx: &mut dyn Tx,
    application: PrincipalId,
    project: domain::ProjectId,
) -> Result<bool, Error> {
    let sql = "DELETE FROM \"limit\" WHERE principal = $1 AND node = $2";
    Ok(tx.execute(sql, &[application.get().into(), project.get().into()])? > 0)
}
