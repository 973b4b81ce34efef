//! Statements that read the rows that decide: everything at start, single objects after a change.

use std::collections::HashMap;

use domain::{
    AuthorisedScope, BuiltinRole, Format, GrantFact, GrantId, GrantedWhat, Mode, NodeId, Permissions,
    PrincipalFact, PrincipalId, PrincipalKind, ProjectFact, ProjectId, ProjectKey, RepositoryFact,
    RepositoryId, RepositoryName, RepositoryPath, RoleFact, RoleId, SubjectId, TeamFact, TeamId, Timestamp,
};

use super::{Columns, Tx, Value, rows};
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

/// Principals but the anonymous one.
pub(crate) fn principals(tx: &mut dyn Tx, which: Which) -> Result<Vec<PrincipalFact>, Error> {
    let mut authorised: HashMap<u32, Vec<ProjectId>> = HashMap::new();
    let sql = "SELECT principal, node FROM \"limit\" WHERE principal IS NOT NULL AND (CAST($1 AS BIGINT) = 1 OR principal = $2) ORDER BY node";
    tx.each(sql, &which.values(), &mut |row| {
        authorised.entry(row.id(0)?).or_default().push(ProjectId::new(row.id(1)?));
        Ok(())
    })?;
    let sql = "SELECT subject, kind, requested FROM principal WHERE subject <> 5 AND (CAST($1 AS BIGINT) = 1 OR subject = $2) ORDER BY subject";
    rows(tx, sql, &which.values(), |row| {
        let id = row.id(0)?;
        let requested = row.opt_id(2)?.map(permissions).transpose()?;
        Ok(PrincipalFact {
            id: PrincipalId::new(id),
            kind: principal_kind(row.text(1)?)?,
            requested: requested.map(|permissions| AuthorisedScope {
                permissions,
                projects: authorised.remove(&id).unwrap_or_default(),
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
    let sql = "SELECT id, project, name, builtin, permissions FROM role WHERE CAST($1 AS BIGINT) = 1 OR id = $2 ORDER BY id";
    rows(tx, sql, &which.values(), |row| {
        Ok(RoleFact {
            id: RoleId::new(row.id(0)?),
            project: row.opt_id(1)?.map(ProjectId::new),
            builtin: if row.flag(3)? { BuiltinRole::parse(row.text(2)?) } else { None },
            permissions: permissions(row.id(4)?)?,
        })
    })
}

pub(crate) fn projects(tx: &mut dyn Tx, which: Which) -> Result<Vec<ProjectFact>, Error> {
    let sql = "SELECT p.node, p.key, t.subject FROM project p JOIN team t ON t.project = p.node \
               WHERE CAST($1 AS BIGINT) = 1 OR p.node = $2 ORDER BY p.node";
    rows(tx, sql, &which.values(), |row| {
        Ok(ProjectFact {
            id: ProjectId::new(row.id(0)?),
            key: ProjectKey::parse(row.text(1)?)?,
            team: TeamId::new(row.id(2)?),
        })
    })
}

pub(crate) fn repositories(tx: &mut dyn Tx, which: Which) -> Result<Vec<RepositoryFact>, Error> {
    let sql = "SELECT r.node, r.project, p.key, r.name, r.format, r.mode FROM repository r JOIN project p ON p.node = r.project \
               WHERE r.project <> 2 AND (CAST($1 AS BIGINT) = 1 OR r.node = $2) ORDER BY r.node";
    rows(tx, sql, &which.values(), |row| {
        let (project, repository) = (ProjectKey::parse(row.text(2)?)?, RepositoryName::parse(row.text(3)?)?);
        Ok(RepositoryFact {
            id: RepositoryId::new(row.id(0)?),
            project: ProjectId::new(row.id(1)?),
            path: RepositoryPath { project, repository },
            format: Format::parse(row.text(4)?)?,
            mode: Mode::parse(row.text(5)?)?,
        })
    })
}

pub(crate) fn grants(tx: &mut dyn Tx, which: Which) -> Result<Vec<GrantFact>, Error> {
    let sql = "SELECT id, subject, node, role, permissions, expires_at FROM \"grant\" WHERE CAST($1 AS BIGINT) = 1 OR id = $2 ORDER BY id";
    rows(tx, sql, &which.values(), |row| {
        let what = match (row.opt_id(3)?, row.opt_id(4)?) {
            (Some(role), None) => GrantedWhat::Role(RoleId::new(role)),
            (None, Some(bits)) => GrantedWhat::Permissions(permissions(bits)?),
            _ => return Err(Error::corrupt("a grant is neither of a role nor of permissions")),
        };
        Ok(GrantFact {
            id: GrantId::new(row.id(0)?),
            subject: SubjectId::new(row.id(1)?),
            node: NodeId::new(row.id(2)?),
            what,
            expires: timestamp(row, 5)?,
        })
    })
}

pub(crate) fn permissions(bits: u32) -> Result<Permissions, Error> {
    let bits = u16::try_from(bits).map_err(|_| Error::corrupt("a permission mask is out of range"))?;
    Ok(Permissions::from_bits(bits))
}

pub(crate) fn principal_kind(text: &str) -> Result<PrincipalKind, Error> {
    [
        PrincipalKind::Member,
        PrincipalKind::Collaborator,
        PrincipalKind::Guest,
        PrincipalKind::Application,
        PrincipalKind::Anonymous,
    ]
    .into_iter()
    .find(|kind| kind.as_str() == text)
    .ok_or_else(|| Error::corrupt("a principal has an unknown kind"))
}

pub(crate) fn timestamp(row: &dyn Columns, column: usize) -> Result<Option<Timestamp>, Error> {
    Ok(row.opt_int(column)?.map(Timestamp::from_millis))
}
