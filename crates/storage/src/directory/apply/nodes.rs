//! The organisation, projects, repositories and roles of a plan.

use domain::{
    Access, BuiltinRole, NodeId, Permission, Permissions, ProjectId, ProjectKey, RepositoryId, Visibility,
};

use crate::directory::declared::Elements;
use crate::directory::event::{Event, Turn};
use crate::directory::giving::{self, Gift};
use crate::directory::merge::{Merge, Stands};
use crate::directory::nodes::{self as making, NewProject, NewRepository};
use crate::directory::object::Object;
use crate::directory::organisation;
use crate::directory::plan::{OrganisationSpec, ProjectSpec, RepositorySpec, RoleSpec};
use crate::directory::roles;
use crate::error::Error;
use crate::policy_cache::PolicyCache;
use crate::sql::directory::access_text;
use crate::sql::records::ChangedKind;
use crate::sql::{nodes, repositories};

/// What a new installation is called.
const SHIPPED_NAME: &str = "wharfinger";
const SHIPPED_TITLE: &str = "Wharfinger";

pub(super) fn organisation(merge: &mut Merge<'_, '_>, spec: &OrganisationSpec) -> Result<(), Error> {
    let object = Object::organisation();
    if !merge.allowed(&object, "/", &[Permission::OrganisationManage])? {
        return Ok(());
    }
    merge.stands(&object, true)?;
    for (field, shipped) in
        [("name", SHIPPED_NAME), ("title", SHIPPED_TITLE), ("new_projects", access_text(Access::Closed))]
    {
        merge.came_with(&object, field, shipped, &object)?;
    }
    let present = organisation::present(merge.change.tx)?;
    let mut wanted = present.clone();
    if merge.settle(&object, "name", &spec.name, &present.name)? {
        wanted.name.clone_from(&spec.name);
    }
    if let Some(title) = &spec.title
        && merge.settle(&object, "title", title, &present.title)?
    {
        wanted.title.clone_from(title);
    }
    if let Some(access) = spec.new_projects
        && merge.settle(&object, "new_projects", access_text(access), access_text(present.new_projects))?
    {
        wanted.new_projects = access;
    }
    let aliases = present.aliases.iter().map(|alias| alias.to_string()).collect();
    let named = spec.aliases.iter().map(|alias| alias.to_string()).collect();
    if let Some(aliases) = merge.settle_list(&object, "aliases", &named, &aliases)? {
        wanted.aliases = aliases.iter().map(|alias| alias.as_str().into()).collect();
    }
    organisation::set(merge.change, &present, &wanted)
}

pub(super) fn project(
    merge: &mut Merge<'_, '_>,
    policies: &PolicyCache,
    spec: &ProjectSpec,
) -> Result<(), Error> {
    let object = Object::project(&spec.key);
    let present = nodes::project(merge.change.tx, &spec.key)?;
    let (on, right) = match &present {
        Some(_) => (spec.key.as_str(), Permission::RepositorySettings),
        None => ("/", Permission::ProjectCreate),
    };
    if !merge.allowed(&object, on, &[right])? {
        take_along(merge, spec);
        return Ok(());
    }
    match merge.stands(&object, present.is_some())? {
        Stands::There => {}
        Stands::New => {
            let title = spec.title.clone().unwrap_or_else(|| spec.key.as_str().into());
            let description = spec.description.clone().unwrap_or_default();
            let new = NewProject { key: spec.key.clone(), title, description, access: spec.access };
            let id = making::create_project(merge.change, &new)?;
            if merge.made_project(id) {
                making::administer(merge.change, id)?;
            }
        }
        Stands::Gone => {
            take_along(merge, spec);
            return Ok(());
        }
    }
    let present = nodes::project(merge.change.tx, &spec.key)?.ok_or(Error::Absent)?;
    let title = match &spec.title {
        Some(title) => merge.settle(&object, "title", title, &present.title)?.then_some(&**title),
        None => merge.leave(&object, "title", &present.title).map(|()| None)?,
    };
    let description = match &spec.description {
        Some(text) => merge.settle(&object, "description", text, &present.description)?.then_some(&**text),
        None => merge.leave(&object, "description", &present.description).map(|()| None)?,
    };
    let text = access_text(present.access);
    let opens = merge.may(spec.key.as_str(), &[Permission::AccessManage])?;
    let access = match spec.access {
        Some(access) if access != present.access && !opens => {
            merge.denies(&object, Some("access"), None);
            None
        }
        Some(access) => merge.settle(&object, "access", access_text(access), text)?.then_some(access),
        None => merge.leave(&object, "access", text).map(|()| None)?,
    };
    making::update_project(merge.change, &spec.key, (title, description), access)?;
    for wanted in &spec.roles {
        project_role(merge, present.id, &object, &spec.key, wanted)?;
    }
    spec.repositories
        .iter()
        .try_for_each(|wanted| repository(merge, policies, (present.id, &spec.key), wanted))
}

