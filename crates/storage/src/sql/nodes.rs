//! Statements about projects, repositories, roles and grants.

use domain::{
    Access, Format, GrantId, Mode, NodeId, Permissions, ProjectId, ProjectKey, RepositoryId, RepositoryName,
    RepositoryPath, RoleId, SubjectId, Timestamp,
};

use super::directory::{access_text, mask};
use super::row::{row, select};
use super::{Tx, Value, maybe, one, rows};
use crate::error::Error;
use crate::model::PlaceRow;

/// A project as administration sees it.
#[derive(Debug, Clone)]
pub(crate) struct ProjectRow {
    pub(crate) id: ProjectId,
    pub(crate) key: ProjectKey,
    pub(crate) title: Box<str>,
    pub(crate) description: Box<str>,
    pub(crate) access: Access,
    pub(crate) created_at: Timestamp,
}

/// A repository as administration sees it, but for its rules.
#[derive(Debug, Clone)]
pub(crate) struct RepositoryRow {
    pub(crate) id: RepositoryId,
    pub(crate) path: RepositoryPath,
    pub(crate) format: Format,
    pub(crate) description: Box<str>,
    /// What is its format's own of its policy, as text.
    pub(crate) policy: Box<str>,
    pub(crate) created_at: Timestamp,
    /// Whether `anyone` may read it.
    pub(crate) public: bool,
}

/// What a repository holds.
#[derive(Debug)]
pub(crate) struct FormatRow {
    pub(crate) id: RepositoryId,
    pub(crate) name: Box<str>,
    pub(crate) format: Format,
}

/// A role as administration sees it.
#[derive(Debug, Clone)]
pub(crate) struct RoleRow {
    pub(crate) id: RoleId,
    pub(crate) name: Box<str>,
    pub(crate) builtin: bool,
    pub(crate) permissions: Permissions,
}

/// A grant as administration sees it.
#[derive(Debug, Clone)]
pub(crate) struct GrantRecord {
    pub(crate) id: GrantId,
    pub(crate) subject: SubjectId,
    pub(crate) node: NodeId,
    pub(crate) role: Option<RoleId>,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
}

/// A grant to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GrantInsert {
    pub(crate) subject: SubjectId,
    pub(crate) node: NodeId,
    pub(crate) role: Option<RoleId>,
    pub(crate) permissions: Option<Permissions>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) created_by: u32,
    pub(crate) now: Timestamp,
}

row! { ProjectRow { id: "node", key, title, description, access, created_at } }

row! {
    RepositoryRow {
        id: "r.node",
        path: RepositoryPath::COLUMNS,
        format: "r.format",
        description: "r.description",
        policy: "r.policy",
        created_at: "r.created_at",
        public: PUBLIC,
    }
}

/// A grant of `read`, the first bit, to `anyone`, the first subject.
const PUBLIC: &str =
    "(SELECT count(*) FROM \"grant\" g WHERE g.node = r.node AND g.subject = 1 AND g.permissions % 2 = 1)";

row! { PlaceRow { id: "r.node", path: RepositoryPath::COLUMNS, format: "r.format" } }

row! { FormatRow { id: "node", name, format } }

row! { RoleRow { id, name, builtin, permissions } }

row! { GrantRecord { id, subject, node, role, permissions, expires: "expires_at", created_at } }

/// Repositories.
macro_rules! select_repository {
    ($rest:literal) => {
        select!(RepositoryRow, "FROM repository r JOIN project p ON p.node = r.project ", $rest)
    };
}

/// Grants.
macro_rules! select_grant {
    ($rest:literal) => {
        select!(GrantRecord, "FROM \"grant\" ", $rest)
    };
}

pub(crate) fn project(tx: &mut dyn Tx, key: &ProjectKey) -> Result<Option<ProjectRow>, Error> {
    maybe(tx, select!(ProjectRow, "FROM project WHERE key = $1"), &[key.as_str().into()], Ok)
}

/// Projects by key, after `after`.
pub(crate) fn projects_after(tx: &mut dyn Tx, after: &str, limit: u32) -> Result<Vec<ProjectRow>, Error> {
    let sql = select!(ProjectRow, "FROM project WHERE key > $1 AND node <> 2 ORDER BY key LIMIT $2");
    rows(tx, sql, &[after.into(), limit.into()], Ok)
}

