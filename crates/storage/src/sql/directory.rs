//! Statements about principals, teams, memberships and the organisation; see `nodes` for projects, repositories and grants.

use domain::{
    Access, Login, Permissions, PrincipalId, PrincipalKind, ProjectId, SubjectId, TeamId, Timestamp,
};

use super::row::{row, select};
use super::{Tx, Value, credentials, maybe, one, rows};
use crate::error::Error;

/// A principal as administration sees it.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalRow {
    pub(crate) id: PrincipalId,
    pub(crate) kind: PrincipalKind,
    pub(crate) name: Box<str>,
    pub(crate) email: Option<Box<str>>,
    pub(crate) suspended: bool,
    pub(crate) password_hash: Option<Box<str>>,
    pub(crate) requested: Option<Permissions>,
    pub(crate) title: Box<str>,
    pub(crate) created_at: Timestamp,
    pub(crate) must_change: bool,
}

/// A principal to make.
pub(crate) struct PrincipalInsert<'a> {
    pub(crate) kind: PrincipalKind,
    pub(crate) name: &'a str,
    pub(crate) email: Option<&'a str>,
    pub(crate) suspended: bool,
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) requested: Option<Permissions>,
}

/// A team as administration sees it.
#[derive(Debug, Clone)]
pub(crate) struct TeamRow {
    pub(crate) id: TeamId,
    pub(crate) name: Box<str>,
    pub(crate) builtin: bool,
    pub(crate) title: Box<str>,
    pub(crate) created_at: Timestamp,
}

row! {
    PrincipalRow {
        id: "p.subject",
        kind: "p.kind",
        name: "p.name",
        email: "p.email",
        suspended: "p.suspended",
        password_hash: "p.password_hash",
        requested: "p.requested",
        title: "p.title",
        created_at: "p.created_at",
        must_change: "p.password_must_change",
    }
}

row! { TeamRow { id: "subject", name, builtin, title, created_at } }

pub(crate) fn principal(tx: &mut dyn Tx, id: PrincipalId) -> Result<Option<PrincipalRow>, Error> {
    maybe(tx, select!(PrincipalRow, "FROM principal p WHERE p.subject = $1"), &[id.get().into()], Ok)
}

/// By kind and folded name.
pub(crate) fn principal_named(
    tx: &mut dyn Tx,
    kind: PrincipalKind,
    name: &str,
) -> Result<Option<PrincipalRow>, Error> {
    let key = name.to_lowercase();
    let sql = select!(PrincipalRow, "FROM principal p WHERE p.kind = $1 AND p.name_key = $2");
    maybe(tx, sql, &[kind.as_str().into(), key.as_str().into()], Ok)
}

/// By any name it may give at log-in.
pub(crate) fn principal_by_login(tx: &mut dyn Tx, login: &Login) -> Result<Option<PrincipalRow>, Error> {
    let sql = select!(
        PrincipalRow,
        "FROM principal p JOIN principal_login l ON l.principal = p.subject WHERE l.login = $1"
    );
    maybe(tx, sql, &[login.as_str().into()], Ok)
}

pub(crate) fn insert_principal(
    tx: &mut dyn Tx,
    new: &PrincipalInsert<'_>,
    now: Timestamp,
) -> Result<PrincipalId, Error> {
    let subject = insert_subject(tx, "principal")?;
    let key = new.name.to_lowercase();
    // Who has no password gets no bearer for one; the number is drawn with the first.
    let generation = if new.password_hash.is_some() { credentials::drawn_generation()? } else { 0 };
    let inserted = tx.execute(
        "INSERT INTO principal (subject, kind, name, name_key, title, email, suspended, password_hash, generation, \
         requested, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        &[
            subject.into(),
            new.kind.as_str().into(),
            new.name.into(),
            key.as_str().into(),
            new.name.into(),
            new.email.into(),
            new.suspended.into(),
            new.password_hash.into(),
            generation.into(),
            new.requested.map(|some| u32::from(some.bits())).into(),
            now.millis().into(),
        ],
    )?;
    if inserted == 1 { Ok(PrincipalId::new(subject)) } else { Err(Error::Exists) }
}

/// Gives a principal a name to log in with.
pub(crate) fn insert_login(
    tx: &mut dyn Tx,
    id: PrincipalId,
    login: &Login,
    position: u32,
) -> Result<(), Error> {
    let inserted = tx.execute(
        "INSERT INTO principal_login (login, principal, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        &[login.as_str().into(), id.get().into(), position.into()],
    )?;
    if inserted == 1 { Ok(()) } else { Err(Error::Exists) }
}

/// Names a principal may give at log-in, in order.
pub(crate) fn logins(tx: &mut dyn Tx, id: PrincipalId) -> Result<Vec<Login>, Error> {
    let sql = "SELECT login FROM principal_login WHERE principal = $1 ORDER BY position";
    rows(tx, sql, &[id.get().into()], |row| Ok(Login::parse(row.text(0)?)?))
}

pub(crate) fn delete_login(tx: &mut dyn Tx, id: PrincipalId, login: &Login) -> Result<(), Error> {
    let sql = "DELETE FROM principal_login WHERE principal = $1 AND login = $2";
    tx.execute(sql, &[id.get().into(), login.as_str().into()])?;
    Ok(())
}

pub(crate) fn set_suspended(tx: &mut dyn Tx, id: PrincipalId, suspended: bool) -> Result<(), Error> {
    let sql = "UPDATE principal SET suspended = $1 WHERE subject = $2";
    tx.execute(sql, &[suspended.into(), id.get().into()])?;
    Ok(())
}

