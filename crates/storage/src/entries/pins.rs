//! What is pinned is neither removed nor replaced, asked inside the transaction that would.

use domain::{EntryKey, RepositoryId};

use crate::error::Error;
use crate::model::Pin;
use crate::sql::{Tx, names, pins};

/// Indexes looked at above one member; one with more of them is kept rather than searched on.
const INDEXES_MAX: u32 = 512;

/// Refuses if this name is pinned, or is a part of a version that is.
pub(super) fn unless_pinned(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<(), Error> {
    match of(tx, repository, key)? {
        None => Ok(()),
        Some(pin) => Err(Error::pinned(&pin)),
    }
}

/// The pin that keeps a name: its own, or that of a version it is a part of.
pub(crate) fn of(tx: &mut dyn Tx, repository: RepositoryId, key: &EntryKey) -> Result<Option<Pin>, Error> {
    match pins::of(tx, repository, key)? {
        None => pins::of_whole(tx, repository, key),
        own => Ok(own),
    }
}

/// Refuses if anything among the parts of a target is pinned.
pub(super) fn unless_parts_pinned(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    target: &str,
) -> Result<(), Error> {
    pins::among_parts(tx, repository, target)?.map_or(Ok(()), |pin| Err(Error::pinned(&pin)))
}

/// Refuses if a manifest is pinned by its digest or by a tag, or is a member of one that is, over however many indexes: what is
/// pinned can be pulled whole.
pub(super) fn unless_image_pinned(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    key: &EntryKey,
) -> Result<(), Error> {
    let package = key.package.key();
    if !pins::any_of(tx, repository, package)? {
        return Ok(());
    }
    let mut seen = vec![key.clone()];
    let mut next = 0;
    while let Some(manifest) = seen.get(next).cloned() {
        next += 1;
        unless_pinned(tx, repository, &manifest)?;
        if let Some(pin) = pins::of_tags(tx, repository, &manifest)? {
            return Err(Error::pinned(&pin));
        }
        for parent in names::parents(tx, repository, package, manifest.name.key(), INDEXES_MAX)? {
            if seen.len() > INDEXES_MAX as usize {
                return Err(Error::Member { of: Box::new(parent), forcible: false });
            }
            if !seen.contains(&parent) {
                seen.push(parent);
            }
        }
    }
    Ok(())
}
