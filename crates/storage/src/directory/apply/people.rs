//! The persons and applications of a plan.

use domain::{Login, NodeId, Permission, Permissions, PrincipalKind, ProjectId};

use super::{PASSWORD, tokens};
use crate::directory::declared::Elements;
use crate::directory::giving::{self, Gift, Giver};
use crate::directory::lines::PlanWhy;
use crate::directory::merge::{Merge, Stands};
use crate::directory::object::Object;
use crate::directory::plan::{ApplicationSpec, PersonSpec, TokenSpec};
use crate::directory::principals::{self, NewPrincipal};
use crate::directory::{names, nodes as making};
use crate::error::Error;
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::nodes;

/// What a field without a value is called.
const NONE: &str = "none";
/// What an application may that requests nothing in particular.
const EVERYTHING: &str = "everything";

pub(super) fn person(merge: &mut Merge<'_, '_>, spec: &PersonSpec) -> Result<(), Error> {
    let text = format!("{}:{}", spec.kind.as_str(), spec.username);
    if !spec.kind.is_person() {
        return Err(Error::refused(format!("{text} is not a person")));
    }
    let login = Login::parse(&spec.username).map_err(|error| named(&text, &error))?;
    let alias = spec.email.as_deref().map(Login::parse).transpose().map_err(|error| named(&text, &error))?;
    let alias = alias.filter(|alias| *alias != login);
    let object = Object::principal(&text);
    if !merge.allowed(&object, "/", &[Permission::DirectoryManage])? {
        return Ok(());
    }
    let present = rows::principal_named(merge.change.tx, spec.kind, &spec.username)?;
    let row = match (merge.stands(&object, present.is_some())?, present) {
        (Stands::Gone, _) => return Ok(()),
        (_, Some(row)) => row,
        (_, None) => make(
            merge,
            &NewPrincipal {
                kind: spec.kind,
                name: &spec.username,
                email: spec.email.as_deref(),
                logins: std::iter::once(login).chain(alias.clone()).collect(),
                suspended: spec.suspended.unwrap_or(false),
                password_hash: spec.password_hash.as_deref(),
                requested: None,
            },
        )?,
    };
    let email = row.email.as_deref().unwrap_or(NONE);
    match &spec.email {
        Some(wanted) if merge.settle(&object, "email", wanted, email)? => {
            principals::set_email(merge.change, &row, spec.email.as_deref(), alias.as_ref())?;
        }
        Some(_) => {}
        None => merge.leave(&object, "email", email)?,
    }
    password(merge, &object, &row, spec)?;
    title(merge, &object, &row, spec.title.as_deref())?;
    finish(merge, &object, &row, spec.suspended, &spec.tokens)
}

/// A file that is the truth gives a password to whom it makes, and no other: a hash tells nobody whether it is of the same password,
/// and people choose their own.
fn password(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PrincipalRow,
    spec: &PersonSpec,
) -> Result<(), Error> {
    if !merge.is_seed() {
        return Ok(());
    }
    match (&spec.password_hash, row.password_hash.as_deref()) {
        (Some(wanted), present) => {
            if merge.settle(object, PASSWORD, wanted, present.unwrap_or(NONE))? {
                principals::set_password(merge.change, row, (wanted, false))?;
            }
            Ok(())
        }
        (None, None) => merge.leave(object, PASSWORD, NONE),
        // What somebody chose is kept nowhere else.
        (None, Some(_)) => Ok(()),
    }
}

pub(super) fn application(merge: &mut Merge<'_, '_>, spec: &ApplicationSpec) -> Result<(), Error> {
    let text = format!("application:{}", spec.name);
    let object = Object::principal(&text);
    if !merge.allowed(&object, "/", &[Permission::DirectoryManage])? {
        return Ok(());
    }
    let present = rows::principal_named(merge.change.tx, PrincipalKind::Application, &spec.name)?;
    let row = match (merge.stands(&object, present.is_some())?, present) {
        (Stands::Gone, _) => {
            if let Some(id) = merge.declared(&object, "client_id") {
                let by_id = Object::principal(&format!("application:{id}"));
                merge.goes_too(&by_id);
            }
            return Ok(());
        }
        (_, Some(row)) => row,
        (_, None) => make_application(merge, spec, &text)?,
    };
    let logins = rows::logins(merge.change.tx, row.id)?;
    let client_id = logins.first().map_or(NONE, Login::as_str);
    match &spec.client_id {
        Some(wanted) if wanted.as_str() == client_id => {}
        // Another application of this name was made since.
        Some(wanted) if merge.is_seed() && merge.declared(&object, "client_id") == Some(wanted.as_str()) => {
            return merge.settle(&object, "client_id", wanted.as_str(), client_id).map(drop);
        }
        Some(_) => {
            return Err(Error::refused(format!("{text} has another client ID, which cannot be changed")));
        }
        None => {}
    }
    merge.leave(&object, "client_id", client_id)?;
    authorise(merge, &object, &row, spec)?;
    title(merge, &object, &row, spec.title.as_deref())?;
    finish(merge, &object, &row, spec.suspended, &spec.tokens)
}

