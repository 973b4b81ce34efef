//! The permanent tokens of a plan.

use domain::{Networks, NodeId, Permissions, Timestamp, TokenState, time};

use crate::directory::event::Turn;
use crate::directory::giving::{self, Reach};
use crate::directory::lines::PlanWhy;
use crate::directory::merge::Merge;
use crate::directory::names;
use crate::directory::object::Object;
use crate::directory::plan::TokenSpec;
use crate::directory::tokens::{self, NewToken};
use crate::directory::widening::{AT_ONCE, EVERYWHERE};
use crate::error::Error;
use crate::sql::credentials::{self, TokenBounds, TokenListed};
use crate::sql::directory::{self as rows, PrincipalRow};
use crate::sql::nodes;

type Limits = Option<Vec<(Box<str>, Permissions)>>;

/// The field that says which secret it is: its public id.
const SECRET: &str = "secret";
const LIMITS: &str = "limits";
const EXPIRES: &str = "expires";
const NOT_BEFORE: &str = "not_before";
const CIDRS: &str = "cidrs";

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
            TokenState::Active if present.successor.is_some() => "rotated",
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
        // What a rotation replaced goes with what it made.
        for old in credentials::tokens_named(merge.change.tx, owner.id, &spec.name)? {
            tokens::lower(merge.change, &old, TokenState::Revoked)?;
        }
    }
    if make(merge, owner, spec, &object)?.is_none() {
        return Ok(());
    }
    let (limits, cidrs) = (limits_text(spec.limits.clone()), cidrs_text(&spec.networks));
    let (begins, ends) = (begin_text(spec.not_before), end_text(spec.expires));
    let fields =
        [(SECRET, &*id), (LIMITS, &limits), (NOT_BEFORE, &begins), (EXPIRES, &ends), (CIDRS, &cidrs)];
    merge.made_anew(&object, &fields)
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
    let reach = Reach { limits: limits.as_deref(), expires: spec.expires, networks: &spec.networks };
    if may_make(merge, owner, object, &reach)?.is_none() {
        return Ok(None);
    }
    let state = if spec.disabled { TokenState::Disabled } else { TokenState::Active };
    let TokenSpec { id, sha256, not_before, expires, .. } = *spec;
    let (name, networks) = (spec.name.clone(), spec.networks.clone());
    let new = NewToken { id, sha256, name, limits: None, not_before, expires, networks };
    tokens::store(merge.change, owner, &new, limits.as_deref(), state).map(Some)
}

/// A token is made no wider than the one presented, and no application makes one for itself.
fn may_make(
    merge: &mut Merge<'_, '_>,
    owner: &PrincipalRow,
    object: &Object,
    reach: &Reach<'_>,
) -> Result<Option<()>, Error> {
    let Some(rights) = &merge.rights else { return Ok(Some(())) };
    if !owner.kind.is_person() && rights.principal == owner.id {
        return Err(Error::OwnToken);
    }
    let maker = rights.limits.clone();
    let made = giving::not_wider(merge.change, reach, &maker);
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
    let (begins, begin) = (begin_text(present.not_before), begin_text(spec.not_before));
    let set_begin = merge.settle(object, NOT_BEFORE, &begin, &begins)?;
    let (ends, end) = (end_text(present.expires), end_text(spec.expires));
    let set_expires = merge.settle(object, EXPIRES, &end, &ends)?;
    let networks = present.networks.clone().unwrap_or_default();
    let set_cidrs = merge.settle(object, CIDRS, &cidrs_text(&spec.networks), &cidrs_text(&networks))?;
    if set_limits || set_begin || set_expires || set_cidrs {
        let limits = if set_limits { resolved(merge, spec, object)? } else { has };
        let bounds = TokenBounds {
            limits: limits.as_deref(),
            not_before: if set_begin { spec.not_before } else { present.not_before },
            expires: if set_expires { spec.expires } else { present.expires },
            networks: if set_cidrs { &spec.networks } else { &networks },
        };
        let owner = rows::principal(merge.change.tx, present.owner)?.ok_or(Error::Absent)?;
        let TokenBounds { limits, expires, networks, .. } = bounds;
        if may_make(merge, &owner, object, &Reach { limits, expires, networks })?.is_none() {
            return Ok(());
        }
        let before = tokens::document(merge.change.tx, present)?;
        credentials::update_token(merge.change.tx, present.id, &bounds)?;
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

fn end_text(expires: Option<Timestamp>) -> String {
    expires.map_or_else(|| NEVER.to_owned(), time::show_millis)
}

fn begin_text(not_before: Option<Timestamp>) -> String {
    not_before.map_or_else(|| AT_ONCE.to_owned(), time::show_millis)
}

fn cidrs_text(networks: &Networks) -> String {
    if networks.is_everywhere() { EVERYWHERE.to_owned() } else { networks.to_string() }
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
