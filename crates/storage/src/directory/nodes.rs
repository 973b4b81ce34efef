use std::sync::Arc;

use domain::{
    Access, BuiltinRole, Format, Granted, NodeId, Permission, Permissions, ProjectId, ProjectKey,
    RepositoryId, RepositoryName, RepositoryPolicy, RepositorySettings, TeamId, Visibility,
};

use serde_json::Value;

use super::change::{Author, Change};
use super::event::{Document, Event, Turn};
use super::{Directory, InForce, grants};
use crate::error::{DirectoryError, Error};
use crate::policy_cache::PolicyCache;
use crate::sql::nodes::{self, GrantRecord, ProjectRow};
use crate::sql::records::ChangedKind;
use crate::sql::{Tx, directory as rows, organisation, repositories};

/// A project to make.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// Its key.
    pub key: ProjectKey,
    /// Its title, for people; at most 800 bytes.
    pub title: Box<str>,
    /// What it is for; at most 4,096 bytes.
    pub description: Box<str>,
    /// Whether every member may read in it; `None` for the organisation's preset.
    pub access: Option<Access>,
}

/// A repository to make.
#[derive(Debug, Clone)]
pub struct NewRepository {
    /// Its name in the project.
    pub name: RepositoryName,
    /// What it is for; at most 4,096 bytes.
    pub description: Box<str>,
    /// The protocol it speaks.
    pub format: Format,
    /// Whether anonymous callers may read.
    pub visibility: Visibility,
    /// Its policy; `None` for that of a new repository.
    pub policy: Option<RepositoryPolicy>,
}

/// Longest title, in bytes.
const TITLE_BYTES_MAX: usize = 800;
/// Longest description, in bytes.
const DESCRIPTION_BYTES_MAX: usize = 4096;

impl Directory {
    /// Makes a repository public or private.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn set_visibility(
        &self,
        may: &Granted<RepositorySettings>,
        visibility: Visibility,
    ) -> Result<InForce, DirectoryError> {
        let repository = may.node().id();
        let set = move |change: &mut Change<'_>| {
            if nodes::node_name(change.tx, repository.into())?.is_none() {
                return Err(Error::Absent);
            }
            set_visibility(change, repository, visibility).map(drop)
        };
        match visibility {
            Visibility::Private => Ok(self.narrow(Author::of(may), set).await?),
            Visibility::Public => Ok(self.change(Author::of(may), set).await?.1),
        }
    }

    /// Whether anonymous callers may read it.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn visibility(&self, may: &Granted<RepositorySettings>) -> Result<Visibility, DirectoryError> {
        let repository = may.node().id();
        Ok(self.database.point(move |tx: &mut dyn Tx| visibility(tx, repository)).await?)
    }

    /// The policy of a repository.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn policy(
        &self,
        may: &Granted<RepositorySettings>,
    ) -> Result<RepositoryPolicy, DirectoryError> {
        let (repository, policies) = (may.node().id(), Arc::clone(&self.policies));
        let read = move |tx: &mut dyn Tx| repositories::policy(tx, &policies, repository);
        self.database.point(read).await?.ok_or(DirectoryError::Absent)
    }

    /// Replaces the policy of a repository.
    ///
    /// # Errors
    /// `Absent` if it is gone, `Refused` if the policy is of another format.
    pub async fn set_policy(
        &self,
        may: &Granted<RepositorySettings>,
        policy: RepositoryPolicy,
    ) -> Result<InForce, DirectoryError> {
        let (repository, policies) = (may.node().id(), Arc::clone(&self.policies));
        let set = move |change: &mut Change<'_>| {
            let name = nodes::node_name(change.tx, repository.into())?.ok_or(Error::Absent)?;
            set_policy(change, &policies, (repository, &name), &policy).map(drop)
        };
        Ok(self.change(Author::of(may), set).await?.1)
    }
}

/// Makes a project with its own copies of the roles, its computed team, and what `org-members` hold in it.
pub(super) fn create_project(change: &mut Change<'_>, new: &NewProject) -> Result<ProjectId, Error> {
    described(&new.title, &new.description)?;
    let access = match new.access {
        Some(access) => access,
        None => organisation::organisation(change.tx)?.new_projects,
    };
    let id = nodes::insert_project(change.tx, &new.key, (&new.title, &new.description), access, change.now)?;
    let team = rows::insert_team(change.tx, &format!("project-team:{}", new.key), Some(id), change.now)?;
    let made = Turn::Made(project_document(&new.title, &new.description, access));
    project_happened(change, "project.create", (id, &new.key), made)?;
    change.mark(ChangedKind::Team, team.get().into())?;
    for builtin in BuiltinRole::ALL.into_iter().filter(|role| role.copied_to_projects()) {
        let name = builtin.as_str();
        let template = nodes::role_named(change.tx, None, name)?.map(|role| role.permissions);
        let mut permissions = template.unwrap_or_else(|| builtin.template());
        if builtin == BuiltinRole::OrganisationMember {
            permissions = of_members(access);
        }
        let role = nodes::insert_role(change.tx, Some(id), name, true, permissions, change.now)?;
        change.mark(ChangedKind::Role, role.get().into())?;
        if builtin == BuiltinRole::OrganisationMember {
            grants::put_plain(change, "grant.put", (TeamId::ORG_MEMBERS.into(), id.into()), Ok(role))?;
        }
    }
    Ok(id)
}