pub(crate) fn set_email(tx: &mut dyn Tx, id: PrincipalId, email: Option<&str>) -> Result<(), Error> {
    let sql = "UPDATE principal SET email = $1 WHERE subject = $2";
    tx.execute(sql, &[email.into(), id.get().into()])?;
    Ok(())
}

/// Sets what an application requests, and where that was authorised.
pub(crate) fn set_requested(
    tx: &mut dyn Tx,
    id: PrincipalId,
    requested: Option<Permissions>,
    projects: &[ProjectId],
) -> Result<(), Error> {
    let bits = requested.map(|some| u32::from(some.bits()));
    tx.execute("UPDATE principal SET requested = $1 WHERE subject = $2", &[bits.into(), id.get().into()])?;
    tx.execute("DELETE FROM \"limit\" WHERE principal = $1", &[id.get().into()])?;
    for project in projects {
        tx.execute(
            "INSERT INTO \"limit\" (principal, node, permissions) VALUES ($1, $2, $3)",
            &[id.get().into(), project.get().into(), bits.unwrap_or_default().into()],
        )?;
    }
    Ok(())
}

/// Where the requested rights of an application were authorised.
pub(crate) fn authorised(tx: &mut dyn Tx, id: PrincipalId) -> Result<Vec<ProjectId>, Error> {
    let sql = "SELECT node FROM \"limit\" WHERE principal = $1 ORDER BY node";
    rows(tx, sql, &[id.get().into()], |row| Ok(ProjectId::new(row.id(0)?)))
}

pub(crate) fn team_named(tx: &mut dyn Tx, name: &str) -> Result<Option<TeamRow>, Error> {
    let key = name.to_lowercase();
    maybe(tx, select!(TeamRow, "FROM team WHERE name_key = $1"), &[key.as_str().into()], Ok)
}

pub(crate) fn team(tx: &mut dyn Tx, id: TeamId) -> Result<Option<TeamRow>, Error> {
    maybe(tx, select!(TeamRow, "FROM team WHERE subject = $1"), &[id.get().into()], Ok)
}

pub(crate) fn team_of_project(tx: &mut dyn Tx, project: ProjectId) -> Result<Option<TeamRow>, Error> {
    maybe(tx, select!(TeamRow, "FROM team WHERE project = $1"), &[project.get().into()], Ok)
}

/// Makes a team; `project` for the computed one of a project.
pub(crate) fn insert_team(
    tx: &mut dyn Tx,
    name: &str,
    project: Option<ProjectId>,
    now: Timestamp,
) -> Result<TeamId, Error> {
    let subject = insert_subject(tx, "team")?;
    let key = name.to_lowercase();
    let inserted = tx.execute(
        "INSERT INTO team (subject, name, name_key, title, builtin, project, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &[
            subject.into(),
            name.into(),
            key.as_str().into(),
            name.into(),
            project.is_some().into(),
            project.map(ProjectId::get).into(),
            now.millis().into(),
        ],
    )?;
    if inserted == 1 { Ok(TeamId::new(subject)) } else { Err(Error::Exists) }
}

/// Direct members, ascending.
pub(crate) fn members(tx: &mut dyn Tx, team: TeamId) -> Result<Vec<SubjectId>, Error> {
    let sql = "SELECT member FROM membership WHERE team = $1 ORDER BY member";
    rows(tx, sql, &[team.get().into()], |row| Ok(SubjectId::new(row.id(0)?)))
}

/// The direct members of a team as they are written: `member:alice`, `team:others`.
pub(crate) fn member_texts(tx: &mut dyn Tx, team: TeamId) -> Result<Vec<Box<str>>, Error> {
    let sql = "SELECT coalesce(p.kind || ':' || p.name, 'team:' || t.name) FROM membership m \
               LEFT JOIN principal p ON p.subject = m.member LEFT JOIN team t ON t.subject = m.member WHERE m.team = $1";
    rows(tx, sql, &[team.get().into()], |row| Ok(row.text(0)?.into()))
}

/// Puts somebody into a team: by hand, or as this provider of log-ins says.
pub(crate) fn insert_member(
    tx: &mut dyn Tx,
    team: TeamId,
    member: SubjectId,
    (now, source): (Timestamp, Option<i64>),
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO membership (team, member, created_at, source) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        &[team.get().into(), member.get().into(), now.millis().into(), source.into()],
    )?;
    Ok(())
}

pub(crate) fn delete_member(tx: &mut dyn Tx, team: TeamId, member: SubjectId) -> Result<(), Error> {
    let sql = "DELETE FROM membership WHERE team = $1 AND member = $2";
    tx.execute(sql, &[team.get().into(), member.get().into()])?;
    Ok(())
}

/// How many active principals are in `org-admins`, directly or through teams.
pub(crate) fn active_administrators(tx: &mut dyn Tx) -> Result<u64, Error> {
    one(
        tx,
        "WITH RECURSIVE inside (subject) AS (SELECT member FROM membership WHERE team = 4 \
         UNION SELECT m.member FROM membership m JOIN inside i ON m.team = i.subject) \
         SELECT count(*) FROM principal p JOIN inside i ON i.subject = p.subject WHERE p.suspended = 0",
        &[],
        |row| row.count(0),
    )
}

fn insert_subject(tx: &mut dyn Tx, kind: &str) -> Result<u32, Error> {
    one(tx, "INSERT INTO subject (kind) VALUES ($1) RETURNING id", &[kind.into()], |row| row.id(0))
}

pub(crate) const fn access_text(access: Access) -> &'static str {
    match access {
        Access::Internal => "internal",
        Access::Closed => "closed",
    }
}

/// A permission mask as a value.
pub(crate) fn mask(permissions: Permissions) -> Value<'static> {
    Value::Int(permissions.bits().into())
}