/// What lay in a project that somebody removed.
fn take_along(merge: &mut Merge<'_, '_>, spec: &ProjectSpec) {
    let key = &spec.key;
    merge.goes_too(&Object::team(&format!("project-team:{key}")));
    for repository in &spec.repositories {
        merge.goes_too(&Object::repository(&format!("{key}/{}", repository.name)));
    }
    for role in &spec.roles {
        merge.goes_too(&Object::role(&role.name, key.as_str()));
    }
    for publisher in &spec.publishers {
        merge.goes_too(&Object::publisher(&format!("{key}/{}", publisher.name)));
    }
}

fn repository(
    merge: &mut Merge<'_, '_>,
    policies: &PolicyCache,
    (project, key): (ProjectId, &ProjectKey),
    spec: &RepositorySpec,
) -> Result<(), Error> {
    let name = format!("{key}/{}", spec.name);
    let object = Object::repository(&name);
    let present = nodes::repository(merge.change.tx, project, &spec.name)?;
    let (on, right) = match &present {
        Some(_) => (&*name, Permission::RepositorySettings),
        None => (key.as_str(), Permission::RepositoryCreate),
    };
    if !merge.allowed(&object, on, &[right])? {
        return Ok(());
    }
    let (id, format) = match (merge.stands(&object, present.is_some())?, present) {
        (Stands::Gone, _) => return Ok(()),
        (_, Some(present)) => present,
        (_, None) => {
            let new = NewRepository {
                name: spec.name.clone(),
                description: spec.description.clone().unwrap_or_default(),
                format: spec.format,
                visibility: spec.visibility,
                policy: spec.policy.clone(),
            };
            let id = making::create_repository(merge.change, policies, (project, key), &new)?;
            merge.made_repository(id);
            (id, spec.format)
        }
    };
    let since = merge.is_seed() && merge.declared(&object, "format") == Some(spec.format.as_str());
    if format != spec.format && !since {
        return Err(Error::refused(format!("{name} has the format {format}, which cannot be changed")));
    }
    // Another repository of this name was made since.
    if format != spec.format {
        return merge.settle(&object, "format", spec.format.as_str(), format.as_str()).map(drop);
    }
    merge.leave(&object, "format", format.as_str())?;
    describe(merge, (id, &object), spec)?;
    let granted = object.seen_as(ChangedKind::Grant, &format!("team:anyone on {name}"));
    let visibility = word(making::visibility(merge.change.tx, id)?);
    if merge.settle(&granted, "visibility", word(spec.visibility), visibility)? {
        making::set_visibility(merge.change, id, spec.visibility)?;
    }
    policy(merge, policies, (id, &object), spec)
}

fn describe(
    merge: &mut Merge<'_, '_>,
    (id, object): (RepositoryId, &Object),
    spec: &RepositorySpec,
) -> Result<(), Error> {
    let row = nodes::repository_by_id(merge.change.tx, id)?.ok_or(Error::Absent)?;
    match &spec.description {
        Some(wanted) if merge.settle(object, "description", wanted, &row.description)? => {
            making::describe(merge.change, (id, &row.path.to_string()), (&row.description, wanted))
        }
        Some(_) => Ok(()),
        None => merge.leave(object, "description", &row.description),
    }
}

/// What is the format's own, and what every format has.
fn policy(
    merge: &mut Merge<'_, '_>,
    policies: &PolicyCache,
    (id, object): (RepositoryId, &Object),
    spec: &RepositorySpec,
) -> Result<(), Error> {
    let present = repositories::policy(merge.change.tx, policies, id)?.ok_or(Error::Absent)?;
    let prefixes = present.reserved_prefixes.join(" ");
    let Some(wanted) = &spec.policy else {
        merge.leave(object, "policy", present.own.document())?;
        return merge.leave(object, "reserved_prefixes", &prefixes);
    };
    let mut policy = present.clone();
    if merge.settle(object, "policy", wanted.own.document(), present.own.document())? {
        policy.own = wanted.own.clone();
    }
    if merge.settle(object, "reserved_prefixes", &wanted.reserved_prefixes.join(" "), &prefixes)? {
        policy.reserved_prefixes.clone_from(&wanted.reserved_prefixes);
    }
    let name = nodes::node_name(merge.change.tx, id.into())?.unwrap_or_default();
    making::set_policy(merge.change, policies, (id, &name), &policy).map(drop)
}

const fn word(visibility: Visibility) -> &'static str {
    match visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    }
}

pub(super) fn organisation_role(merge: &mut Merge<'_, '_>, spec: &RoleSpec) -> Result<(), Error> {
    let object = Object::role(&spec.name, "/");
    if let Some(builtin) = BuiltinRole::parse(&spec.name) {
        let shipped = lines(&words(builtin.template()));
        merge.came_with(&object, "permissions", &shipped, &object)?;
    }
    role(merge, None, &object, "/", spec)
}