/// What an application requests, and where that is authorised.
fn authorise(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PrincipalRow,
    spec: &ApplicationSpec,
) -> Result<(), Error> {
    let (wanted, present) = (requested(spec.requested), requested(row.requested));
    let set = merge.settle(object, "requested", &wanted, &present)?;
    let rights = if set { spec.requested } else { row.requested };
    let mut present = Elements::new();
    for project in rows::authorised(merge.change.tx, row.id)? {
        present.extend(nodes::node_name(merge.change.tx, project.into())?.map(String::from));
    }
    let wanted = spec.authorised.iter().map(ToString::to_string).collect();
    let keys = merge.settle_list(object, "authorised", &wanted, &present)?;
    if !set && keys.is_none() {
        return Ok(());
    }
    let mut projects: Vec<ProjectId> = Vec::new();
    for key in keys.as_ref().unwrap_or(&present) {
        let key = domain::ProjectKey::parse(key)?;
        match nodes::project(merge.change.tx, &key)? {
            Some(project) => projects.push(project.id),
            None if merge.is_gone(&Object::project(&key)) => {}
            None => merge.lost(object, key.as_str())?,
        }
    }
    let before = rows::authorised(merge.change.tx, row.id)?;
    let anew = projects.iter().any(|project| !before.contains(project));
    let old = if anew { Permissions::NONE } else { row.requested.unwrap_or_default() };
    let gained = rights.unwrap_or_default().difference(old).closed();
    if let Some(Giver { held, .. }) = merge.giver("/", None)?.filter(|_| !projects.is_empty()) {
        let (what, node) = ("what it requests", NodeId::ORGANISATION);
        let gift = Gift { what, node, permissions: gained, expires: None };
        let given = giving::may_give(merge.change, &Giver { held, lasting: held }, &gift);
        if merge.given(object, given)?.is_none() {
            return Ok(());
        }
    }
    principals::set_requested(merge.change, row, rights, projects)
}

fn requested(rights: Option<Permissions>) -> String {
    rights.map_or_else(|| EVERYTHING.to_owned(), names::words)
}

fn make_application(
    merge: &mut Merge<'_, '_>,
    spec: &ApplicationSpec,
    text: &str,
) -> Result<PrincipalRow, Error> {
    principals::named_as_an_application(&spec.name)?;
    let made = spec.client_id.is_none();
    let client_id = spec.client_id.clone().or_else(|| spec.client_id_if_new.clone());
    let client_id = client_id.ok_or_else(|| Error::refused(format!("{text} needs a client ID")))?;
    let row = make(
        merge,
        &NewPrincipal {
            kind: PrincipalKind::Application,
            name: &spec.name,
            email: None,
            logins: vec![client_id.clone()],
            suspended: spec.suspended.unwrap_or(false),
            password_hash: None,
            requested: spec.requested,
        },
    )?;
    if made {
        merge.client_ids_made.push((spec.name.clone(), client_id));
    }
    Ok(row)
}

fn make(merge: &mut Merge<'_, '_>, new: &NewPrincipal<'_>) -> Result<PrincipalRow, Error> {
    let id = principals::create(merge.change, new)?;
    rows::principal(merge.change.tx, id)?.ok_or(Error::Absent)
}

fn title(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PrincipalRow,
    wanted: Option<&str>,
) -> Result<(), Error> {
    let Some(wanted) = wanted else { return merge.leave(object, "title", &row.title) };
    // One that was made just now has its name for a title, which nobody chose.
    let present = if merge.is_made(object) { wanted } else { &*row.title };
    if !merge.settle(object, "title", wanted, present)? && !merge.is_made(object) {
        return Ok(());
    }
    making::described(wanted, "")?;
    principals::set_title(merge.change, row, wanted)
}

/// What persons and applications have in common.
fn finish(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PrincipalRow,
    suspended: Option<bool>,
    all: &[TokenSpec],
) -> Result<(), Error> {
    for token in all {
        tokens::put(merge, row, &object.name, token)?;
    }
    let present = flag(row.suspended);
    match suspended {
        Some(suspended) => set_suspended(merge, object, row, suspended),
        None => merge.leave(object, "suspended", present),
    }
}

fn set_suspended(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &PrincipalRow,
    suspended: bool,
) -> Result<(), Error> {
    const FIELD: &str = "suspended";
    let mark = merge.mark(object, FIELD);
    if !merge.settle(object, FIELD, flag(suspended), flag(row.suspended))? {
        return Ok(());
    }
    match principals::set_suspended(merge.change, row, suspended) {
        Err(Error::Forbidden(_, why)) if merge.is_seed() => {
            merge.back_to(mark, object, FIELD)?;
            merge.keeps(object, Some(FIELD), PlanWhy::Rule(why.into()));
            Ok(())
        }
        done => done,
    }
}

const fn flag(set: bool) -> &'static str {
    if set { "true" } else { "false" }
}

fn named(text: &str, error: &domain::Invalid) -> Error {
    Error::refused(format!("{text}: {error}"))
}
