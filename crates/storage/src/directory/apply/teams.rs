//! The teams and grants of a plan.

use domain::{Permission, PrincipalKind, Timestamp, time};

use crate::directory::declared::Elements;
use crate::directory::grants::{self, GrantedSpec};
use crate::directory::lines::PlanWhy;
use crate::directory::merge::{Merge, Stands};
use crate::directory::names::{self, Subject};
use crate::directory::object::Object;
use crate::directory::plan::{GrantSpec, TeamSpec};
use crate::directory::{principals, teams};
use crate::error::{DirectoryRule, Error};
use crate::sql::directory as rows;
use crate::sql::nodes::GrantRecord;

pub(super) fn make(merge: &mut Merge<'_, '_>, spec: &TeamSpec) -> Result<(), Error> {
    let name = &*spec.name;
    let object = Object::team(name);
    if !merge.allowed(&object, "/", &[Permission::DirectoryManage])? {
        return Ok(());
    }
    let is_there = rows::team_named(merge.change.tx, name)?.is_some();
    match merge.stands(&object, is_there)? {
        Stands::New => {}
        Stands::There => return title(merge, &object, spec),
        Stands::Gone => return Ok(()),
    }
    if name.is_empty() || name.len() > 128 || name.contains(':') || name.chars().any(char::is_control) {
        return Err(Error::refused(format!("malformed team name {name}")));
    }
    rows::insert_team(merge.change.tx, name, None, merge.change.now)?;
    let row = rows::team_named(merge.change.tx, name)?.ok_or(Error::Absent)?;
    teams::made(merge.change, &row)?;
    title(merge, &object, spec)
}

fn title(merge: &mut Merge<'_, '_>, object: &Object, spec: &TeamSpec) -> Result<(), Error> {
    let row = rows::team_named(merge.change.tx, &spec.name)?.ok_or(Error::Absent)?;
    let Some(wanted) = &spec.title else { return merge.leave(object, "title", &row.title) };
    // One that was made just now has its name for a title, which nobody chose.
    let present = if merge.is_made(object) { wanted } else { &row.title };
    if merge.settle(object, "title", wanted, present)? || merge.is_made(object) {
        teams::entitle(merge.change, &row, wanted)?;
    }
    Ok(())
}

/// Sets the members of all teams. What a rule forbids may be right once the others are as they should be, so it is tried again; the file
/// that a gateway starts with leaves what is wrong even then.
pub(super) fn all_members(merge: &mut Merge<'_, '_>, specs: &[TeamSpec]) -> Result<(), Error> {
    let mut waiting = Vec::new();
    for spec in specs {
        if let Some(Refused { .. }) = members(merge, spec)? {
            waiting.push(spec);
        }
    }
    for spec in waiting {
        match members(merge, spec)? {
            Some(Refused { why, .. }) if merge.is_seed() => {
                merge.keeps(&Object::team(&spec.name), Some(MEMBERS), PlanWhy::Rule(why));
            }
            Some(Refused { rule, why }) => return Err(Error::Forbidden(rule, why.into_string().into())),
            None => {}
        }
    }
    Ok(())
}

const MEMBERS: &str = "members";

/// A rule that depends on other teams too.
struct Refused {
    rule: DirectoryRule,
    why: Box<str>,
}

fn members(merge: &mut Merge<'_, '_>, spec: &TeamSpec) -> Result<Option<Refused>, Error> {
    let object = Object::team(&spec.name);
    if merge.is_gone(&object) {
        return Ok(None);
    }
    let row = rows::team_named(merge.change.tx, &spec.name)?.ok_or(Error::Absent)?;
    let mark = merge.mark(&object, MEMBERS);
    let mut wanted = Elements::new();
    for member in &spec.members {
        wanted.extend(subject(merge, &object, member)?.map(|subject| subject.text()));
    }
    let mut present = Elements::new();
    present.extend(rows::member_texts(merge.change.tx, row.id)?.into_iter().map(String::from));
    let Some(members) = merge.settle_list(&object, MEMBERS, &wanted, &present)? else { return Ok(None) };
    let members = members.iter().map(|member| names::subject(merge.change.tx, member));
    let members = members.collect::<Result<Vec<_>, _>>()?;
    match principals::set_members(merge.change, &row, &members) {
        Ok(()) => Ok(None),
        Err(Error::Forbidden(rule @ (DirectoryRule::LastAdministrator | DirectoryRule::Cycle), why)) => {
            merge.back_to(mark, &object, MEMBERS)?;
            Ok(Some(Refused { rule, why: why.into() }))
        }
        Err(error) => Err(error),
    }
}

pub(super) fn grant(merge: &mut Merge<'_, '_>, spec: &GrantSpec) -> Result<(), Error> {
    put(merge, spec).map_err(|error| match error {
        Error::Refused(why) => Error::refused(format!("grant to {} on {}: {why}", spec.to, spec.on)),
        other => other,
    })
}

fn put(merge: &mut Merge<'_, '_>, spec: &GrantSpec) -> Result<(), Error> {
    let role = match &spec.what {
        GrantedSpec::Role(name) => Some(&**name),
        GrantedSpec::Permissions(_) => None,
    };
    let written = Object::grant(&spec.to, role, &spec.on);
    if !merge.allowed(&written, &spec.on, &[Permission::AccessManage])? {
        return Ok(());
    }
    let Some(to) = subject(merge, &written, &spec.to)? else { return Ok(()) };
    if merge.is_node_gone(&spec.on) {
        return Ok(());
    }
    let node = match names::node(merge.change.tx, &spec.on) {
        Err(Error::Unknown(_)) => return merge.lost(&written, &spec.on),
        found => found?,
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
            give(merge, &object, spec, &spec.what, spec.expires)?;
        }
        Stands::There => {}
    }
    let Some(present) = grants::find(merge.change.tx, &to, node, role)? else { return Ok(()) };
    settle(merge, &object, &present, spec)
}

fn settle(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    present: &GrantRecord,
    spec: &GrantSpec,
) -> Result<(), Error> {
    let (mut what, mut expires) = (spec.what.clone(), present.expires);
    let mut set = merge.settle(object, "expires", &ends(spec.expires), &ends(expires))?;
    if set {
        expires = spec.expires;
    }
    if let (GrantedSpec::Permissions(wanted), Some(has)) = (&spec.what, present.permissions) {
        if merge.settle(object, "permissions", &names::words(*wanted), &names::words(has))? {
            set = true;
        } else {
            what = GrantedSpec::Permissions(has);
        }
    }
    if set { give(merge, object, spec, &what, expires) } else { Ok(()) }
}

/// Gives it, as far as whoever applies the plan holds it.
fn give(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    spec: &GrantSpec,
    what: &GrantedSpec,
    expires: Option<Timestamp>,
) -> Result<(), Error> {
    let giver = merge.giver(&spec.on, expires)?;
    let put = grants::put_named(merge.change, (&spec.to, &spec.on), what, expires, giver.as_ref());
    merge.given(object, put).map(drop)
}

/// A subject of the plan; `None` if somebody removed it.
fn subject(merge: &mut Merge<'_, '_>, of: &Object, text: &str) -> Result<Option<Subject>, Error> {
    match names::subject(merge.change.tx, text) {
        Err(Error::Unknown(_)) if merge.is_gone(&Object::principal(text)) => Ok(None),
        Err(Error::Unknown(_)) => merge.lost(of, text).map(|()| None),
        found => found.map(Some),
    }
}

fn ends(expires: Option<Timestamp>) -> String {
    expires.map_or_else(|| "never".to_owned(), time::show_millis)
}
