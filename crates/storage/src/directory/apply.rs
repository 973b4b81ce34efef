use std::sync::Arc;

use domain::{
    BuiltinRole, Login, NodeId, Permission, Permissions, PrincipalKind, ProjectId, ProjectKey, System,
    TokenState,
};

use super::change::{Author, Change, Event};
use super::nodes::{NewProject, NewRepository};
use super::plan::{
    ApplicationSpec, Applied, OrganisationSpec, PersonSpec, Plan, ProjectSpec, RepositorySpec, RoleSpec,
    TeamSpec, TokenSpec,
};
use super::principals::{self, NewPrincipal};
use super::tokens::{self, NewToken};
use super::{Directory, grants, names, nodes as making};
use crate::error::{DirectoryError, Error};
use crate::policy_cache::PolicyCache;
use crate::sql::credentials;
use crate::sql::directory::{self as rows, OrganisationRow, PrincipalRow};
use crate::sql::nodes;
use crate::sql::records::ChangedKind;

impl Directory {
    /// Brings everything a plan names to the state it says, in one transaction; applying it again changes nothing.
    ///
    /// # Errors
    /// `Refused` with the name as the plan gives it, and nothing is applied.
    pub async fn apply(&self, system: &System, plan: Plan) -> Result<Applied, DirectoryError> {
        let policies = Arc::clone(&self.policies);
        let run = move |change: &mut Change<'_>| {
            let mut applied = Applied::default();
            apply(change, &policies, &plan, &mut applied)?;
            applied.changed = change.changed;
            Ok(applied)
        };
        Ok(self.change(Author::system(system), run).await?.0)
    }
}

fn apply(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    plan: &Plan,
    applied: &mut Applied,
) -> Result<(), Error> {
    if let Some(spec) = &plan.organisation {
        organisation(change, spec)?;
    }
    for spec in &plan.projects {
        project(change, policies, spec)?;
    }
    for spec in &plan.roles {
        role(change, None, "/", spec)?;
    }
    for spec in &plan.persons {
        person(change, spec, applied)?;
    }
    for spec in &plan.applications {
        application(change, spec, applied)?;
    }
    // Teams first, members after: they may name each other.
    for spec in &plan.teams {
        if rows::team_named(change.tx, &spec.name)?.is_none() {
            make_team(change, &spec.name)?;
        }
    }
    for spec in &plan.teams {
        team(change, spec)?;
    }
    for spec in &plan.grants {
        grants::put_named(change, &spec.to, &spec.on, &spec.what, spec.expires).map_err(
            |error| match error {
                Error::Refused(why) => Error::refused(format!("grant to {} on {}: {why}", spec.to, spec.on)),
                other => other,
            },
        )?;
    }
    Ok(())
}

fn organisation(change: &mut Change<'_>, spec: &OrganisationSpec) -> Result<(), Error> {
    let present = rows::organisation(change.tx)?;
    let wanted = OrganisationRow {
        name: spec.name.clone(),
        title: spec.title.clone().unwrap_or_else(|| present.title.clone()),
        new_projects: spec.new_projects.unwrap_or(present.new_projects),
        token_days_max: present.token_days_max,
    };
    let mut aliases = spec.aliases.clone();
    aliases.sort_unstable();
    aliases.dedup();
    if wanted == present && rows::aliases(change.tx)? == aliases {
        return Ok(());
    }
    rows::set_organisation(change.tx, &wanted)?;
    rows::set_aliases(change.tx, &aliases)?;
    // Nothing of it decides; a project that does not exist tells followers that there is nothing to see.
    let (kind, object) = (ChangedKind::Project, NodeId::ORGANISATION.get().into());
    let (node, before) = (Some(NodeId::ORGANISATION), Some(&*present.name));
    let after = Some(&*wanted.name);
    change.happened(&Event { action: "organisation.update", node, kind, object, name: "/", before, after })
}

fn project(change: &mut Change<'_>, policies: &PolicyCache, spec: &ProjectSpec) -> Result<(), Error> {
    let id = match nodes::project(change.tx, &spec.key)? {
        Some(present) => {
            making::update_project(change, &spec.key, spec.title.as_deref(), spec.access)?;
            present.id
        }
        None => {
            let title = spec.title.clone().unwrap_or_else(|| spec.key.as_str().into());
            making::create_project(change, &NewProject { key: spec.key.clone(), title, access: spec.access })?
        }
    };
    for wanted in &spec.roles {
        role(change, Some(id), spec.key.as_str(), wanted)?;
    }
    for wanted in &spec.repositories {
        repository(change, policies, (id, &spec.key), wanted)?;
    }
    Ok(())
}

