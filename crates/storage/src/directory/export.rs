//! What is there, as a plan that makes the same elsewhere and changes nothing here. What every installation or project has by itself
//! is left out.

use std::sync::Arc;

use domain::{
    AccessManage, BuiltinRole, DirectoryView, Granted, Node, NodeId, Organisation, Permission, PrincipalKind,
    Project, ProjectId, ProjectKey, RepositoryId, TeamId, TokenId, TokenState,
};

use super::Directory;
use super::grants::{self, GrantedSpec};
use super::issuers::IssuerWanted;
use super::names;
use super::nodes as making;
use super::plan::{
    ApplicationSpec, GrantSpec, IssuerSpec, OrganisationSpec, PersonSpec, Plan, ProjectSpec, PublisherSpec,
    RepositorySpec, RoleSpec, TeamSpec, TokenSpec, WebhookSpec,
};
use super::rule::{self, DirectWanted, PublisherWanted};
use super::webhooks::WebhookWanted;
use crate::error::{DirectoryError, Error};
use crate::model::{IssuerRow, WebhookRow};
use crate::policy_cache::PolicyCache;
use crate::sql::credentials::{self, TokensMeant};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::{self, Tx, nodes, organisation, removal, repositories, subjects};

/// Rows that are read at a time.
const CHUNK: u32 = 1000;

impl Directory {
    /// The organisation with everything a plan can say; webhooks, whose addresses may be secrets, for who holds
    /// `repository-settings` too.
    ///
    /// # Errors
    /// Only failures of the database.
    pub async fn export(
        &self,
        may: &Granted<AccessManage, Organisation>,
        _also: &Granted<DirectoryView, Organisation>,
    ) -> Result<Plan, DirectoryError> {
        let what = What::of(self, may);
        Ok(self.database.read(move |tx| whole(tx, &what)).await?)
    }

    /// One project: its roles, repositories, grants and, as above, webhooks.
    ///
    /// # Errors
    /// `Absent` if it is gone.
    pub async fn export_project(&self, may: &Granted<AccessManage, Project>) -> Result<Plan, DirectoryError> {
        let (what, key) = (What::of(self, may), may.node().key().clone());
        let id = may.node().id();
        let read = move |tx: &mut dyn Tx| {
            let row = nodes::project(tx, &key)?.filter(|row| row.id == id).ok_or(Error::Absent)?;
            let mut plan = Plan::default();
            plan.projects.push(project(tx, &what, &row, &mut plan.grants)?);
            sort(&mut plan);
            Ok(plan)
        };
        Ok(self.database.read(read).await?)
    }
}

/// What an export is made from.
struct What {
    policies: Arc<PolicyCache>,
    webhooks: bool,
}

impl What {
    fn of<N: Node>(directory: &Directory, may: &Granted<AccessManage, N>) -> Self {
        let webhooks = may.held().contains(Permission::RepositorySettings);
        Self { policies: Arc::clone(&directory.policies), webhooks }
    }

    /// The webhooks of a node, which keep their secrets.
    fn webhooks(&self, tx: &mut dyn Tx, node: NodeId) -> Result<Vec<WebhookSpec>, Error> {
        if !self.webhooks {
            return Ok(Vec::new());
        }
        let spec = |row: WebhookRow| WebhookSpec {
            wanted: WebhookWanted { events: row.events(), url: row.url, active: row.active, secret: None },
            name: row.name,
        };
        Ok(sql::webhooks::after(tx, node, "", u32::MAX)?.into_iter().map(spec).collect())
    }
}

fn whole(tx: &mut dyn Tx, what: &What) -> Result<Plan, Error> {
    let row = organisation::organisation(tx)?;
    let mut plan = Plan {
        organisation: Some(OrganisationSpec {
            name: row.name,
            title: Some(row.title),
            aliases: organisation::aliases(tx)?,
            new_projects: Some(row.new_projects),
        }),
        webhooks: what.webhooks(tx, NodeId::ORGANISATION)?,
        ..Plan::default()
    };
    grants_on(tx, NodeId::ORGANISATION, "/", &mut plan.grants)?;
    plan.issuers = issuers(tx)?;
    let shipped = |builtin: BuiltinRole| builtin.template();
    plan.roles = roles(tx, None, shipped)?;
    let mut after = String::new();
    loop {
        let found = nodes::projects_after(tx, &after, CHUNK)?;
        let Some(last) = found.last() else { break };
        after = last.key.to_string();
        for row in &found {
            let spec = project(tx, what, row, &mut plan.grants)?;
            plan.projects.push(spec);
        }
    }
    people(tx, &mut plan)?;
    applications(tx, &mut plan)?;
    teams(tx, &mut plan)?;
    sort(&mut plan);
    Ok(plan)
}

