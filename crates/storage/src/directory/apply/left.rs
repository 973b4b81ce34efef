//! What goes: what a source made and names no longer, and in the parts that it is the whole truth about what others made.

use std::collections::BTreeSet;

use domain::{Permission, ProjectKey, RepositoryId, TokenState};

use crate::directory::lines::{PlanLine, PlanSign, PlanWhy};
use crate::directory::merge::{Merge, Section, line};
use crate::directory::object::{Named, Object};
use crate::directory::plan::{Plan, TokenSpec};
use crate::directory::{
    grants, issuers as vouching, names, principals, removal, roles, rule, teams, tokens, webhooks,
};
use crate::error::{DirectoryRule, Error};
use crate::sql::credentials::{self, TokensMeant};
use crate::sql::publishers::{self, PublisherRecord};
use crate::sql::{self, Tx, issuers, nodes};

/// Most grants on a node, roles of a project and tokens of somebody that are looked at.
const ROWS_MAX: u32 = 10_000;

/// Takes away, or tells of, what the source made and names no longer.
pub(super) fn own(merge: &mut Merge<'_, '_>) -> Result<(), Error> {
    let mut left: Vec<(Box<str>, bool)> = merge.declared.objects();
    left.retain(|(name, _)| !merge.is_named(name));
    left.sort_by_key(|(name, _)| (Named::parse(name).map_or(u8::MAX, Named::removal_order), name.clone()));
    for (name, made) in left {
        let Some(named) = Named::parse(&name) else { continue };
        let object = Object::named(named);
        if !may_remove(merge, named)? {
            continue;
        }
        if !made || !is_there(merge, named)? {
            merge.declared.forget(merge.change.tx, &name, None)?;
            continue;
        }
        let prune = merge.truth().is_some_and(|truth| truth.prune);
        if !prune {
            merge.keeps(&object, None, PlanWhy::Left);
            continue;
        }
        if go(merge, named, &object, PlanWhy::Left)? {
            merge.declared.forget(merge.change.tx, &name, None)?;
        }
    }
    Ok(())
}

/// Takes away what the plan does not name, in the parts that it is the whole truth about.
pub(super) fn others(merge: &mut Merge<'_, '_>, plan: &Plan) -> Result<(), Error> {
    let mut extra: BTreeSet<(u8, String)> = BTreeSet::new();
    let mut add = |named: Named<'_>| extra.insert((named.removal_order(), Object::named(named).name));
    for node in named_nodes(plan) {
        if merge.is_whole(Section::Grants) {
            grants_on(merge, &node)?.iter().for_each(|(to, role)| {
                add(Named::Grant { role: role.as_deref(), to, on: &node });
            });
        }
        if merge.is_whole(Section::Publishers) && node != "/" && !node.contains('/') {
            publishers_of(merge, &node)?.iter().for_each(|path| {
                add(Named::Publisher(path));
            });
        }
        if merge.is_whole(Section::Webhooks) {
            webhooks_on(merge, &node)?.iter().for_each(|name| {
                add(Named::Webhook { name, on: &node });
            });
        }
        if merge.is_whole(Section::Roles) && (node == "/" || !node.contains('/')) {
            custom_roles(merge, &node)?.iter().for_each(|name| {
                add(Named::Role { name, place: &node });
            });
        }
    }
    if merge.is_whole(Section::Tokens) {
        for owner in named_owners(plan) {
            tokens_of(merge, &owner)?.iter().for_each(|name| {
                add(Named::Token { name, owner: &owner });
            });
        }
    }
    for (_, name) in extra {
        let Some(named) = Named::parse(&name).filter(|_| !merge.is_named(&name)) else { continue };
        let object = Object::named(named);
        if !may_remove(merge, named)? {
            merge.denies(&object, None, None);
        } else if go(merge, named, &object, PlanWhy::Extra)? {
            merge.declared.forget(merge.change.tx, &name, None)?;
            merge.goes_too(&object);
        }
    }
    if merge.is_whole(Section::Tokens) {
        for (owner, spec) in named_tokens(plan) {
            other_secrets(merge, &owner, spec)?;
        }
    }
    Ok(())
}