/// Projects by key, the last first, before `before`.
pub(crate) fn projects_before(
    tx: &mut dyn Tx,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<ProjectRow>, Error> {
    let sql = select!(ProjectRow, "FROM project WHERE key < $1 AND node <> 2 ORDER BY key DESC LIMIT $2");
    rows(tx, sql, &[before.unwrap_or(BEHIND_ALL).into(), limit.into()], Ok)
}

/// Projects by when they were made, after one of them.
pub(crate) fn projects_made_after(
    tx: &mut dyn Tx,
    after: Option<(Timestamp, ProjectId)>,
    limit: u32,
) -> Result<Vec<ProjectRow>, Error> {
    let sql = select!(
        ProjectRow,
        "FROM project WHERE (created_at, node) > ($1, $2) AND node <> 2 ORDER BY created_at, node LIMIT $3"
    );
    let (at, id) = after.map_or((i64::MIN, 0), |(at, id)| (at.millis(), id.get()));
    rows(tx, sql, &[at.into(), id.into(), limit.into()], Ok)
}

/// Projects by when they were made, the newest first, before one of them.
pub(crate) fn projects_made_before(
    tx: &mut dyn Tx,
    before: Option<(Timestamp, ProjectId)>,
    limit: u32,
) -> Result<Vec<ProjectRow>, Error> {
    let sql = select!(
        ProjectRow,
        "FROM project WHERE (created_at, node) < ($1, $2) AND node <> 2 ORDER BY created_at DESC, node DESC LIMIT $3"
    );
    let (at, id) = before.map_or((i64::MAX, 0), |(at, id)| (at.millis(), id.get()));
    rows(tx, sql, &[at.into(), id.into(), limit.into()], Ok)
}

/// Behind every key there can be.
const BEHIND_ALL: &str = "\u{10ffff}";

pub(crate) fn insert_project(
    tx: &mut dyn Tx,
    key: &ProjectKey,
    (title, description): (&str, &str),
    access: Access,
    now: Timestamp,
) -> Result<ProjectId, Error> {
    let node = insert_node(tx, "project")?;
    let inserted = tx.execute(
        "INSERT INTO project (node, key, title, description, access, created_at) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT DO NOTHING",
        &[
            node.into(),
            key.as_str().into(),
            title.into(),
            description.into(),
            access_text(access).into(),
            now.millis().into(),
        ],
    )?;
    if inserted == 1 { Ok(ProjectId::new(node)) } else { Err(Error::Exists) }
}

/// Sets what can be set about a project.
pub(crate) fn set_project(tx: &mut dyn Tx, row: &ProjectRow) -> Result<(), Error> {
    let sql = "UPDATE project SET title = $1, description = $2, access = $3 WHERE node = $4";
    let values = [
        (&*row.title).into(),
        (&*row.description).into(),
        access_text(row.access).into(),
        row.id.get().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// A repository's id and format by name.
pub(crate) fn repository(
    tx: &mut dyn Tx,
    project: ProjectId,
    name: &RepositoryName,
) -> Result<Option<(RepositoryId, Format)>, Error> {
    let sql = "SELECT node, format FROM repository WHERE project = $1 AND name = $2";
    maybe(tx, sql, &[project.get().into(), name.as_str().into()], |row| {
        Ok((RepositoryId::new(row.id(0)?), Format::parse(row.text(1)?)?))
    })
}

/// A repository by id.
pub(crate) fn repository_by_id(tx: &mut dyn Tx, id: RepositoryId) -> Result<Option<RepositoryRow>, Error> {
    maybe(tx, select_repository!("WHERE r.node = $1 AND r.project <> 2"), &[id.get().into()], Ok)
}

/// Repositories by project key and name, after those of `after`.
pub(crate) fn repositories_after(
    tx: &mut dyn Tx,
    (key, name): (&str, &str),
    limit: u32,
) -> Result<Vec<RepositoryRow>, Error> {
    let sql = select_repository!(
        "WHERE (p.key, r.name) > ($1, $2) AND p.node <> 2 ORDER BY p.key, r.name LIMIT $3"
    );
    rows(tx, sql, &[key.into(), name.into(), limit.into()], Ok)
}

/// Which repositories are asked about: all from one on, or those of a project, and those that `anyone` may read, or may not.
pub(crate) struct PlacesAsked<'q> {
    pub(crate) from: Option<&'q RepositoryPath>,
    pub(crate) project: Option<&'q ProjectKey>,
    pub(crate) is_public: Option<bool>,
}

/// Repositories by project key and name, all of them.
pub(crate) fn places(tx: &mut dyn Tx, asked: &PlacesAsked<'_>) -> Result<Vec<PlaceRow>, Error> {
    let sql = select!(
        PlaceRow,
        "FROM project p JOIN repository r ON r.project = p.node WHERE p.key >= $1 AND p.key <= $2 AND p.node <> 2 \
         AND (p.key > $1 OR r.name >= $3) AND (CAST($4 AS BIGINT) < 0 OR ",
        PUBLIC,
        " = $4) ORDER BY p.key, r.name"
    );
    let first = asked.project.map_or("", ProjectKey::as_str);
    let (first, name) = asked.from.map_or((first, ""), |path| match path.project.as_str() {
        key if key < first => (first, ""),
        key => (key, path.repository.as_str()),
    });
    // Behind every letter that keys are made of.
    let last = asked.project.map_or("~", ProjectKey::as_str);
    let is_public = asked.is_public.map_or(-1, i64::from);
    rows(tx, sql, &[first.into(), last.into(), name.into(), is_public.into()], Ok)
}

/// Repositories of a project by name, after `after`: name, id and format.
pub(crate) fn formats_in(
    tx: &mut dyn Tx,
    project: ProjectId,
    after: &str,
    limit: u32,
) -> Result<Vec<FormatRow>, Error> {
    let sql = select!(FormatRow, "FROM repository WHERE project = $1 AND name > $2 ORDER BY name LIMIT $3");
    rows(tx, sql, &[project.get().into(), after.into(), limit.into()], Ok)
}

/// Sets what a repository is described as.
pub(crate) fn set_description(tx: &mut dyn Tx, id: RepositoryId, text: &str) -> Result<(), Error> {
    let sql = "UPDATE repository SET description = $1 WHERE node = $2";
    tx.execute(sql, &[text.into(), id.get().into()]).map(drop)
}

/// Makes a repository with the rules of a new one.
pub(crate) fn insert_repository(
    tx: &mut dyn Tx,
    project: ProjectId,
    name: &RepositoryName,
    format: Format,
    now: Timestamp,
) -> Result<RepositoryId, Error> {
    let node = insert_node(tx, "repository")?;
    let inserted = tx.execute(
        "INSERT INTO repository (node, project, name, format, mode, description, immutable_tags, sparse_indexes, accept, \
         releases, strict_layout, duplicates, delete_means, reserved_prefixes, revision, created_at) \
         VALUES ($1, $2, $3, $4, $5, '', '', 1, 'mixed', 'write-once', 1, 'never', 'unlist', '', 0, $6) \
         ON CONFLICT DO NOTHING",
        &[
            node.into(),
            project.get().into(),
            name.as_str().into(),
            format.as_str().into(),
            Mode::Hosted.as_str().into(),
            now.millis().into(),
        ],
    )?;
    if inserted == 1 { Ok(RepositoryId::new(node)) } else { Err(Error::Exists) }
}

/// What a node is called: `/`, `alpha` or `alpha/jars`; `None` if it does not exist.
pub(crate) fn node_name(tx: &mut dyn Tx, node: NodeId) -> Result<Option<Box<str>>, Error> {
    if node == NodeId::ORGANISATION {
        return Ok(Some("/".into()));
    }
    maybe(
        tx,
        "SELECT key FROM project WHERE node = $1 UNION ALL \
         SELECT p.key || '/' || r.name FROM repository r JOIN project p ON p.node = r.project \
         WHERE r.node = $2 AND r.project <> 2",
        &[node.get().into(), node.get().into()],
        |row| Ok(row.text(0)?.into()),
    )
}

/// The project a node is or lies in.
pub(crate) fn project_of(tx: &mut dyn Tx, node: NodeId) -> Result<Option<ProjectId>, Error> {
    maybe(
        tx,
        "SELECT node FROM project WHERE node = $1 UNION ALL SELECT project FROM repository WHERE node = $2",
        &[node.get().into(), node.get().into()],
        |row| Ok(ProjectId::new(row.id(0)?)),
    )
}

/// A node and what it lies in, up to the organisation.
pub(crate) fn path_of(tx: &mut dyn Tx, node: NodeId) -> Result<Vec<NodeId>, Error> {
    let mut path = vec![node, NodeId::ORGANISATION];
    path.extend(project_of(tx, node)?.map(NodeId::from));
    Ok(path)
}

/// The role of this name, of a project or of the organisation.
pub(crate) fn role_named(
    tx: &mut dyn Tx,
    project: Option<ProjectId>,
    name: &str,
) -> Result<Option<RoleRow>, Error> {
    let sql = select!(RoleRow, "FROM role WHERE coalesce(project, 0) = $1 AND name = $2");
    maybe(tx, sql, &[project.map_or(0, ProjectId::get).into(), name.into()], Ok)
}

/// The roles of a project or of the organisation, by name, after `after`.
pub(crate) fn roles_after(
    tx: &mut dyn Tx,
    project: Option<ProjectId>,
    after: &str,
    limit: u32,
) -> Result<Vec<RoleRow>, Error> {
    let sql =
        select!(RoleRow, "FROM role WHERE coalesce(project, 0) = $1 AND name > $2 ORDER BY name LIMIT $3");
    rows(tx, sql, &[project.map_or(0, ProjectId::get).into(), after.into(), limit.into()], Ok)
}

pub(crate) fn role(tx: &mut dyn Tx, id: RoleId) -> Result<Option<RoleRow>, Error> {
    maybe(tx, select!(RoleRow, "FROM role WHERE id = $1"), &[id.get().into()], Ok)
}

pub(crate) fn insert_role(
    tx: &mut dyn Tx,
    project: Option<ProjectId>,
    name: &str,
    builtin: bool,
    permissions: Permissions,
    now: Timestamp,
) -> Result<RoleId, Error> {
    one(
        tx,
        "INSERT INTO role (project, name, builtin, permissions, created_at) VALUES ($1, $2, $3, $4, $5) RETURNING id",
        &[
            project.map(ProjectId::get).into(),
            name.into(),
            builtin.into(),
            mask(permissions),
            now.millis().into(),
        ],
        |row| Ok(RoleId::new(row.id(0)?)),
    )
}

pub(crate) fn set_role(tx: &mut dyn Tx, id: RoleId, permissions: Permissions) -> Result<(), Error> {
    tx.execute("UPDATE role SET permissions = $1 WHERE id = $2", &[mask(permissions), id.get().into()])?;
    Ok(())
}

pub(crate) fn grant(tx: &mut dyn Tx, id: GrantId) -> Result<Option<GrantRecord>, Error> {
    maybe(tx, select_grant!("WHERE id = $1"), &[id.get().into()], Ok)
}

/// The grant of this name: subject, node and role, or subject and node where it has permissions.
pub(crate) fn grant_named(
    tx: &mut dyn Tx,
    subject: SubjectId,
    node: NodeId,
    role: Option<RoleId>,
) -> Result<Option<GrantRecord>, Error> {
    let sql = select_grant!("WHERE subject = $1 AND node = $2 AND coalesce(role, 0) = $3");
    let values = [subject.get().into(), node.get().into(), role.map_or(0, RoleId::get).into()];
    maybe(tx, sql, &values, Ok)
}

pub(crate) fn insert_grant(tx: &mut dyn Tx, new: &GrantInsert) -> Result<GrantId, Error> {
    one(
        tx,
        "INSERT INTO \"grant\" (subject, node, role, permissions, expires_at, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        &[
            new.subject.get().into(),
            new.node.get().into(),
            new.role.map(RoleId::get).into(),
            new.permissions.map_or(Value::Null, mask),
            new.expires.map(Timestamp::millis).into(),
            new.created_by.into(),
            new.now.millis().into(),
        ],
        |row| Ok(GrantId::new(row.id(0)?)),
    )
}

pub(crate) fn update_grant(
    tx: &mut dyn Tx,
    id: GrantId,
    permissions: Option<Permissions>,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE \"grant\" SET permissions = $1, expires_at = $2 WHERE id = $3",
        &[permissions.map_or(Value::Null, mask), expires.map(Timestamp::millis).into(), id.get().into()],
    )?;
    Ok(())
}

