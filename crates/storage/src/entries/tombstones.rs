//! Reserving names that are removed, inside the transaction that removes them or gives them back.

use domain::{EntryKey, RepositoryId, RepositoryPolicy};

use crate::error::Error;
use crate::model::{NewEntry, Rule, Stamp};
use crate::sql::parts::Parts;
use crate::sql::{Tx, tombstones};

/// Most reserved names of one repository; beyond it nothing is removed that would stay reserved.
const TOMBSTONES_MAX: u64 = 1_000_000;

/// Reserves a name that is about to be removed, if the rule says so.
pub(super) fn reserve(
    tx: &mut dyn Tx,
    at: Stamp,
    policy: &RepositoryPolicy,
    key: &EntryKey,
) -> Result<(), Error> {
    if policy.reserves(key) {
        within_bounds(tombstones::insert(tx, at, key, TOMBSTONES_MAX)?)
    } else {
        Ok(())
    }
}

/// As [`reserve`], for some parts of a target.
pub(super) fn reserve_parts(
    tx: &mut dyn Tx,
    at: Stamp,
    policy: &RepositoryPolicy,
    parts: Parts<'_>,
) -> Result<(), Error> {
    if policy.reserves_releases() {
        within_bounds(tombstones::insert_parts(tx, at, parts, TOMBSTONES_MAX)?)
    } else {
        Ok(())
    }
}

/// Lets a new name have its reserved content back, and no other.
pub(super) fn give_back(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    policy: &RepositoryPolicy,
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<(), Error> {
    if new.rule != Rule::ByPolicy || !policy.reserves(&new.key) {
        return Ok(());
    }
    match tombstones::is_of(tx, repository, &new.key, blob)? {
        None => Ok(()),
        Some(true) => tombstones::delete(tx, repository, &new.key).map(drop),
        Some(false) => Err(Error::Reserved { name: Box::new(new.key.clone()) }),
    }
}

fn within_bounds(inserted: bool) -> Result<(), Error> {
    if inserted {
        Ok(())
    } else {
        Err(Error::refused(
            "too many names of this repository are reserved for what was removed; lift some first",
        ))
    }
}