/// Other secrets under the name of a token of the plan, which a rotation made or has not ended yet.
fn other_secrets(merge: &mut Merge<'_, '_>, owner: &str, spec: &TokenSpec) -> Result<(), Error> {
    let Ok(row) = names::principal(merge.change.tx, owner) else { return Ok(()) };
    let named = Named::Token { name: &spec.name, owner };
    for other in credentials::tokens_named(merge.change.tx, row.id, &spec.name)? {
        if other.id == spec.id {
            continue;
        }
        let object = Object::named(named);
        if !may_remove(merge, named)? {
            merge.denies(&object, None, None);
            continue;
        }
        let last = merge.who(&object)?;
        tokens::lower(merge.change, &other, TokenState::Revoked)?;
        merge.tell(PlanLine { sign: PlanSign::Remove, last, ..line(&object, PlanWhy::Extra) });
    }
    Ok(())
}

fn named_tokens(plan: &Plan) -> impl Iterator<Item = (String, &TokenSpec)> {
    let people = plan
        .persons
        .iter()
        .map(|person| (format!("{}:{}", person.kind.as_str(), person.username), person.tokens.as_slice()));
    let applications =
        plan.applications.iter().map(|one| (format!("application:{}", one.name), one.tokens.as_slice()));
    people.chain(applications).flat_map(|(owner, all)| all.iter().map(move |spec| (owner.clone(), spec)))
}

fn named_nodes(plan: &Plan) -> Vec<String> {
    let root = plan.organisation.iter().map(|_| "/".to_owned());
    let below = plan.projects.iter().flat_map(|project| {
        let repositories = project.repositories.iter();
        let paths = repositories.map(|repository| format!("{}/{}", project.key, repository.name));
        std::iter::once(project.key.to_string()).chain(paths)
    });
    root.chain(below).collect()
}

fn named_owners(plan: &Plan) -> Vec<String> {
    let people = plan.persons.iter().map(|person| format!("{}:{}", person.kind.as_str(), person.username));
    people.chain(plan.applications.iter().map(|one| format!("application:{}", one.name))).collect()
}

/// To whom, and of which role.
type GrantNames = Vec<(String, Option<String>)>;

fn grants_on(merge: &mut Merge<'_, '_>, node: &str) -> Result<GrantNames, Error> {
    let Ok(found) = names::node(merge.change.tx, node) else { return Ok(Vec::new()) };
    let mut named = Vec::new();
    for record in nodes::grants_on(merge.change.tx, found.id, None, ROWS_MAX)? {
        if grants::may_go(merge.change.tx, &record).is_err() || rule::came_with(merge.change.tx, &record)? {
            continue;
        }
        let role = record.role.map(|role| nodes::role(merge.change.tx, role)).transpose()?.flatten();
        let to = names::subject_text(merge.change.tx, record.subject)?;
        named.push((to, role.map(|role| role.name.into_string())));
    }
    Ok(named)
}

/// As people write them: `alpha/release`.
fn publishers_of(merge: &mut Merge<'_, '_>, key: &str) -> Result<Vec<String>, Error> {
    let Some(project) = nodes::project(merge.change.tx, &ProjectKey::parse(key)?)? else {
        return Ok(Vec::new());
    };
    let rules = publishers::after(merge.change.tx, project.id, "", ROWS_MAX)?.into_iter();
    Ok(rules.map(|rule| format!("{key}/{}", rule.name)).collect())
}

/// A rule as it is written, if it is there.
fn publisher_named(merge: &mut Merge<'_, '_>, path: &str) -> Result<Option<PublisherRecord>, Error> {
    let (key, name) = path.split_once('/').unwrap_or_default();
    let Ok(key) = ProjectKey::parse(key) else { return Ok(None) };
    let Some(project) = nodes::project(merge.change.tx, &key)? else { return Ok(None) };
    publishers::named(merge.change.tx, project.id, name)
}

