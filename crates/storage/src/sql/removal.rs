//! Statements that take nodes and subjects away, with everything that names them.

use domain::{
    GrantId, NodeId, PrincipalId, ProjectId, RepositoryId, RoleId, SubjectId, TeamId, Timestamp, TokenId,
};

use super::{Columns, Tx, blobs, maybe, one, rows};
use crate::error::Error;

/// Rows of each table that one step takes away.
const STEP_ROWS: u32 = 250;
/// Links that one step takes away: of each it is noted where to look for bytes that nobody needs.
const UNLINKED_ROWS: u32 = 100;

/// What the rows of a repository that is gone are taken away with, one table after another and piece by piece; what remains is little
/// and goes with the repository's own row. Names go before links, so that nothing has a content that is not linked.
const PIECES: [&str; 10] = [
    "DELETE FROM delivery WHERE id IN (SELECT d.id FROM delivery d JOIN webhook w ON w.id = d.webhook \
     WHERE w.node = $1 LIMIT $2)",
    "DELETE FROM entry WHERE id IN (SELECT id FROM entry WHERE repository = $1 LIMIT $2)",
    "DELETE FROM findable WHERE id IN (SELECT id FROM findable WHERE repository = $1 LIMIT $2)",
    "DELETE FROM catalog WHERE (repository, package_key, name_key) IN \
     (SELECT repository, package_key, name_key FROM catalog WHERE repository = $1 LIMIT $2)",
    "DELETE FROM tombstone WHERE (repository, kind, package_key, name_key) IN \
     (SELECT repository, kind, package_key, name_key FROM tombstone WHERE repository = $1 LIMIT $2)",
    "DELETE FROM pin WHERE (repository, kind, package_key, name_key) IN \
     (SELECT repository, kind, package_key, name_key FROM pin WHERE repository = $1 LIMIT $2)",
    "DELETE FROM usage_package_day WHERE (repository, package_key, day) IN \
     (SELECT repository, package_key, day FROM usage_package_day WHERE repository = $1 LIMIT $2)",
    "DELETE FROM usage_package WHERE (repository, package_key) IN \
     (SELECT repository, package_key FROM usage_package WHERE repository = $1 LIMIT $2)",
    "DELETE FROM usage_repository WHERE (repository, day) IN \
     (SELECT repository, day FROM usage_repository WHERE repository = $1 LIMIT $2)",
    "DELETE FROM advisory WHERE (repository, id) IN (SELECT repository, id FROM advisory WHERE repository = $1 LIMIT $2)",
];

/// The grants at exactly this node.
pub(crate) fn grants_at(tx: &mut dyn Tx, node: NodeId) -> Result<Vec<GrantId>, Error> {
    let sql = "SELECT id FROM \"grant\" WHERE node = $1 ORDER BY id";
    rows(tx, sql, &[node.get().into()], |row| Ok(GrantId::new(row.id(0)?)))
}

/// The grants to a subject, wherever.
pub(crate) fn grants_to(tx: &mut dyn Tx, subject: SubjectId) -> Result<Vec<GrantId>, Error> {
    let sql = "SELECT id FROM \"grant\" WHERE subject = $1 ORDER BY id";
    rows(tx, sql, &[subject.get().into()], |row| Ok(GrantId::new(row.id(0)?)))
}

/// The grants of a role, wherever.
pub(crate) fn grants_of(tx: &mut dyn Tx, role: RoleId) -> Result<Vec<GrantId>, Error> {
    let sql = "SELECT id FROM \"grant\" WHERE role = $1 ORDER BY id";
    rows(tx, sql, &[role.get().into()], |row| Ok(GrantId::new(row.id(0)?)))
}

/// The tokens limited to a node, among others.
pub(crate) fn tokens_limited_to(tx: &mut dyn Tx, node: NodeId) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT token FROM \"limit\" WHERE node = $1 AND token IS NOT NULL ORDER BY token";
    rows(tx, sql, &[node.get().into()], |row| Ok(TokenId::new(row.count(0)?)))
}

/// The applications whose requested rights were authorised at a node, by id, after `after`.
pub(crate) fn authorised_at(
    tx: &mut dyn Tx,
    node: NodeId,
    after: u32,
    limit: u32,
) -> Result<Vec<PrincipalId>, Error> {
    let sql =
        "SELECT principal FROM \"limit\" WHERE node = $1 AND principal > $2 ORDER BY principal LIMIT $3";
    rows(tx, sql, &[node.get().into(), after.into(), limit.into()], |row| Ok(PrincipalId::new(row.id(0)?)))
}

pub(crate) fn delete_limits_at(tx: &mut dyn Tx, node: NodeId) -> Result<(), Error> {
    tx.execute("DELETE FROM \"limit\" WHERE node = $1", &[node.get().into()]).map(drop)
}

/// The teams that a subject is in directly.
pub(crate) fn teams_with(tx: &mut dyn Tx, member: SubjectId) -> Result<Vec<TeamId>, Error> {
    let sql = "SELECT team FROM membership WHERE member = $1 ORDER BY team";
    rows(tx, sql, &[member.get().into()], |row| Ok(TeamId::new(row.id(0)?)))
}