pub(crate) fn delete_grant(tx: &mut dyn Tx, id: GrantId) -> Result<(), Error> {
    tx.execute("DELETE FROM \"grant\" WHERE id = $1", &[id.get().into()])?;
    Ok(())
}

/// The grants on a node itself, by id, after `after`.
pub(crate) fn grants_on(
    tx: &mut dyn Tx,
    node: NodeId,
    after: Option<GrantId>,
    limit: u32,
) -> Result<Vec<GrantRecord>, Error> {
    let sql = select_grant!("WHERE node = $1 AND id > $2 ORDER BY id LIMIT $3");
    rows(tx, sql, &[node.get().into(), after.map_or(0, GrantId::get).into(), limit.into()], Ok)
}

/// Every grant of a subject on a project and its repositories.
pub(crate) fn grants_within(
    tx: &mut dyn Tx,
    subject: SubjectId,
    project: ProjectId,
) -> Result<Vec<GrantRecord>, Error> {
    let sql = select_grant!(
        "WHERE subject = $1 AND (node = $2 OR node IN (SELECT node FROM repository WHERE project = $3)) ORDER BY id"
    );
    rows(tx, sql, &[subject.get().into(), project.get().into(), project.get().into()], Ok)
}

fn insert_node(tx: &mut dyn Tx, kind: &str) -> Result<u32, Error> {
    one(tx, "INSERT INTO node (kind) VALUES ($1) RETURNING id", &[kind.into()], |row| row.id(0))
}