fn project(
    tx: &mut dyn Tx,
    what: &What,
    row: &nodes::ProjectRow,
    grants: &mut Vec<GrantSpec>,
) -> Result<ProjectSpec, Error> {
    let access = row.access;
    let shipped = |builtin: BuiltinRole| match builtin {
        BuiltinRole::OrganisationMember => making::of_members(access),
        other => other.template(),
    };
    let roles = roles(tx, Some(row.id), shipped)?;
    grants_on(tx, row.id.into(), row.key.as_str(), grants)?;
    let mut specs = Vec::new();
    for id in removal::repositories_in(tx, row.id)? {
        specs.push(repository(tx, what, &row.key, id, grants)?);
    }
    let (key, title) = (row.key.clone(), Some(row.title.clone()));
    let description = other(&row.description, "");
    let (access, publishers) = (Some(access), publishers(tx, row)?);
    let webhooks = what.webhooks(tx, row.id.into())?;
    Ok(ProjectSpec { key, title, description, access, roles, repositories: specs, publishers, webhooks })
}

fn repository(
    tx: &mut dyn Tx,
    what: &What,
    key: &ProjectKey,
    id: RepositoryId,
    grants: &mut Vec<GrantSpec>,
) -> Result<RepositorySpec, Error> {
    let row = nodes::repository_by_id(tx, id)?.ok_or(Error::Absent)?;
    let name = row.path.repository.clone();
    grants_on(tx, id.into(), &format!("{key}/{name}"), grants)?;
    let policy = repositories::policy(tx, &what.policies, id)?;
    let visibility = making::visibility(tx, id)?;
    let description = other(&row.description, "");
    let webhooks = what.webhooks(tx, id.into())?;
    Ok(RepositorySpec { name, format: row.format, visibility, description, policy, webhooks })
}

/// A text that is not the one that comes by itself.
fn other(text: &str, by_itself: &str) -> Option<Box<str>> {
    (text != by_itself).then(|| text.into())
}

fn issuers(tx: &mut dyn Tx) -> Result<Vec<IssuerSpec>, Error> {
    let spec = |row: IssuerRow| IssuerSpec {
        wanted: IssuerWanted {
            audiences: row.audiences().into_iter().map(Into::into).collect(),
            url: row.url,
            kind: row.kind,
            private: row.private,
            jwks: row.jwks,
        },
        name: row.name,
    };
    Ok(sql::issuers::after(tx, "", u32::MAX)?.into_iter().map(spec).collect())
}

fn publishers(tx: &mut dyn Tx, project: &nodes::ProjectRow) -> Result<Vec<PublisherSpec>, Error> {
    let mut specs = Vec::new();
    for record in sql::publishers::after(tx, project.id, "", u32::MAX)? {
        let client_id = rows::logins(tx, record.application)?.into_iter().next();
        let client_id = client_id.ok_or_else(|| Error::corrupt("an application has no client ID"))?;
        let row = rule::row_of(tx, record)?;
        let stands = DirectWanted { token: (TokenId::new(0), [0; 32]), subject: "".into() };
        specs.push(PublisherSpec {
            wanted: PublisherWanted {
                issuer: row.issuer,
                kind: row.kind,
                application: (!row.own_application).then_some(row.application),
                client_id,
                claims: row.claims,
                lookup: "".into(),
                pins: false,
                on: row.on,
                permissions: row.permissions,
                minutes: row.minutes,
                direct: row.direct.map(|_| stands.clone()),
            },
            name: row.name,
            stands,
            // It is there already.
            of_kind: |_, wanted| Ok(wanted),
        });
    }
    Ok(specs)
}

/// The roles that are other than what comes by itself.
fn roles(
    tx: &mut dyn Tx,
    project: Option<ProjectId>,
    shipped: impl Fn(BuiltinRole) -> domain::Permissions,
) -> Result<Vec<RoleSpec>, Error> {
    let mut found = nodes::roles_after(tx, project, "", u32::MAX)?;
    found.retain(|role| match BuiltinRole::parse(&role.name).filter(|_| role.builtin) {
        Some(builtin) => role.permissions != shipped(builtin),
        None => true,
    });
    Ok(found.into_iter().map(|role| RoleSpec { name: role.name, permissions: role.permissions }).collect())
}

fn grants_on(tx: &mut dyn Tx, node: NodeId, on: &str, specs: &mut Vec<GrantSpec>) -> Result<(), Error> {
    for record in nodes::grants_on(tx, node, None, u32::MAX)? {
        if grants::may_go(tx, &record).is_err() || rule::came_with(tx, &record)? {
            continue;
        }
        let row = grants::row_of(tx, &record)?;
        specs.push(GrantSpec { to: row.to, on: on.into(), what: row.what, expires: row.expires });
    }
    Ok(())
}

