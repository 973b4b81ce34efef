//! What stands in the way of a removal, asked inside its transaction.

use domain::{EntryKey, RepositoryId, Rules};

use crate::error::Error;
use crate::sql::{Tx, content, names};

/// Indexes looked at above one member; one with more of them is kept rather than searched on.
const INDEXES_MAX: u32 = 512;
/// Tags of one manifest that an answer names.
const TAGS_NAMED_MAX: usize = 32;

/// Whether the rule lets this name go. One that is not there is absent, whatever the rule.
pub(super) fn removable(
    tx: &mut dyn Tx,
    rules: &dyn Rules,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<(), Error> {
    if !rules.may_remove(key) {
        content::entry(tx, repository, key)?.ok_or(Error::Absent)?;
        return Err(Error::Kept { name: Box::new(key.clone()) });
    }
    Ok(())
}

/// Whether the rule lets a manifest go with all tags that point at it.
pub(super) fn removable_with_tags(
    tx: &mut dyn Tx,
    rules: &dyn Rules,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<(), Error> {
    content::entry(tx, repository, key)?.ok_or(Error::Absent)?;
    let mut named = Vec::new();
    let mut count = 0_usize;
    let mut kept = None;
    names::each_tag_of(tx, repository, key, &mut |tag| {
        count += 1;
        if !rules.may_remove(&tag) {
            kept.get_or_insert_with(|| tag.clone());
        }
        if named.len() < TAGS_NAMED_MAX {
            named.push(tag.name.display().into());
        }
        Ok(())
    })?;
    match kept {
        Some(tag) => Err(Error::Kept { name: Box::new(tag) }),
        None if !rules.may_remove_with(count) => Err(Error::Tagged { tags: named }),
        None => Ok(()),
    }
}

/// Refuses to take a member from what a tag names, over however many indexes: its tag would be listed and could not be pulled.
/// `force` leaves that to the caller, where the rule allows sparse indexes and the tag is none that never changes.
pub(super) fn unless_member(
    tx: &mut dyn Tx,
    rules: &dyn Rules,
    repository: RepositoryId,
    key: &EntryKey,
    force: bool,
) -> Result<(), Error> {
    let forcible = rules.is_sparse();
    if !(force && forcible) {
        let above = tag_above(tx, repository, key, &|_| true)?;
        return above.map_or(Ok(()), |of| Err(Error::Member { of: Box::new(of), forcible }));
    }
    if !rules.keeps_names() {
        return Ok(());
    }
    let above = tag_above(tx, repository, key, &|tag| !rules.may_remove(tag))?;
    above.map_or(Ok(()), |tag| Err(Error::Kept { name: Box::new(tag) }))
}

/// A tag from which this name is reached through indexes, breadth first; or an index, where there are too many to look above.
fn tag_above(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
    wanted: &dyn Fn(&EntryKey) -> bool,
) -> Result<Option<EntryKey>, Error> {
    let package = key.package.key();
    let mut seen = vec![key.clone()];
    let mut next = 0;
    while let Some(member) = seen.get(next).cloned() {
        next += 1;
        let member = member.name.key();
        if let Some(tag) = names::tag_over(tx, repository, package, member, wanted)? {
            return Ok(Some(tag));
        }
        for parent in names::parents(tx, repository, package, member, INDEXES_MAX)? {
            if seen.len() > INDEXES_MAX as usize {
                return Ok(Some(parent));
            }
            if !seen.contains(&parent) {
                seen.push(parent);
            }
        }
    }
    Ok(None)
}
