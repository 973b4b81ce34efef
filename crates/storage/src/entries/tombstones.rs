//! Reserving names that are removed, inside the transaction that removes them or gives them back.

use domain::{EntryKey, RepositoryId, Rules};

use crate::error::Error;
use crate::model::{NewEntry, Rule, Stamp};
use crate::sql::parts::{self, Parts};
use crate::sql::{Tx, tombstones};

/// Most reserved names of one repository; beyond it nothing is removed that would stay reserved.
const TOMBSTONES_MAX: u64 = 1_000_000;

/// Reserves a name that is about to be removed, if the rule says so.
pub(super) fn reserve(tx: &mut dyn Tx, at: Stamp, rules: &dyn Rules, key: &EntryKey) -> Result<(), Error> {
    if rules.reserves(key) { within_bounds(tombstones::insert(tx, at, key, TOMBSTONES_MAX)?) } else { Ok(()) }
}

/// As [`reserve`], for some parts of a target; refused if one of them must not go.
pub(super) fn reserve_parts(
    tx: &mut dyn Tx,
    at: Stamp,
    rules: &dyn Rules,
    parts: Parts<'_>,
) -> Result<(), Error> {
    let mut reserved = Vec::new();
    parts::each(tx, at.repository, parts, &mut |row, key| {
        if !rules.may_remove(&key) {
            return Err(Error::Kept { name: Box::new(key) });
        }
        reserved.extend(rules.reserves(&key).then_some(row));
        Ok(())
    })?;
    within_bounds(tombstones::insert_rows(tx, at, &reserved, TOMBSTONES_MAX)?)
}

/// Lets a new name have its reserved content back, and no other.
pub(super) fn give_back(
    tx: &mut dyn Tx,
    repository: RepositoryId,
    rules: &dyn Rules,
    new: &NewEntry,
    blob: Option<i64>,
) -> Result<(), Error> {
    if new.rule != Rule::ByPolicy || !rules.reserves(&new.key) {
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