/// All tokens of a principal, whatever their state.
pub(crate) fn tokens_owned(tx: &mut dyn Tx, owner: PrincipalId) -> Result<Vec<TokenId>, Error> {
    let sql = "SELECT id FROM token WHERE owner = $1 ORDER BY id";
    rows(tx, sql, &[owner.get().into()], |row| Ok(TokenId::new(row.count(0)?)))
}

/// The roles of a project and its computed team.
pub(crate) fn parts_of_project(tx: &mut dyn Tx, project: ProjectId) -> Result<(Vec<RoleId>, TeamId), Error> {
    let sql = "SELECT id FROM role WHERE project = $1 ORDER BY id";
    let roles = rows(tx, sql, &[project.get().into()], |row| Ok(RoleId::new(row.id(0)?)))?;
    let sql = "SELECT subject FROM team WHERE project = $1";
    Ok((roles, one(tx, sql, &[project.get().into()], |row| Ok(TeamId::new(row.id(0)?)))?))
}

/// The repositories of a project.
pub(crate) fn repositories_in(tx: &mut dyn Tx, project: ProjectId) -> Result<Vec<RepositoryId>, Error> {
    let sql = "SELECT node FROM repository WHERE project = $1 ORDER BY node";
    rows(tx, sql, &[project.get().into()], |row| Ok(RepositoryId::new(row.id(0)?)))
}

/// Takes a repository away: its name is free at once, its rows go in pieces, the bytes of its uploads with the next sweep.
pub(crate) fn remove_repository(tx: &mut dyn Tx, id: RepositoryId) -> Result<(), Error> {
    let name = format!("#{id}");
    let sql = "UPDATE repository SET project = 2, name = $1 WHERE node = $2";
    tx.execute(sql, &[name.as_str().into(), id.get().into()])?;
    tx.execute("UPDATE upload SET discarded = 1 WHERE repository = $1", &[id.get().into()]).map(drop)
}

/// Takes a project away in which nothing is left, with its roles and its computed team.
pub(crate) fn delete_project(tx: &mut dyn Tx, id: ProjectId, team: TeamId) -> Result<(), Error> {
    tx.execute("DELETE FROM project WHERE node = $1", &[id.get().into()])?;
    tx.execute("DELETE FROM node WHERE id = $1", &[id.get().into()])?;
    tx.execute("DELETE FROM subject WHERE id = $1", &[team.get().into()]).map(drop)
}

/// Takes a principal away with its log-in names, tokens, memberships and grants.
pub(crate) fn delete_principal(tx: &mut dyn Tx, id: PrincipalId) -> Result<(), Error> {
    tx.execute("DELETE FROM principal WHERE subject = $1", &[id.get().into()])?;
    tx.execute("DELETE FROM subject WHERE id = $1", &[id.get().into()]).map(drop)
}

/// Takes a team away with its memberships and grants.
pub(crate) fn delete_team(tx: &mut dyn Tx, id: TeamId) -> Result<(), Error> {
    tx.execute("DELETE FROM team WHERE subject = $1", &[id.get().into()])?;
    tx.execute("DELETE FROM subject WHERE id = $1", &[id.get().into()]).map(drop)
}

/// Takes a role away with its grants.
pub(crate) fn delete_role(tx: &mut dyn Tx, id: RoleId) -> Result<(), Error> {
    tx.execute("DELETE FROM role WHERE id = $1", &[id.get().into()]).map(drop)
}

/// Takes some rows of a removed repository away; false if there is none. One whose uploads still have bytes waits for those.
pub(crate) fn sweep_removed(tx: &mut dyn Tx, now: Timestamp) -> Result<bool, Error> {
    let sql = "SELECT r.node FROM repository r WHERE r.project = 2 \
               AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.repository = r.node) ORDER BY r.node LIMIT 1";
    let Some(id) = maybe(tx, sql, &[], |row: &dyn Columns| row.id(0))? else { return Ok(false) };
    for piece in PIECES {
        if tx.execute(piece, &[id.into(), STEP_ROWS.into()])? > 0 {
            return Ok(true);
        }
    }
    if !unlink_some(tx, RepositoryId::new(id), now)? {
        tx.execute("DELETE FROM repository WHERE node = $1", &[id.into()])?;
        tx.execute("DELETE FROM node WHERE id = $1", &[id.into()])?;
    }
    Ok(true)
}

/// Takes some links of a removed repository away; false if there is none.
fn unlink_some(tx: &mut dyn Tx, repository: RepositoryId, now: Timestamp) -> Result<bool, Error> {
    let sql = "SELECT blob FROM link WHERE repository = $1 ORDER BY blob LIMIT $2";
    let linked = rows(tx, sql, &[repository.get().into(), UNLINKED_ROWS.into()], |row| row.int(0))?;
    for blob in &linked {
        blobs::unlink(tx, repository, *blob, (now, false))?;
    }
    Ok(!linked.is_empty())
}
