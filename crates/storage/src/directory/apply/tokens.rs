//! The permanent tokens of a plan.

use domain::{NodeId, Permissions, TokenState, time};

use crate::directory::event::Turn;
use crate::directory::giving;
use crate::directory::lines::PlanWhy;
use crate::directory::merge::Merge;
use crate::directory::names;
use crate::directory::object::Object;
use crate::directory::plan::TokenSpec;
use crate::directory::tokens::{self, NewToken};
use crate::error::Error;
use crate::sql::credentials::{self, TokenListed};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::nodes;

type Limits = Option<Vec<(Box<str>, Permissions)>>;

/// The field that says which secret it is: its public id.
const SECRET: &str = "secret";
const LIMITS: &str = "limits";
const EXPIRES: &str = "expires";

/// Brings the token of this name to the wanted state. Another secret replaces the one that the plan gave before; what an
/// administrator disabled or revoked since stays so.
pub(super) fn put(
    merge: &mut Merge<'_, '_>,
    owner: &PrincipalRow,
    text: &str,
    spec: &TokenSpec,
) -> Result<(), Error> {
    let object = Object::token(&spec.name, text);
    let known = credentials::token_listed(merge.change.tx, spec.id)?;
    if known.as_ref().is_some_and(|known| known.owner != owner.id || known.name != spec.name) {
        let why = format!("the secret of token {} of {text} is another token's; make a new one", spec.name);
        return Err(Error::refused(why));
    }
    let id = spec.id.get().to_string();
    if let Some(present) = known {
        merge.stands(&object, true)?;
        merge.leave(&object, SECRET, &id)?;
        let was = match present.state {
            TokenState::Revoked => "revoked",
            TokenState::Disabled if !spec.disabled => "disabled",
            TokenState::Active | TokenState::Disabled => return keep(merge, &object, &present, spec),
        };
        merge.keeps(&object, None, PlanWhy::Token(was));
        return Ok(());
    }
    // A secret that the plan names for the first time is a new token, whatever became of the one before.
    if merge.declared(&object, SECRET) == Some(&*id) {
        let last = merge.who(&object)?;
        merge.stays_gone(&object, last);
        return Ok(());
    }
    if let Some(old) = credentials::token_named(merge.change.tx, owner.id, &spec.name)? {
        merge.stands(&object, true)?;
        if !merge.settle(&object, SECRET, &id, &old.id.get().to_string())? {
            return Ok(());
        }
        tokens::lower(merge.change, &old, TokenState::Revoked)?;
    }
    if make(merge, owner, spec, &object)?.is_none() {
        return Ok(());
    }
    let (limits, expires) = (limits_text(spec.limits.clone()), expiry(spec));
    merge.made_anew(&object, &[(SECRET, &id), (LIMITS, &limits), (EXPIRES, &expires)])
}

/// `None` if whoever applies the plan may not make it.
fn make(
    merge: &mut Merge<'_, '_>,
    owner: &PrincipalRow,
    spec: &TokenSpec,
    object: &Object,
) -> Result<Option<()>, Error> {
    let limits = resolved(merge, spec, object)?;
    if merge.rights.is_some() {
        tokens::check_expiry(merge.change, spec.expires)?;
    }
    if may_make(merge, owner, object, limits.as_deref(), spec)?.is_none() {
        return Ok(None);
    }
    let state = if spec.disabled { TokenState::Disabled } else { TokenState::Active };
    let (id, sha256, name, expires) = (spec.id, spec.sha256, spec.name.clone(), spec.expires);
    let new = NewToken { id, sha256, name, limits: None, expires };
    tokens::store(merge.change, owner, &new, limits.as_deref(), state).map(Some)
}

/// A token is made no wider than the one presented, and no application makes one for itself.
fn may_make(
    merge: &mut Merge<'_, '_>,
    owner: &PrincipalRow,
    object: &Object,
    limits: Option<&[(NodeId, Permissions)]>,
    spec: &TokenSpec,
) -> Result<Option<()>, Error> {
    let Some(rights) = &merge.rights else { return Ok(Some(())) };
    if !owner.kind.is_person() && rights.principal == owner.id {
        return Err(Error::OwnToken);
    }
    let maker = rights.limits.clone();
    let made = giving::not_wider(merge.change, limits, spec.expires, &maker);
    merge.given(object, made)
}

fn keep(
    merge: &mut Merge<'_, '_>,
    object: &Object,
    present: &TokenListed,
    spec: &TokenSpec,
) -> Result<(), Error> {
    let has = if present.limited { Some(credentials::limits_of(merge.change.tx, present.id)?) } else { None };
    let mut shown: Limits = has.as_ref().map(|_| Vec::new());
    for (node, some) in has.iter().flatten() {
        let name = nodes::node_name(merge.change.tx, *node)?.unwrap_or_default();
        shown.get_or_insert_default().push((name, *some));
    }
    let set_limits = merge.settle(object, LIMITS, &limits_text(spec.limits.clone()), &limits_text(shown))?;
    let ends = present.expires.map_or_else(|| NEVER.to_owned(), time::show_millis);
    let set_expires = merge.settle(object, EXPIRES, &expiry(spec), &ends)?;
    if set_limits || set_expires {
        let limits = if set_limits { resolved(merge, spec, object)? } else { has };
        let expires = if set_expires { spec.expires } else { present.expires };
        let owner = rows::principal(merge.change.tx, present.owner)?.ok_or(Error::Absent)?;
        if may_make(merge, &owner, object, limits.as_deref(), spec)?.is_none() {
            return Ok(());
        }
        let before = tokens::document(merge.change.tx, present)?;
        credentials::update_token(merge.change.tx, present.id, limits.as_deref(), expires)?;
        let stored = credentials::token_listed(merge.change.tx, present.id)?.ok_or(Error::Absent)?;
        let after = tokens::document(merge.change.tx, &stored)?;
        tokens::token_happened(merge.change, "token.update", present, Turn::Changed { before, after })?;
    }
    if spec.disabled {
        tokens::lower(merge.change, present, TokenState::Disabled)?;
    }
    Ok(())
}

const NEVER: &str = "never";

fn expiry(spec: &TokenSpec) -> String {
    spec.expires.map_or_else(|| NEVER.to_owned(), time::show_millis)
}

/// Limits in one order and each node once.
fn limits_text(limits: Limits) -> String {
    let Some(mut limits) = limits else { return "everything".to_owned() };
    limits.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut merged: Vec<(Box<str>, Permissions)> = Vec::new();
    for (node, some) in limits {
        match merged.last_mut() {
            Some((known, sum)) if *known == node => *sum = sum.union(some),
            _ => merged.push((node, some)),
        }
    }
    let each = merged.into_iter().map(|(node, some)| format!("{} on {node}", names::words(some)));
    each.collect::<Vec<_>>().join(", ")
}

/// The wanted limits, but for nodes that somebody removed.
fn resolved(
    merge: &mut Merge<'_, '_>,
    spec: &TokenSpec,
    object: &Object,
) -> Result<Option<Vec<(NodeId, Permissions)>>, Error> {
    for (node, _) in spec.limits.iter().flatten() {
        if !merge.is_node_gone(node) && matches!(names::node(merge.change.tx, node), Err(Error::Unknown(_))) {
            merge.lost(object, node)?;
        }
    }
    let is_there = |(node, _): &&(Box<str>, Permissions)| !merge.is_node_gone(node);
    let limits = spec.limits.as_ref();
    let limits: Limits = limits.map(|limits| limits.iter().filter(is_there).cloned().collect());
    tokens::resolve_limits(merge.change.tx, limits.as_deref())
}
