//! What `remove` does inside its transaction (docs/design.md 7).

use std::collections::BTreeSet;

use domain::{EntryKey, EntryKind, Rules};

use super::{ENTRY_ROWS, guards, pins, release, tombstones};
use crate::error::Error;
use crate::model::{Removal, Removed, Stamp};
use crate::policy_cache::PolicyCache;
use crate::sql::parts::Parts;
use crate::sql::search::refresh;
use crate::sql::{Tx, blobs, content, names, parts, repositories, reviews, search, usage};

/// Most names one removal of parts takes away.
const PARTS_MAX: u64 = 20_000;

/// Parts, or tags of one manifest, that are taken away in one transaction: some milliseconds. Of more, the first go in transactions
/// of their own before.
const AT_ONCE: u32 = 64;
/// What taking away so many weighs.
pub(crate) const MANY_ROWS: u64 = 256;

/// What removals weigh at the writer, before anybody has counted parts. A manifest seldom has more than a few tags.
pub(crate) fn removed_rows(removals: &[Removal]) -> u64 {
    let rows = |removal: &Removal| match removal {
        Removal::Parts(_) => MANY_ROWS,
        Removal::EntryAndPointers { .. } => ENTRY_ROWS.saturating_mul(2),
        _ => ENTRY_ROWS,
    };
    removals.iter().map(rows).fold(0, u64::saturating_add)
}

/// Runs the removals, all or none; gives the rows that are to be cleared away after it.
pub(crate) fn remove(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    at: Stamp,
    removals: &[Removal],
) -> Result<(Removed, Vec<i64>), Error> {
    let (mut removed, mut gone) = (Removed { entries: 0 }, Vec::new());
    if !content::take_turn(tx, at.repository)? {
        return Err(Error::Absent);
    }
    repositories::count_removal(tx, at.repository)?;
    let rules = repositories::rules(tx, policies, at.repository)?.ok_or(Error::Absent)?;
    let mut packages: BTreeSet<Box<str>> = BTreeSet::new();
    let mut named: BTreeSet<Box<str>> = BTreeSet::new();
    for removal in removals {
        match removal {
            Removal::Entry(key)
            | Removal::EntryAndPointers { key, .. }
            | Removal::Unlist(key)
            | Removal::Relist(key)
            | Removal::Orphan { key, .. } => {
                let version = (key.kind == EntryKind::Version).then(|| key.package.key().into());
                packages.extend(version);
                named.insert(key.package.key().into());
            }
            Removal::Parts(target) => {
                packages.extend(search::packages_of_parts(tx, at.repository, Parts::all(target))?);
            }
            Removal::Link(_) => {}
        }
        removed.entries = removed.entries.saturating_add(remove_one(tx, at, &*rules, removal, &mut gone)?);
    }
    for package in &packages {
        refresh(tx, at.repository, package)?;
    }
    for package in packages.union(&named) {
        if !content::package_exists(tx, at.repository, package)? {
            usage::forget_package(tx, at.repository, package)?;
        }
    }
    Ok((removed, gone))
}

/// Takes the first of many parts of a target, or tags of a manifest, away and says how many these are: none if there are few enough
/// for [`remove`].
pub(crate) fn remove_some(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    at: Stamp,
    removal: &Removal,
) -> Result<u64, Error> {
    if !content::take_turn(tx, at.repository)? {
        return Err(Error::Absent);
    }
    let rules = repositories::rules(tx, policies, at.repository)?.ok_or(Error::Absent)?;
    match removal {
        Removal::Parts(target) => remove_first_parts(tx, at, &*rules, target),
        Removal::EntryAndPointers { key, .. } => remove_first_tags(tx, at, &*rules, key),
        _ => Ok(0),
    }
}

fn remove_first_parts(tx: &mut dyn Tx, at: Stamp, rules: &dyn Rules, target: &str) -> Result<u64, Error> {
    let Some(parts) = Parts::first(tx, at.repository, target, AT_ONCE)? else { return Ok(0) };
    pins::unless_parts_pinned(tx, at.repository, target)?;
    repositories::count_removal(tx, at.repository)?;
    let packages = search::packages_of_parts(tx, at.repository, parts)?;
    let removed = take_away(tx, at, rules, parts)?;
    for package in &packages {
        refresh(tx, at.repository, package)?;
    }
    Ok(removed)
}

/// One that must not go is looked for among these alone: the others were asked before, or are when their turn comes.
fn remove_first_tags(tx: &mut dyn Tx, at: Stamp, rules: &dyn Rules, key: &EntryKey) -> Result<u64, Error> {
    let tags = names::first_tags_of(tx, at.repository, key, AT_ONCE.saturating_add(1))?;
    if tags.len() <= AT_ONCE as usize {
        return Ok(0);
    }
    pins::unless_image_pinned(tx, at.repository, key)?;
    repositories::count_removal(tx, at.repository)?;
    for tag in &tags {
        guards::removable(tx, rules, at.repository, tag)?;
        content::delete_entry(tx, at, tag, &mut Vec::new())?;
    }
    Ok(tags.len() as u64)
}