fn repository(
    change: &mut Change<'_>,
    policies: &PolicyCache,
    (project, key): (ProjectId, &ProjectKey),
    spec: &RepositorySpec,
) -> Result<(), Error> {
    let name = format!("{key}/{}", spec.name);
    let Some((id, format)) = nodes::repository(change.tx, project, &spec.name)? else {
        let new = NewRepository {
            name: spec.name.clone(),
            format: spec.format,
            visibility: spec.visibility,
            policy: spec.policy.clone(),
        };
        return making::create_repository(change, policies, (project, key), &new).map(drop);
    };
    if format != spec.format {
        return Err(Error::refused(format!("{name} has the format {format}, which cannot be changed")));
    }
    making::set_visibility(change, id, spec.visibility)?;
    if let Some(policy) = &spec.policy {
        making::set_policy(change, policies, (id, &name), policy)?;
    }
    Ok(())
}

/// Makes or edits a role of a project or of the organisation, within what docs/design.md 2 fixes.
fn role(
    change: &mut Change<'_>,
    project: Option<ProjectId>,
    place: &str,
    spec: &RoleSpec,
) -> Result<(), Error> {
    let name = &*spec.name;
    if name.is_empty() || name.len() > 64 || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(Error::refused(format!("malformed role name {name}")));
    }
    role_holds(name, project.is_some(), spec.permissions)?;
    let node = project.map_or(NodeId::ORGANISATION, NodeId::from);
    let (action, id) = match nodes::role_named(change.tx, project, name)? {
        Some(present) if present.permissions == spec.permissions => return Ok(()),
        Some(present) => {
            nodes::set_role(change.tx, present.id, spec.permissions)?;
            ("role.update", present.id)
        }
        None => (
            "role.create",
            nodes::insert_role(change.tx, project, name, false, spec.permissions, change.now)?,
        ),
    };
    let (after, label) = (names::words(spec.permissions), format!("{name} in {place}"));
    let (kind, object, node) = (ChangedKind::Role, id.get().into(), Some(node));
    change.happened(&Event { action, node, kind, object, name: &label, before: None, after: Some(&after) })
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

fn person(change: &mut Change<'_>, spec: &PersonSpec, applied: &mut Applied) -> Result<(), Error> {
    let text = format!("{}:{}", spec.kind.as_str(), spec.username);
    if !spec.kind.is_person() {
        return Err(Error::refused(format!("{text} is not a person")));
    }
    let login = Login::parse(&spec.username).map_err(|error| named(&text, &error))?;
    let alias = spec.email.as_deref().map(Login::parse).transpose().map_err(|error| named(&text, &error))?;
    let alias = alias.filter(|alias| *alias != login);
    let row = match rows::principal_named(change.tx, spec.kind, &spec.username)? {
        Some(row) => {
            principals::set_email(change, &row, spec.email.as_deref(), alias.as_ref())?;
            if let Some(hash) = &spec.password_hash {
                principals::set_password(change, &row, hash)?;
            }
            row
        }
        None => {
            let new = NewPrincipal {
                kind: spec.kind,
                name: &spec.username,
                email: spec.email.as_deref(),
                logins: std::iter::once(login).chain(alias).collect(),
                suspended: false,
                password_hash: spec.password_hash.as_deref(),
                requested: None,
            };
            let id = principals::create(change, &new)?;
            rows::principal(change.tx, id)?.ok_or(Error::Absent)?
        }
    };
    for token in &spec.tokens {
        put_token(change, &row, &text, token, applied)?;
    }
    spec.suspended.map_or(Ok(()), |suspended| principals::set_suspended(change, &row, suspended))
}

fn application(change: &mut Change<'_>, spec: &ApplicationSpec, applied: &mut Applied) -> Result<(), Error> {
    let text = format!("application:{}", spec.name);
    let mut projects = Vec::new();
    for key in &spec.authorised {
        projects.push(nodes::project(change.tx, key)?.ok_or_else(|| names::unknown(key.as_str()))?.id);
    }
    let present = rows::principal_named(change.tx, PrincipalKind::Application, &spec.name)?;
    let row = match present {
        Some(row) => {
            let logins = rows::logins(change.tx, row.id)?;
            if spec.client_id.as_ref().is_some_and(|wanted| logins.first() != Some(wanted)) {
                return Err(Error::refused(format!("{text} has another client ID, which cannot be changed")));
            }
            row
        }
        None => make_application(change, spec, &text, applied)?,
    };
    principals::set_requested(change, &row, spec.requested, projects)?;
    for token in &spec.tokens {
        put_token(change, &row, &text, token, applied)?;
    }
    spec.suspended.map_or(Ok(()), |suspended| principals::set_suspended(change, &row, suspended))
}

