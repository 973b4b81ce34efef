//! The teams and grants of a plan.

use domain::{PrincipalKind, Timestamp, time};

use crate::directory::declared::Elements;
use crate::directory::grants::{self, GrantedSpec};
use crate::directory::merge::{Merge, Object, Stands};
use crate::directory::names::{self, Subject};
use crate::directory::plan::{GrantSpec, TeamSpec};
use crate::directory::{principals, teams};
use crate::error::Error;
use crate::sql::directory as rows;

pub(super) fn make(merge: &mut Merge<'_, '_>, spec: &TeamSpec) -> Result<(), Error> {
    let name = &*spec.name;
    let object = Object::team(name);
    let is_there = rows::team_named(merge.change.tx, name)?.is_some();
    if merge.stands(&object, is_there)? != Stands::New {
        return Ok(());
    }
    if name.is_empty() || name.len() > 128 || name.contains(':') || name.chars().any(char::is_control) {
        return Err(Error::refused(format!("malformed team name {name}")));
    }
    rows::insert_team(merge.change.tx, name, None, merge.change.now)?;
    let row = rows::team_named(merge.change.tx, name)?.ok_or(Error::Absent)?;
    teams::made(merge.change, &row)
}

pub(super) fn members(merge: &mut Merge<'_, '_>, spec: &TeamSpec) -> Result<(), Error> {
    let object = Object::team(&spec.name);
    if merge.is_gone(&object) {
        return Ok(());
    }
    let row = rows::team_named(merge.change.tx, &spec.name)?.ok_or(Error::Absent)?;
    let mut wanted = Elements::new();
    for member in &spec.members {
        wanted.extend(subject(merge, member)?.map(|subject| subject.text()));
    }
    let mut present = Elements::new();
    for member in rows::members(merge.change.tx, row.id)? {
        present.insert(names::subject_text(merge.change.tx, member)?);
    }
    let Some(members) = merge.settle_list(&object, "members", &wanted, &present)? else { return Ok(()) };
    let members = members.iter().map(|member| names::subject(merge.change.tx, member));
    let members = members.collect::<Result<Vec<_>, _>>()?;
    principals::set_members(merge.change, &row, &members)
}

pub(super) fn grant(merge: &mut Merge<'_, '_>, spec: &GrantSpec) -> Result<(), Error> {
    put(merge, spec).map_err(|error| match error {
        Error::Refused(why) => Error::refused(format!("grant to {} on {}: {why}", spec.to, spec.on)),
        other => other,
    })
}

fn put(merge: &mut Merge<'_, '_>, spec: &GrantSpec) -> Result<(), Error> {
    let Some(to) = subject(merge, &spec.to)? else { return Ok(()) };
    if merge.is_node_gone(&spec.on) {
        return Ok(());
    }
    let node = names::node(merge.change.tx, &spec.on)?;
    let role = match &spec.what {
        GrantedSpec::Role(name) => Some(&**name),
        GrantedSpec::Permissions(_) => None,
    };
    let project = spec.on.split('/').next().unwrap_or_default();
    let lost = |place: &str| role.is_some_and(|role| merge.is_gone(&Object::role(role, place)));
    if lost(project) || lost("/") {
        return Ok(());
    }
    let is_there = grants::find(merge.change.tx, &to, node, role)?.is_some();
    // Single permissions of an external are not to be had without what made it part of the project.
    let added = |kind: PrincipalKind| Object::grant(&to.text(), Some(kind.as_str()), project);
    if !is_there && role.is_none() && to.external().is_some_and(|kind| merge.is_gone(&added(kind))) {
        return Ok(());
    }
    let object = Object::grant(&to.text(), role, &spec.on);
    match merge.stands(&object, is_there)? {
        Stands::Gone => return Ok(()),
        Stands::New => {
            grants::put_named(merge.change, &spec.to, &spec.on, &spec.what, spec.expires)?;
        }
        Stands::There => {}
    }
    let present = grants::find(merge.change.tx, &to, node, role)?.ok_or(Error::Absent)?;
    let (mut what, mut expires) = (spec.what.clone(), present.expires);
    let mut set = merge.settle(&object, "expires", &ends(spec.expires), &ends(expires))?;
    if set {
        expires = spec.expires;
    }
    if let (GrantedSpec::Permissions(wanted), Some(has)) = (&spec.what, present.permissions) {
        if merge.settle(&object, "permissions", &names::words(*wanted), &names::words(has))? {
            set = true;
        } else {
            what = GrantedSpec::Permissions(has);
        }
    }
    if set { grants::put_named(merge.change, &spec.to, &spec.on, &what, expires) } else { Ok(()) }
}

/// A subject of the plan; `None` if somebody removed it.
fn subject(merge: &mut Merge<'_, '_>, text: &str) -> Result<Option<Subject>, Error> {
    match names::subject(merge.change.tx, text) {
        Err(Error::Unknown(_)) if merge.is_gone(&Object::principal(text)) => Ok(None),
        found => found.map(Some),
    }
}

fn ends(expires: Option<Timestamp>) -> String {
    expires.map_or_else(|| "never".to_owned(), time::show_millis)
}