/// A project's copies of roles came with it.
fn project_role(
    merge: &mut Merge<'_, '_>,
    id: ProjectId,
    project: &Object,
    key: &ProjectKey,
    spec: &RoleSpec,
) -> Result<(), Error> {
    let object = Object::role(&spec.name, key.as_str());
    if let Some(builtin) = BuiltinRole::parse(&spec.name) {
        let copied = match builtin {
            BuiltinRole::OrganisationMember => {
                let access = nodes::project(merge.change.tx, key)?.map(|row| row.access);
                making::of_members(access.unwrap_or(Access::Closed))
            }
            _ => nodes::role_named(merge.change.tx, None, &spec.name)?
                .map_or_else(|| builtin.template(), |role| role.permissions),
        };
        merge.came_with(&object, "permissions", &lines(&words(copied)), project)?;
    }
    role(merge, Some(id), &object, key.as_str(), spec)
}

/// Makes or edits a role of a project or of the organisation, within what docs/design.md 2 fixes.
fn role(
    merge: &mut Merge<'_, '_>,
    project: Option<ProjectId>,
    object: &Object,
    place: &str,
    spec: &RoleSpec,
) -> Result<(), Error> {
    let name = &*spec.name;
    if name.is_empty() || name.len() > 64 || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::refused(format!("malformed role name {name}")));
    }
    role_holds(name, project.is_some(), spec.permissions)?;
    if !merge.allowed(object, place, &[Permission::AccessManage])? {
        return Ok(());
    }
    let present = nodes::role_named(merge.change.tx, project, name)?;
    let wanted = words(spec.permissions);
    let had = present.as_ref().map_or(Permissions::NONE, |role| role.permissions);
    let added = spec.permissions.difference(had).closed();
    if let Some(giver) = merge.giver(place, None)?.filter(|_| !added.is_empty()) {
        let (what, node) = (format!("role {name}"), project.map_or(NodeId::ORGANISATION, NodeId::from));
        let gift = Gift { what: &what, node, permissions: added, expires: None };
        let given = giving::may_give(merge.change, &giver, &gift);
        if merge.given(object, given)?.is_none() {
            return Ok(());
        }
    }
    let (action, id, turn) = match (merge.stands(object, present.is_some())?, present) {
        (Stands::Gone, _) => return Ok(()),
        (_, Some(present)) => {
            let held = words(present.permissions);
            let Some(permissions) = merge.settle_list(object, "permissions", &wanted, &held)? else {
                return Ok(());
            };
            let permissions = permissions.iter().map(|word| Permission::parse(word));
            let permissions = permissions.collect::<Result<Permissions, _>>()?;
            nodes::set_role(merge.change.tx, present.id, permissions)?;
            let (before, after) = (roles::holds(present.permissions), roles::holds(permissions));
            ("role.update", present.id, Turn::Changed { before, after })
        }
        (_, None) => {
            merge.settle_list(object, "permissions", &wanted, &Elements::new())?;
            let (tx, now) = (&mut *merge.change.tx, merge.change.now);
            let id = nodes::insert_role(tx, project, name, false, spec.permissions, now)?;
            ("role.create", id, Turn::Made(roles::holds(spec.permissions)))
        }
    };
    let (kind, object, name) = (ChangedKind::Role.into(), id.get().into(), &*format!("{name} in {place}"));
    let node = project.map_or(NodeId::ORGANISATION, NodeId::from);
    merge.change.happened(&Event { action, node, kind, object, name, of: None, turn })
}

fn role_holds(name: &str, in_project: bool, permissions: Permissions) -> Result<(), Error> {
    if permissions.contains(Permission::DirectoryManage) {
        return Err(Error::refused(format!("role {name}: directory-manage is held through org-admins only")));
    }
    if in_project && permissions.iter().any(Permission::organisation_only) {
        return Err(Error::refused(format!(
            "role {name}: a permission means something on the organisation only"
        )));
    }
    match BuiltinRole::parse(name) {
        Some(BuiltinRole::Collaborator | BuiltinRole::Guest | BuiltinRole::OrganisationAdmin) => {
            Err(Error::refused(format!("role {name} cannot be edited")))
        }
        Some(BuiltinRole::OrganisationMember)
            if !Permissions::of(&[Permission::Read]).contains_all(permissions) =>
        {
            Err(Error::refused(format!("role {name} can be given read and nothing else")))
        }
        _ => Ok(()),
    }
}

fn words(permissions: Permissions) -> Elements {
    permissions.iter().map(|permission| permission.as_str().to_owned()).collect()
}

/// A list as memory has it.
fn lines(elements: &Elements) -> String {
    elements.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
}