fn people(tx: &mut dyn Tx, plan: &mut Plan) -> Result<(), Error> {
    let mut after = (String::new(), String::new());
    loop {
        let found = subjects::people_after(tx, subjects::Listed::ALL, (&after.0, &after.1), CHUNK, |_| true)?;
        let Some(last) = found.last() else { return Ok(()) };
        after = (last.kind.as_str().to_owned(), last.key.to_string());
        for found in found {
            let row = rows::principal(tx, found.id)?.ok_or(Error::Stale)?;
            let tokens = tokens(tx, &row)?;
            plan.persons.push(PersonSpec {
                kind: row.kind,
                title: other(&row.title, &row.name),
                username: row.name,
                email: row.email,
                password_hash: None,
                suspended: row.suspended.then_some(true),
                tokens,
            });
        }
    }
}

fn applications(tx: &mut dyn Tx, plan: &mut Plan) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let found = subjects::applications_after(tx, &after, CHUNK)?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.name.to_lowercase();
        for row in found {
            // One of a publisher's own comes with it.
            if matches!(sql::publishers::naming(tx, row.id)?, Some((_, true))) {
                continue;
            }
            let mut authorised = Vec::new();
            for project in rows::authorised(tx, row.id)? {
                let name = nodes::node_name(tx, project.into())?.unwrap_or_default();
                authorised.push(ProjectKey::parse(&name)?);
            }
            authorised.sort_unstable();
            plan.applications.push(ApplicationSpec {
                client_id: rows::logins(tx, row.id)?.into_iter().next(),
                client_id_if_new: None,
                requested: row.requested,
                authorised,
                suspended: row.suspended.then_some(true),
                tokens: tokens(tx, &row)?,
                title: other(&row.title, &row.name),
                name: row.name,
            });
        }
    }
}

fn tokens(tx: &mut dyn Tx, owner: &PrincipalRow) -> Result<Vec<TokenSpec>, Error> {
    let mut specs = Vec::new();
    for listed in credentials::tokens_of(tx, owner.id, &TokensMeant::LIVE, None, u32::MAX)? {
        // A name stands for one secret: not for the one that a rotation left good for a time.
        if listed.successor.is_some() {
            continue;
        }
        let Some(fact) = credentials::token(tx, listed.id)? else { continue };
        let mut limits = None;
        if listed.limited {
            let mut each = Vec::new();
            for (node, some) in credentials::limits_of(tx, listed.id)? {
                each.extend(nodes::node_name(tx, node)?.map(|name| (name, some)));
            }
            each.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            limits = Some(each);
        }
        specs.push(TokenSpec {
            name: listed.name,
            id: listed.id,
            sha256: fact.sha256,
            limits,
            not_before: listed.not_before,
            expires: listed.expires,
            networks: listed.networks.unwrap_or_default(),
            disabled: listed.state == TokenState::Disabled,
        });
    }
    specs.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(specs)
}

/// Those that have members to set; an empty one that came with the installation says nothing.
fn teams(tx: &mut dyn Tx, plan: &mut Plan) -> Result<(), Error> {
    let mut after = String::new();
    loop {
        let found = subjects::teams_after(tx, &after, CHUNK)?;
        let Some(last) = found.last() else { return Ok(()) };
        after = last.name.to_lowercase();
        for row in found.into_iter().filter(|row| !row.builtin || row.id == TeamId::ORG_ADMINS) {
            let mut members = Vec::new();
            for member in rows::members(tx, row.id)? {
                members.push(names::subject_text(tx, member)?.into());
            }
            members.sort_unstable();
            if !row.builtin || !members.is_empty() {
                let title = if row.builtin { None } else { other(&row.title, &row.name) };
                plan.teams.push(TeamSpec { name: row.name, title, members });
            }
        }
    }
}

/// One order, in which what needs something else comes after it.
fn sort(plan: &mut Plan) {
    let kind = |kind: PrincipalKind| kind.as_str();
    plan.projects.sort_unstable_by(|one, other| one.key.as_str().cmp(other.key.as_str()));
    for project in &mut plan.projects {
        project.repositories.sort_unstable_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
        project.roles.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    }
    plan.roles.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    plan.persons.sort_unstable_by(|one, other| {
        (kind(one.kind), &one.username).cmp(&(kind(other.kind), &other.username))
    });
    plan.applications.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    plan.teams.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    // An external has single permissions only where it has the role of its kind.
    let place = |grant: &GrantSpec| {
        let role = match &grant.what {
            GrantedSpec::Role(role) => (0, role.clone()),
            GrantedSpec::Permissions(_) => (1, Box::default()),
        };
        (grant.on.clone(), grant.to.clone(), role)
    };
    plan.grants.sort_by_cached_key(place);
}