/// Makes whoever made a project its administrator.
pub(super) fn administer(change: &mut Change<'_>, id: ProjectId) -> Result<(), Error> {
    let Some(maker) = change.author().principal() else { return Ok(()) };
    let role = nodes::role_named(change.tx, Some(id), BuiltinRole::ProjectAdmin.as_str())?;
    let role = role.ok_or_else(|| Error::corrupt("a project has no project-admin"))?;
    grants::put_plain(change, "grant.put", (maker.into(), id.into()), Ok(role.id))
}

/// Sets title, description and access of a project; `None` keeps what it has.
pub(super) fn update_project(
    change: &mut Change<'_>,
    key: &ProjectKey,
    (title, description): (Option<&str>, Option<&str>),
    access: Option<Access>,
) -> Result<(), Error> {
    let present = nodes::project(change.tx, key)?.ok_or(Error::Absent)?;
    let wanted = ProjectRow {
        title: title.unwrap_or(&present.title).into(),
        description: description.unwrap_or(&present.description).into(),
        access: access.unwrap_or(present.access),
        ..present.clone()
    };
    set_project(change, &present, &wanted)
}

/// Sets what can be set about a project.
pub(super) fn set_project(
    change: &mut Change<'_>,
    present: &ProjectRow,
    wanted: &ProjectRow,
) -> Result<(), Error> {
    described(&wanted.title, &wanted.description)?;
    let opened = wanted.access != present.access;
    if wanted.title == present.title && wanted.description == present.description && !opened {
        return Ok(());
    }
    nodes::set_project(change.tx, wanted)?;
    let id = present.id;
    let shown = |row: &ProjectRow| project_document(&row.title, &row.description, row.access);
    let turn = Turn::Changed { before: shown(present), after: shown(wanted) };
    project_happened(change, "project.update", (id, &present.key), turn)?;
    if !opened {
        return Ok(());
    }
    let role = nodes::role_named(change.tx, Some(id), BuiltinRole::OrganisationMember.as_str())?;
    let role = role.ok_or_else(|| Error::corrupt("a project has no organisation-member"))?;
    nodes::set_role(change.tx, role.id, of_members(wanted.access))?;
    let (kind, object) = (ChangedKind::Role.into(), role.id.get().into());
    let shown = |access| Document::default().with("access", rows::access_text(access));
    let turn = Turn::Changed { before: shown(present.access), after: shown(wanted.access) };
    let (action, node, name) = ("project.access", id.into(), present.key.as_str());
    change.happened(&Event { action, node, kind, object, name, of: None, turn })
}

/// What can be set about a project.
pub(super) fn project_document(title: &str, description: &str, access: Access) -> Document {
    let shown = Document::default().with("title", title).with("description", description);
    shown.with("access", rows::access_text(access))
}

pub(super) fn project_happened(
    change: &mut Change<'_>,
    action: &str,
    (id, key): (ProjectId, &ProjectKey),
    turn: Turn,
) -> Result<(), Error> {
    let (kind, object, name) = (ChangedKind::Project.into(), id.get().into(), key.as_str());
    change.happened(&Event { action, node: id.into(), kind, object, name, of: None, turn })
}

pub(super) fn create_repository(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    (project, key): (ProjectId, &ProjectKey),
    new: &NewRepository,
) -> Result<RepositoryId, Error> {
    described("", &new.description)?;
    let policy = match &new.policy {
        Some(policy) => policy.clone(),
        None => policies.new_policy(new.format)?.into(),
    };
    let id = nodes::insert_repository(change.tx, project, &new.name, new.format, change.now)?;
    if !new.description.is_empty() {
        nodes::set_description(change.tx, id, &new.description)?;
    }
    let name = format!("{key}/{}", new.name);
    let made = Document::default().with("format", new.format.as_str()).with("description", &*new.description);
    let made = made.with("policy", policy_value(&policy)).with("reserved_prefixes", prefixes(&policy));
    repository_happened(change, "repository.create", (id, &name), Turn::Made(made))?;
    repositories::set_policy(change.tx, policies, id, &policy)?;
    if new.visibility == Visibility::Public {
        set_visibility(change, id, Visibility::Public)?;
    }
    Ok(id)
}