/// Whether more has to go than one transaction takes away; refused if it is more than one removal may, or must not go.
pub(crate) fn are_many(
    tx: &mut dyn Tx,
    policies: &PolicyCache,
    at: Stamp,
    removal: &Removal,
) -> Result<bool, Error> {
    match removal {
        Removal::Parts(target) => {
            let count = parts::count(tx, at.repository, target)?;
            if count > PARTS_MAX {
                return Err(Error::refused("too many names at once, take smaller parts away first"));
            }
            let many = count > u64::from(AT_ONCE);
            if many {
                pins::unless_parts_pinned(tx, at.repository, target)?;
            }
            Ok(many)
        }
        Removal::EntryAndPointers { key, force } => {
            let tags = names::first_tags_of(tx, at.repository, key, AT_ONCE.saturating_add(1))?;
            let many = tags.len() > AT_ONCE as usize;
            if many {
                let rules = repositories::rules(tx, policies, at.repository)?.ok_or(Error::Absent)?;
                pins::unless_image_pinned(tx, at.repository, key)?;
                guards::removable_with_tags(tx, &*rules, at.repository, key)?;
                guards::unless_member(tx, &*rules, at.repository, key, *force)?;
            }
            Ok(many)
        }
        _ => Ok(false),
    }
}

/// Runs one removal and says how many names it was about; what goes along with another is not counted.
fn remove_one(
    tx: &mut dyn Tx,
    at: Stamp,
    rules: &dyn Rules,
    removal: &Removal,
    gone: &mut Vec<i64>,
) -> Result<u64, Error> {
    match removal {
        Removal::Entry(key) => {
            pins::unless_pinned(tx, at.repository, key)?;
            guards::removable(tx, rules, at.repository, key)?;
            tombstones::reserve(tx, at, rules, key)?;
            let blob = remove_entry(tx, at, key, gone)?;
            release(tx, at, blob)?;
        }
        Removal::EntryAndPointers { key, force } => {
            pins::unless_image_pinned(tx, at.repository, key)?;
            guards::removable_with_tags(tx, rules, at.repository, key)?;
            guards::unless_member(tx, rules, at.repository, key, *force)?;
            let blob = remove_entry(tx, at, key, gone)?;
            let tags = match blob {
                Some(blob) => content::delete_tags_of(tx, at.repository, key.package.key(), blob)?,
                None => 0,
            };
            release(tx, at, blob)?;
            return Ok(tags.saturating_add(1));
        }
        Removal::Unlist(key) => {
            pins::unless_pinned(tx, at.repository, key)?;
            list(tx, at, key, false)?;
        }
        Removal::Relist(key) => list(tx, at, key, true)?,
        Removal::Parts(target) => return remove_parts(tx, at, rules, target),
        Removal::Orphan { key, of } => {
            if !parts::has_parts(tx, at.repository, of)? {
                let blob = content::delete_entry(tx, at, key, gone)?.flatten();
                release(tx, at, blob)?;
            }
            return Ok(0);
        }
        Removal::Link(digest) => {
            let blob = blobs::linked_blob(tx, at.repository, digest)?.ok_or(Error::Absent)?;
            if let Some(by) = names::user_of(tx, at.repository, blob.id)? {
                return Err(Error::InUse { by: Box::new(by) });
            }
            blobs::unlink(tx, at.repository, blob.id, (at.now, false))?;
            return Ok(0);
        }
    }
    Ok(1)
}

fn remove_entry(
    tx: &mut dyn Tx,
    at: Stamp,
    key: &EntryKey,
    gone: &mut Vec<i64>,
) -> Result<Option<i64>, Error> {
    let blob = content::delete_entry(tx, at, key, gone)?.ok_or(Error::Absent)?;
    content::insert_event(tx, at, "removed", key)?;
    Ok(blob)
}

fn remove_parts(tx: &mut dyn Tx, at: Stamp, rules: &dyn Rules, target: &str) -> Result<u64, Error> {
    if !parts::has_parts(tx, at.repository, target)? {
        return Err(Error::Absent);
    }
    pins::unless_parts_pinned(tx, at.repository, target)?;
    take_away(tx, at, rules, Parts::all(target))
}

fn take_away(tx: &mut dyn Tx, at: Stamp, rules: &dyn Rules, parts: Parts<'_>) -> Result<u64, Error> {
    tombstones::reserve_parts(tx, at, rules, parts)?;
    parts::insert_removed_events(tx, at, parts)?;
    let contents = parts::contents(tx, at.repository, parts)?;
    let named = parts::named(tx, at.repository, parts)?;
    let removed = parts::delete(tx, at.repository, parts)?;
    // Only now, as of every other name: what is left may be made of the same bytes, or name them.
    for blob in contents {
        release(tx, at, Some(blob))?;
    }
    reviews::note_links(tx, at.repository, &named, at.now)?;
    Ok(removed)
}

fn list(tx: &mut dyn Tx, at: Stamp, key: &EntryKey, listed: bool) -> Result<(), Error> {
    if !content::set_listed(tx, at.repository, key, listed, at.now)? {
        return Err(Error::Absent);
    }
    content::insert_event(tx, at, if listed { "relisted" } else { "unlisted" }, key)
}
