//! Who is told of what happens at the nodes of a plan.

use domain::Permission;

use super::machines::flag;
use crate::directory::merge::{Merge, Stands};
use crate::directory::names;
use crate::directory::object::Object;
use crate::directory::plan::WebhookSpec;
use crate::directory::webhooks::{AUDIT_ELSEWHERE, Place, WebhookWanted, words};
use crate::error::Error;
use crate::model::{HookEvent, WebhookRow};

/// The field whose value is what a secret is told apart by.
const SECRET: &str = "secret";
const EVENTS: &str = "events";

pub(super) fn webhook(merge: &mut Merge<'_, '_>, on: &str, spec: &WebhookSpec) -> Result<(), Error> {
    let object = Object::webhook(&spec.name, on);
    // A node that is gone, or that the caller may not see, took its webhooks along.
    let node = names::node(merge.change.tx, on).ok().filter(|_| !merge.is_node_gone(on));
    let Some(node) = node else {
        merge.goes_too(&object);
        return Ok(());
    };
    if !merge.allowed(&object, on, &[Permission::RepositorySettings])? {
        return Ok(());
    }
    let place = Place { node: node.id, name: spec.name.clone() };
    let present = place.present(merge.change.tx)?;
    match merge.stands(&object, present.is_some())? {
        Stands::Gone => return Ok(()),
        Stands::New => put(merge, &object, (on, &place), None, &spec.wanted)?,
        Stands::There => {}
    }
    let Some(row) = place.present(merge.change.tx)? else { return Ok(()) };
    match settled(merge, &object, &row, &spec.wanted)? {
        Some(wanted) => put(merge, &object, (on, &place), Some(&row), &wanted),
        None => Ok(()),
    }
}

fn put(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    (on, place): (&str, &Place),
    present: Option<&WebhookRow>,
    wanted: &WebhookWanted,
) -> Result<(), Error> {
    if wanted.events.contains(&HookEvent::Audit) && !merge.may(on, &[Permission::AuditView])? {
        merge.denies(object, Some(EVENTS), Some(AUDIT_ELSEWHERE));
        return Ok(());
    }
    place.put(merge.change, present, wanted).map_err(|error| match error {
        Error::Refused(why) => Error::refused(format!("{}: {why}", object.name)),
        other => other,
    })
}

/// The webhook as it is to be, if that is another than it is. One that is as it should be does not begin anew.
fn settled(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    row: &WebhookRow,
    asked: &WebhookWanted,
) -> Result<Option<WebhookWanted>, Error> {
    let mut wanted =
        WebhookWanted { url: row.url.clone(), events: row.events(), active: row.active, secret: None };
    let mut set = false;
    let mut settle = |field, asked: &str, present: &str| -> Result<bool, Error> {
        let is_set = merge.settle(object, field, asked, present)?;
        set |= is_set;
        Ok(is_set)
    };
    if settle("url", &asked.url, &row.url)? {
        wanted.url.clone_from(&asked.url);
    }
    if settle(EVENTS, &words(&asked.events), &words(&wanted.events))? {
        wanted.events.clone_from(&asked.events);
    }
    if settle("active", flag(asked.active), flag(row.active))? {
        wanted.active = asked.active;
    }
    match &asked.secret {
        Some(secret) if settle(SECRET, &secret.fingerprint, &row.fingerprint)? => {
            wanted.secret = Some(secret.clone());
        }
        Some(_) => {}
        None => merge.leave(object, SECRET, &row.fingerprint)?,
    }
    Ok(set.then_some(wanted))
}