fn webhooks_on(merge: &mut Merge<'_, '_>, node: &str) -> Result<Vec<String>, Error> {
    let Ok(found) = names::node(merge.change.tx, node) else { return Ok(Vec::new()) };
    let rows = sql::webhooks::after(merge.change.tx, found.id, "", ROWS_MAX)?.into_iter();
    Ok(rows.map(|row| row.name.into_string()).collect())
}

/// A webhook as it is written; `None` where there is no such node.
fn webhook_at(tx: &mut dyn Tx, name: &str, on: &str) -> Option<webhooks::Place> {
    let node = names::node(tx, on).ok()?;
    Some(webhooks::Place { node: node.id, name: name.into() })
}

fn custom_roles(merge: &mut Merge<'_, '_>, place: &str) -> Result<Vec<String>, Error> {
    let Ok(found) = names::node(merge.change.tx, place) else { return Ok(Vec::new()) };
    let project = nodes::project_of(merge.change.tx, found.id)?;
    let roles = nodes::roles_after(merge.change.tx, project, "", ROWS_MAX)?.into_iter();
    Ok(roles.filter(|role| !role.builtin).map(|role| role.name.into_string()).collect())
}

fn tokens_of(merge: &mut Merge<'_, '_>, owner: &str) -> Result<Vec<String>, Error> {
    let Ok(row) = names::principal(merge.change.tx, owner) else { return Ok(Vec::new()) };
    let tokens =
        credentials::tokens_of(merge.change.tx, row.id, &TokensMeant::LIVE, None, ROWS_MAX)?.into_iter();
    Ok(tokens.map(|token| token.name.into_string()).collect())
}

/// Whether the caller may take it away, and so may know of it.
fn may_remove(merge: &mut Merge<'_, '_>, named: Named<'_>) -> Result<bool, Error> {
    match named {
        Named::Grant { on, .. } => merge.may(on, &[Permission::AccessManage]),
        Named::Role { place, .. } => merge.may(place, &[Permission::AccessManage]),
        Named::Token { .. } | Named::Team(_) | Named::Principal(_) => {
            merge.may("/", &[Permission::DirectoryManage])
        }
        Named::Repository(path) => merge.may(path, &[Permission::RepositoryDelete]),
        Named::Project(key) => Ok(merge.may(key, &[Permission::RepositoryDelete])?
            && merge.may(key, &[Permission::AccessManage])?),
        Named::Publisher(path) => {
            merge.may(path.split('/').next().unwrap_or_default(), &[Permission::AccessManage])
        }
        Named::Issuer(_) => merge.may("/", &[Permission::OrganisationManage]),
        Named::Webhook { on, .. } => merge.may(on, &[Permission::RepositorySettings]),
        Named::Organisation => Ok(false),
    }
}

fn is_there(merge: &mut Merge<'_, '_>, named: Named<'_>) -> Result<bool, Error> {
    if let Named::Publisher(path) = named {
        return Ok(publisher_named(merge, path)?.is_some());
    }
    let tx = &mut *merge.change.tx;
    let found = match named {
        Named::Webhook { name, on } => match webhook_at(tx, name, on) {
            Some(place) => place.present(tx)?.is_some(),
            None => false,
        },
        Named::Grant { role, to, on } => {
            let Ok(subject) = names::subject(tx, to) else { return Ok(false) };
            let Ok(node) = names::node(tx, on) else { return Ok(false) };
            // A role that is gone took its grants along.
            matches!(grants::find(tx, &subject, node, role), Ok(Some(_)))
        }
        Named::Token { name, owner } => match names::principal(tx, owner) {
            Ok(row) => credentials::token_named(tx, row.id, name)?.is_some(),
            Err(_) => false,
        },
        Named::Role { name, place } => match names::node(tx, place) {
            Ok(node) => {
                let project = nodes::project_of(tx, node.id)?;
                nodes::role_named(tx, project, name)?.is_some_and(|role| !role.builtin)
            }
            Err(_) => false,
        },
        Named::Team(name) => sql::directory::team_named(tx, name)?.is_some_and(|team| !team.builtin),
        Named::Principal(subject) => names::principal(tx, subject).is_ok(),
        Named::Repository(node) | Named::Project(node) => names::node(tx, node).is_ok(),
        Named::Issuer(name) => issuers::named(tx, name)?.is_some(),
        Named::Publisher(_) | Named::Organisation => false,
    };
    Ok(found)
}