fn make_application(
    change: &mut Change<'_>,
    spec: &ApplicationSpec,
    text: &str,
    applied: &mut Applied,
) -> Result<PrincipalRow, Error> {
    if looks_like_a_client_id(&spec.name) {
        return Err(Error::refused(format!(
            "{text}: a name that looks like a client ID would be mistaken for one"
        )));
    }
    let made = spec.client_id.is_none();
    let client_id = spec.client_id.clone().or_else(|| spec.client_id_if_new.clone());
    let client_id = client_id.ok_or_else(|| Error::refused(format!("{text} needs a client ID")))?;
    let new = NewPrincipal {
        kind: PrincipalKind::Application,
        name: &spec.name,
        email: None,
        logins: vec![client_id.clone()],
        suspended: false,
        password_hash: None,
        requested: None,
    };
    let id = principals::create(change, &new)?;
    if made {
        applied.client_ids_made.push((spec.name.clone(), client_id));
    }
    rows::principal(change.tx, id)?.ok_or(Error::Absent)
}

/// Eight, four, four, four and twelve hexadecimal digits: the form in which client IDs are made.
fn looks_like_a_client_id(name: &str) -> bool {
    let groups: Vec<&str> = name.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Brings the token of this name to the wanted state; another secret replaces the old one. What an administrator disabled or
/// revoked since stays so.
fn put_token(
    change: &mut Change<'_>,
    owner: &PrincipalRow,
    text: &str,
    spec: &TokenSpec,
    applied: &mut Applied,
) -> Result<(), Error> {
    let mut stays = |what: &str| {
        let name = &spec.name;
        applied
            .warnings
            .push(format!("token {name} of {text} was {what} and stays so; give it a new secret").into());
    };
    let limits = tokens::resolve_limits(change.tx, spec.limits.as_deref())?;
    let known = credentials::token_listed(change.tx, spec.id)?;
    if known.as_ref().is_some_and(|known| known.owner != owner.id || known.name != spec.name) {
        let why = format!("the secret of token {} of {text} is another token's; make a new one", spec.name);
        return Err(Error::refused(why));
    }
    if let Some(present) = known {
        match present.state {
            TokenState::Revoked => stays("revoked"),
            TokenState::Disabled if !spec.disabled => stays("disabled"),
            TokenState::Active | TokenState::Disabled => return keep_token(change, &present, spec, limits),
        }
        return Ok(());
    }
    if let Some(old) = credentials::token_named(change.tx, owner.id, &spec.name)? {
        tokens::lower(change, &old, TokenState::Revoked)?;
    }
    let state = if spec.disabled { TokenState::Disabled } else { TokenState::Active };
    let (id, sha256, name, expires) = (spec.id, spec.sha256, spec.name.clone(), spec.expires);
    let new = NewToken { id, sha256, name, limits: None, expires };
    tokens::store(change, owner, &new, limits.as_deref(), state)
}

fn keep_token(
    change: &mut Change<'_>,
    present: &credentials::TokenListed,
    spec: &TokenSpec,
    limits: Option<Vec<(NodeId, Permissions)>>,
) -> Result<(), Error> {
    let had = if present.limited { Some(credentials::limits_of(change.tx, present.id)?) } else { None };
    if had != limits || present.expires != spec.expires {
        credentials::update_token(change.tx, present.id, limits.as_deref(), spec.expires)?;
        tokens::token_happened(change, "token.update", present.id, &present.name, present.owner)?;
    }
    if spec.disabled {
        tokens::lower(change, present, TokenState::Disabled)?;
    }
    Ok(())
}

fn make_team(change: &mut Change<'_>, name: &str) -> Result<(), Error> {
    if name.is_empty() || name.len() > 128 || name.contains(':') || name.chars().any(char::is_control) {
        return Err(Error::refused(format!("malformed team name {name}")));
    }
    let id = rows::insert_team(change.tx, name, None, change.now)?;
    let (kind, object, node) = (ChangedKind::Team, id.get().into(), Some(NodeId::ORGANISATION));
    change.happened(&Event { action: "team.create", node, kind, object, name, before: None, after: None })
}

fn team(change: &mut Change<'_>, spec: &TeamSpec) -> Result<(), Error> {
    let row = rows::team_named(change.tx, &spec.name)?.ok_or(Error::Absent)?;
    let members = spec
        .members
        .iter()
        .map(|member| names::subject(change.tx, member))
        .collect::<Result<Vec<_>, Error>>()?;
    principals::set_members(change, &row, &members)
}

fn named(text: &str, error: &domain::Invalid) -> Error {
    Error::refused(format!("{text}: {error}"))
}
