//! Statements that read the rows that decide: everything at start, single objects after a change.

use std::collections::HashMap;

use domain::{
    AuthorisedScope, BuiltinRole, GrantFact, GrantId, GrantedWhat, NodeId, Permissions, PrincipalFact,
    PrincipalId, PrincipalKind, ProjectFact, ProjectId, RepositoryFact, RepositoryPath, RoleFact, RoleId,
    SubjectId, TeamFact, TeamId, Timestamp,
};

use super::row::{row, select};
use super::{Tx, Value, rows};
use crate::error::Error;

/// All rows of a kind, or the one with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    One(u32),
}

impl Which {
    /// One text serves both: the first parameter switches the filter off.
    const fn values(self) -> [Value<'static>; 2] {
        match self {
            Self::All => [Value::Int(1), Value::Int(0)],
            Self::One(id) => [Value::Int(0), Value::id(id)],
        }
    }
}

/// A principal, but for where its request was authorised.
struct PrincipalRow {
    id: PrincipalId,
    kind: PrincipalKind,
    requested: Option<Permissions>,
}

row! { PrincipalRow { id: "subject", kind, requested } }

struct RoleRow<'r> {
    id: RoleId,
    project: Option<ProjectId>,
    name: &'r str,
    builtin: bool,
    permissions: Permissions,
}

row! { RoleRow<'r> { id, project, name, builtin, permissions } }

row! { ProjectFact { id: "p.node", key: "p.key", team: "t.subject" } }

row! { RepositoryPath { project: "p.key", repository: "r.name" } }

row! {
    RepositoryFact {
        id: "r.node",
        project: "r.project",
        path: RepositoryPath::COLUMNS,
        format: "r.format",
        mode: "r.mode",
    }
}

struct GrantRow {
    id: GrantId,
    subject: SubjectId,
    node: NodeId,
    role: Option<RoleId>,
    permissions: Option<Permissions>,
    expires: Option<Timestamp>,
}

row! { GrantRow { id, subject, node, role, permissions, expires: "expires_at" } }

/// Principals but the anonymous one.
pub(crate) fn principals(tx: &mut dyn Tx, which: Which) -> Result<Vec<PrincipalFact>, Error> {
    let mut authorised: HashMap<u32, Vec<ProjectId>> = HashMap::new();
    let sql = "SELECT principal, node FROM \"limit\" WHERE principal IS NOT NULL AND (CAST($1 AS BIGINT) = 1 OR principal = $2) ORDER BY node";
    tx.each(sql, &which.values(), &mut |row| {
        authorised.entry(row.id(0)?).or_default().push(ProjectId::new(row.id(1)?));
        Ok(())
    })?;
    let sql = select!(
        PrincipalRow,
        "FROM principal WHERE subject <> 5 AND (CAST($1 AS BIGINT) = 1 OR subject = $2) ORDER BY subject"
    );
    rows(tx, sql, &which.values(), |row| {
        Ok(PrincipalFact {
            id: row.id,
            kind: row.kind,
            requested: row.requested.map(|permissions| AuthorisedScope {
                permissions,
                projects: authorised.remove(&row.id.get()).unwrap_or_default(),
            }),
        })
    })
}

/// Teams but the three computed ones of the organisation.
pub(crate) fn teams(tx: &mut dyn Tx, which: Which) -> Result<Vec<TeamFact>, Error> {
    let mut members: HashMap<u32, Vec<SubjectId>> = HashMap::new();
    let sql =
        "SELECT team, member FROM membership WHERE CAST($1 AS BIGINT) = 1 OR team = $2 ORDER BY team, member";
    tx.each(sql, &which.values(), &mut |row| {
        members.entry(row.id(0)?).or_default().push(SubjectId::new(row.id(1)?));
        Ok(())
    })?;
    let sql = "SELECT subject FROM team WHERE subject > 3 AND (CAST($1 AS BIGINT) = 1 OR subject = $2) ORDER BY subject";
    rows(tx, sql, &which.values(), |row| {
        let id = row.id(0)?;
        Ok(TeamFact { id: TeamId::new(id), members: members.remove(&id).unwrap_or_default() })
    })
}

pub(crate) fn roles(tx: &mut dyn Tx, which: Which) -> Result<Vec<RoleFact>, Error> {
    let sql = select!(RoleRow<'_>, "FROM role WHERE CAST($1 AS BIGINT) = 1 OR id = $2 ORDER BY id");
    rows(tx, sql, &which.values(), |row| {
        let builtin = if row.builtin { BuiltinRole::parse(row.name) } else { None };
        Ok(RoleFact { id: row.id, project: row.project, builtin, permissions: row.permissions })
    })
}

pub(crate) fn projects(tx: &mut dyn Tx, which: Which) -> Result<Vec<ProjectFact>, Error> {
    let sql = select!(
        ProjectFact,
        "FROM project p JOIN team t ON t.project = p.node \
         WHERE CAST($1 AS BIGINT) = 1 OR p.node = $2 ORDER BY p.node"
    );
    rows(tx, sql, &which.values(), Ok)
}

pub(crate) fn repositories(tx: &mut dyn Tx, which: Which) -> Result<Vec<RepositoryFact>, Error> {
    let sql = select!(
        RepositoryFact,
        "FROM repository r JOIN project p ON p.node = r.project \
         WHERE r.project <> 2 AND (CAST($1 AS BIGINT) = 1 OR r.node = $2) ORDER BY r.node"
    );
    rows(tx, sql, &which.values(), Ok)
}

pub(crate) fn grants(tx: &mut dyn Tx, which: Which) -> Result<Vec<GrantFact>, Error> {
    let sql = select!(GrantRow, "FROM \"grant\" WHERE CAST($1 AS BIGINT) = 1 OR id = $2 ORDER BY id");
    rows(tx, sql, &which.values(), |row| {
        let what = match (row.role, row.permissions) {
            (Some(role), None) => GrantedWhat::Role(role),
            (None, Some(permissions)) => GrantedWhat::Permissions(permissions),
            _ => return Err(Error::corrupt("a grant is neither of a role nor of permissions")),
        };
        Ok(GrantFact { id: row.id, subject: row.subject, node: row.node, what, expires: row.expires })
    })
}