/// Takes it away, with a line; not what goes for good and was not confirmed.
fn go(merge: &mut Merge<'_, '_>, named: Named<'_>, object: &Object, why: PlanWhy) -> Result<bool, Error> {
    let confirmed = |name: &str| {
        merge.truth().is_some_and(|truth| truth.confirm_delete.iter().any(|given| **given == *name))
    };
    if named.to_confirm().is_some_and(|name| !confirmed(name)) {
        merge.tell(PlanLine { sign: PlanSign::Conflict, ..line(object, PlanWhy::Unconfirmed) });
        return Ok(false);
    }
    let last = if matches!(why, PlanWhy::Extra) { merge.who(object)? } else { None };
    remove(merge, named)?;
    merge.tell(PlanLine { sign: PlanSign::Remove, last, ..line(object, why) });
    Ok(true)
}

fn remove(merge: &mut Merge<'_, '_>, named: Named<'_>) -> Result<(), Error> {
    if let Named::Publisher(path) = named {
        let record = publisher_named(merge, path)?.ok_or(Error::Absent)?;
        let row = rule::row_of(merge.change.tx, record.clone())?;
        return rule::remove(merge.change, &record, &row);
    }
    let change = &mut *merge.change;
    match named {
        Named::Grant { role, to, on } => {
            let subject = names::subject(change.tx, to)?;
            let node = names::node(change.tx, on)?;
            grants::delete(change, &subject, node, role)
        }
        Named::Token { name, owner } => {
            let owner = names::principal(change.tx, owner)?;
            let all = credentials::tokens_named(change.tx, owner.id, name)?;
            all.iter().try_for_each(|token| tokens::lower(change, token, TokenState::Revoked))
        }
        Named::Role { name, place } => {
            let node = names::node(change.tx, place)?;
            roles::remove(change, node.id, name)
        }
        Named::Team(name) => teams::remove(change, name),
        Named::Principal(subject) => {
            let row = names::principal(change.tx, subject)?;
            principals::remove(change, &row)
        }
        Named::Repository(path) => {
            let id = names::node(change.tx, path)?.id;
            removal::repository(change, RepositoryId::new(id.get())).map(drop)
        }
        Named::Project(key) => {
            let row = nodes::project(change.tx, &ProjectKey::parse(key)?)?.ok_or(Error::Absent)?;
            if !sql::removal::repositories_in(change.tx, row.id)?.is_empty() {
                let why = format!("{key} has repositories, which go only if they are named too");
                return Err(Error::forbidden(DirectoryRule::NotEmpty, why));
            }
            rule::remove_all(change, row.id)?;
            removal::project(change, &row).map(drop)
        }
        Named::Issuer(name) => {
            let row = issuers::named(change.tx, name)?.ok_or(Error::Absent)?;
            vouching::remove(change, &row)
        }
        Named::Webhook { name, on } => {
            let place = webhook_at(change.tx, name, on).ok_or(Error::Absent)?;
            let row = place.present(change.tx)?.ok_or(Error::Absent)?;
            place.remove(change, &row)
        }
        Named::Publisher(_) | Named::Organisation => Ok(()),
    }
}