/// Sets the description of a repository.
pub(super) fn describe(
    change: &mut Change<'_>,
    (id, name): (RepositoryId, &str),
    (before, after): (&str, &str),
) -> Result<(), Error> {
    described("", after)?;
    if before == after {
        return Ok(());
    }
    nodes::set_description(change.tx, id, after)?;
    let shown = |text: &str| Document::default().with("description", text);
    let turn = Turn::Changed { before: shown(before), after: shown(after) };
    repository_happened(change, "repository.update", (id, name), turn)
}

/// Sets the policy of a repository; false if it has that already.
pub(super) fn set_policy(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    (id, name): (RepositoryId, &str),
    policy: &RepositoryPolicy,
) -> Result<bool, Error> {
    let present = repositories::policy(change.tx, policies, id)?;
    let changed = repositories::set_policy(change.tx, policies, id, policy)?;
    if changed {
        let shown = |policy: &RepositoryPolicy| {
            let document = Document::default().with("policy", policy_value(policy));
            document.with("reserved_prefixes", prefixes(policy))
        };
        let (before, after) = (present.as_ref().map(shown).unwrap_or_default(), shown(policy));
        repository_happened(change, "repository.policy", (id, name), Turn::Changed { before, after })?;
    }
    Ok(changed)
}

/// The document of a policy, field by field.
fn policy_value(policy: &RepositoryPolicy) -> Value {
    serde_json::from_str(policy.own.document()).unwrap_or_default()
}

fn prefixes(policy: &RepositoryPolicy) -> Vec<&str> {
    policy.reserved_prefixes.iter().map(|prefix| &**prefix).collect()
}

pub(super) fn repository_happened(
    change: &mut Change<'_>,
    action: &str,
    (id, name): (RepositoryId, &str),
    turn: Turn,
) -> Result<(), Error> {
    let (kind, object, node) = (ChangedKind::Repository.into(), id.get().into(), id.into());
    change.happened(&Event { action, node, kind, object, name, of: None, turn })
}

/// Whether a repository has the grant that makes it public.
pub(super) fn visibility(tx: &mut dyn Tx, repository: RepositoryId) -> Result<Visibility, Error> {
    let grant = nodes::grant_named(tx, TeamId::ANYONE.into(), repository.into(), None)?;
    let public =
        grant.and_then(|grant| grant.permissions).is_some_and(|some| some.contains(Permission::Read));
    Ok(if public { Visibility::Public } else { Visibility::Private })
}

/// Public is a grant of `read` to `anyone`; false if it is so already.
pub(super) fn set_visibility(
    change: &mut Change<'_>,
    repository: RepositoryId,
    visibility: Visibility,
) -> Result<bool, Error> {
    let node = NodeId::from(repository);
    let read = Permissions::of(&[Permission::Read]);
    let present = nodes::grant_named(change.tx, TeamId::ANYONE.into(), node, None)?;
    match (visibility, present) {
        (Visibility::Private, None) => Ok(false),
        (Visibility::Private, Some(grant)) => {
            nodes::delete_grant(change.tx, grant.id)?;
            grants::gone_away(change, "repository.private", &grant)?;
            Ok(true)
        }
        (Visibility::Public, None) => {
            grants::put_plain(change, "repository.public", (TeamId::ANYONE.into(), node), Err(read))?;
            Ok(true)
        }
        (Visibility::Public, Some(grant)) => {
            let has = grant.permissions.unwrap_or_default();
            if has.contains(Permission::Read) && grant.expires.is_none() {
                return Ok(false);
            }
            let permissions = Some(has.union(read));
            nodes::update_grant(change.tx, grant.id, permissions, None)?;
            let after = GrantRecord { permissions, expires: None, ..grant.clone() };
            grants::changed(change, "repository.public", &grant, &after)?;
            Ok(true)
        }
    }
}

/// What the `organisation-member` role of a project holds.
pub(super) const fn of_members(access: Access) -> Permissions {
    match access {
        Access::Internal => Permissions::of(&[Permission::Read]),
        Access::Closed => Permissions::NONE,
    }
}

/// Bounds of what people read.
pub(super) fn described(title: &str, description: &str) -> Result<(), Error> {
    if title.len() > TITLE_BYTES_MAX || title.chars().any(char::is_control) {
        return Err(Error::refused("a title has at most 800 bytes and no control characters"));
    }
    let odd = |letter: char| letter.is_control() && letter != '\n';
    if description.len() > DESCRIPTION_BYTES_MAX || description.chars().any(odd) {
        return Err(Error::refused(
            "a description has at most 4,096 bytes and no control characters but ends of lines",
        ));
    }
    Ok(())
}
